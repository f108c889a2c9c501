package engine_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/engine"
)

func wants(names ...string) []engine.Want {
	out := make([]engine.Want, len(names))
	for i, name := range names {
		out[i] = engine.Want{Name: name}
	}
	return out
}

// TestOneQuery: all scorers asked share one query, which asks for every fact once.
func TestOneQuery(t *testing.T) {
	source := shop(12)
	e := newEngine(t, source, nil, counting("all", 0, 0), counting("again", 0, 0), counting("week", 7, 0), counting("before", 7, 7))
	answers, err := e.Score(t.Context(), ids(11, 3, 99), wants("all", "again", "week", "before"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if frames, scans := source.counts(); frames != 1 || scans != 0 {
		t.Errorf("%d frames and %d scans, want 1 and 0", frames, scans)
	}
	now := day(10)
	week := 7 * scoring.Day
	want := []engine.FactQuery{
		{Name: "orders", Span: engine.Span{From: scoring.Never, To: now}},
		{Name: "external_id", Span: engine.Span{From: scoring.Never, To: now}},
		{Name: "orders", Span: engine.Span{From: now.Add(-week), To: now}},
		{Name: "orders", Span: engine.Span{From: now.Add(-2 * week), To: now.Add(-week)}},
	}
	if got := source.frames[0].Facts; !reflect.DeepEqual(got, want) {
		t.Errorf("the query asks for %v, want %v", got, want)
	}
	for name, n := range map[string]int64{"all": 10, "again": 10, "week": 7, "before": 3} {
		s, ok := answers[name].Of(id(11))
		if !ok || s.Output(0).Int() != n {
			t.Errorf("%s is %d, want %d", name, s.Output(0).Int(), n)
		}
		if _, ok := answers[name].Of(id(99)); ok {
			t.Errorf("%s answers for a customer nobody knows", name)
		}
	}
}

// TestOrders: scorers with different windows share the widest, each seeing its own.
func TestOrders(t *testing.T) {
	source := shop(12)
	e := newEngine(t, source, nil,
		orderly("three", scoring.Window{Days: 3}, false), orderly("old", scoring.Window{Days: 2, Ago: 5}, true), orderly("all", scoring.Window{}, false))
	for _, test := range []struct {
		asked []string
		span  engine.Span
		lines bool
		want  map[string]int64
	}{
		{[]string{"three"}, engine.Span{From: day(7), To: day(10)}, false, map[string]int64{"three": 3}},
		{[]string{"three", "old"}, engine.Span{From: day(3), To: day(10)}, true, map[string]int64{"three": 3, "old": 2}},
		{[]string{"all", "three"}, engine.Span{From: scoring.Never, To: day(10)}, false, map[string]int64{"all": 10, "three": 3}},
	} {
		answers, err := e.Score(t.Context(), ids(11), wants(test.asked...), nil)
		if err != nil {
			t.Fatal(err)
		}
		q := source.frames[len(source.frames)-1]
		if *q.Orders != test.span || q.Lines != test.lines {
			t.Errorf("%v asks for orders of %v, lines %t; want %v, %t", test.asked, *q.Orders, q.Lines, test.span, test.lines)
		}
		for name, n := range test.want {
			if s, _ := answers[name].Of(id(11)); s.Output(0).Int() != n {
				t.Errorf("%v: %s sees %d orders, want %d", test.asked, name, s.Output(0).Int(), n)
			}
		}
	}
}

// TestOrdersForTheFitAlone: a scorer that reads in Score what it derived at the end of Fit costs no orders there.
func TestOrdersForTheFitAlone(t *testing.T) {
	source := shop(12)
	e := newEngine(t, source, nil, learnt("learnt"), orderly("three", scoring.Window{Days: 3}, false))
	for _, test := range []struct {
		asked []string
		span  *engine.Span
	}{
		{[]string{"learnt"}, nil},
		{[]string{"learnt", "three"}, &engine.Span{From: day(7), To: day(10)}},
	} {
		answers, err := e.Score(t.Context(), ids(11), wants(test.asked...), nil)
		if err != nil {
			t.Fatal(err)
		}
		if s, _ := answers["learnt"].Of(id(11)); s.Output(0).Int() != 10 {
			t.Errorf("%v: learnt is %d, want 10: its fit sees all orders, its score none", test.asked, s.Output(0).Int())
		}
		if q := source.frames[len(source.frames)-1]; !reflect.DeepEqual(q.Orders, test.span) || q.Lines {
			t.Errorf("%v asks for orders of %v, lines %t; want %v and no lines", test.asked, q.Orders, q.Lines, test.span)
		}
	}
}

// TestRequires: a scorer sees another's outputs in Fit and in Score, through any number of steps.
func TestRequires(t *testing.T) {
	source := shop(4) // with 0, 1, 2 and 3 orders
	e := newEngine(t, source, nil, plus("third", "second", 100), plus("second", "first", 10), counting("first", 0, 0))
	for customer, n := range map[int]int64{0: 110, 3: 113} {
		if s := score(t, e, "third", customer, nil); s.Output(0).Int() != n || s.Output(1).Int() != 6+4*10 {
			t.Errorf("customer %d: %d and %d, want %d and 46", customer, s.Output(0).Int(), s.Output(1).Int(), n)
		}
	}
	asOf := day(1).Time()
	if s := score(t, e, "third", 3, &asOf); s.Output(0).Int() != 111 || s.Output(1).Int() != 3+4*10 {
		t.Errorf("as of the first day: %d and %d, want 111 and 43", s.Output(0).Int(), s.Output(1).Int())
	}
}

func TestRequiresRefused(t *testing.T) {
	for want, scorers := range map[string][]scoring.Scorer{
		"scorers require each other in a cycle: a -> b -> a (drop one of the requirements)":            {plus("a", "b", 1), plus("b", "a", 1)},
		"scorer a: requires unknown scorer b (add it to the list of plugins, or drop the requirement)": {plus("a", "b", 1)},
		"scorer a: the name is used twice (rename one)":                                                {counting("a", 0, 0), counting("a", 0, 0)},
		"scorer a: a window has negative days (count them back from asOf)":                             {counting("a", -1, 0)},
	} {
		_, err := engine.New(engine.Config{Scorers: scorers})
		if err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// TestBroken: whatever a scorer does wrong is its own error; the others answer, and those that require it say why not.
func TestBroken(t *testing.T) {
	for want, scorer := range broken() {
		e := newEngine(t, shop(3), nil, scorer, counting("sound", 0, 0), plus("needy", "broken", 1))
		asked := []engine.Want{{Name: "broken", Explain: true}, {Name: "sound"}, {Name: "needy"}}
		answers, err := e.Score(t.Context(), ids(2), asked, nil)
		if err != nil {
			t.Errorf("%s: the request failed: %v", want, err)
			continue
		}
		if err := answers["broken"].Err; err == nil || err.Error() != "scorer broken failed: "+want {
			t.Errorf("got %v\nwant scorer broken failed: %s", err, want)
		}
		var failure *engine.ScorerError
		if err := answers["needy"].Err; !errors.As(err, &failure) || failure.Scorer != "needy" || failure.Code() != "SCORER_FAILED" || !strings.Contains(err.Error(), "broken") {
			t.Errorf("%s: one that requires it answers %v", want, err)
		}
		if s, ok := answers["sound"].Of(id(2)); answers["sound"].Err != nil || !ok || s.Output(0).Int() != 2 {
			t.Errorf("%s: another one does not answer: %v", want, answers["sound"].Err)
		}
	}
}

// TestEvidence is computed for those who ask alone.
func TestEvidence(t *testing.T) {
	e := newEngine(t, shop(3), nil, counting("a", 0, 0), counting("b", 0, 0))
	answers, err := e.Score(t.Context(), ids(2), []engine.Want{{Name: "a", Explain: true}, {Name: "b"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := answers["a"].Of(id(2)); len(a.Evidence()) != 1 || a.Formatter("en").Reason(a.Manifest, a.Evidence()[0]) != "It is 2." {
		t.Errorf("the evidence is %v", a.Evidence())
	}
	if b, _ := answers["b"].Of(id(2)); b.Evidence() != nil {
		t.Errorf("evidence that nobody asked for: %v", b.Evidence())
	}
}

func TestAsOf(t *testing.T) {
	e := newEngine(t, shop(12), nil, counting("count", 0, 0), ranking("ranking"))
	now := day(10).Time()
	for ahead, want := range map[time.Duration]scoring.Instant{
		-24 * time.Hour: day(9), 0: day(10), time.Minute: day(10), engine.Ahead: day(10),
	} {
		asOf := now.Add(ahead)
		if s := score(t, e, "ranking", 1, &asOf); s.AsOf != want || s.ModelAsOf != want {
			t.Errorf("%v ahead: as of %s, model as of %s; want %s", ahead, s.AsOf.Time(), s.ModelAsOf.Time(), want.Time())
		}
	}
	if s := score(t, e, "count", 1, nil); s.ModelAsOf != scoring.Never {
		t.Errorf("a scorer that learns nothing has a model as of %v", s.ModelAsOf.Time())
	}
	asOf := now.Add(engine.Ahead + time.Second)
	_, err := e.Score(t.Context(), ids(1), wants("count"), &asOf)
	wantError(t, err, "OUT_OF_RANGE", "asOf 2024-01-10T12:05:01Z lies in the future (it is 2024-01-10T12:00:00Z; leave asOf out for now)")
	_, err = e.Distribution(t.Context(), "count", nil)
	wantError(t, err, "INVALID", "scorer count has no labels to count (ask for its outputs instead)")
	_, err = e.Score(t.Context(), ids(1), wants("counts"), nil)
	wantError(t, err, "UNKNOWN_SCORER", `unknown scorer "counts" (the scorers are count, ranking)`)
}

func wantError(t testing.TB, err error, code, message string) {
	t.Helper()
	var coded *engine.Error
	if !errors.As(err, &coded) || coded.Code() != code || err.Error() != message {
		t.Errorf("got %v\nwant %s: %s", err, code, message)
	}
}

// TestCancelled: a request that is given up ends with the context's error, in Score and in Walk.
func TestCancelled(t *testing.T) {
	source := shop(5)
	source.hold = make(chan struct{})
	defer close(source.hold)
	e := newEngine(t, source, nil, ranking("ranking"))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := e.Score(ctx, ids(1), wants("ranking"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Score: %v", err)
	}
	if err := e.Walk(ctx, engine.Want{Name: "ranking"}, nil, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Walk: %v", err)
	}
}

// TestEmpty: there may be nobody at all.
func TestEmpty(t *testing.T) {
	e := newEngine(t, shop(0), nil, ranking("ranking"), orderly("orderly", scoring.Window{}, true))
	answers, err := e.Score(t.Context(), nil, wants("ranking", "orderly"), nil)
	if err != nil || answers["ranking"].Err != nil || answers["orderly"].Err != nil {
		t.Errorf("%v, %v", err, answers)
	}
	err = e.Walk(t.Context(), engine.Want{Name: "ranking"}, nil, nil, func(*engine.Scores, []scoring.Column) error { return errors.New("somebody") })
	if err != nil {
		t.Error(err)
	}
}

// TestWalk answers for everybody, in the order of ids, with further facts, in chunks.
func TestWalk(t *testing.T) {
	e := newEngine(t, shop(8), nil, ranking("ranking"))
	seen := 0
	err := e.Walk(t.Context(), engine.Want{Name: "ranking"}, nil, []string{"external_id", "net_revenue"}, func(s *engine.Scores, facts []scoring.Column) error {
		for i := range s.IDs {
			if s.IDs[i] != id(seen) || s.At(i).Output(0).Int() != int64(8-seen) || facts[1].At(i).Int() != int64(100*seen) || facts[0].At(i).Text() != string(rune('a'+seen)) {
				t.Errorf("customer %d: rank %d, revenue %d", seen, s.At(i).Output(0).Int(), facts[1].At(i).Int())
			}
			seen++
		}
		return nil
	})
	if err != nil || seen != 8 {
		t.Errorf("%d customers, %v", seen, err)
	}
	stop := errors.New("stop")
	if err := e.Walk(t.Context(), engine.Want{Name: "ranking"}, nil, nil, func(*engine.Scores, []scoring.Column) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a walk that is stopped: %v", err)
	}
}
