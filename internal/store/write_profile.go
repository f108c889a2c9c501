package store

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bellwether/internal/record"
)

// profile is what a row of customers says of the customer. It is comparable. It has no referred_at: no source says it, so
// that a referral counts since the customer registered, which may be corrected later.
type profile struct {
	name, email, country                   heard
	updatedAt                              instant // by the clock of the key's source
	kind                                   string
	phone, birthDate, occupation, industry nullText
	employees, annualTurnover, totalAssets nullInt
	region, city                           nullText
	resells                                bool
	account, referredBy                    nullText
	registeredAt                           instant
	consent, tags, attributes              nullText // JSON
}

// profileColumns are the columns of a profile, in the order of fields.
const profileColumns = "name, name_seen_at, email, email_seen_at, country, country_seen_at, source_updated_at, kind, phone, birth_date, " +
	"occupation, industry, employees, annual_turnover, total_assets, region, city, resells, account_id, referred_by_id, registered_at, " +
	"consent, tags, attributes"

func (p *profile) fields() []any {
	return []any{
		&p.name.text, &p.name.at, &p.email.text, &p.email.at, &p.country.text, &p.country.at, &p.updatedAt, &p.kind, &p.phone, &p.birthDate,
		&p.occupation, &p.industry, &p.employees, &p.annualTurnover, &p.totalAssets, &p.region, &p.city, &p.resells, &p.account, &p.referredBy,
		&p.registeredAt, &p.consent, &p.tags, &p.attributes,
	}
}

// selected is a list of columns of a table with an alias.
func selected(alias, columns string) string {
	return alias + "." + strings.ReplaceAll(columns, ", ", ", "+alias+".")
}

// values are fields as parameters.
func values(fields []any) []any {
	out := make([]any, len(fields))
	for i, f := range fields {
		switch f := f.(type) {
		case *nullText:
			out[i] = orNil(*f)
		case *nullInt:
			out[i] = orNil(*f)
		case *instant:
			out[i] = *f
		case *nullFloat:
			out[i] = orNil(*f)
		case *string:
			out[i] = *f
		case *int64:
			out[i] = *f
		case *bool:
			out[i] = *f
		}
	}
	return out
}

// visible is a profile without the instants that only decide which of two records counts.
func (p profile) visible() profile {
	p.name.at, p.email.at, p.country.at, p.updatedAt = instant{}, instant{}, instant{}, instant{}
	return p
}

// withoutHints is what of a profile hints do not say.
func (p profile) withoutHints() profile {
	p.name, p.email, p.country = heard{}, heard{}, heard{}
	return p
}

// applyCustomer takes in a record of a customer. Its instant is compared with that of the same key alone: after a merge
// each source still has its own clock.
func (w *batch) applyCustomer(r *record.Customer) (record.Written, error) {
	if err := checkCustomer(r); err != nil {
		return record.Written{}, err
	}
	c, own := w.keys[r.Key], w.customers[CustomerID(r.Key).String()]
	exists := c.stored || c.named
	out := record.Written{ID: parsed(c.id), Outcome: record.Unchanged}
	if stale(r.UpdatedAt, own.now.updatedAt) {
		out.Outcome = record.Stale
		return out, nil
	}
	before, clock := c.now, own.now.updatedAt
	replaceInstant(&own.now.updatedAt, r.UpdatedAt)
	c.now.take(r)
	if r.Account.State == record.Present {
		id := AccountID(r.Account.Value).String()
		c.now.account = nullText{V: id, Valid: true}
		w.accounts[id] = r.Account.Value
	}
	if r.ReferredBy.State == record.Present {
		if referrer := w.keys[r.ReferredBy.Value]; referrer != c {
			referrer.named = true
			c.now.referredBy = nullText{V: referrer.id, Valid: true}
		}
	}
	switch {
	case !exists:
		c.named, out.Outcome = true, record.Created
	case c.now != before || own.now.updatedAt != clock:
		out.Outcome = record.Updated
	}
	return out, nil
}

func checkCustomer(r *record.Customer) error {
	switch {
	case r.ExternalID == "" || r.Source == "":
		return problem(record.CodeRequired, "externalId", "the customer has no key (give its source and external id)", "客户缺少键（请提供来源和外部编号）")
	case r.Kind.State == record.Present && !slices.Contains(record.Kinds(), r.Kind.Value):
		return unknownName("kind", r.Kind.Value, record.Kinds())
	case r.ReferredBy.State == record.Present && (r.ReferredBy.Value.ExternalID == "" || r.ReferredBy.Value.Source == ""):
		return problem(record.CodeRequired, "referredBy", "the referrer has no key (give its source and external id)", "推荐人缺少键（请提供来源和外部编号）")
	case r.Account.State == record.Present && r.Account.Value == "":
		return problem(record.CodeRequired, "account", "the account has no name (give it, or null)", "账户缺少名称（请提供，或设为 null）")
	}
	return nil
}

// stale tells whether a record is older than what is stored. One that does not say never is.
func stale(said record.Field[time.Time], stored instant) bool {
	return said.State == record.Present && stored.Valid && said.Value.UnixMicro() < stored.V
}

// take takes in what a record says, but for what other rows have to be known for.
func (p *profile) take(r *record.Customer) {
	p.name.tell(r.Name)
	p.email.tell(r.Email)
	p.country.tell(r.Country)
	switch r.Kind.State {
	case record.Present:
		p.kind = r.Kind.Value
	case record.Null:
		p.kind = defaultKind
	case record.Omitted:
	}
	replaceText(&p.phone, r.Phone)
	replaceText(&p.birthDate, r.BirthDate)
	replaceText(&p.occupation, r.Occupation)
	replaceText(&p.industry, r.Industry)
	replaceInteger(&p.employees, r.Employees)
	replaceInteger(&p.annualTurnover, r.AnnualTurnover)
	replaceInteger(&p.totalAssets, r.TotalAssets)
	replaceText(&p.region, r.Region)
	replaceText(&p.city, r.City)
	if r.Resells.State != record.Omitted {
		p.resells = r.Resells.Value
	}
	replaceInstant(&p.registeredAt, r.RegisteredAt)
	replaceJSON(&p.consent, r.Consent)
	replaceJSON(&p.attributes, r.Attributes)
	if r.Tags.State != record.Omitted {
		p.tags = tagList(r.Tags.Value)
	}
	if r.Account.State == record.Null {
		p.account = nullText{}
	}
	if r.ReferredBy.State == record.Null {
		p.referredBy = nullText{}
	}
}

// defaultKind is that of customers of whom nobody said another.
const defaultKind = "PERSON"

// newProfile is that of a customer of whom nobody said anything.
func newProfile() profile { return profile{kind: defaultKind} }

// tagList is a list of tags as JSON, each once; null without any.
func tagList(tags []string) nullText {
	if len(tags) == 0 {
		return nullText{}
	}
	once := make([]string, 0, len(tags))
	for _, tag := range tags {
		if !slices.Contains(once, tag) {
			once = append(once, tag)
		}
	}
	list, _ := json.Marshal(once) //nolint:errchkjson // texts
	return nullText{V: string(list), Valid: true}
}
