package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/pgtest"
	"bellwether/internal/record"
	"bellwether/internal/store"
)

// child is the variable that makes the test's program do one thing in a process of its own.
const child = "BELLWETHER_STORE_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		if err := runChild(os.Getenv(child), os.Getenv(child+"_DB")); err != nil {
			fmt.Fprintln(os.Stdout, fault.Code(err), err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func runChild(what, dsn string) error {
	ctx := context.Background()
	if n, ok := strings.CutPrefix(what, "merge "); ok {
		at, err := strconv.Atoi(n)
		return errors.Join(err, mergeUntil(dsn, at))
	}
	if of, ok := strings.CutPrefix(what, "import "); ok {
		words := strings.SplitN(of, " ", 3) // kind, how many statements, file
		n, err := strconv.Atoi(words[1])
		return errors.Join(err, importUntil(dsn, words[0], words[2], n))
	}
	s, err := store.Open(ctx, dsn, store.Options{ReadOnly: what == "read"})
	if err != nil {
		return err
	}
	switch what {
	case "touch":
		_, err = s.Write(ctx, batchOf(sale("1", "ann"), sale(fmt.Sprint(os.Getpid()), "ann")))
	case "read":
		var r store.Revision
		r, err = s.Revision(ctx)
		fmt.Fprintln(os.Stdout, "customers:", r.Customers)
	case "write":
		for i, b := range manyBatches() {
			if _, err := s.Write(ctx, b); err != nil {
				return err
			}
			fmt.Fprintln(os.Stdout, "written", i)
		}
	}
	if err != nil {
		return err
	}
	return s.Close()
}

func start(t *testing.T, program, what, dsn string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), child+"="+what, child+"_DB="+dsn)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	return cmd, out
}

// manyBatches is a shop's orders, each there once, with what they say of their customers and products.
func manyBatches() []record.Batch {
	random := rand.New(rand.NewPCG(1, 2))
	batches := make([]record.Batch, 40)
	for i := range batches {
		b := &batches[i]
		for n := range 25 {
			o := randomOrder(random, 25*i+n)
			name := fmt.Sprint(o.Customer.ExternalID, " as of order ", o.ExternalID)
			b.Orders = append(b.Orders, o)
			b.Customers = append(b.Customers, record.CustomerHint{Key: o.Customer, SeenAt: o.PlacedAt, Name: &name})
			b.Products = append(b.Products, record.ProductHint{SKU: o.Lines.Value[0].SKU, SeenAt: o.PlacedAt, Name: &name})
		}
	}
	return batches
}

// TestKilled kills a writer in the middle, again and again; the next run ends as one that nobody disturbed.
func TestKilled(t *testing.T) {
	clean := open(t)
	for _, b := range manyBatches() {
		writeBatch(t, clean, b)
	}
	dsn := pgtest.DSN(t)
	for _, at := range []string{"written 0", "written 7", "written 25", "written 26", ""} {
		cmd, out := start(t, os.Args[0], "write", dsn)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == at {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); (err == nil) != (at == "") {
			t.Fatalf("writer killed at %q: %v", at, err)
		}
	}
	compare(t, state(t, openAt(t, dsn, store.Options{})), state(t, clean))
}

// TestOpenTogether opens a database that is not there in several processes at once: one of them makes it.
func TestOpenTogether(t *testing.T) {
	for range 4 {
		dsn := pgtest.DSN(t)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				cmd, out := start(t, os.Args[0], "touch", dsn)
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				said, _ := io.ReadAll(out)
				if err := cmd.Wait(); err != nil {
					t.Errorf("%v: %s", err, said)
				}
			})
		}
		all.Wait()
	}
}

// TestReadOnlyFile opens a file, and a folder, that may not be written: reading works, writing says why it does not.
func TestReadOnlyFile(t *testing.T) {
	dir := t.TempDir()
	for parent := dir; parent != os.TempDir() && parent != filepath.Dir(parent); parent = filepath.Dir(parent) {
		if err := os.Chmod(parent, 0o755); err != nil { // for the other user
			t.Fatal(err)
		}
	}
	defer os.Chmod(dir, 0o755) //nolint:errcheck // for removing it
	path, program := filepath.Join(dir, "shop.db"), filepath.Join(dir, "program")
	s := openAt(t, "sqlite:"+path, store.Options{})
	write(t, s, sale("1", "ann"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []struct{ file, folder os.FileMode }{{0o444, 0o777}, {0o444, 0o555}, {0o666, 0o555}} {
		if err := os.Chmod(path, mode.file); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode.folder); err != nil {
			t.Fatal(err)
		}
		for what, want := range map[string]string{"read": "customers: 1", "touch": fault.Unavailable + " the database " + path + " is read-only (give"} {
			cmd, out := start(t, program, what, "sqlite:"+path)
			if os.Getuid() == 0 { // whom no permission stops
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			said, _ := io.ReadAll(out)
			err := cmd.Wait()
			if !strings.HasPrefix(string(said), want) || (err == nil) != (what == "read") {
				t.Errorf("%s with %v: %v: %s", what, mode, err, said)
			}
			t.Logf("%s with %v: %s", what, mode, said)
		}
	}
}

// TestReadersWhileWriting reads all the time: each reader sees whole batches, and nobody waits for long.
func TestReadersWhileWriting(t *testing.T) {
	s := open(t)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				var torn int
				err := s.DB().QueryRow(`SELECT count(*) FROM orders o WHERE
					total * 10000 <> (SELECT sum(quantity * unit_price) FROM order_lines l WHERE l.order_id = o.id AND l.customer_id = o.customer_id)`).Scan(&torn)
				if err != nil || torn != 0 {
					t.Errorf("%d torn orders, %v", torn, err)
					return
				}
				if took := time.Since(began); took > 30*time.Second {
					t.Errorf("a reader waited for %v", took)
				}
			}
		})
	}
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for _, b := range manyBatches() {
				if _, err := s.Write(t.Context(), b); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	stop()
	readers.Wait()
}
