package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"bellwether/scoring"
)

// Range is the time [From, Before); nil is open. Null true matches where there is no instant.
type Range struct {
	From, Before *time.Time
	Null         *bool
}

func (r Range) all() bool { return r == Range{} }

// ScoreFilter chooses customers by a stored score; what is left out matches all.
type ScoreFilter struct {
	Scorer   string
	Labels   []string // nil: any; of Output, where that is a label, too
	Output   string
	Min, Max *float64 // of Output, inclusive; money in base units
	Flag     *bool    // of Output
	At       Range    // of Output, an instant or the days since one

	MovedAt, UpdatedAt Range // which a stored score has always
}

// StoredFilter is a filter in terms of what is stored. [Engine.Filter] makes it.
type StoredFilter struct {
	Scorer   string
	Version  string   // "": any
	Labels   []string // nil: any
	Slot     int      // -1: none
	In       []int64  // of the slot; nil: any
	Min, Max *int64   // of the slot, inclusive
	Null     *bool    // true: nothing is in the slot; false: something is

	MovedAt, UpdatedAt Range
}

// StoredSort is an order in terms of what is stored. [Engine.SortBy] makes it.
type StoredSort struct {
	Scorer string
	Output string
	Slot   int
	Desc   bool     // of the slot
	Labels []string // of the scorer; those that a row may have
	Chosen bool     // the labels are not all that there are
}

// Only narrows an order to the customers with one of some labels: the index is sorted within each.
func (s StoredSort) Only(labels []string) StoredSort {
	s.Labels = append([]string{}, slices.Compact(slices.Sorted(slices.Values(labels)))...) // none is not all
	s.Chosen = true
	return s
}

// Name tells an order from others, for cursors.
func (s StoredSort) Name() string {
	name := s.Scorer + "." + s.Output
	if s.Desc {
		return "-" + name
	}
	return name
}

// Filter checks a filter and puts it in terms of what is stored.
func (e *Engine) Filter(ctx context.Context, f ScoreFilter) (StoredFilter, error) {
	m, i, err := e.output(f.Scorer, f.Output)
	if err != nil {
		return StoredFilter{}, err
	}
	out := StoredFilter{Scorer: f.Scorer, Slot: -1, MovedAt: f.MovedAt, UpdatedAt: f.UpdatedAt}
	if out.Version, err = e.only(ctx, f.Scorer); err != nil {
		return StoredFilter{}, err
	}
	if f.Labels != nil {
		if err := out.label(m, max(i, 0), f.Labels); err != nil {
			return StoredFilter{}, err
		}
	}
	if f.Output == "" {
		if f.Min != nil || f.Max != nil || f.Flag != nil || !f.At.all() {
			return StoredFilter{}, errorf("INVALID", "a filter by %s has min, max, flag or at without output (name the output: %s)", f.Scorer, strings.Join(outputNames(m), ", "))
		}
		return out, nil
	}
	env, err := e.envOf(ctx, m)
	if err != nil {
		return StoredFilter{}, err
	}
	return out, out.bound(&m.Outputs[i], i, f, env)
}

// only is the version whose rows alone mean what the manifest says; "": all do. A scorer that is not compiled in may have had
// other outputs and labels before; until everybody is scored by its version, there are rows of both.
func (e *Engine) only(ctx context.Context, name string) (string, error) {
	i := e.byName[name]
	if e.digests[i] == "" {
		return "", nil
	}
	s, ok, err := e.state(ctx, i)
	if err != nil || ok && s.Checked == s.Model {
		return "", err
	}
	return e.versions[i], nil
}

// label keeps the rows with labels of an output: of the first, or of another.
func (out *StoredFilter) label(m *scoring.Manifest, i int, labels []string) error {
	o := &m.Outputs[i]
	if o.Kind != scoring.Label {
		if o = &m.Outputs[0]; o.Kind != scoring.Label {
			return errorf("INVALID", "scorer %s has no labels (filter by its outputs: %s)", m.Name, strings.Join(outputNames(m), ", "))
		}
		i = 0
	}
	known := make([]string, len(o.Labels))
	for j := range o.Labels {
		known[j] = o.Labels[j].Name
	}
	for _, label := range labels {
		if !slices.Contains(known, label) {
			return errorf("INVALID", "unknown label %q of %s (%s)", label, m.Name, nearest(label, known))
		}
	}
	if i == 0 {
		out.Labels = append([]string{}, labels...)
		return nil
	}
	out.Slot, out.In = i, []int64{}
	for _, label := range labels {
		out.In = append(out.In, place(o, label))
	}
	return nil
}

