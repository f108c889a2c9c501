package conformance

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"bellwether/scoring"
)

func (k *kit) evidence() error {
	f, b, err := k.fitted(k.data)
	if err != nil {
		return err
	}
	plain, err := k.scored(f, b)
	if err != nil {
		return err
	}
	for row, evidence := range plain.Evidence {
		if len(evidence) > 0 {
			return fmt.Errorf("customer %d: evidence that nobody asked for (look at Explaining first)", row)
		}
	}
	b.Explain = true
	explained, err := k.scored(f, b)
	if err != nil {
		return err
	}
	if len(explained.Evidence) != b.Len() {
		return fmt.Errorf("evidence for %d of %d customers (explain all)", len(explained.Evidence), b.Len())
	}
	plain.Evidence = nil
	if err := k.allSame(plain, explained); err != nil {
		return fmt.Errorf("with evidence: %w", err)
	}
	for row, evidence := range explained.Evidence {
		if len(evidence) == 0 {
			return fmt.Errorf("customer %d: no evidence (say at least what is missing)", row)
		}
		for _, e := range evidence {
			if err := k.reason(e); err != nil {
				return fmt.Errorf("customer %d: %w", row, err)
			}
		}
	}
	return nil
}

// reason checks one piece of evidence.
func (k *kit) reason(e scoring.Evidence) error {
	if e.Reason < 0 || e.Reason >= len(k.m.Reasons) {
		return fmt.Errorf("reason %d is not declared (the manifest has %d)", e.Reason, len(k.m.Reasons))
	}
	r := &k.m.Reasons[e.Reason]
	if len(e.Args) != len(r.Args) {
		return fmt.Errorf("reason %s has %d arguments of %d (give all)", r.Name, len(e.Args), len(r.Args))
	}
	for i, a := range e.Args {
		if a.Ok() && a.Kind() != r.Args[i].Kind {
			return fmt.Errorf("argument %s of reason %s is %s (give %s)", r.Args[i].Name, r.Name, a.Kind(), r.Args[i].Kind)
		}
	}
	if !math.IsNaN(e.Percentile) && (e.Percentile < 0 || e.Percentile > 1) {
		return fmt.Errorf("percentile %v of reason %s (it is between 0 and 1)", e.Percentile, r.Name)
	}
	for _, v := range slices.Concat([]scoring.Value{e.Value}, e.Threshold, e.Args) {
		if x := v.Float(); v.Ok() && v.Kind() == scoring.Number && (math.IsNaN(x) || math.IsInf(x, 0)) {
			return fmt.Errorf("%v in reason %s (make it null)", x, r.Name)
		}
	}
	for _, locale := range []string{"en", "zh-CN"} {
		text := k.data.Formatter(locale).Reason(k.m, e)
		if strings.TrimSpace(text) == "" || strings.ContainsAny(text, "{}") {
			return fmt.Errorf("reason %s reads %q in %s (fill every blank)", r.Name, text, locale)
		}
	}
	return nil
}
