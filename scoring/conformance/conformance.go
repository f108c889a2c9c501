// Package conformance holds any scorer to the rules that all scorers keep. It is data and functions, for programs as well as
// for tests: a server asks it before it takes a new version of a plugin. Start with [Check]:
//
//	for _, f := range conformance.Check(ctx, s) {
//		fmt.Println(f.Rule, f.Problem, f.Cure.En)
//	}
//
// In a test, package scoring/scoretest does the same in one line. [Examples] holds a scorer to the worked examples of its
// README. For more, build a [Data] from literals or CSV tables, and ask [Score] for the [Answers].
//
// The package needs nothing but the standard library and package scoring.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"bellwether/scoring"
)

// Option adds to what Check does.
type Option func(*options)

type options struct {
	data   []*Data
	first  bool // finding is the last
	others []scoring.Scorer
	rules  []string // nil: all
	seed   uint64
	size   int
}

// On holds the scorer against the rules on further data, such as a real population, too.
func On(d *Data) Option { return func(o *options) { o.data = append(o.data, d) } }

// First stops at the first finding: a scorer that hangs does so under every rule.
func First() Option { return func(o *options) { o.first = true } }

// Only holds the scorer against the rules of these names alone; without a name, against none.
func Only(rules ...string) Option {
	return func(o *options) { o.rules = append(make([]string, 0, len(rules)), rules...) }
}

// Requiring gives the scorers that the scorer requires, and those that they require. They are trusted.
func Requiring(others ...scoring.Scorer) Option {
	return func(o *options) { o.others = append(o.others, others...) }
}

// Seed makes up other populations; the default is 1.
func Seed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// Size is how many customers a population that is made up has; the default is 120.
func Size(customers int) Option { return func(o *options) { o.size = customers } }

// Finding is a rule that a scorer breaks.
type Finding struct {
	Rule    string        // its name among [Rules]
	Doc     scoring.Words // what the rule asks for
	Problem string        // what was seen, with what would mend just that
	On      string        // the population on which it was seen; "": on none
	Cure    scoring.Words // what mends most scorers that break the rule
}

// String is the finding in a line, in English.
func (f Finding) String() string {
	return fmt.Sprintf("rule %s: %s: %s (%s)", f.Rule, f.Doc.En, f.Problem, f.Cure.En)
}

// Check holds a scorer against every rule and returns what it found: at most one finding a rule, "answers" first, then in the
// order of [Rules]. Where the manifest is invalid, or a scorer that it requires is not given, that is the only finding. What is
// wrong with an answer, an error or a panic in its place included, is one finding, whichever rules meet it: of "answers" where it
// is so with the populations as they are. A scorer may panic, and
// it may hang: when the context ends, Check returns with a finding that names the rule, although the goroutine of a scorer
// that does not look at its context goes on.
func Check(ctx context.Context, s scoring.Scorer, opts ...Option) []Finding {
	o := options{seed: 1, size: 120}
	for _, opt := range opts {
		opt(&o)
	}
	populations := []population{{fmt.Sprintf("conformance.Random(%d, %d)", o.seed, o.size), Random(o.seed, o.size)}}
	for i, d := range o.data {
		populations = append(populations, population{fmt.Sprintf("population %d of those given", i+1), d})
	}
	rules := Rules()
	basis := rules[ruleAt(rules, "manifest")]
	basis.check = (*kit).basis
	if f, _ := o.hold(ctx, s, basis, populations[:1]); f != nil {
		return []Finding{*f}
	}
	at := ruleAt(rules, "answers")
	rules = slices.Concat(rules[at:at+1], rules[:at], rules[at+1:])
	var found []Finding
	failures := map[string]bool{}
	for _, r := range rules {
		if o.rules != nil && !slices.Contains(o.rules, r.Name) {
			continue
		}
		f, failed := o.hold(ctx, s, r, populations)
		known := failed != "" && (failures[failed] || len(found) > 0 && found[0].Rule == "answers")
		if f != nil && !known {
			found = append(found, *f)
			failures[failed] = failed != ""
		}
		if ctx.Err() != nil || o.first && len(found) > 0 {
			break
		}
	}
	return found
}

func ruleAt(rules []Rule, name string) int {
	return slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
}

type population struct {
	name string
	data *Data
}

// hold holds a scorer against one rule, until a population breaks it. Where it has failed, it says in which words, without the
// numbers, which tell of the customer.
func (o *options) hold(ctx context.Context, s scoring.Scorer, r Rule, populations []population) (found *Finding, failed string) {
	for _, p := range populations {
		d := *p.data
		d.Others = slices.Concat(d.Others, o.others)
		err := within(ctx, func() error { return r.check(&kit{ctx: ctx, s: s, m: s.Manifest(), data: &d}) })
		if ctx.Err() != nil {
			return new(late(ctx, r.Name, r.Doc)), ""
		}
		if err == nil {
			continue
		}
		found = &Finding{Rule: r.Name, Doc: r.Doc, Problem: err.Error(), On: p.name, Cure: r.Cure}
		if f := (*failure)(nil); errors.As(err, &f) {
			failed = strings.Map(wordy, f.Error())
			if f.invalid || r.Name == "cancellation" { // which asks for an error, and got another one
				return found, failed
			}
			found.Cure = scoring.Words{En: "answer, whatever is given, instead of returning an error or panicking", Zh: "无论输入如何都要作答，不返回错误，也不崩溃"}
		}
		return found, failed
	}
	return nil, ""
}

// wordy drops digits.
func wordy(r rune) rune {
	if unicode.IsDigit(r) {
		return -1
	}
	return r
}

// late is the finding about a scorer that was not done when the context ended.
func late(ctx context.Context, rule string, doc scoring.Words) Finding {
	return Finding{
		Rule: rule, Doc: doc, Problem: fmt.Sprintf("not done when the time was up: %v", context.Cause(ctx)),
		Cure: scoring.Words{En: "end every loop and every recursion, look at the context, or allow more time", Zh: "确保每个循环和递归都会结束，检查上下文，或放宽时限"},
	}
}

// within calls f, which may panic, and waits for it no longer than the context lasts.
func within(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		var err error
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panics: %v", p)
			}
			done <- err
		}()
		err = f()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
