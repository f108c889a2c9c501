package demo

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"bellwether/internal/record"
)

// The records in the shape of the API's inputs.

type externalKey struct {
	Source     string `json:"source"`
	ExternalID string `json:"externalId"`
}

type customerInput struct {
	ExternalID     string          `json:"externalId"`
	Name           *string         `json:"name,omitempty"`
	Kind           *string         `json:"kind,omitempty"`
	Email          *string         `json:"email,omitempty"`
	Phone          *string         `json:"phone,omitempty"`
	BirthDate      *string         `json:"birthDate,omitempty"`
	Occupation     *string         `json:"occupation,omitempty"`
	Industry       *string         `json:"industry,omitempty"`
	Employees      *int            `json:"employees,omitempty"`
	AnnualTurnover *string         `json:"annualTurnover,omitempty"`
	TotalAssets    *string         `json:"totalAssets,omitempty"`
	Country        *string         `json:"country,omitempty"`
	Region         *string         `json:"region,omitempty"`
	City           *string         `json:"city,omitempty"`
	Resells        *bool           `json:"resells,omitempty"`
	Account        *string         `json:"account,omitempty"`
	ReferredBy     *externalKey    `json:"referredBy,omitempty"`
	RegisteredAt   *time.Time      `json:"registeredAt,omitempty"`
	Consent        json.RawMessage `json:"consent,omitempty"`
	Tags           []string        `json:"tags,omitempty"`
	Attributes     json.RawMessage `json:"attributes,omitempty"`
}

func customerOf(c record.Customer) customerInput {
	in := customerInput{
		ExternalID: c.ExternalID, Name: c.Name.Ptr(), Kind: c.Kind.Ptr(), Email: c.Email.Ptr(), Phone: c.Phone.Ptr(), BirthDate: c.BirthDate.Ptr(),
		Occupation: c.Occupation.Ptr(), Industry: c.Industry.Ptr(), Employees: c.Employees.Ptr(),
		AnnualTurnover: amount(c.AnnualTurnover.Ptr(), 2), TotalAssets: amount(c.TotalAssets.Ptr(), 2),
		Country: c.Country.Ptr(), Region: c.Region.Ptr(), City: c.City.Ptr(), Resells: c.Resells.Ptr(), Account: c.Account.Ptr(),
		RegisteredAt: c.RegisteredAt.Ptr(), Consent: c.Consent.Value, Tags: c.Tags.Value, Attributes: c.Attributes.Value,
	}
	if by := c.ReferredBy.Ptr(); by != nil {
		in.ReferredBy = &externalKey{by.Source, by.ExternalID}
	}
	return in
}

type productInput struct {
	SKU        string     `json:"sku"`
	Name       *string    `json:"name,omitempty"`
	Category   *string    `json:"category,omitempty"`
	Kind       *string    `json:"kind,omitempty"`
	LaunchedAt *time.Time `json:"launchedAt,omitempty"`
	Technology *bool      `json:"technology,omitempty"`
}

func productOf(p record.Product) productInput {
	return productInput{p.SKU, p.Name.Ptr(), p.Category.Ptr(), p.Kind.Ptr(), p.LaunchedAt.Ptr(), p.Technology.Ptr()}
}

type orderInput struct {
	ExternalID  string        `json:"externalId"`
	Customer    externalKey   `json:"customer"`
	PlacedAt    time.Time     `json:"placedAt"`
	Status      *string       `json:"status,omitempty"`
	PaidAt      *time.Time    `json:"paidAt,omitempty"`
	DueAt       *time.Time    `json:"dueAt,omitempty"`
	DeliveredAt *time.Time    `json:"deliveredAt,omitempty"`
	CancelledAt *time.Time    `json:"cancelledAt,omitempty"`
	Channel     *string       `json:"channel,omitempty"`
	Coupon      *string       `json:"coupon,omitempty"`
	Currency    string        `json:"currency"`
	Rate        string        `json:"rate,omitempty"`
	Total       *string       `json:"total,omitempty"`
	Discount    *string       `json:"discount,omitempty"`
	Tax         *string       `json:"tax,omitempty"`
	Shipping    *string       `json:"shipping,omitempty"`
	Refunds     []refundInput `json:"refunds,omitempty"`
	Lines       []lineInput   `json:"lines"`
}

type refundInput struct {
	ExternalID string    `json:"externalId"`
	At         time.Time `json:"at"`
	Amount     *string   `json:"amount"`
}

