package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bellwether/internal/ingest"
	"bellwether/internal/store"
)

type refreshCommand struct {
	database
	pluginFlags
	localized
	paramsFile
	Scorer []string `placeholder:"A,B" help:"Only these scorers, such as rfm."`
	AsOf   string   `placeholder:"INSTANT" help:"As of when: RFC 3339, or a date, which means the end of that day in the business's time zone. An instant of the past writes history only. Default: now."`
}

const refreshScores = `mutation Refresh($input: RefreshScoresInput!, $locale: String!) {
  refreshScores(input: $input) { refresh { asOf finishedAt scorers customers changed errors { scorer message } } errors { message(locale: $locale) } }
}`

// Run refreshes and waits until it is done.
func (c *refreshCommand) Run(ctx context.Context, app App) (err error) {
	input, err := c.input(ctx)
	if err != nil {
		return err
	}
	params, err := c.read()
	if err != nil {
		return err
	}
	o := ServeOptions{DB: c.DB, Existing: true, Params: params, Now: app.Now}
	c.plug(&o)
	a, err := app.openWith(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	var data struct {
		RefreshScores *struct {
			Refresh *struct {
				AsOf               string
				FinishedAt         *string
				Scorers            []string
				Customers, Changed int
				Errors             []struct{ Scorer, Message string }
			}
			Errors []struct{ Message string }
		}
	}
	notes, err := a.ask(ctx, refreshScores, map[string]any{"input": input, "locale": c.Locale}, &data)
	if err != nil {
		return err
	}
	done := data.RefreshScores
	switch {
	case done == nil:
		return errors.New(strings.Join(notes, "; "))
	case len(done.Errors) > 0:
		return errors.New(done.Errors[0].Message)
	case done.Refresh == nil:
		return errors.New("the refresh is gone (look again)")
	}
	fmt.Fprintf(app.Stdout, "%s %s: %s %d, %s %d\n", strings.Join(done.Refresh.Scorers, ", "), done.Refresh.AsOf,
		c.say("customers", "客户"), done.Refresh.Customers, c.say("scores changed", "评分有变"), done.Refresh.Changed)
	var failed []error
	for _, e := range done.Refresh.Errors {
		failed = append(failed, fmt.Errorf("%s: %s", e.Scorer, e.Message))
	}
	return errors.Join(failed...)
}

func (c *refreshCommand) input(ctx context.Context) (map[string]any, error) {
	input := map[string]any{"wait": true}
	if c.Scorer != nil {
		input["scorers"] = c.Scorer
	}
	if c.AsOf == "" {
		return input, nil
	}
	s, err := store.Open(ctx, c.DB, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close() //nolint:errcheck // it was only read
	b, err := s.Business(ctx)
	if err != nil {
		return nil, err
	}
	at, err := ingest.ParseAsOf(c.AsOf, b.TimeZone)
	input["asOf"] = at
	return input, err
}
