package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bellwether/internal/fault"
)

// Written counts what was written.
type Written struct{ Customers, Products, Orders, Touchpoints int }

// WriteFiles writes the shop into a folder: a file for each kind of record, in the shape of the API's inputs, which the
// import reads; the truth about the customers; and a README. A folder with something in it is refused unless forced, and
// then files of these names are replaced.
func (s *Shop) WriteFiles(ctx context.Context, folder string, force bool) (done Written, err error) {
	if err := prepare(folder, force); err != nil {
		return done, err
	}
	files := map[string]*file{}
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.close())
		}
	}()
	for _, name := range []string{"customers", "orders", "products", "touchpoints", "truth"} {
		if files[name], err = create(filepath.Join(folder, name+".ndjson")); err != nil {
			return done, err
		}
	}
	for _, p := range s.Products() {
		files["products"].line(productOf(p))
		done.Products++
	}
	for n := range s.Neighbourhoods() {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		for _, c := range n.Customers {
			files["customers"].line(customerOf(c))
		}
		for _, o := range n.Orders {
			files["orders"].line(orderOf(o))
		}
		for _, t := range n.Touchpoints {
			files["touchpoints"].line(touchpointOf(t))
		}
		for _, t := range n.Truths {
			files["truth"].line(t)
		}
		done.Customers += len(n.Customers)
		done.Orders += len(n.Orders)
		done.Touchpoints += len(n.Touchpoints)
	}
	return done, os.WriteFile(filepath.Join(folder, "README.md"), []byte(s.readme(done)), 0o644)
}

// prepare makes the folder, and refuses one with something in it.
func prepare(folder string, force bool) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fault.New(fault.Invalid, "cannot make the folder: %w (give another with --out)", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fault.New(fault.Invalid, "cannot read the folder: %w (give another with --out)", err)
	}
	if len(entries) > 0 && !force {
		return fault.New(fault.Conflict, "%s is not empty (give another folder, or --force to replace the files of a demo in it)", folder)
	}
	return nil
}

// file is a file of JSON objects, one a line.
type file struct {
	file  *os.File
	to    *bufio.Writer
	lines *json.Encoder
	err   error
}

func create(path string) (*file, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fault.New(fault.Invalid, "cannot write a file: %w (give a folder that you may write to)", err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	return &file{file: f, to: w, lines: lines}, nil
}

func (f *file) line(v any) {
	if f.err == nil {
		f.err = f.lines.Encode(v)
	}
}

func (f *file) close() error {
	if f == nil {
		return nil
	}
	return errors.Join(f.err, f.to.Flush(), f.file.Close())
}

// readme tells what the files are.
func (s *Shop) readme(done Written) string {
	o := s.options
	return fmt.Sprintf(`# %s

Everything in these files is synthetic: made up by a generator, about nobody. All keys have the source %q.

%d customers, %d products, %d orders and %d touchpoints from %s to %s.

| file | what |
|---|---|
| customers.ndjson, products.ndjson, orders.ndjson, touchpoints.ndjson | records in the shape of the API's inputs, one JSON object a line |
| truth.ndjson | what was planted in each customer; no part of the shop |

Import them, the customers first:

    bellwether import customers --source demo --base-currency %s customers.ndjson
    bellwether import products products.ndjson
    bellwether import orders --source demo orders.ndjson
    bellwether import touchpoints --source demo touchpoints.ndjson

The same command makes the same files, byte for byte:

    bellwether demo --customers %d --seed %d --end %s --out DIR
`, Name, Source, done.Customers, done.Products, done.Orders, done.Touchpoints,
		s.start.Format(time.DateOnly), s.at(theEnd).Format(time.DateOnly), BaseCurrency, o.Customers, o.Seed, s.at(theEnd).Format(time.RFC3339))
}
