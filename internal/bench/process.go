package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticks of a second in which Linux counts the time of processes, on every architecture that Go runs on.
const ticks = 100

// cpuOf is the time that a process, its children and those of them that ended have used on a CPU. PostgreSQL's postmaster
// is the parent of all its workers.
func cpuOf(pid int) time.Duration {
	children, used := map[int][]int{}, map[int]time.Duration{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		of, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		parent, _ := strconv.Atoi(fields[1])
		children[parent] = append(children[parent], of)
		for _, field := range fields[11:15] { // utime, stime, cutime, cstime
			n, _ := strconv.ParseInt(field, 10, 64)
			used[of] += time.Duration(n) * time.Second / ticks
		}
	}
	var sum func(int) time.Duration
	sum = func(of int) time.Duration {
		total := used[of]
		for _, child := range children[of] {
			total += sum(child)
		}
		return total
	}
	return sum(pid)
}

// resident is how many bytes of memory a process has now, and the most that it had since forgetPeak.
func resident(pid int) (now, peak int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		switch name {
		case "VmRSS":
			now = n << 10
		case "VmHWM":
			peak = n << 10
		}
	}
	return now, peak
}

// forgetPeak lets the peak of a process begin now.
func forgetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

// cost is what something took: of the clock, and of the CPUs by all processes that worked for it.
type cost struct{ wall, cpu time.Duration }

// timed is the cost of doing something for which processes work.
func timed(do func() error, pids ...int) (cost, error) {
	sum := func() (t time.Duration) {
		for _, pid := range pids {
			t += cpuOf(pid)
		}
		return t
	}
	before, start := sum(), time.Now()
	err := do()
	return cost{time.Since(start), sum() - before}, err
}

// least is the smaller of two costs, each by itself; others' work only ever adds.
func least(a, b cost) cost { return cost{min(a.wall, b.wall), min(a.cpu, b.cpu)} }
