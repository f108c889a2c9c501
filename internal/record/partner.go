package record

import (
	"encoding/json"
	"time"
)

// Customer is what a source says of a customer: a record of its own. Hints of orders no longer change what it says.
type Customer struct {
	Key
	UpdatedAt      Field[time.Time] // a record older than the stored one is stale
	Kind           Field[string]    // null, and of a new customer: PERSON
	Name           Field[string]
	Email          Field[string]
	Phone          Field[string]
	BirthDate      Field[string] // ISO 8601 calendar date
	Occupation     Field[string]
	Industry       Field[string]
	Employees      Field[int]
	AnnualTurnover Field[int64] // minor units of the base currency
	TotalAssets    Field[int64] // minor units of the base currency
	Country        Field[string]
	Region         Field[string]
	City           Field[string]
	Resells        Field[bool]
	Account        Field[string] // name of the group it belongs to
	ReferredBy     Field[Key]    // created where it is not known; not the customer itself
	RegisteredAt   Field[time.Time]
	Consent        Field[json.RawMessage]
	Tags           Field[[]string]
	Attributes     Field[json.RawMessage]
}

// Kinds are the kinds of customers.
func Kinds() []string { return []string{"PERSON", "BUSINESS", "CHANNEL", "INTERNAL"} }

// Product is what a source says of a product: a record of its own. Hints of order lines no longer change what it says.
type Product struct {
	SKU        string
	Name       Field[string]
	Category   Field[string]
	Kind       Field[string] // null, and of a new product: GOODS
	LaunchedAt Field[time.Time]
	Technology Field[bool]
}

// ProductKinds are the kinds of products.
func ProductKinds() []string { return []string{"GOODS", "SERVICE", "WARRANTY"} }

// Touchpoint is one contact between a customer and the business. It has no updatedAt: the last write stands.
type Touchpoint struct {
	Key
	Customer    Key // created where it is not known
	At          time.Time
	Kind        string
	Channel     Field[string]
	Side        Field[string]
	Campaign    Field[string]
	Cost        Field[int64]  // minor units of Currency
	Currency    Field[string] // omitted with a cost: the base currency
	SKU         Field[string]
	Rating      Field[int]
	Topic       Field[string]
	Sentiment   Field[float64] // -1 to 1
	Outcome     Field[string]
	Impact      Field[int] // 1 to 3
	InitiatedBy Field[string]
	Attributes  Field[json.RawMessage]
}

// Sides are the sides of a channel.
func Sides() []string { return []string{"ONLINE", "OFFLINE"} }

// Initiators are who may begin a touchpoint.
func Initiators() []string { return []string{"CUSTOMER", "BUSINESS"} }

// Conditions are the states of an item that is sold.
func Conditions() []string { return []string{"NEW", "USED", "REFURBISHED"} }
