package graph

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"bellwether/ent/customer"
	"bellwether/ent/order"
	"bellwether/ent/product"
	"bellwether/ent/touchpoint"
	"bellwether/graph/model"
	"bellwether/internal/record"
)

// Writer writes records; internal/store is one. Writing the same again changes nothing, and each call is one
// transaction. What became of records comes by position; the error of records that cannot be written is
// [*record.RejectedError], and then nothing was.
type Writer interface {
	WriteCustomers(ctx context.Context, customers []record.Customer) ([]record.Written, error)
	WriteProducts(ctx context.Context, products []record.Product) ([]record.Written, error)
	WriteOrders(ctx context.Context, b record.Batch) ([]record.Written, error) // of the orders
	WriteTouchpoints(ctx context.Context, touchpoints []record.Touchpoint) ([]record.Written, error)
	// Merge makes two customers one, and tells who survives and who does not. Both may have been merged before.
	Merge(ctx context.Context, from, into uuid.UUID) (survivor, merged uuid.UUID, err error)
	// DeleteOrders and DeleteTouchpoints return the ids of those that were there.
	DeleteOrders(ctx context.Context, source string, externalIDs []string) ([]uuid.UUID, error)
	DeleteTouchpoints(ctx context.Context, source string, externalIDs []string) ([]uuid.UUID, error)
	// BaseCurrency is "" as long as there is none.
	BaseCurrency(ctx context.Context) (string, error)
}

const (
	maxItems      = 500 // of a call
	maxKey        = 255 // letters
	defaultSource = "api"
)

// call is a call of a mutation that writes items.
type call struct {
	field   string // of the input, that has the items
	key     string // of an item, that has its key
	source  string
	onError model.OnError
	items   []model.Item
}

// calling is what became of a call so far, by position of its items.
type calling struct {
	call
	outcomes []string
	ids      []uuid.UUID // of what is stored; zero where nothing was written
	errors   []model.UserError
}

// write decodes the items of a call and stores those that are right: all or nothing, unless wrong ones are skipped.
func write[R any](ctx context.Context, given call, decode func(map[string]any) (R, []record.Problem), store func(context.Context, []R) ([]record.Written, error)) (*calling, error) {
	c := &calling{call: given, outcomes: make([]string, len(given.items)), ids: make([]uuid.UUID, len(given.items)), errors: []model.UserError{}}
	c.rejectAll() // until it is written
	if c.errors = refused(given.source, given.field, len(given.items)); len(c.errors) > 0 {
		return c, nil
	}
	var records []R
	var places []int // of the records among the items
	seen := map[any]int{}
	for i, item := range c.items {
		r, problems := decode(item)
		first, again := seen[item[c.key]]
		if again {
			problems = append(problems, record.NewProblem(record.CodeDuplicate, c.key, "item %d of this call has the same key (send each key once)", "本次调用的第 %d 项已使用该键（每个键只发送一次）", first))
		}
		seen[item[c.key]] = i
		if c.wrong(i, problems...); len(problems) == 0 {
			records, places = append(records, r), append(places, i)
		}
	}
	for len(records) > 0 && (len(c.errors) == 0 || c.onError == model.OnErrorSkipItem) {
		stored, err := store(ctx, records)
		var wrong *record.RejectedError
		switch {
		case errors.As(err, &wrong) && len(wrong.Items) > 0:
			bad := map[int]bool{}
			for _, item := range wrong.Items {
				c.wrong(places[item.Position], item.Problem)
				bad[item.Position] = true
			}
			records, places = without(records, bad), without(places, bad)
			continue
		case err != nil:
			return nil, err
		}
		for j, s := range stored {
			c.outcomes[places[j]], c.ids[places[j]] = s.Outcome.String(), s.ID
		}
		break
	}
	return c, nil
}

func (c *calling) rejectAll() {
	for i := range c.outcomes {
		c.outcomes[i] = "REJECTED"
	}
}

// wrong notes what is wrong with an item.
func (c *calling) wrong(i int, problems ...record.Problem) {
	for _, p := range problems {
		p.Path = append([]string{c.field, strconv.Itoa(i)}, p.Path...)
		c.errors = append(c.errors, &model.InputError{Problem: p, Index: &i})
	}
}

// without is a list without the items at some places.
func without[T any](list []T, places map[int]bool) []T {
	kept := make([]T, 0, len(list))
	for i, item := range list {
		if !places[i] {
			kept = append(kept, item)
		}
	}
	return kept
}

// refused is why a whole call is: for its source, or for how many items it has.
func refused(source, field string, items int) []model.UserError {
	var p record.Problem
	switch {
	case source == "":
		p = record.NewProblem(record.CodeRequired, "source", "it is empty (name the system that the keys belong to, or leave it out)", "内容为空（请指明键所属的系统，或省略该字段）")
	case utf8.RuneCountInString(source) > maxKey || strings.ContainsRune(source, 0):
		p = record.NewProblem(record.CodeOutOfRange, "source", "it has more than %d letters, or U+0000 (shorten it)", "超过 %d 个字符，或含有 U+0000（请缩短）", maxKey)
	case items > maxItems:
		p = record.NewProblem(record.CodeTooMany, field, "%d items are too many (send at most %d a call)", "%d 项过多（每次调用最多 %d 项）", items, maxItems)
	default:
		return []model.UserError{}
	}
	return []model.UserError{&model.InputError{Problem: p}}
}

