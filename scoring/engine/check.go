package engine

import (
	"fmt"
	"math"

	"bellwether/scoring"
)

// Check refuses results that are not what the manifest promises. What [scoring.Define] makes always is; a scorer of
// another make may answer anything.
func Check(m *scoring.Manifest, results *scoring.Results, b *scoring.Batch) error {
	n := b.Len()
	if results == nil || len(results.Outputs) != len(m.Outputs) {
		given := 0
		if results != nil {
			given = len(results.Outputs)
		}
		return fmt.Errorf("answered %d outputs of %d (answer all of the manifest)", given, len(m.Outputs))
	}
	for i := range results.Outputs {
		if err := checkOutput(&m.Outputs[i], &results.Outputs[i], n); err != nil {
			return err
		}
	}
	if !b.Explain {
		results.Evidence = nil // nobody asked
		return nil
	}
	if len(results.Evidence) != n {
		return fmt.Errorf("explained %d of %d customers (explain all when asked)", len(results.Evidence), n)
	}
	for _, evidence := range results.Evidence {
		for _, e := range evidence {
			if e.Reason < 0 || e.Reason >= len(m.Reasons) {
				return fmt.Errorf("gave reason %d of %d (use one of the manifest)", e.Reason, len(m.Reasons))
			}
		}
	}
	return nil
}

func checkOutput(o *scoring.Output, c *scoring.Column, n int) error {
	rows := len(c.Ints)
	switch c.Kind {
	case scoring.Number:
		rows = len(c.Floats)
	case scoring.Text, scoring.Label:
		rows = len(c.Texts)
	}
	if rows != n || c.Kind != o.Kind || (c.Null != nil && len(c.Null) != n) {
		return fmt.Errorf("output %s has %d values of kind %s for %d customers (answer each with %s or null)", o.Name, rows, c.Kind, n, o.Kind)
	}
	switch c.Kind {
	case scoring.Number:
		for i, x := range c.Floats {
			if (math.IsNaN(x) || math.IsInf(x, 0)) && (c.Null == nil || !c.Null[i]) {
				return fmt.Errorf("output %s is %v (answer null where there is no number)", o.Name, x)
			}
		}
	case scoring.Label:
		for i, name := range c.Texts {
			if c.Null != nil && c.Null[i] {
				continue
			}
			if _, declared := o.Label(name); !declared {
				return fmt.Errorf("output %s is %q, which is not one of its labels (declare it in the manifest)", o.Name, name)
			}
		}
	}
	return nil
}
