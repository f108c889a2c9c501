package graph

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"bellwether/ent/customer"
	"bellwether/graph/model"
	"bellwether/internal/fault"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

// Lists in the order of a number that each row has.
const (
	feedOrder    = "changes"
	refreshOrder = "-refreshes"
)

// mark is a place in such a list.
type mark struct {
	In  string `json:"in"`
	Seq int64  `json:"seq"`
}

func (m mark) cursor() string {
	raw, _ := json.Marshal(m) //nolint:errchkjson // a string and a number
	return base64.RawURLEncoding.EncodeToString(raw)
}

// placed reads the arguments of a list that goes forward alone.
func placed(in string, first *int, after *string) (size int, seq int64, err error) {
	if size = defaultPage; first != nil {
		size = *first
	}
	if size < 1 || size > maxPage {
		return 0, 0, fault.New(fault.OutOfRange, "page size %d is out of range (give 1 to %d)", size, maxPage)
	}
	if after == nil {
		return size, 0, nil
	}
	p := mark{Seq: -1}
	raw, err := base64.RawURLEncoding.DecodeString(*after)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.In != in || p.Seq < 0 {
		return 0, 0, fault.New(fault.Invalid, "bad cursor %.60q (use one that this list gave, in the same order)", *after)
	}
	return size, p.Seq, nil
}

func nobody(scoring.ID) *model.Customer { return nil }

// scoreChanges answers a page of the feed.
func (r *Resolver) scoreChanges(ctx context.Context, scorers []string, since *time.Time, first *int, after *string) (*model.ScoreChangeConnection, error) {
	size, seq, err := placed(feedOrder, first, after)
	if err != nil {
		return nil, err
	}
	chosen := engine.ChangeFilter{Scorers: scorers}
	if since != nil {
		at := scoring.At(*since)
		chosen.Since = &at
	}
	if err := r.known(ctx, chosen); err != nil {
		return nil, err
	}
	last, err := r.Scores.LastChange(ctx) // first: a page without more ends here at the earliest
	if err != nil {
		return nil, err
	}
	rows, err := r.Scores.Changes(ctx, chosen, seq, size+1)
	if err != nil {
		return nil, err
	}
	at := func(c *model.ScoreChange) string { return mark{feedOrder, c.Seq}.cursor() }
	page := &model.ScoreChangeConnection{Page: connection(model.ScoreChanges(rows[:min(size, len(rows))], nobody), len(rows) > size, seq > 0,
		func(c *model.ScoreChange) *model.ScoreChangeEdge { return &model.ScoreChangeEdge{Node: c, At: at} }, at, nil)}
	if !page.PageInfo.HasNextPage { // also after what was not chosen
		end := mark{feedOrder, max(last, seq)}
		if n := len(rows); n > 0 {
			end.Seq = max(end.Seq, rows[n-1].Seq)
		}
		page.PageInfo.End = end.cursor
	}
	return page, nil
}

// historyOrder is the order of a customer's history, whose places are instants: a refresh as of the past adds to it.
var historyOrder = keyset{column: "history", desc: true}

// scoreHistory answers a page of a customer's changes, latest first, from one query for all customers of the group.
func (r *Resolver) scoreHistory(ctx context.Context, c *model.Customer, scorer string, first *int, after *string) (*model.ScoreChangeConnection, error) {
	page, err := historyOrder.newPage(paging{first: first, after: after})
	if err != nil {
		return nil, err
	}
	if _, err := r.engine(ctx).Manifest(scorer); err != nil {
		return nil, err
	}
	found, err := model.Together(c.Group, page.key("history of "+scorer, nil, paging{after: after}), func() (map[scoring.ID][]engine.Change, error) {
		var from *engine.ChangePlace
		if page.after != nil {
			from = &engine.ChangePlace{At: scoring.At(page.after.arg().(time.Time)), Seq: model.Number(page.after.ID)}
		}
		rows, err := r.Scores.History(ctx, members(c.Group), scorer, from, page.size+1)
		return grouped(rows, func(c engine.Change) scoring.ID { return c.Customer }), err
	})
	if err != nil {
		return nil, err
	}
	shown, next, previous := cut(page, found[scoring.ID(c.Customer.ID)])
	of := func(scoring.ID) *model.Customer { return c }
	at := func(c *model.ScoreChange) string { return historyOrder.cursor(c.At(), model.Numbered(c.Seq)) }
	return &model.ScoreChangeConnection{Page: connection(model.ScoreChanges(shown, of), next, previous,
		func(c *model.ScoreChange) *model.ScoreChangeEdge { return &model.ScoreChangeEdge{Node: c, At: at} }, at, nil)}, nil
}

// mover is the customer of a change, read for all changes of the group.
func (r *Resolver) mover(ctx context.Context, c *model.ScoreChange) (*model.Customer, error) {
	if c.Mover != nil {
		return c.Mover, nil
	}
	names := customerColumns.selected(ctx)
	found, err := model.Together(c.Group, "customer "+strings.Join(names, " "), func() (map[scoring.ID]*model.Customer, error) {
		wanted := map[uuid.UUID]bool{}
		for _, member := range c.Group.Members {
			wanted[uuid.UUID(member.Customer)] = true
		}
		rows, err := r.customersByID(ctx, names, slices.Collect(maps.Keys(wanted)))
		byID := map[scoring.ID]*model.Customer{}
		for _, c := range model.Customers(rows) {
			byID[scoring.ID(c.Customer.ID)] = c
		}
		return byID, err
	})
	return found[c.Customer], err
}

