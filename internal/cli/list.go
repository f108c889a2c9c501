package cli

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"bellwether/internal/fault"
)

type listCommand struct {
	database
	pluginFlags
	localized
	tabular
	Search string   `placeholder:"WORDS" help:"Words, each a part of the name, e-mail, phone or external id."`
	Where  string   `placeholder:"JSON" help:"Filter in the shape of the API's CustomerWhere, such as '{\"country\": {\"eq\": \"France\"}}' or '{\"scores\": [{\"scorer\": \"rfm\", \"labels\": [\"LOYAL\"]}]}'."`
	Sort   string   `placeholder:"FIELD" help:"Sort by name, registered_at, or an output of a stored score such as rfm.monetary; by default in the order of ids."`
	Desc   bool     `help:"Sort the other way round."`
	Scores []string `placeholder:"A,B" help:"Scorers whose labels are shown, such as rfm,orientation."`
	Limit  int      `default:"50" help:"At most so many customers; 0 is all (default ${default})."`
}

// page is a page of the list.
const page = `query List($first: Int!, $after: String, $search: String, $where: CustomerWhere, $orderBy: CustomerSort, $scores: [String!]!) {
  customers(first: $first, after: $after, search: $search, where: $where, orderBy: $orderBy) {
    edges { node { externalId kind name email country city registeredAt scores(names: $scores) { label } } }
    pageInfo { hasNextPage endCursor }
  }
}`

type listed struct {
	Customers *struct {
		Edges []struct {
			Node struct {
				ExternalID, Kind                         string
				Name, Email, Country, City, RegisteredAt *string
				Scores                                   []*struct{ Label *string }
			}
		}
		PageInfo struct {
			HasNextPage bool
			EndCursor   *string
		}
	}
}

// Run lists customers, page by page.
func (c *listCommand) Run(ctx context.Context, app App) (err error) {
	variables, err := c.variables()
	if err != nil {
		return err
	}
	a, err := app.open(ctx, c.DB, c.pluginFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := c.known(ctx, a); err != nil {
		return err
	}
	t := c.table(app.Stdout, append([]string{"external_id", "kind", "name", "email", "country", "city", "registered_at"}, c.Scores...)...)
	for left := c.Limit; ; {
		size := 100
		if c.Limit > 0 {
			size = min(size, left)
		}
		variables["first"] = size
		var data listed
		notes, err := a.ask(ctx, page, variables, &data)
		if err != nil {
			return err
		}
		if data.Customers == nil {
			return errors.New(strings.Join(notes, "; "))
		}
		note(app, notes)
		for _, e := range data.Customers.Edges {
			t.row(c.cells(e.Node.Scores, e.Node.ExternalID, e.Node.Kind, orNone(e.Node.Name), orNone(e.Node.Email), orNone(e.Node.Country), orNone(e.Node.City), orNone(e.Node.RegisteredAt))...)
		}
		left -= len(data.Customers.Edges)
		if !data.Customers.PageInfo.HasNextPage || (c.Limit > 0 && left <= 0) {
			return t.close()
		}
		variables["after"] = *data.Customers.PageInfo.EndCursor
	}
}

func (c *listCommand) cells(scores []*struct{ Label *string }, profile ...any) []any {
	for _, s := range scores {
		if s == nil {
			profile = append(profile, nil)
			continue
		}
		profile = append(profile, orNone(s.Label))
	}
	return profile
}

// known refuses scorers that do not answer once, and not for every customer.
func (c *listCommand) known(ctx context.Context, a *api) error {
	if len(c.Scores) == 0 {
		return nil
	}
	var data struct {
		Scorers []struct {
			Name      string
			Enabled   bool
			LastError *string
		}
	}
	if _, err := a.ask(ctx, `{ scorers { name enabled lastError } }`, nil, &data); err != nil {
		return err
	}
	names := make([]string, len(data.Scorers))
	for i, s := range data.Scorers {
		names[i] = s.Name
		if off := slices.Contains(c.Scores, s.Name) && !s.Enabled; off && s.LastError != nil {
			return fault.New(fault.Conflict, "scorer %s is switched off: %s", s.Name, *s.LastError)
		} else if off {
			return fault.New(fault.Conflict, "scorer %s is switched off (switch it on with setScorerEnabled)", s.Name)
		}
	}
	for _, name := range c.Scores {
		if !slices.Contains(names, name) {
			return fault.New(fault.NotFound, "unknown scorer %q (the scorers are %s)", name, strings.Join(names, ", "))
		}
	}
	return nil
}

func (c *listCommand) variables() (map[string]any, error) {
	v := map[string]any{"scores": append([]string{}, c.Scores...)}
	if c.Limit < 0 {
		return nil, fault.New(fault.OutOfRange, "limit %d is below 0 (give how many, or 0 for all)", c.Limit)
	}
	if c.Search != "" {
		v["search"] = c.Search
	}
	if c.Where != "" {
		var where map[string]any
		if err := json.Unmarshal([]byte(c.Where), &where); err != nil {
			return nil, fault.New(fault.Invalid, "--where is not a JSON object: %w (write it like '{\"country\": {\"eq\": \"France\"}}')", err)
		}
		v["where"] = where
	}
	order, err := c.order()
	if order != nil {
		v["orderBy"] = order
	}
	return v, err
}

func (c *listCommand) order() (map[string]any, error) {
	direction := map[bool]string{false: "ASC", true: "DESC"}[c.Desc]
	scorer, output, scored := strings.Cut(c.Sort, ".")
	switch {
	case c.Sort == "" && c.Desc:
		return nil, fault.New(fault.Invalid, "--desc has nothing to turn round (add --sort)")
	case c.Sort == "":
		return nil, nil
	case scored:
		return map[string]any{"score": map[string]any{"scorer": scorer, "output": output}, "direction": direction}, nil
	case c.Sort == "name" || c.Sort == "registered_at":
		return map[string]any{"field": strings.ToUpper(c.Sort), "direction": direction}, nil
	}
	return nil, fault.New(fault.Invalid, "cannot sort by %q (give name, registered_at, or SCORER.OUTPUT such as rfm.monetary)", c.Sort)
}
