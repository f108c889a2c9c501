package rule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"bellwether/internal/rule"
	"bellwether/scoring"
)

// term is a random term: in the language of rules, in plain CEL of maps, and the plain CEL of when it is known.
type term struct{ rule, plain, known string }

// terms makes random terms. Everything that may be missing is guarded in plain CEL by hand, which is what the language of rules
// spares its authors.
type terms struct{ *rand.Rand }

func (g terms) pick(words ...string) string { return words[g.IntN(len(words))] }

func (g terms) number(deep int) term {
	if deep == 0 || g.IntN(3) == 0 {
		switch g.IntN(8) {
		case 0:
			n := g.IntN(8)
			return term{fmt.Sprint(n), fmt.Sprint(n, ".0"), "true"}
		case 1:
			x := g.pick("0.5", "2.25", "-3.75", "1e3")
			return term{x, x, "true"}
		case 2:
			return term{"params.least", "params.least", "true"}
		case 3:
			return term{"quantiles.top", "quantiles.top", "has(quantiles.top)"}
		case 4:
			return term{"days_since(facts.last_order_at)", "facts.days", "has(facts.days)"}
		case 5:
			return term{"window(facts.orders, 90)", "facts.orders_90", "has(facts.orders_90)"}
		case 6:
			f := g.pick("r", "monetary")
			return term{"scores.rfm." + f, "scores." + f, "has(scores." + f + ")"}
		}
		f := "facts." + g.pick("orders", "touchpoints", "net_revenue")
		return term{f, f, "has(" + f + ")"}
	}
	a, b := g.number(deep-1), g.number(deep-1)
	both := a.known + " && " + b.known
	switch op := g.pick("+", "-", "*", "/", "minus", "?"); op {
	case "minus":
		return term{"-(" + a.rule + ")", "-(" + a.plain + ")", a.known}
	case "?":
		c := g.condition(deep - 1)
		choose := func(x, y string) string { return "((" + c.plain + ") ? (" + x + ") : (" + y + "))" }
		return term{"(" + c.rule + " ? " + a.rule + " : " + b.rule + ")", choose(a.plain, b.plain), choose(a.known, b.known)}
	case "/":
		return term{"(" + a.rule + ") / (" + b.rule + ")", "(" + a.plain + ") / (" + b.plain + ")", "(" + both + " && (" + b.plain + ") != 0.0)"}
	default:
		return term{"(" + a.rule + ") " + op + " (" + b.rule + ")", "(" + a.plain + ") " + op + " (" + b.plain + ")", "(" + both + ")"}
	}
}

// condition is never missing, so that it has no known.
func (g terms) condition(deep int) term {
	guarded := func(known, rule, plain string) term {
		return term{"(" + rule + ")", "(" + known + " && (" + plain + "))", ""}
	}
	if deep == 0 || g.IntN(4) == 0 {
		a, b, op := g.number(0), g.number(0), g.pick("<", "<=", ">", ">=", "==", "!=")
		switch g.IntN(8) {
		case 0:
			f := g.pick("facts.country", "facts.kind")
			text := f + " " + g.pick("==", "!=") + " " + g.pick(`"GB"`, `"中国"`, `""`)
			return guarded("has("+f+")", text, text)
		case 1:
			text := "facts.country." + g.pick("startsWith", "endsWith", "contains") + `("` + g.pick("G", "中", "") + `")`
			return guarded("has(facts.country)", text, text)
		case 2:
			op := g.pick("==", "!=")
			text := "facts.country " + op + " facts.kind"
			return guarded("has(facts.country) && has(facts.kind)", text, text)
		case 3:
			return guarded("has(facts.country)", `facts.country in ["GB", "中国"]`, `facts.country in ["GB", "中国"]`)
		case 4:
			label := g.pick(`== "LOST"`, `!= "LOST"`, `in ["LOYAL", "LOST"]`)
			return guarded("has(scores.label)", "scores.rfm.label "+label, "scores.label "+label)
		case 5:
			f := "facts." + g.pick("orders", "country", "last_order_at", "net_revenue")
			return term{"has(" + f + ")", "has(" + f + ")", ""}
		case 6:
			text := "facts.first_order_at " + op + ` timestamp("2025-06-01T00:00:00Z")`
			if g.IntN(2) == 0 {
				text = "facts.first_order_at " + op + " facts.last_order_at"
				return guarded("has(facts.first_order_at) && has(facts.last_order_at)", text, text)
			}
			return guarded("has(facts.first_order_at)", text, text)
		}
		return guarded(a.known+" && "+b.known, a.rule+" "+op+" "+b.rule, a.plain+" "+op+" "+b.plain)
	}
	a, b := g.condition(deep-1), g.condition(deep-1)
	switch op := g.pick("&&", "||", "==", "!=", "!", "compare", "in", "?"); op {
	case "!":
		return term{"!" + a.rule, "!(" + a.plain + ")", ""}
	case "compare":
		x, y, op := g.number(deep-1), g.number(deep-1), g.pick("<", "<=", ">", ">=", "==", "!=")
		return guarded("("+x.known+") && ("+y.known+")", "("+x.rule+") "+op+" ("+y.rule+")", "("+x.plain+") "+op+" ("+y.plain+")")
	case "in":
		x := g.number(deep - 1)
		return guarded("("+x.known+")", "("+x.rule+") in [1, 2.5, 3]", "("+x.plain+") in [1.0, 2.5, 3.0]")
	case "?":
		c := g.condition(deep - 1)
		return term{"(" + a.rule + " ? " + b.rule + " : " + c.rule + ")", "((" + a.plain + ") ? (" + b.plain + ") : (" + c.plain + "))", ""}
	default:
		return term{"(" + a.rule + " " + op + " " + b.rule + ")", "((" + a.plain + ") " + op + " (" + b.plain + "))", ""}
	}
}

