package graph

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"bellwether/ent"
	"bellwether/graph/model"
	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// mergeCustomers makes two customers one. Doing so again changes nothing and answers the same.
func (r *Resolver) mergeCustomers(ctx context.Context, in model.MergeCustomersInput) (*model.MergeCustomersPayload, error) {
	from, wrong, err := r.merging(ctx, "from", *in.From)
	if err != nil {
		return nil, err
	}
	into, also, err := r.merging(ctx, "into", *in.Into)
	if err != nil {
		return nil, err
	}
	if wrong = append(wrong, also...); len(wrong) > 0 {
		return &model.MergeCustomersPayload{Errors: wrong}, nil
	}
	survivor, merged, err := r.Writer.Merge(ctx, from.ID, into.ID)
	var refused *record.RejectedError
	switch {
	case errors.As(err, &refused) && len(refused.Items) > 0:
		return &model.MergeCustomersPayload{Errors: []model.UserError{&model.InputError{Problem: refused.Items[0].Problem}}}, nil
	case err != nil:
		return nil, err
	}
	row, err := r.Ent.Customer.Get(ctx, survivor)
	if err != nil {
		return nil, err
	}
	id := model.CustomerID.Of(merged)
	return &model.MergeCustomersPayload{Customer: model.Customers([]*ent.Customer{row})[0], MergedID: &id, Errors: []model.UserError{}}, nil
}

// merging is the customer of a key, which may have been merged before.
func (r *Resolver) merging(ctx context.Context, field string, by model.CustomerBy) (*ent.Customer, []model.UserError, error) {
	wrong := func(code, en, zh string) []model.UserError {
		return []model.UserError{&model.InputError{Problem: record.Problem{Code: code, Path: []string{field}, En: en, Zh: zh}}}
	}
	where, err := r.key(ctx, by, keysGiven(ctx, "input", field))
	if fault.Code(err) != "" {
		return nil, wrong(record.CodeInvalid, "it has not exactly one field (give one of id, external, email and phone)", "字段不是恰好一个（请在 id、external、email、phone 中给出一个）"), nil
	}
	var found []*ent.Customer
	if where != nil {
		if found, err = r.Ent.Customer.Query().Where(where).Limit(2).All(ctx); err != nil {
			return nil, nil, err
		}
	}
	switch len(found) {
	case 0:
		return nil, wrong(record.CodeNotFound, "no customer has this key (check it)", "没有客户使用该键（请检查）"), nil
	case 1:
		return found[0], nil, nil
	}
	return nil, wrong(record.CodeAmbiguous, "several customers have this e-mail or phone (give an id or an external key)", "多个客户使用该邮箱或电话（请改用 id 或外部键）"), nil
}

// deleted is the answer to a deletion of records of a source by their keys.
func deleted(ctx context.Context, in model.DeleteInput, prefix model.Prefix, remove func(context.Context, string, []string) ([]uuid.UUID, error)) (*model.DeletePayload, error) {
	p := &model.DeletePayload{DeletedIds: []string{}, Errors: refused(in.Source, "externalIds", len(in.ExternalIds))}
	if len(p.Errors) > 0 || len(in.ExternalIds) == 0 {
		return p, nil
	}
	ids, err := remove(ctx, in.Source, in.ExternalIds)
	for _, id := range ids {
		p.DeletedIds = append(p.DeletedIds, prefix.Of(id))
	}
	return p, err
}
