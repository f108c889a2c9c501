package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/store"
)

// moved is a move from label to label.
type moved struct {
	At, Scorer, Version string
	From, To            *string
	Customer            *struct{ ExternalID *string }
}

type movedPage struct {
	Edges    []struct{ Node moved }
	PageInfo struct {
		HasNextPage bool
		EndCursor   *string
	}
}

type historyCommand struct {
	database
	pluginFlags
	tabular
	Key    string `arg:"" help:"External id of the customer, or the e-mail address."`
	Source string `placeholder:"SOURCE" help:"Source of the external id, where several sources have it."`
	Scorer string `required:"" placeholder:"NAME" help:"Scorer, such as rfm."`
	Limit  int    `default:"50" help:"At most so many moves; 0 is all (default ${default})."`
}

const historyPage = `query History($by: CustomerBy!, $scorer: String!, $first: Int!, $after: String) {
  customer(by: $by) { scoreHistory(scorer: $scorer, first: $first, after: $after) { edges { node { at scorer from to version } } pageInfo { hasNextPage endCursor } } }
}`

// Run shows the moves of a customer.
func (c *historyCommand) Run(ctx context.Context, app App) (err error) {
	by, err := c.by(ctx)
	if err != nil {
		return err
	}
	a, err := app.open(ctx, c.DB, c.pluginFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	t := c.table(app.Stdout, "at", "from", "to", "version")
	variables := map[string]any{"by": by, "scorer": c.Scorer}
	err = pages(c.Limit, variables, func() (*movedPage, error) {
		var data struct {
			Customer *struct{ ScoreHistory *movedPage }
		}
		notes, err := a.ask(ctx, historyPage, variables, &data)
		switch {
		case err != nil:
			return nil, err
		case len(notes) > 0:
			return nil, errors.New(strings.Join(notes, "; "))
		case data.Customer == nil:
			return nil, fault.New(fault.NotFound, "customer %q is gone (look again)", c.Key)
		}
		return data.Customer.ScoreHistory, nil
	}, func(m moved) { t.row(m.At, orNone(m.From), orNone(m.To), m.Version) })
	return errors.Join(err, t.close())
}

func (c *historyCommand) by(ctx context.Context) (map[string]any, error) {
	s, err := store.Open(ctx, c.DB, store.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close() //nolint:errcheck // it was only read
	return keyOf(ctx, s, c.Source, c.Key)
}

// pages walks a list page by page, up to a limit; 0 is all. It leaves the place to go on from in the variable after.
func pages(limit int, variables map[string]any, next func() (*movedPage, error), row func(moved)) error {
	if limit < 0 {
		return fault.New(fault.OutOfRange, "limit %d is below 0 (give how many, or 0 for all)", limit)
	}
	for left := limit; ; {
		variables["first"] = 100
		if limit > 0 {
			variables["first"] = min(100, left)
		}
		p, err := next()
		if err != nil {
			return err
		}
		for _, e := range p.Edges {
			row(e.Node)
		}
		if p.PageInfo.EndCursor != nil {
			variables["after"] = *p.PageInfo.EndCursor
		}
		if left -= len(p.Edges); !p.PageInfo.HasNextPage || (limit > 0 && left <= 0) {
			return nil
		}
	}
}

type changesCommand struct {
	database
	pluginFlags
	tabular
	Scorers []string `placeholder:"A,B" help:"Only moves of these scorers, such as rfm."`
	Since   string   `placeholder:"INSTANT" help:"Only moves at or after this instant: RFC 3339, or a date."`
	Limit   int      `default:"50" help:"At most so many moves; 0 is all (default ${default})."`
	Follow  bool     `help:"Go on with what happens, until stopped; without a limit. As csv or ndjson."`
}

const changesPage = `query Changes($scorers: [String!], $since: DateTime, $first: Int!, $after: String) {
  scoreChanges(scorers: $scorers, since: $since, first: $first, after: $after) {
    edges { node { at scorer from to version customer { externalId } } } pageInfo { hasNextPage endCursor }
  }
}`

// Run lists moves, and those that happen.
func (c *changesCommand) Run(ctx context.Context, app App) (err error) {
	variables, err := c.variables()
	if err != nil {
		return err
	}
	a, err := app.open(ctx, c.DB, c.pluginFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	t := c.table(app.Stdout, "at", "customer", "scorer", "from", "to", "version")
	read := func() (*movedPage, error) {
		var data struct{ ScoreChanges *movedPage }
		notes, err := a.ask(ctx, changesPage, variables, &data)
		if err == nil && data.ScoreChanges == nil {
			err = errors.New(strings.Join(notes, "; "))
		}
		return data.ScoreChanges, err
	}
	for {
		err := pages(c.Limit, variables, read, func(m moved) {
			var customer any
			if m.Customer != nil {
				customer = orNone(m.Customer.ExternalID)
			}
			t.row(m.At, customer, m.Scorer, orNone(m.From), orNone(m.To), m.Version)
		})
		if err != nil || !c.Follow {
			return errors.Join(err, t.close())
		}
		if err := t.close(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (c *changesCommand) variables() (map[string]any, error) {
	v := map[string]any{}
	if c.Scorers != nil {
		v["scorers"] = c.Scorers
	}
	if c.Since != "" {
		at, err := sinceOf(c.Since)
		if err != nil {
			return nil, err
		}
		v["since"] = at
	}
	if c.Follow {
		if c.Output == "table" {
			return nil, fault.New(fault.Invalid, "a table has an end (add --output csv or ndjson to --follow)")
		}
		c.Limit = 0
	}
	return v, nil
}

// sinceOf is the instant that a user means by "since": RFC 3339, or a date, which means its beginning in UTC.
func sinceOf(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is not an instant (write RFC 3339 such as 2011-12-09T12:50:00Z, or a date such as 2011-12-09)", text)
}
