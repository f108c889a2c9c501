package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"bellwether/scoring"
	"bellwether/scoring/conformance"
)

// wrapped changes a good scorer from outside, as one written without Define may be wrong.
type wrapped struct {
	scoring.Scorer
	manifest func() *scoring.Manifest
	fit      func(ctx context.Context, p *scoring.Population) (scoring.Model, error)
	score    func(ctx context.Context, m scoring.Model, b *scoring.Batch) (*scoring.Results, error)
}

func (w *wrapped) Manifest() *scoring.Manifest {
	if w.manifest != nil {
		return w.manifest()
	}
	return w.Scorer.Manifest()
}

func (w *wrapped) Fit(ctx context.Context, p *scoring.Population) (scoring.Model, error) {
	if w.fit != nil {
		return w.fit(ctx, p)
	}
	return w.Scorer.Fit(ctx, p)
}

func (w *wrapped) Score(ctx context.Context, m scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
	if w.score != nil {
		return w.score(ctx, m, b)
	}
	return w.Scorer.Score(ctx, m, b)
}

type (
	fitFunc   = func(*scoring.Population) (*total, error)
	scoreFunc = func(*scoring.Customer, *total)
)

// after is a good scorer whose results are spoilt afterwards.
func after(spoil func(b *scoring.Batch, r *scoring.Results)) scoring.Scorer {
	g := good(nil)
	return &wrapped{Scorer: g, score: func(ctx context.Context, m scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
		r, err := g.Score(ctx, m, b)
		if err == nil {
			spoil(b, r)
		}
		return r, err
	}}
}

// scored is a good scorer that scores in another way.
func scored(score scoreFunc) scoring.Scorer {
	return good(func(_ *scoring.Manifest, _ *fitFunc, s *scoreFunc) { *s = score })
}

