package graph

import (
	"time"

	"github.com/google/uuid"

	"bellwether/ent"
	"bellwether/ent/customer"
	"bellwether/ent/order"
	"bellwether/ent/orderline"
	"bellwether/ent/product"
	"bellwether/ent/refund"
	"bellwether/ent/touchpoint"
)

var customerColumns = columns[ent.Customer]{
	table: customer.Table, object: "Customer", always: []string{customer.FieldID},
	fields: map[string][]string{
		"attributes":   {customer.FieldAttributes},
		"city":         {customer.FieldCity},
		"country":      {customer.FieldCountry},
		"email":        {customer.FieldEmail},
		"externalId":   {customer.FieldExternalID},
		"id":           {},
		"identities":   {customer.FieldSource, customer.FieldExternalID},
		"kind":         {customer.FieldKind},
		"name":         {customer.FieldName},
		"orders":       {},
		"phone":        {customer.FieldPhone},
		"registeredAt": {customer.FieldRegisteredAt},
		"score":        {},
		"scoreHistory": {},
		"scores":       {},
		"tags":         {customer.FieldTags},
		"touchpoints":  {},
		"updatedAt":    {customer.FieldUpdatedAt},
	},
	into: map[string]func(*ent.Customer) any{
		customer.FieldAttributes:   func(c *ent.Customer) any { return jsonValue{&c.Attributes} },
		customer.FieldCity:         func(c *ent.Customer) any { return &c.City },
		customer.FieldCountry:      func(c *ent.Customer) any { return &c.Country },
		customer.FieldEmail:        func(c *ent.Customer) any { return &c.Email },
		customer.FieldExternalID:   func(c *ent.Customer) any { return &c.ExternalID },
		customer.FieldID:           func(c *ent.Customer) any { return &c.ID },
		customer.FieldKind:         func(c *ent.Customer) any { return (*string)(&c.Kind) },
		customer.FieldMergedInto:   func(c *ent.Customer) any { return &c.MergedInto },
		customer.FieldName:         func(c *ent.Customer) any { return &c.Name },
		customer.FieldPhone:        func(c *ent.Customer) any { return &c.Phone },
		customer.FieldRegisteredAt: func(c *ent.Customer) any { return &c.RegisteredAt },
		customer.FieldSource:       func(c *ent.Customer) any { return &c.Source },
		customer.FieldTags:         func(c *ent.Customer) any { return jsonValue{&c.Tags} },
		customer.FieldUpdatedAt:    func(c *ent.Customer) any { return &c.UpdatedAt },
	},
}

var orderColumns = columns[ent.Order]{
	table: order.Table, object: "Order", always: []string{order.FieldID, order.FieldCustomerID, order.FieldPlacedAt},
	place: func(o *ent.Order) (time.Time, uuid.UUID) { return o.PlacedAt, o.ID },
	fields: map[string][]string{
		"cancelledAt": {order.FieldCancelledAt},
		"channel":     {order.FieldChannel},
		"customer":    {},
		"discount":    {order.FieldDiscount, order.FieldCurrency},
		"externalId":  {order.FieldExternalID},
		"id":          {},
		"lines":       {order.FieldCurrency},
		"paidAt":      {order.FieldPaidAt},
		"placedAt":    {},
		"refunds":     {order.FieldCurrency},
		"status":      {order.FieldStatus},
		"total":       {order.FieldTotal, order.FieldCurrency},
	},
	into: map[string]func(*ent.Order) any{
		order.FieldCancelledAt: func(o *ent.Order) any { return &o.CancelledAt },
		order.FieldChannel:     func(o *ent.Order) any { return &o.Channel },
		order.FieldCurrency:    func(o *ent.Order) any { return &o.Currency },
		order.FieldCustomerID:  func(o *ent.Order) any { return &o.CustomerID },
		order.FieldDiscount:    func(o *ent.Order) any { return &o.Discount },
		order.FieldExternalID:  func(o *ent.Order) any { return &o.ExternalID },
		order.FieldID:          func(o *ent.Order) any { return &o.ID },
		order.FieldPaidAt:      func(o *ent.Order) any { return &o.PaidAt },
		order.FieldPlacedAt:    func(o *ent.Order) any { return &o.PlacedAt },
		order.FieldStatus:      func(o *ent.Order) any { return (*string)(&o.Status) },
		order.FieldTotal:       func(o *ent.Order) any { return &o.Total },
	},
}

