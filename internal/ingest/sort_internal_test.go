package ingest

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestSorter holds the sorter against a stable sort in memory, for all ways on which records can go.
func TestSorter(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	type pair struct{ key, value string }
	for _, test := range []struct {
		name                 string
		records, limit, long int
	}{
		{"none", 0, 1000, 10},
		{"one", 1, 1000, 10},
		{"in memory", 2000, 1 << 20, 10},
		{"two runs", 2000, 60_000, 10},
		{"runs of runs", 9000, 1000, 10},
		{"one record a run", 150, 1, 10},
		{"records larger than a block", 20, 3 << 20, 1 << 21},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := newSorter(dir, test.limit)
			var want []pair
			for i := range test.records {
				// Few keys, some of them beginnings of others, with zeros and long common beginnings.
				key := strings.Repeat("\x00k", random.IntN(8)) + strings.Repeat("x", random.IntN(3)*4)
				p := pair{key, fmt.Sprint(i) + strings.Repeat("v", random.IntN(test.long))}
				want = append(want, p)
				if err := s.add([]byte(p.key), []byte(p.value)); err != nil {
					t.Fatal(err)
				}
			}
			slices.SortStableFunc(want, func(a, b pair) int { return cmp.Compare(a.key, b.key) })
			var got []pair
			err := s.merge(context.Background(), func(key, value []byte) error {
				got = append(got, pair{string(key), string(value)})
				return nil
			})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("not as a sort in memory: %v", err)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("files are left: %v", left)
			}
		})
	}
}

func TestSorterWithoutRoom(t *testing.T) {
	s := newSorter(t.TempDir()+"/no/such/folder", 1)
	err := errors.Join(s.add([]byte("a"), nil), s.add([]byte("b"), nil))
	if err == nil || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("error %v does not say what to do", err)
	}
}

// TestScanner holds the scanner against encoding/csv on text that this wrote, read in pieces of any size.
func TestScanner(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	pieces := []string{"", "a", "bc", " ", "\"", "\"\"", ",", ";", "\n", "é", "長い", "x,y\nz", strings.Repeat("long ", 100)}
	for range 500 {
		var text strings.Builder
		w := csv.NewWriter(&text)
		w.Comma = []rune{',', ';', '\t', '，'}[random.IntN(4)]
		w.UseCRLF = random.IntN(2) == 0
		var want [][]string
		for range random.IntN(20) {
			row := make([]string, 2+random.IntN(3))
			for i := range row {
				for range random.IntN(4) {
					row[i] += pieces[random.IntN(len(pieces))]
				}
			}
			if strings.TrimSpace(strings.Join(row, "")) == "" {
				row[0] = "not empty" // empty lines are skipped, here and there in different ways
			}
			want = append(want, row)
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		s := newScanner(&pieceReader{strings.NewReader(text.String()), random}, []byte(string(w.Comma)))
		var got [][]string
		for {
			row, err := s.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || row.reason != "" {
				t.Fatalf("%v, %s in %q", err, row.reason, text.String())
			}
			cells := make([]string, len(row.cells))
			for i, c := range row.cells {
				cells[i] = string(c)
			}
			got = append(got, cells)
		}
		// csv.Writer with UseCRLF makes line breaks inside cells \r\n too.
		if normal(got) != normal(want) {
			t.Fatalf("%q\ngot  %q\nwant %q", text.String(), got, want)
		}
		if lines := int64(strings.Count(text.String(), "\n")) + 1; s.line != lines {
			t.Fatalf("line %d at the end of %q, want %d", s.line, text.String(), lines)
		}
	}
}

func normal(rows [][]string) string {
	return strings.ReplaceAll(fmt.Sprintf("%q", rows), `\r\n`, `\n`)
}

// pieceReader reads a few bytes at a time.
type pieceReader struct {
	src    io.Reader
	random *rand.Rand
}

func (r *pieceReader) Read(p []byte) (int, error) {
	return r.src.Read(p[:min(len(p), 1+r.random.IntN(50))])
}

// TestFieldNames: rows are hashed in the order of the fields, which therefore has to be that of their names.
func TestFieldNames(t *testing.T) {
	if !slices.IsSorted(fieldNames[:]) || slices.Contains(fieldNames[:], "") {
		t.Errorf("not alphabetical: %q", fieldNames)
	}
}