// scoreChanged follows the feed until the subscriber leaves.
func (r *Resolver) scoreChanged(ctx context.Context, scorers []string, of *string, to []string, after *string, first *int) (<-chan *model.ScoreChangeEvent, error) {
	f := &follower{feed: r.feed, chosen: engine.ChangeFilter{Scorers: scorers, To: to}, left: -1, events: make(chan *model.ScoreChangeEvent)}
	if first != nil {
		if f.left = *first; f.left < 1 {
			return nil, fault.New(fault.OutOfRange, "first %d is out of range (give 1 or more, or leave it out)", f.left)
		}
	}
	if err := r.known(ctx, f.chosen); err != nil {
		return nil, err
	}
	if of != nil {
		id, err := r.followed(ctx, *of)
		if err != nil {
			return nil, err
		}
		one := scoring.ID(id)
		f.chosen.Customer = &one
	}
	_, seq, err := placed(feedOrder, nil, after)
	if err != nil {
		return nil, err
	}
	last, err := r.Scores.LastChange(ctx)
	switch {
	case err != nil:
		return nil, err
	case after == nil:
		seq = last
	case seq > last:
		return nil, fault.New(fault.Invalid, "the cursor %.60q lies after the end of the feed (use one of this database)", *after)
	}
	f.after = seq
	if err := f.join(ctx); err != nil {
		return nil, err
	}
	go f.run(ctx)
	return f.events, nil
}

// followed is the customer of a global id.
func (r *Resolver) followed(ctx context.Context, global string) (id uuid.UUID, err error) {
	prefix, id, ok := model.ParseID(global)
	if ok && prefix == model.CustomerID {
		there, err := r.Ent.Customer.Query().Where(customer.ID(id), visible()).Exist(ctx)
		if there || err != nil {
			return id, err
		}
	}
	return id, fault.New(fault.NotFound, "no customer has the id %.60q (use the id of a customer that is not merged)", global)
}

// known refuses scorers and labels that there are not.
func (r *Resolver) known(ctx context.Context, f engine.ChangeFilter) error {
	names := f.Scorers
	if names == nil {
		names = r.scorerNames(ctx)
	}
	var labels []string
	for _, name := range names {
		m, err := r.engine(ctx).Manifest(name)
		if err != nil {
			return err
		}
		if o, ok := m.MainLabel(); ok {
			for _, l := range o.Labels {
				labels = append(labels, l.Name)
			}
		}
	}
	for _, label := range f.To {
		if !slices.Contains(labels, label) {
			return fault.New(fault.Invalid, "unknown label %.60q of %s (query scorers { labels { name } })", label, strings.Join(names, ", "))
		}
	}
	return nil
}

// changeNodes are changes by number.
func (r *Resolver) changeNodes(ctx context.Context, ids []uuid.UUID) ([]model.Node, error) {
	rows, err := r.Scores.ChangesByID(ctx, numbers(ids))
	return asNodes(model.ScoreChanges(rows, nobody)), err
}

func numbers(ids []uuid.UUID) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = model.Number(id)
	}
	return out
}

// members are the customers of a group, as the engine knows them.
func members(g *model.Group[*model.Customer]) []scoring.ID {
	out := make([]scoring.ID, len(g.Members))
	for i, c := range g.Members {
		out[i] = scoring.ID(c.Customer.ID)
	}
	return out
}

// transitions answers how customers moved between two instants, in the order of the catalogue.
func (r *Resolver) transitions(ctx context.Context, scorer string, from, to time.Time) (*model.TransitionMatrix, error) {
	m, err := r.engine(ctx).Manifest(scorer)
	if err != nil {
		return nil, err
	}
	labels, ok := m.MainLabel()
	if !ok {
		return nil, fault.New(fault.Invalid, "scorer %s has no labels to move between (name one that has)", scorer)
	}
	if to.Before(from) {
		return nil, fault.New(fault.OutOfRange, "to %s lies before from %s (exchange them)", to.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	counted, err := r.Scores.Transitions(ctx, scorer, scoring.At(from), scoring.At(to))
	if err != nil {
		return nil, err
	}
	place := func(label string) int {
		return slices.IndexFunc(labels.Labels, func(l scoring.LabelDoc) bool { return l.Name == label })
	}
	slices.SortFunc(counted, func(a, b engine.Transition) int {
		return cmp.Or(cmp.Compare(place(a.From), place(b.From)), cmp.Compare(place(a.To), place(b.To)))
	})
	moves := make([]*model.Transition, len(counted))
	for i := range counted {
		moves[i] = &model.Transition{Transition: counted[i]}
	}
	return &model.TransitionMatrix{Scorer: scorer, From: from, To: to, Moves: moves}, nil
}