// line is an order line with its product.
type line struct {
	item    ent.OrderLine
	product ent.Product
}

var lineColumns = columns[line]{
	table: orderline.Table, object: "OrderLine", always: []string{orderline.FieldOrderID, orderline.FieldPosition, orderline.FieldQuantity, orderline.FieldUnitPrice},
	joined: []string{product.FieldSku, product.FieldName, product.FieldCategory},
	into: map[string]func(*line) any{
		orderline.FieldOrderID:   func(l *line) any { return &l.item.OrderID },
		orderline.FieldPosition:  func(l *line) any { return &l.item.Position },
		orderline.FieldQuantity:  func(l *line) any { return &l.item.Quantity },
		orderline.FieldUnitPrice: func(l *line) any { return &l.item.UnitPrice },
		product.FieldCategory:    func(l *line) any { return &l.product.Category },
		product.FieldName:        func(l *line) any { return &l.product.Name },
		product.FieldSku:         func(l *line) any { return &l.product.Sku },
	},
}

var refundColumns = columns[ent.Refund]{
	table: refund.Table, object: "Refund",
	always: []string{refund.FieldID, refund.FieldOrderID, refund.FieldExternalID, refund.FieldAt, refund.FieldAmount},
	into: map[string]func(*ent.Refund) any{
		refund.FieldAmount:     func(r *ent.Refund) any { return &r.Amount },
		refund.FieldAt:         func(r *ent.Refund) any { return &r.At },
		refund.FieldExternalID: func(r *ent.Refund) any { return &r.ExternalID },
		refund.FieldID:         func(r *ent.Refund) any { return &r.ID },
		refund.FieldOrderID:    func(r *ent.Refund) any { return &r.OrderID },
	},
}

var touchpointColumns = columns[ent.Touchpoint]{
	table: touchpoint.Table, object: "Touchpoint", always: []string{touchpoint.FieldID, touchpoint.FieldCustomerID, touchpoint.FieldAt},
	place: func(t *ent.Touchpoint) (time.Time, uuid.UUID) { return t.At, t.ID },
	fields: map[string][]string{
		"at":         {},
		"campaign":   {touchpoint.FieldCampaign},
		"channel":    {touchpoint.FieldChannel},
		"externalId": {touchpoint.FieldExternalID},
		"id":         {},
		"kind":       {touchpoint.FieldKind},
		"rating":     {touchpoint.FieldRating},
		"sku":        {touchpoint.FieldSku},
		"topic":      {touchpoint.FieldTopic},
	},
	into: map[string]func(*ent.Touchpoint) any{
		touchpoint.FieldAt:         func(t *ent.Touchpoint) any { return &t.At },
		touchpoint.FieldCampaign:   func(t *ent.Touchpoint) any { return &t.Campaign },
		touchpoint.FieldChannel:    func(t *ent.Touchpoint) any { return &t.Channel },
		touchpoint.FieldCustomerID: func(t *ent.Touchpoint) any { return &t.CustomerID },
		touchpoint.FieldExternalID: func(t *ent.Touchpoint) any { return &t.ExternalID },
		touchpoint.FieldID:         func(t *ent.Touchpoint) any { return &t.ID },
		touchpoint.FieldKind:       func(t *ent.Touchpoint) any { return &t.Kind },
		touchpoint.FieldRating:     func(t *ent.Touchpoint) any { return &t.Rating },
		touchpoint.FieldSku:        func(t *ent.Touchpoint) any { return &t.Sku },
		touchpoint.FieldTopic:      func(t *ent.Touchpoint) any { return &t.Topic },
	},
}