// TestBadScorersAreFound breaks every rule at least once, and looks for the rule's word in what the kit says.
func TestBadScorersAreFound(t *testing.T) {
	tests := []struct {
		rule, name, want string
		scorer           func() scoring.Scorer
	}{
		{"manifest", "invalid", "write both En and Zh", func() scoring.Scorer {
			return good(func(m *scoring.Manifest, _ *fitFunc, _ *scoreFunc) { m.Doc.Zh = "" })
		}},
		{"manifest", "changes", "the manifest changed", func() scoring.Scorer {
			g, n := good(nil), 0
			return &wrapped{Scorer: g, manifest: func() *scoring.Manifest {
				m := *g.Manifest()
				n++
				m.Version = "1.0." + strings.Repeat("1", n)
				return &m
			}}
		}},
		{"answers", "no label", "no label", func() scoring.Scorer { return scored(func(*scoring.Customer, *total) {}) }},
		{"answers", "NaN refused", "leave it unset", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) { goodScore(c, m); c.Set(outNumber, scoring.Float(math.NaN())) })
		}},
		{"answers", "infinity refused", "leave it unset", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) { goodScore(c, m); c.Set(outNumber, scoring.Float(math.Inf(-1))) })
		}},
		{"answers", "NaN in a column", "make it null", func() scoring.Scorer {
			return after(func(_ *scoring.Batch, r *scoring.Results) {
				r.Outputs[outNumber].Floats[0], r.Outputs[outNumber].Null[0] = math.NaN(), false
			})
		}},
		{"answers", "infinity in a column", "make it null", func() scoring.Scorer {
			return after(func(_ *scoring.Batch, r *scoring.Results) { r.Outputs[outNumber].Floats[0] = math.Inf(1) })
		}},
		{"answers", "undeclared label", "not declared", func() scoring.Scorer {
			return after(func(_ *scoring.Batch, r *scoring.Results) { r.Outputs[outLabel].Texts[0] = "HUGE" })
		}},
		{"answers", "undeclared label set", "not one of its labels", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, _ *total) { c.Set(outLabel, scoring.Name("HUGE")) })
		}},
		{"answers", "wrong kind", "convert it", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) { goodScore(c, m); c.Set(outNumber, scoring.Int(1)) })
		}},
		{"answers", "missing column", "answer them all", func() scoring.Scorer {
			return after(func(_ *scoring.Batch, r *scoring.Results) { r.Outputs = r.Outputs[:1] })
		}},
		{"answers", "short column", "answer each with", func() scoring.Scorer {
			return after(func(_ *scoring.Batch, r *scoring.Results) { r.Outputs[outLabel].Texts = r.Outputs[outLabel].Texts[1:] })
		}},
		{"answers", "no until", "until has", func() scoring.Scorer {
			return after(func(_ *scoring.Batch, r *scoring.Results) { r.Until = nil })
		}},
		{"answers", "until is past", "not after asOf", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) { goodScore(c, m); c.Until(c.Env().AsOf) })
		}},
		{"answers", "panics", "score panics", func() scoring.Scorer {
			return scored(func(*scoring.Customer, *total) { panic("no") })
		}},
		{"answers", "fit panics", "fit panics", func() scoring.Scorer {
			return good(func(_ *scoring.Manifest, fit *fitFunc, _ *scoreFunc) {
				*fit = func(*scoring.Population) (*total, error) { panic("no") }
			})
		}},
		{"determinism", "counts calls", "share is", func() scoring.Scorer {
			n := 0.0
			return scored(func(c *scoring.Customer, m *total) { goodScore(c, m); n++; c.Set(outNumber, scoring.Float(n)) })
		}},
		{"batches", "share of the batch", "in batches of 1", func() scoring.Scorer {
			return after(func(b *scoring.Batch, r *scoring.Results) {
				for i := range b.IDs {
					r.Outputs[outNumber].Set(i, scoring.Float(1/float64(b.Len())))
				}
			})
		}},
		{"order", "remembers the one before", "in another order", func() scoring.Scorer {
			return after(func(b *scoring.Batch, r *scoring.Results) {
				for i := range b.IDs {
					r.Outputs[outNumber].Set(i, scoring.Float(b.Facts[factRevenue].At(max(0, i-1)).Float()))
				}
			})
		}},
		{"empty", "takes the first", "panics", func() scoring.Scorer {
			return after(func(b *scoring.Batch, r *scoring.Results) { r.Outputs[outNumber].Floats[0] += 0 * float64(len(b.IDs)) })
		}},
		{"inputs", "sorts facts", "score changed", func() scoring.Scorer {
			return after(func(b *scoring.Batch, _ *scoring.Results) { b.Facts[factOrders].Ints[0]++ })
		}},
		{"inputs", "changes lines in fit", "fit changed", func() scoring.Scorer {
			return good(func(_ *scoring.Manifest, fit *fitFunc, _ *scoreFunc) {
				*fit = func(p *scoring.Population) (*total, error) {
					for c := range p.Customers() {
						for _, o := range c.Orders() {
							o.Lines[0].Quantity = 77
						}
					}
					return &total{}, nil
				}
			})
		}},
		{"missing", "counts on an order", "panics", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				if goodScore(c, m); c.Fact(factOrders).Int() > 0 || !c.Fact(factOrders).Ok() {
					_ = c.Orders()[0]
				}
			})
		}},
		{"small", "divides", "model of 0", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				goodScore(c, m)
				c.Set(outNumber, scoring.Float(1/m.Orders))
			})
		}},
		{"newcomers", "counts on what fit derived", "unknown to the model", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				if goodScore(c, m); !c.Derived(0).Ok() {
					panic("who is this?")
				}
			})
		}},
		{"parameters", "fails at an end", "with mode ODD", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				if goodScore(c, m); c.Param(1).Text() == "ODD" {
					c.Set(outNumber, scoring.Int(1))
				}
			})
		}},
		{"chunks", "keeps the last batch only", "fitted in batches of", func() scoring.Scorer {
			return &wrapped{Scorer: good(nil), fit: func(_ context.Context, p *scoring.Population) (scoring.Model, error) {
				m := &total{}
				return m, p.Source(func(b *scoring.Batch) error {
					m.Orders = float64(b.Len())
					return nil
				})
			}}
		}},
		{"concurrency", "one at a time", "several at once", func() scoring.Scorer {
			var busy sync.Mutex
			g := good(nil)
			return &wrapped{Scorer: g, score: func(ctx context.Context, m scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
				if !busy.TryLock() {
					return nil, errors.New("busy")
				}
				defer busy.Unlock()
				for range 50 {
					if _, err := g.Score(ctx, m, b); err != nil {
						return nil, err
					}
				}
				return g.Score(ctx, m, b)
			}}
		}},
		{"cancellation", "score goes on", "score of a cancelled request", func() scoring.Scorer {
			g := good(nil)
			return &wrapped{Scorer: g, score: func(ctx context.Context, m scoring.Model, b *scoring.Batch) (*scoring.Results, error) {
				return g.Score(context.WithoutCancel(ctx), m, b)
			}}
		}},
		{"cancellation", "fit goes on", "fit of a cancelled request", func() scoring.Scorer {
			g := good(nil)
			return &wrapped{Scorer: g, fit: func(ctx context.Context, p *scoring.Population) (scoring.Model, error) {
				return g.Fit(context.WithoutCancel(ctx), p)
			}}
		}},
		{"evidence", "unasked", "nobody asked", func() scoring.Scorer {
			return after(func(b *scoring.Batch, r *scoring.Results) {
				if !b.Explain {
					r.Evidence = make([][]scoring.Evidence, b.Len())
					r.Evidence[0] = make([]scoring.Evidence, 1)
				}
			})
		}},
		{"evidence", "none", "no evidence", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) { c.SetLabel(outLabel, 0) })
		}},
		{"evidence", "for some", "evidence for", func() scoring.Scorer {
			return after(func(b *scoring.Batch, r *scoring.Results) { r.Evidence = nil })
		}},
		{"evidence", "changes the answer", "with evidence", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				if goodScore(c, m); c.Explaining() {
					c.SetLabel(outLabel, 1)
				}
			})
		}},
		{"evidence", "argument missing", "give all", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				c.SetLabel(outLabel, 0)
				c.Because(0, scoring.Int(1), math.NaN(), nil)
			})
		}},
		{"evidence", "argument of another kind", "give INTEGER", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				c.SetLabel(outLabel, 0)
				c.Because(0, scoring.Int(1), math.NaN(), nil, scoring.String("two"))
			})
		}},
		{"evidence", "undeclared reason", "not declared", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				c.SetLabel(outLabel, 0)
				c.Because(9, scoring.Int(1), math.NaN(), nil)
			})
		}},
		{"evidence", "percentile of a hundred", "between 0 and 1", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				c.SetLabel(outLabel, 0)
				c.Because(0, scoring.Int(1), 50, nil, scoring.Int(1))
			})
		}},
		{"evidence", "infinite border", "make it null", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				c.SetLabel(outLabel, 0)
				c.Because(0, scoring.Int(1), .5, []scoring.Value{scoring.Float(math.Inf(1))}, scoring.Int(1))
			})
		}},
		{"evidence", "left-over braces", "fill every blank", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				c.SetLabel(outLabel, 0)
				c.Because(0, scoring.String("{order}"), math.NaN(), nil, scoring.Int(1))
			})
		}},
		{"stored", "hides what it learned", "stored and read again", func() scoring.Scorer {
			return good(func(_ *scoring.Manifest, f *fitFunc, s *scoreFunc) {
				*f = func(p *scoring.Population) (*total, error) {
					m, err := goodFit(p)
					m.hidden = 1
					return m, err
				}
				*s = func(c *scoring.Customer, m *total) {
					goodScore(c, m)
					c.Set(outNumber, scoring.Float(m.hidden))
				}
			})
		}},
		{"stored", "no codec", "cannot be stored", func() scoring.Scorer { return after(func(*scoring.Batch, *scoring.Results) {}) }},
		{"ages", "counts hours", "days have passed", func() scoring.Scorer {
			return good(func(m *scoring.Manifest, _ *fitFunc, s *scoreFunc) {
				m.Facts[factRevenue] = scoring.FactUse{Name: "last_order_at"}
				m.Outputs[outNumber].Kind, m.Outputs[outNumber].DaysSince = scoring.Integer, "last_order_at"
				*s = func(c *scoring.Customer, _ *total) {
					c.SetLabel(outLabel, 0)
					c.Set(outNumber, scoring.Int(int64(c.Env().AsOf-c.Fact(factRevenue).Instant())/3_600_000_000))
				}
			})
		}},
		{"until", "holds for ever", "before until", func() scoring.Scorer {
			return scored(func(c *scoring.Customer, m *total) {
				goodScore(c, m)
				c.Set(outNumber, scoring.Float(float64(c.Today())))
				c.Until(c.Env().AsOf.Add(30 * scoring.Day))
			})
		}},
	}
	broken := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.rule+"/"+tt.name, func(t *testing.T) {
			broken[tt.rule] = true
			found := conformance.Check(t.Context(), tt.scorer(), conformance.Only(tt.rule))
			if len(found) != 1 || found[0].Rule != tt.rule || !strings.Contains(found[0].Problem, tt.want) {
				t.Errorf("got %v, want one of rule %s with %q", found, tt.rule, tt.want)
			}
		})
	}
	for _, r := range conformance.Rules() {
		if !broken[r.Name] {
			t.Errorf("no bad scorer breaks rule %s (write one)", r.Name)
		}
	}
}