// bound keeps the rows whose output lies within bounds.
func (out *StoredFilter) bound(o *scoring.Output, slot int, f ScoreFilter, env *scoring.Env) error {
	ranged, dated := f.Min != nil || f.Max != nil, o.Kind == scoring.Moment || o.DaysSince != ""
	switch {
	case !f.At.all() && !dated:
		return errorf("INVALID", "output %s of %s is %s, not INSTANT (use min and max, flag or labels)", o.Name, f.Scorer, o.Kind)
	case ranged && o.Kind == scoring.Moment:
		return errorf("INVALID", "output %s of %s is INSTANT (use at instead of min and max)", o.Name, f.Scorer)
	case f.Flag != nil && o.Kind != scoring.Flag:
		return errorf("INVALID", "output %s of %s is %s, not FLAG (use min and max)", o.Name, f.Scorer, o.Kind)
	case ranged && (o.Kind == scoring.Label || o.Kind == scoring.Text):
		return errorf("INVALID", "output %s of %s is %s, which has no range (use labels)", o.Name, f.Scorer, o.Kind)
	case f.Flag != nil:
		n := scoring.Bool(*f.Flag).Int()
		out.Slot, out.Min, out.Max = slot, &n, &n
	case dated && (ranged || !f.At.all()):
		out.dated(slot, f, env)
	case ranged:
		out.Slot = slot
		if f.Min != nil {
			n := least(o, *f.Min, env)
			out.Min = &n
		}
		if f.Max != nil {
			n := most(o, *f.Max, env)
			out.Max = &n
		}
	}
	return nil
}

// dated keeps the rows whose output is an instant within a range, or counts the days since one.
func (out *StoredFilter) dated(slot int, f ScoreFilter, env *scoring.Env) {
	out.Slot, out.Null = slot, f.At.Null
	out.Min, out.Max = days(f.Min, f.Max, env)
	if f.At.From != nil {
		from := int64(scoring.At(*f.At.From))
		if out.Min != nil {
			from = max(from, *out.Min)
		}
		out.Min = &from
	}
	if f.At.Before != nil {
		last := int64(scoring.At(*f.At.Before)) - 1
		if out.Max != nil {
			last = min(last, *out.Max)
		}
		out.Max = &last
	}
}

// SortBy is the order by an output.
func (e *Engine) SortBy(scorer, output string, desc bool) (StoredSort, error) {
	m, i, err := e.output(scorer, output)
	switch {
	case err != nil:
		return StoredSort{}, err
	case i < 0:
		return StoredSort{}, errorf("INVALID", "no output of %s to sort by (name one: %s)", scorer, strings.Join(outputNames(m), ", "))
	case m.Outputs[i].Kind == scoring.Text:
		return StoredSort{}, errorf("INVALID", "output %s of %s is TEXT, which is not sorted by (name another: %s)", output, scorer, strings.Join(outputNames(m), ", "))
	}
	s := StoredSort{Scorer: scorer, Output: output, Slot: i, Desc: desc != (m.Outputs[i].DaysSince != ""), Labels: []string{""}}
	if main, ok := m.MainLabel(); ok {
		s.Labels = s.Labels[:0]
		for i := range main.Labels {
			s.Labels = append(s.Labels, main.Labels[i].Name)
		}
	}
	return s, nil
}

// output finds an output by name; -1 where the name is empty.
func (e *Engine) output(scorer, output string) (*scoring.Manifest, int, error) {
	m, err := e.Manifest(scorer)
	if err != nil || output == "" {
		return m, -1, err
	}
	i := m.Output(output)
	if i < 0 {
		return nil, 0, errorf("INVALID", "scorer %s has no output %q (%s)", scorer, output, nearest(output, outputNames(m)))
	}
	return m, i, nil
}

// envOf is the environment of a scorer now.
func (e *Engine) envOf(ctx context.Context, m *scoring.Manifest) (*scoring.Env, error) {
	b, err := e.source.Business(ctx)
	if err != nil {
		return nil, err
	}
	return env(b, scoring.At(e.now()), e.params[e.byName[m.Name]]), nil
}

func env(b Business, asOf scoring.Instant, params []scoring.Value) *scoring.Env {
	return &scoring.Env{AsOf: asOf, Currency: b.Currency, Exponent: b.Exponent, Location: b.Location, Params: params}
}

func outputNames(m *scoring.Manifest) []string {
	names := make([]string, len(m.Outputs))
	for i := range m.Outputs {
		names[i] = m.Outputs[i].Name
	}
	return names
}

// nearest offers the names most like one that is not known.
func nearest(given string, known []string) string {
	known = slices.Clone(known)
	slices.SortStableFunc(known, func(a, b string) int { return cmp.Compare(distance(given, a), distance(given, b)) })
	return "the nearest are " + strings.Join(known[:min(3, len(known))], ", ")
}

// distance is how many letters have to be changed, added or dropped, whatever their case.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := min(row[j], row[j+1]) + 1
			if a[i] == b[j] {
				next = min(next, diagonal)
			} else {
				next = min(next, diagonal+1)
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
