package graph

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"bellwether/graph/model"
	"bellwether/internal/record"
	"bellwether/scoring/engine"
)

// refreshes answers a page of the refreshes, latest first.
func (r *Resolver) refreshes(ctx context.Context, first *int, after *string) (*model.RefreshConnection, error) {
	size, before, err := placed(refreshOrder, first, after)
	if err != nil {
		return nil, err
	}
	rows, err := r.Scores.Refreshes(ctx, before, size+1)
	if err != nil {
		return nil, err
	}
	shown := make([]*model.Refresh, min(size, len(rows)))
	for i := range shown {
		shown[i] = &model.Refresh{Refresh: rows[i]}
	}
	at := func(f *model.Refresh) string { return mark{refreshOrder, f.Refresh.ID}.cursor() }
	return &model.RefreshConnection{Page: connection(shown, len(rows) > size, before > 0,
		func(f *model.Refresh) *model.RefreshEdge { return &model.RefreshEdge{Node: f, At: at} }, at, nil)}, nil
}

// refreshNodes are refreshes by number.
func (r *Resolver) refreshNodes(ctx context.Context, ids []uuid.UUID) ([]model.Node, error) {
	rows, err := r.Scores.RefreshesByID(ctx, numbers(ids))
	nodes := make([]model.Node, len(rows))
	for i := range rows {
		nodes[i] = &model.Refresh{Refresh: rows[i]}
	}
	return nodes, err
}

// refreshScores brings stored scores up to date.
func (r *Resolver) refreshScores(ctx context.Context, in model.RefreshScoresInput) (*model.RefreshScoresPayload, error) {
	if wrong := r.refusedRefresh(ctx, in); len(wrong) > 0 {
		return &model.RefreshScoresPayload{Errors: wrong}, nil
	}
	if in.Wait {
		ctx = atLeisure(ctx)
	}
	id, err := r.engine(ctx).RefreshScores(ctx, in.Scorers, in.AsOf, in.Wait)
	if err != nil {
		return nil, err
	}
	found, err := r.Scores.RefreshesByID(ctx, []int64{id})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &model.RefreshScoresPayload{Refresh: &model.Refresh{Refresh: found[0]}, Errors: []model.UserError{}}, nil
}

// refusedRefresh is what is wrong with a refresh that is asked for.
func (r *Resolver) refusedRefresh(ctx context.Context, in model.RefreshScoresInput) (wrong []model.UserError) {
	refuse := func(p record.Problem) { wrong = append(wrong, &model.InputError{Problem: p}) }
	if in.Scorers != nil && len(in.Scorers) == 0 {
		refuse(record.NewProblem(record.CodeRequired, "scorers", "no scorer is named (name one, or leave scorers out for all)", "未指定评分器（请至少指定一个，或省略 scorers 表示全部）"))
	}
	for i, name := range in.Scorers {
		if _, err := r.engine(ctx).Manifest(name); err != nil {
			near := engine.Nearest(name, r.scorerNames(ctx))
			refuse(record.NewProblem(record.CodeNotFound, "scorers."+strconv.Itoa(i), "there is no scorer %.60q (the nearest is %s)", "没有名为 %.60q 的评分器（最接近的是 %s）", name, near))
		}
	}
	if now := r.engine(ctx).Now(); in.AsOf != nil && in.AsOf.After(now.Add(engine.Ahead)) {
		refuse(record.NewProblem(record.CodeOutOfRange, "asOf", "asOf %s lies in the future (it is %s; leave asOf out for now)", "asOf %s 在未来（现在是 %s；省略 asOf 即为现在）",
			in.AsOf.Format(time.RFC3339), now.UTC().Format(time.RFC3339)))
	}
	return wrong
}