// customers are random columns for a manifest; a quarter of all is missing.
func customers(random *rand.Rand, m *scoring.Manifest, env *scoring.Env, n int) *scoring.Batch {
	b := &scoring.Batch{Env: env, IDs: make([]scoring.ID, n)}
	column := func(kind scoring.Kind, labels []scoring.LabelDoc) scoring.Column {
		c := scoring.MakeColumn(kind, n)
		for i := range n {
			switch {
			case random.IntN(4) == 0:
			case kind == scoring.Label:
				c.Set(i, scoring.Name(labels[random.IntN(len(labels))].Name))
			case kind == scoring.Text:
				c.Set(i, scoring.String([]string{"GB", "中国", "PERSON", ""}[random.IntN(4)]))
			case kind == scoring.Moment:
				c.Set(i, scoring.Time(env.AsOf-scoring.Instant(random.Int64N(20)*12*time.Hour.Microseconds())*37))
			case kind == scoring.Money:
				c.Set(i, scoring.Minor(random.Int64N(9)*75-100))
			default:
				c.Set(i, scoring.Int(random.Int64N(8)-1))
			}
		}
		return c
	}
	for _, use := range m.Facts {
		f, _ := scoring.FactNamed(use.Name)
		b.Facts = append(b.Facts, column(f.Kind, nil))
	}
	for _, use := range m.Requires {
		of := vocabulary().Scorers[0]
		o := &of.Outputs[of.Output(use.Output)]
		b.Requires = append(b.Requires, column(o.Kind, o.Labels))
	}
	return b
}

// row is what plain CEL sees of a customer.
func row(m *scoring.Manifest, b *scoring.Batch, i int, top scoring.Value) map[string]any {
	facts, scores, quantiles := map[string]any{}, map[string]any{}, map[string]any{}
	put := func(to map[string]any, name string, v scoring.Value) {
		switch {
		case !v.Ok():
		case v.Kind() == scoring.Text || v.Kind() == scoring.Label:
			to[name] = v.Text()
		case v.Kind() == scoring.Moment:
			to[name] = v.Instant().Time()
		case v.Kind() == scoring.Money:
			to[name] = v.Float() / 100
		default:
			to[name] = v.Float()
		}
	}
	for f, use := range m.Facts {
		name, v := use.Name, b.Facts[f].At(i)
		if use.Window.Days > 0 {
			name = fmt.Sprint(name, "_", use.Window.Days)
		}
		put(facts, name, v)
		if name == "last_order_at" && v.Ok() {
			day := func(at scoring.Instant) time.Time {
				y, m, d := at.Time().In(b.Env.Location).Date()
				return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
			}
			facts["days"] = day(b.Env.AsOf).Sub(day(v.Instant())).Hours() / 24
		}
	}
	for r, use := range m.Requires {
		name := use.Output
		if name == "segment" {
			name = "label"
		}
		put(scores, name, b.Requires[r].At(i))
	}
	put(quantiles, "top", top)
	return map[string]any{"facts": facts, "scores": scores, "quantiles": quantiles, "params": map[string]any{"least": 2.0}}
}