// TestRulesAreDescribed holds the rules themselves to what the house asks of texts and lists.
func TestRulesAreDescribed(t *testing.T) {
	previous := ""
	for _, r := range conformance.Rules() {
		for _, w := range []scoring.Words{r.Doc, r.Cure} {
			if w.En == "" || w.Zh == "" {
				t.Errorf("rule %s lacks a text (write the doc and the cure in both languages)", r.Name)
			}
		}
		if r.Name <= previous {
			t.Errorf("rule %s stands behind %s (sort them)", r.Name, previous)
		}
		previous = r.Name
	}
}

// TestHangingScorers end the check when its time is up, whether they look at their context or not.
func TestHangingScorers(t *testing.T) {
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	tests := []struct {
		name, rule string
		scorer     scoring.Scorer
	}{
		{"score", "answers", &wrapped{Scorer: good(nil), score: func(context.Context, scoring.Model, *scoring.Batch) (*scoring.Results, error) {
			<-stop
			return nil, errors.New("stopped")
		}}},
		{"score that looks", "answers", &wrapped{Scorer: good(nil), score: func(ctx context.Context, _ scoring.Model, _ *scoring.Batch) (*scoring.Results, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}},
		{"fit", "answers", &wrapped{Scorer: good(nil), fit: func(context.Context, *scoring.Population) (scoring.Model, error) {
			<-stop
			return nil, errors.New("stopped")
		}}},
		{"manifest", "manifest", &wrapped{Scorer: good(nil), manifest: func() *scoring.Manifest {
			<-stop
			return nil
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			found := conformance.Check(ctx, tt.scorer)
			if len(found) != 1 || found[0].Rule != tt.rule || !strings.Contains(found[0].Problem, "the time was up") {
				t.Errorf("got %v, want one of rule %s that says that the time was up", found, tt.rule)
			}
		})
	}
}

// TestOneFaultIsFoundOnce: what is wrong with answers is told once, whichever customers and rules meet it.
func TestOneFaultIsFoundOnce(t *testing.T) {
	failing := func(fails func(c *scoring.Customer) bool) scoring.Scorer {
		return scored(func(c *scoring.Customer, m *total) {
			if goodScore(c, m); fails(c) {
				panic(fmt.Sprintf("customer %d is too much", c.ID()[0]))
			}
		})
	}
	tests := map[string]struct {
		rule   string
		scorer scoring.Scorer
	}{
		"no label for some": {"answers", scored(func(c *scoring.Customer, m *total) {
			if c.Fact(factOrders).Int() > 0 {
				goodScore(c, m)
			}
		})},
		"panics for all":                 {"answers", failing(func(*scoring.Customer) bool { return true })},
		"panics for some":                {"answers", failing(func(c *scoring.Customer) bool { return c.ID()[0]%7 == 0 })},
		"panics where a fact is unknown": {"missing", failing(func(c *scoring.Customer) bool { return !c.Fact(factOrders).Ok() })},
	}
	for name, tt := range tests {
		if found := conformance.Check(t.Context(), tt.scorer); len(found) != 1 || found[0].Rule != tt.rule {
			t.Errorf("%s: got %v, want one of rule %s", name, found, tt.rule)
		}
	}
	both := good(func(m *scoring.Manifest, _ *fitFunc, s *scoreFunc) {
		n := 0.0
		*s = func(c *scoring.Customer, m *total) {
			n++
			c.Set(outNumber, scoring.Float(n))
		}
	})
	if found := conformance.Check(t.Context(), both, conformance.First()); len(found) != 1 || found[0].Rule != "answers" {
		t.Errorf("the first finding: got %v, want one of rule answers", found)
	}
}

// TestNothingElseWithoutABasis names what the other rules need, once and alone.
func TestNothingElseWithoutABasis(t *testing.T) {
	requiring := good(func(m *scoring.Manifest, _ *fitFunc, _ *scoreFunc) {
		m.Requires = []scoring.OutputUse{{Scorer: "other", Output: "size"}}
	})
	invalid := good(func(m *scoring.Manifest, _ *fitFunc, _ *scoreFunc) { m.Facts[0].Window.Param = "nowhere" })
	nothing := &wrapped{Scorer: good(nil), manifest: func() *scoring.Manifest { return nil }}
	for want, s := range map[string]scoring.Scorer{"give it among the others": requiring, "declare an Integer parameter": invalid, "panics": nothing} {
		found := conformance.Check(t.Context(), s)
		if len(found) != 1 || found[0].Rule != "manifest" || !strings.Contains(found[0].Problem, want) {
			t.Errorf("got %v, want one of rule manifest with %q", found, want)
		}
	}
}
