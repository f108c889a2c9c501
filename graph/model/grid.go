package model

import (
	"fmt"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Grid is how customers spread over the grid of a scorer.
type Grid struct {
	AsOf      time.Time // of the oldest score
	Customers int       // that the cells hold
	manifest  *scoring.Manifest
	business  engine.Business
	cells     [][]engine.GridCell // by row and column
}

// NewGrid puts what was counted into the cells of a scorer's grid.
func NewGrid(m *scoring.Manifest, b engine.Business, asOf scoring.Instant, counted []engine.GridCell) Grid {
	g := Grid{AsOf: asOf.Time(), manifest: m, business: b}
	for _, row := range m.Grid.Labels {
		g.cells = append(g.cells, make([]engine.GridCell, len(row)))
	}
	for _, c := range counted {
		if row, column := c.Row-1, c.Column-1; row >= 0 && row < int64(len(g.cells)) && column >= 0 && column < int64(len(g.cells[row])) {
			g.cells[row][column] = c
			g.Customers += c.Customers
		}
	}
	return g
}

// Cell is one cell of a grid.
type Cell struct {
	of          Grid
	row, column int // from 0
}

func cells[T any](g Grid, typed func(Cell) T) []T {
	var out []T
	for row := range g.cells {
		for column := range g.cells[row] {
			out = append(out, typed(Cell{g, row, column}))
		}
	}
	return out
}

// Customers are how many are in the cell.
func (c Cell) Customers() int { return c.of.cells[c.row][c.column].Customers }

// Revenue of the cell's customers.
func (c Cell) Revenue() *Money {
	return &Money{scoring.Decimal(c.of.cells[c.row][c.column].Revenue, c.of.business.Exponent), c.of.business.Currency}
}

// place is the cell's value of an output that spans the grid.
func (c Cell) place(output string) (int, error) {
	m := c.of.manifest
	switch m.Output(output) {
	case m.Grid.Rows:
		return c.row + 1, nil
	case m.Grid.Columns:
		return c.column + 1, nil
	}
	return 0, fmt.Errorf("the grid of %s is not by %s (name its fields like the outputs of the grid)", m.Name, output)
}

// label is the label of the cell.
func (c Cell) label(output string) (string, error) {
	m := c.of.manifest
	if m.Output(output) != 0 {
		return "", fmt.Errorf("output %s of %s is not its label (name the field like the label's output)", output, m.Name)
	}
	return m.Outputs[0].Labels[m.Grid.Labels[c.row][c.column]].Name, nil
}