// quantile is the least value at whose average rank 60 % are reached, counted out.
func quantile(c *scoring.Column) scoring.Value {
	var values []float64
	for i := range c.Len() {
		if v := c.At(i); v.Ok() {
			values = append(values, v.Float())
		}
	}
	slices.Sort(values)
	for _, v := range values {
		rank := 0.0
		for _, other := range values {
			switch {
			case other < v:
				rank++
			case other == v:
				rank += .5
			}
		}
		if rank/float64(len(values)) >= .6 {
			return scoring.Float(v / 100)
		}
	}
	return scoring.Value{}
}

// TestAgainstCEL holds rules, run in columns, against CEL's own interpreter, a row at a time.
func TestAgainstCEL(t *testing.T) {
	env, err := cel.NewEnv()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"facts", "params", "quantiles", "scores"} {
		if env, err = env.Extend(cel.Variable(name, cel.MapType(cel.StringType, cel.DynType))); err != nil {
			t.Fatal(err)
		}
	}
	program := func(text string) cel.Program {
		tree, issues := env.Compile(text)
		if issues.Err() != nil {
			t.Fatalf("%s: %v", text, issues.Err())
		}
		p, err := env.Program(tree)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	e := &scoring.Env{AsOf: scoring.At(time.Date(2026, 3, 29, 23, 30, 0, 0, time.UTC)), Currency: "GBP", Exponent: 2, Location: london, Params: []scoring.Value{scoring.Float(2)}}
	decided := map[string]int{}
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 3))
		g := terms{random}
		condition, number := g.condition(3), g.number(3)
		if strings.Contains(number.rule, "?") && len(number.rule) > 1500 || len(condition.rule) > 1500 {
			continue
		}
		s, problems := rule.Compile(rule.Definition{
			Name: "random", TitleEn: "Random", DocEn: "Random.",
			Labels:     []rule.Label{{Name: "YES", When: condition.rule}, {Name: "NO", When: "true"}},
			Numbers:    []rule.Number{{Name: "number", Value: number.rule}},
			Quantiles:  []rule.Quantile{{Name: "top", Of: "facts.net_revenue", Q: .6}},
			Parameters: []rule.Parameter{{Name: "least", Default: 2}},
		}, vocabulary())
		if len(problems) > 0 {
			t.Fatalf("%s, %s: %v", condition.rule, number.rule, problems)
		}
		m := s.Manifest()
		b := customers(random, m, e, 40)
		model, err := s.Fit(t.Context(), scoring.NewPopulation(m, e, func(yield func(*scoring.Batch) error) error { return yield(b) }, nil))
		if err != nil {
			t.Fatal(err)
		}
		results, err := s.Score(t.Context(), model, b)
		if err != nil {
			t.Fatal(err)
		}
		top := quantile(&b.Facts[m.Fact("net_revenue")])
		when, known, value := program(condition.plain), program(number.known), program(number.plain)
		for i := range b.Len() {
			given := row(m, b, i, top)
			want := "NO"
			if isTrue(t, when, given) {
				want = "YES"
			}
			decided[want]++
			if got := results.Outputs[0].At(i).Text(); got != want {
				t.Fatalf("seed %d: %s is %s, want %s by %s\n%v", seed, condition.rule, got, want, condition.plain, given)
			}
			var x scoring.Value
			if isTrue(t, known, given) {
				decided["known"]++
				x = scoring.Float(float64(eval(t, value, given).(types.Double)))
			}
			if got := results.Outputs[1].At(i); got.Ok() != x.Ok() || got.Ok() && got.Float() != x.Float() {
				t.Fatalf("seed %d: %s is %v %v, want %v %v by %s\n%v", seed, number.rule, got.Ok(), got.Float(), x.Ok(), x.Float(), number.plain, given)
			}
		}
	}
	for _, what := range []string{"YES", "NO", "known"} {
		if decided[what] < 500 {
			t.Errorf("%s is found %d times (make up other terms)", what, decided[what])
		}
	}
}

func isTrue(t *testing.T, p cel.Program, given map[string]any) bool {
	return eval(t, p, given) == types.True
}

func eval(t *testing.T, p cel.Program, given map[string]any) ref.Val {
	t.Helper()
	v, _, err := p.Eval(given)
	if err != nil {
		t.Fatalf("%v of %v", err, given)
	}
	return v
}