// payload is a call's answer; the records are read only when they are selected, all of them with one query.
func payload[T any](c *calling, load func(context.Context, []uuid.UUID) (map[uuid.UUID]T, error)) *model.Writes[T] {
	return &model.Writes[T]{Outcomes: c.outcomes, Errors: c.errors, Read: func(ctx context.Context) ([]T, error) {
		var wanted []uuid.UUID
		for _, id := range c.ids {
			if id != uuid.Nil {
				wanted = append(wanted, id)
			}
		}
		found := map[uuid.UUID]T{}
		if len(wanted) > 0 {
			var err error
			if found, err = load(ctx, wanted); err != nil {
				return nil, err
			}
		}
		records := make([]T, len(c.ids))
		for i, id := range c.ids {
			records[i] = found[id]
		}
		return records, nil
	}}
}

// decoding is how a call's items are read.
func (r *Resolver) decoding(ctx context.Context, source string) (record.Decoding, error) {
	base, err := r.Writer.BaseCurrency(ctx)
	return record.Decoding{Source: source, KeySource: defaultSource, Base: base}, err
}

func (r *Resolver) upsertCustomers(ctx context.Context, in model.UpsertCustomersInput) (*model.UpsertCustomersPayload, error) {
	d, err := r.decoding(ctx, in.Source)
	if err != nil {
		return nil, err
	}
	c, err := write(ctx, call{"customers", "externalId", in.Source, in.OnError, in.Customers}, d.Customer, r.Writer.WriteCustomers)
	if err != nil {
		return nil, err
	}
	return &model.UpsertCustomersPayload{Writes: payload(c, func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*model.Customer, error) {
		rows, err := r.Ent.Customer.Query().Where(customer.IDIn(ids...)).All(ctx)
		return byID(model.Customers(rows), func(c *model.Customer) uuid.UUID { return c.Customer.ID }), err
	})}, nil
}

func (r *Resolver) upsertProducts(ctx context.Context, in model.UpsertProductsInput) (*model.UpsertProductsPayload, error) {
	c, err := write(ctx, call{"products", "sku", defaultSource, in.OnError, in.Products}, record.Decoding{}.Product, r.Writer.WriteProducts)
	if err != nil {
		return nil, err
	}
	return &model.UpsertProductsPayload{Writes: payload(c, func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*model.Product, error) {
		rows, err := r.Ent.Product.Query().Where(product.IDIn(ids...)).All(ctx)
		found := map[uuid.UUID]*model.Product{}
		for _, p := range rows {
			found[p.ID] = &model.Product{Product: p}
		}
		return found, err
	})}, nil
}

// hinting is an order with what its lines say of their products.
type hinting struct {
	order    record.Order
	products []record.ProductHint
}

func (r *Resolver) recordOrders(ctx context.Context, in model.RecordOrdersInput) (*model.RecordOrdersPayload, error) {
	d, err := r.decoding(ctx, in.Source)
	if err != nil {
		return nil, err
	}
	decode := func(item map[string]any) (hinting, []record.Problem) {
		order, products, problems := d.Order(item)
		return hinting{order, products}, problems
	}
	c, err := write(ctx, call{"orders", "externalId", in.Source, in.OnError, in.Orders}, decode, func(ctx context.Context, orders []hinting) ([]record.Written, error) {
		var b record.Batch
		for _, o := range orders {
			b.Orders, b.Products = append(b.Orders, o.order), append(b.Products, o.products...)
		}
		return r.Writer.WriteOrders(ctx, b)
	})
	if err != nil {
		return nil, err
	}
	return &model.RecordOrdersPayload{Writes: payload(c, func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*model.Order, error) {
		rows, err := r.Ent.Order.Query().Where(order.IDIn(ids...)).All(ctx)
		return byID(model.Orders(rows, func(uuid.UUID) *model.Customer { return nil }), func(o *model.Order) uuid.UUID { return o.Order.ID }), err
	})}, nil
}

func (r *Resolver) recordTouchpoints(ctx context.Context, in model.RecordTouchpointsInput) (*model.RecordTouchpointsPayload, error) {
	d, err := r.decoding(ctx, in.Source)
	if err != nil {
		return nil, err
	}
	c, err := write(ctx, call{"touchpoints", "externalId", in.Source, in.OnError, in.Touchpoints}, d.Touchpoint, r.Writer.WriteTouchpoints)
	if err != nil {
		return nil, err
	}
	return &model.RecordTouchpointsPayload{Writes: payload(c, func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*model.Touchpoint, error) {
		rows, err := r.Ent.Touchpoint.Query().Where(touchpoint.IDIn(ids...)).All(ctx)
		found := map[uuid.UUID]*model.Touchpoint{}
		for _, t := range rows {
			found[t.ID] = &model.Touchpoint{Touchpoint: t}
		}
		return found, err
	})}, nil
}

func byID[T any](objects []T, id func(T) uuid.UUID) map[uuid.UUID]T {
	found := make(map[uuid.UUID]T, len(objects))
	for _, o := range objects {
		found[id(o)] = o
	}
	return found
}
