package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellwether/internal/wasmbuild"
)

// hostile are files that somebody puts into the folder of plugins, by name: modules, each built from a source of
// internal/sandbox, whose tests look at more of them, and rules.
func hostile(t testing.TB) map[string][]byte {
	t.Helper()
	rule := func(when string) []byte {
		return []byte("name: hostile\ntitleEn: H\ndocEn: H\nlabels:\n  - {name: A, when: '" + when + "'}\n  - {name: B, when: 'true'}\n")
	}
	files := map[string][]byte{
		"a cycle.rule.yaml":       rule(`scores.hostile.label == "A"`),
		"aliases.rule.yaml":       []byte("a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\nname: [*d, *d, *d, *d, *d, *d, *d, *d]\n"),
		"deep.rule.yaml":          rule(strings.Repeat("(", 900) + "true" + strings.Repeat(")", 900)),
		"huge.rule.yaml":          []byte("name: " + strings.Repeat("x", 1<<20)),
		"no text.rule.yaml":       {0, 1, 2, 0xff, 0xfe},
		"regular.rule.yaml":       rule(`facts.country.matches("(a*)*b")`),
		"somebody else.rule.yaml": []byte("name: rfm\ntitleEn: R\ndocEn: R\nlabels:\n  - {name: A, when: 'true'}\n"),
	}
	for _, name := range []string{"fill", "grow", "loop", "nan", "outside", "recursion", "short", "spam", "trap"} {
		wasm, err := wasmbuild.Build(t.Context(), filepath.Join("internal", "sandbox", "testdata", "hostile", name+".c"))
		if err != nil {
			t.Fatal(err)
		}
		files[name+".wasm"] = wasm
	}
	return files
}

// withHostile serves orders with a good rule, a good module, and a folder for others.
func withHostile(t testing.TB, customers int) (s *Server, folder string) {
	t.Helper()
	folder = t.TempDir()
	put(t, folder, "visits.wasm", module(t, "visits"))
	put(t, folder, "good.rule.yaml", []byte("name: good\ntitleEn: G\ndocEn: G\nlabels:\n  - {name: A, when: 'facts.orders >= 2'}\n  - {name: B, when: 'true'}\n"))
	return withFolder(t, folder, manyOrders(customers), true), folder
}

const undisturbed = `{ customers(first: 50) { edges { node { externalId rfm { segment } good: score(name: "good") { label } visits: score(name: "visits") { label evidence { reason } } } } } }`

// TestHostileFolder: whatever is put into the folder is refused by name, while everything else answers as before; no process stays behind.
func TestHostileFolder(t *testing.T) {
	slowUnderRace(t)
	s, folder := withHostile(t, 30)
	want := text(ask(t, s, undisturbed, nil))
	files := hostile(t)
	for _, name := range sortedNames(files) {
		put(t, folder, name, files[name])
		done := make(chan error, 1)
		go func() { done <- s.Rules.Reload(t.Context()) }()
		for waiting := true; waiting; {
			select {
			case err := <-done:
				if waiting = false; err != nil {
					t.Fatal(err)
				}
			case <-time.After(20 * time.Millisecond):
			}
			if got := text(ask(t, s, undisturbed, nil)); got != want {
				t.Fatalf("%s: the others answer otherwise: %s", name, got)
			}
		}
		refused := at(ask(t, s, `{ refusedScorers { file message } }`, nil), "refusedScorers").([]any)
		if len(refused) != 1 || text(at(refused[0], "file")) != name || text(at(refused[0], "message")) == "" {
			t.Errorf("%s: refused are %s", name, text(refused))
		}
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
		reload(t, s)
	}
	eventually(t, "the processes of refused modules end", func() bool { return workers(t) <= 2 }) // the good module may have two
}

// BenchmarkHostile reports how the 99th percentile of a page of 50 changes while each hostile file is taken in.
func BenchmarkHostile(b *testing.B) {
	s, folder := withHostile(b, 2000)
	files := hostile(b)
	p99 := func(until func() bool) time.Duration {
		var took []time.Duration
		for begun := time.Now(); len(took) < 200 || !until() && time.Since(begun) < 10*time.Second; {
			at := time.Now()
			ask(b, s, undisturbed, nil)
			took = append(took, time.Since(at))
		}
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	for _, name := range sortedNames(files) {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				quiet := p99(func() bool { return true })
				put(b, folder, name, files[name])
				done := make(chan struct{})
				go func() {
					defer close(done)
					if err := s.Rules.Reload(b.Context()); err != nil {
						b.Error(err)
					}
				}()
				attacked := p99(func() bool {
					select {
					case <-done:
						return true
					default:
						return false
					}
				})
				<-done
				b.ReportMetric(float64(quiet.Microseconds())/1000, "ms-p99-quiet")
				b.ReportMetric(float64(attacked)/float64(quiet), "x-p99")
				if err := os.Remove(filepath.Join(folder, name)); err != nil {
					b.Fatal(err)
				}
				if err := s.Rules.Reload(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// workers is how many processes this one has started that still run its program.
func workers(t testing.TB) (n int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	self := strconv.Itoa(os.Getpid())
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		name, rest, _ := strings.Cut(string(stat), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == self && f[0] != "Z" && strings.Contains(name, "bellwether") {
			n++
		}
	}
	return n
}

func sortedNames(files map[string][]byte) (names []string) {
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
