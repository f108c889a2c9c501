package scoring

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

var (
	snake      = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	upperSnake = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	semantic   = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	holder     = regexp.MustCompile(`\{([^{}]*)\}`)
)

// maxName is how long a scorer's name may be: a store names indexes after it.
const maxName = 50

// Validate reports everything that is wrong with a manifest by itself, each with its cure.
func (m *Manifest) Validate() error {
	c := &checker{name: m.Name}
	c.require(snake.MatchString(m.Name), "name %q is not snake_case (write it like value_tier)", m.Name)
	c.require(len(m.Name) <= maxName, "name %q has %d letters (at most %d)", m.Name, len(m.Name), maxName)
	c.require(semantic.MatchString(m.Version), "version %q is not semantic (write it like 1.0.0)", m.Version)
	c.words("title", m.Title)
	c.words("doc", m.Doc)
	c.require(len(m.Outputs) > 0, "has no outputs (declare at least one)")
	c.require(len(m.Outputs) <= MaxOutputs, "has %d outputs (at most %d can be stored)", len(m.Outputs), MaxOutputs)
	c.params(m)
	c.facts(m)
	c.outputs(m)
	c.reasons(m)
	c.grid(m)
	return errors.Join(c.errs...)
}

// ValidateAll reports everything that is wrong with a set of manifests: each by itself, names used twice, and requires
// that nobody answers or that form a cycle. Its order is one in which every scorer comes after those it requires.
func ValidateAll(ms []*Manifest) (order []int, err error) {
	var errs []error
	byName := map[string]int{}
	for i, m := range ms {
		errs = append(errs, m.Validate())
		if _, twice := byName[m.Name]; twice {
			errs = append(errs, fmt.Errorf("scorer %s: the name is used twice (rename one)", m.Name))
		}
		byName[m.Name] = i
	}
	for _, m := range ms {
		for _, r := range m.Requires {
			i, ok := byName[r.Scorer]
			switch {
			case !ok:
				errs = append(errs, fmt.Errorf("scorer %s: requires unknown scorer %s (add it to the list of plugins, or drop the requirement)", m.Name, r.Scorer))
			case ms[i].Output(r.Output) < 0:
				errs = append(errs, fmt.Errorf("scorer %s: requires unknown output %s of %s (it has %s)", m.Name, r.Output, r.Scorer, strings.Join(outputNames(ms[i]), ", ")))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return inOrder(ms, byName)
}

// inOrder sorts by requires, depth first.
func inOrder(ms []*Manifest, byName map[string]int) ([]int, error) {
	var order []int
	state := make([]int, len(ms)) // 0 new, 1 being visited, 2 done
	var path []string
	var visit func(i int) error
	visit = func(i int) error {
		path = append(path, ms[i].Name)
		defer func() { path = path[:len(path)-1] }()
		switch state[i] {
		case 1:
			return fmt.Errorf("scorers require each other in a cycle: %s (drop one of the requirements)", strings.Join(path[slices.Index(path, ms[i].Name):], " -> "))
		case 2:
			return nil
		}
		state[i] = 1
		for _, r := range ms[i].Requires {
			if err := visit(byName[r.Scorer]); err != nil {
				return err
			}
		}
		state[i] = 2
		order = append(order, i)
		return nil
	}
	for i := range ms {
		if err := visit(i); err != nil {
			return nil, err
		}
	}
	return order, nil
}

func outputNames(m *Manifest) []string {
	names := make([]string, len(m.Outputs))
	for i := range m.Outputs {
		names[i] = m.Outputs[i].Name
	}
	return names
}

type checker struct {
	name string
	errs []error
}

func (c *checker) require(ok bool, format string, args ...any) {
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("scorer %s: %s", c.name, fmt.Sprintf(format, args...)))
	}
}

func (c *checker) words(what string, w Words) {
	c.require(strings.TrimSpace(w.En) != "" && strings.TrimSpace(w.Zh) != "", "%s lacks a language (write both En and Zh)", what)
}

func (c *checker) unique(what string, seen map[string]bool, name string) {
	c.require(snake.MatchString(name), "%s name %q is not snake_case (write it like order_count)", what, name)
	c.require(!seen[name], "%s %s is declared twice (rename one)", what, name)
	seen[name] = true
}

func (c *checker) facts(m *Manifest) {
	for _, u := range m.Facts {
		f, known := FactNamed(u.Name)
		c.require(known || u.Optional, "unknown fact %q (the catalogue has %s; or make it Optional)", u.Name, strings.Join(factNames(), ", "))
		c.require(!known || f.Windowed || u.Window == Window{}, "fact %s knows no window (drop it)", u.Name)
		c.window(m, u.Window)
	}
	if m.Orders != nil {
		c.window(m, m.Orders.Window)
	}
	seen := map[string]bool{}
	for _, d := range m.Derived {
		c.unique("derived column", seen, d.Name)
	}
}

func (c *checker) window(m *Manifest, w Window) {
	c.require(w.Days >= 0 && w.Ago >= 0, "a window has negative days (count them back from asOf)")
	if w.Param != "" {
		i := m.Param(w.Param)
		c.require(i >= 0 && m.Params[max(i, 0)].Kind == Integer, "a window names parameter %q (declare an Integer parameter of that name)", w.Param)
		c.require(i < 0 || m.Params[max(i, 0)].Fit, "parameter %s is a window, so the model depends on it (set Fit)", w.Param)
	}
}

func factNames() []string {
	var names []string
	for _, f := range Facts() {
		names = append(names, f.Name)
	}
	return names
}

func (c *checker) params(m *Manifest) {
	seen := map[string]bool{}
	for i := range m.Params {
		p := &m.Params[i]
		c.unique("parameter", seen, p.Name)
		c.words("parameter "+p.Name, p.Doc)
		switch p.Kind {
		case Number, Integer:
			c.require(finite(p.Min) && finite(p.Max) && p.Min <= p.Max, "parameter %s has no bounds (set Min and Max)", p.Name)
		case Text:
			c.require(len(p.Allowed) > 0, "parameter %s is a text without allowed values (list them)", p.Name)
		case Flag:
		default:
			c.require(false, "parameter %s is of kind %s (use NUMBER, INTEGER, FLAG or TEXT)", p.Name, p.Kind)
		}
		c.require(p.Size == 0 || p.Kind == Number, "parameter %s is a list of %s (only lists of NUMBER are known)", p.Name, p.Kind)
		if err := p.Check(p.Default); err != nil {
			c.require(false, "default of %v", err)
		}
	}
}

// Check refuses a value that the parameter may not have.
func (p *Param) Check(v Value) error {
	if !v.Ok() {
		return fmt.Errorf("parameter %s is null (give %s)", p.Name, p.Wants())
	}
	if v.Kind() != p.Kind || (p.Size > 0) != (v.Floats() != nil) {
		return fmt.Errorf("parameter %s is not %s (give %s)", p.Name, p.Kind, p.Wants())
	}
	ok := true
	switch {
	case p.Size > 0:
		xs := v.Floats()
		ok = len(xs) == p.Size
		for i, x := range xs {
			ok = ok && p.within(x) && (i == 0 || x > xs[i-1])
		}
	case p.Kind == Number || p.Kind == Integer:
		ok = p.within(v.Float())
	case p.Kind == Text:
		ok = slices.Contains(p.Allowed, v.Text())
	}
	if !ok {
		return fmt.Errorf("parameter %s is out of range (give %s)", p.Name, p.Wants())
	}
	return nil
}

func (p *Param) within(x float64) bool { return !math.IsNaN(x) && x >= p.Min && x <= p.Max }

// Wants says in words which values a parameter takes.
func (p *Param) Wants() string {
	switch {
	case p.Size > 0:
		return fmt.Sprintf("%d ascending numbers from %v to %v", p.Size, p.Min, p.Max)
	case p.Kind == Number:
		return fmt.Sprintf("a number from %v to %v", p.Min, p.Max)
	case p.Kind == Integer:
		return fmt.Sprintf("a whole number from %v to %v", p.Min, p.Max)
	case p.Kind == Flag:
		return "true or false"
	}
	return "one of " + strings.Join(p.Allowed, ", ")
}

func (c *checker) outputs(m *Manifest) {
	seen := map[string]bool{}
	for i := range m.Outputs {
		o := &m.Outputs[i]
		c.unique("output", seen, o.Name)
		c.words("output "+o.Name, o.Doc)
		c.require((o.Kind == Label) == (len(o.Labels) > 0), "output %s of kind %s has %d labels (labels belong to kind LABEL)", o.Name, o.Kind, len(o.Labels))
		c.ages(m, o)
		labels := map[string]bool{}
		for _, l := range o.Labels {
			c.require(upperSnake.MatchString(l.Name), "label %q is not UPPER_SNAKE (write it like HIGH_VALUE)", l.Name)
			c.require(!labels[l.Name], "label %s is declared twice (rename one)", l.Name)
			labels[l.Name] = true
			c.words("title of label "+l.Name, l.Title)
			c.words("doc of label "+l.Name, l.Doc)
			c.words("advice of label "+l.Name, l.Advice)
		}
	}
}

// ages checks an output that is the age of a fact.
func (c *checker) ages(m *Manifest, o *Output) {
	if o.DaysSince == "" {
		return
	}
	i, fact := m.Fact(o.DaysSince), Fact{}
	if i >= 0 {
		fact, _ = FactNamed(o.DaysSince)
	}
	c.require(o.Kind == Integer, "output %s of kind %s counts days (make it INTEGER, or drop DaysSince)", o.Name, o.Kind)
	c.require(i >= 0 && fact.Kind == Moment, "output %s counts the days since %q (name an INSTANT among the manifest's facts)", o.Name, o.DaysSince)
}

func (c *checker) reasons(m *Manifest) {
	seen := map[string]bool{}
	for i := range m.Reasons {
		r := &m.Reasons[i]
		c.unique("reason", seen, r.Name)
		c.words("reason "+r.Name, r.Text)
		c.require(r.Fact != "", "reason %s names no fact (say what was looked at)", r.Name)
		known := []string{"value", "threshold", "percentile"}
		for _, a := range r.Args {
			known = append(known, a.Name)
		}
		for _, text := range []string{r.Text.En, r.Text.Zh} {
			for _, h := range holder.FindAllStringSubmatch(text, -1) {
				c.require(slices.Contains(known, h[1]), "reason %s uses {%s} (it knows %s)", r.Name, h[1], strings.Join(known, ", "))
			}
			c.require(!strings.ContainsAny(holder.ReplaceAllString(text, ""), "{}"), "reason %s has a brace too many (write a blank like {value})", r.Name)
		}
	}
}
