package scoring

// Grid says that two whole numbers decide a scorer's label: it can be shown as a table whose cells have labels.
type Grid struct {
	Rows, Columns int     // indices of the outputs, each 1, 2, ...
	Labels        [][]int // index of the label by row and column
}

// grid checks that the outputs are whole numbers, and that every cell has a label.
func (c *checker) grid(m *Manifest) {
	if m.Grid == nil {
		return
	}
	main, ok := m.MainLabel()
	if !ok {
		c.require(false, "has a grid, but no label (make the first output the label)")
		return
	}
	for _, i := range []int{m.Grid.Rows, m.Grid.Columns} {
		c.require(i > 0 && i < len(m.Outputs) && m.Outputs[i].Kind == Integer, "grid has no output %d of kind INTEGER (give the indices of two)", i)
	}
	c.require(len(m.Grid.Labels) > 0, "grid has no cells (give the label of each)")
	for _, row := range m.Grid.Labels {
		c.require(len(row) == len(m.Grid.Labels[0]), "grid has rows of different lengths (give every cell a label)")
		for _, label := range row {
			c.require(label >= 0 && label < len(main.Labels), "grid has an unknown label %d (give the index of one)", label)
		}
	}
}
