package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// tabular is the flag of commands that print rows.
type tabular struct {
	Output string `enum:"table,csv,ndjson" default:"table" help:"Form of the answer: table, csv or ndjson."`
}

// rows takes rows and prints them: csv and ndjson as they come, a table at the end.
type rows interface {
	row(cells ...any)
	close() error
}

func (t tabular) table(w io.Writer, columns ...string) rows {
	switch t.Output {
	case "csv":
		buffered := bufio.NewWriter(w)
		c := &csvRows{buffered, csv.NewWriter(buffered)}
		c.to.Write(columns) //nolint:errcheck // kept for close
		return c
	case "ndjson":
		return &jsonRows{out: bufio.NewWriter(w), columns: columns}
	}
	p := table.NewWriter()
	p.SetStyle(style())
	header := make(table.Row, len(columns))
	for i, c := range columns {
		header[i] = c
	}
	p.AppendHeader(header)
	p.SetColumnConfigs(widths(w, columns))
	return &prettyRows{w, p}
}

// style is plain columns: it can be read aloud, copied and compared.
func style() table.Style {
	s := table.StyleLight
	s.Options = table.OptionsNoBordersAndSeparators
	s.Options.SeparateHeader = true
	s.Format.Header = text.FormatDefault
	s.Box.PaddingLeft, s.Box.PaddingRight = "", "  "
	return s
}

// widths wraps columns of prose, so that a row fits the terminal; elsewhere nothing is wrapped narrower than 72.
func widths(w io.Writer, columns []string) []table.ColumnConfig {
	width := 160
	if f, ok := w.(*os.File); ok {
		if cols, _, err := term.GetSize(int(f.Fd())); err == nil {
			width = max(80, cols)
		}
	}
	var prose []table.ColumnConfig
	for _, name := range columns {
		switch name {
		case "doc", "advice", "reason", "title", "allowed", "理由", "含义":
			prose = append(prose, table.ColumnConfig{Name: name, WidthMax: width * 2 / 5, WidthMaxEnforcer: text.WrapSoft})
		}
	}
	return prose
}

type prettyRows struct {
	out io.Writer
	to  table.Writer
}

func (p *prettyRows) row(cells ...any) {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
		switch c := c.(type) {
		case nil:
			row[i] = "-"
		case string:
			row[i] = strings.Map(printable, c)
		}
	}
	p.to.AppendRow(row)
}

// printable replaces control characters: what a partner wrote must not steer an operator's terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}

func (p *prettyRows) close() error {
	_, err := fmt.Fprintln(p.out, p.to.Render()+"\n")
	return err
}

type csvRows struct {
	out *bufio.Writer
	to  *csv.Writer
}

func (c *csvRows) row(cells ...any) {
	record := make([]string, len(cells))
	for i, cell := range cells {
		if cell != nil {
			record[i] = fmt.Sprint(cell)
		}
	}
	c.to.Write(record) //nolint:errcheck // kept for close
}

func (c *csvRows) close() error {
	c.to.Flush()
	if err := c.to.Error(); err != nil {
		return err
	}
	return c.out.Flush()
}

type jsonRows struct {
	out     *bufio.Writer
	columns []string
	failed  error
}

func (j *jsonRows) row(cells ...any) {
	var line strings.Builder
	for i, cell := range cells {
		value, err := json.Marshal(cell)
		if err != nil && j.failed == nil {
			j.failed = err
		}
		name, _ := json.Marshal(j.columns[i]) //nolint:errchkjson // a string
		separator := ","
		if i == 0 {
			separator = "{"
		}
		line.WriteString(separator + string(name) + ":" + string(value))
	}
	if _, err := j.out.WriteString(line.String() + "}\n"); err != nil && j.failed == nil {
		j.failed = err
	}
}

func (j *jsonRows) close() error {
	if j.failed != nil {
		return j.failed
	}
	return j.out.Flush()
}
