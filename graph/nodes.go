package graph

import (
	"context"

	"github.com/google/uuid"

	"bellwether/ent/customer"
	"bellwether/ent/order"
	"bellwether/ent/touchpoint"
	"bellwether/graph/model"
	"bellwether/internal/fault"
)

// node is the object of a global id.
func (r *Resolver) node(ctx context.Context, id string) (model.Node, error) {
	found, err := r.nodes(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// nodes are the objects of some global ids, from one query for each type.
func (r *Resolver) nodes(ctx context.Context, globalIDs []string) ([]model.Node, error) {
	if len(globalIDs) > maxPage {
		return nil, fault.New(fault.OutOfRange, "%d ids are too many (ask for at most %d at once)", len(globalIDs), maxPage)
	}
	wanted := map[model.Prefix][]uuid.UUID{}
	for _, id := range globalIDs {
		if prefix, u, ok := model.ParseID(id); ok {
			wanted[prefix] = append(wanted[prefix], u)
		}
	}
	found := map[string]model.Node{}
	for prefix, load := range map[model.Prefix]func(context.Context, []uuid.UUID) ([]model.Node, error){
		model.CustomerID: r.customerNodes, model.OrderID: r.orderNodes, model.RefreshID: r.refreshNodes, model.ScoreChangeID: r.changeNodes,
		model.ScorerID: r.scorerNodes, model.TouchpointID: r.touchpointNodes,
	} {
		if wanted[prefix] == nil {
			continue
		}
		loaded, err := load(ctx, wanted[prefix])
		if err != nil {
			return nil, err
		}
		for _, n := range loaded {
			found[n.ID()] = n
		}
	}
	out := make([]model.Node, len(globalIDs))
	for i, id := range globalIDs {
		out[i] = found[id]
	}
	return out, nil
}

func asNodes[T model.Node](objects []T) []model.Node {
	nodes := make([]model.Node, len(objects))
	for i, o := range objects {
		nodes[i] = o
	}
	return nodes
}

func (r *Resolver) customerNodes(ctx context.Context, ids []uuid.UUID) ([]model.Node, error) {
	rows, err := r.Ent.Customer.Query().Where(customer.IDIn(ids...), visible()).All(ctx)
	return asNodes(model.Customers(rows)), err
}

func (r *Resolver) orderNodes(ctx context.Context, ids []uuid.UUID) ([]model.Node, error) {
	rows, err := r.Ent.Order.Query().Where(order.IDIn(ids...)).All(ctx)
	return asNodes(model.Orders(rows, func(uuid.UUID) *model.Customer { return nil })), err
}

func (r *Resolver) touchpointNodes(ctx context.Context, ids []uuid.UUID) ([]model.Node, error) {
	rows, err := r.Ent.Touchpoint.Query().Where(touchpoint.IDIn(ids...)).All(ctx)
	return asNodes(model.Touchpoints(rows)), err
}

// scorerNodes are all scorers: they are few.
func (r *Resolver) scorerNodes(ctx context.Context, _ []uuid.UUID) ([]model.Node, error) {
	return asNodes(r.scorers(ctx)), nil
}