type lineInput struct {
	SKU         string  `json:"sku"`
	Quantity    int     `json:"quantity"`
	UnitPrice   *string `json:"unitPrice"`
	ListPrice   *string `json:"listPrice,omitempty"`
	Discount    *string `json:"discount,omitempty"`
	Cost        *string `json:"cost,omitempty"`
	Condition   *string `json:"condition,omitempty"`
	Beneficiary *string `json:"beneficiary,omitempty"`
	Operator    *string `json:"operator,omitempty"`
}

func orderOf(o record.Order) orderInput {
	exponent := currencies()[o.Currency].exponent
	in := orderInput{
		ExternalID: o.ExternalID, Customer: externalKey{o.Customer.Source, o.Customer.ExternalID}, PlacedAt: o.PlacedAt, Status: o.Status.Ptr(),
		PaidAt: o.PaidAt.Ptr(), DueAt: o.DueAt.Ptr(), DeliveredAt: o.DeliveredAt.Ptr(), CancelledAt: o.CancelledAt.Ptr(),
		Channel: o.Channel.Ptr(), Coupon: o.Coupon.Ptr(), Currency: o.Currency,
		Total: amount(o.Total.Ptr(), exponent), Discount: amount(o.Discount.Ptr(), exponent),
		Tax: amount(o.Tax.Ptr(), exponent), Shipping: amount(o.Shipping.Ptr(), exponent),
	}
	if !o.Rate.IsZero() {
		in.Rate = o.Rate.String()
	}
	for _, r := range o.Refunds.Value {
		in.Refunds = append(in.Refunds, refundInput{r.ExternalID, r.At, amount(&r.Amount, exponent)})
	}
	for _, l := range o.Lines.Value {
		in.Lines = append(in.Lines, lineInput{
			SKU: l.SKU, Quantity: l.Quantity, UnitPrice: amount(&l.UnitPrice, record.MicroDigits), ListPrice: amount(l.ListPrice, record.MicroDigits),
			Discount: amount(l.Discount, record.MicroDigits), Cost: amount(l.Cost, record.MicroDigits),
			Condition: l.Condition, Beneficiary: l.Beneficiary, Operator: l.Operator,
		})
	}
	return in
}

type touchpointInput struct {
	ExternalID  string          `json:"externalId"`
	Customer    externalKey     `json:"customer"`
	At          time.Time       `json:"at"`
	Kind        string          `json:"kind"`
	Channel     *string         `json:"channel,omitempty"`
	Side        *string         `json:"side,omitempty"`
	Campaign    *string         `json:"campaign,omitempty"`
	Cost        *string         `json:"cost,omitempty"`
	Currency    *string         `json:"currency,omitempty"`
	SKU         *string         `json:"sku,omitempty"`
	Rating      *int            `json:"rating,omitempty"`
	Topic       *string         `json:"topic,omitempty"`
	Sentiment   *float64        `json:"sentiment,omitempty"`
	Outcome     *string         `json:"outcome,omitempty"`
	Impact      *int            `json:"impact,omitempty"`
	InitiatedBy *string         `json:"initiatedBy,omitempty"`
	Attributes  json.RawMessage `json:"attributes,omitempty"`
}

func touchpointOf(t record.Touchpoint) touchpointInput {
	return touchpointInput{
		t.ExternalID,
		externalKey{t.Customer.Source, t.Customer.ExternalID},
		t.At, t.Kind, t.Channel.Ptr(), t.Side.Ptr(), t.Campaign.Ptr(),
		amount(t.Cost.Ptr(), 2), t.Currency.Ptr(), t.SKU.Ptr(), t.Rating.Ptr(), t.Topic.Ptr(), t.Sentiment.Ptr(), t.Outcome.Ptr(), t.Impact.Ptr(),
		t.InitiatedBy.Ptr(), t.Attributes.Value,
	}
}

// amount writes so many 10^-digits units as a decimal, without zeros at its end.
func amount(units *int64, digits int) *string {
	if units == nil {
		return nil
	}
	n, sign := *units, ""
	if n < 0 {
		n, sign = -n, "-"
	}
	text := strconv.FormatInt(n, 10)
	if digits > 0 {
		text = strings.Repeat("0", max(0, digits+1-len(text))) + text
		text = strings.TrimRight(text[:len(text)-digits]+"."+text[len(text)-digits:], "0")
		text = strings.TrimSuffix(text, ".")
	}
	text = sign + text
	return &text
}
