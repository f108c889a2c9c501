package conformance

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"bellwether/scoring"
)

// AddCustomers reads a CSV table with a header: "customer", and any facts of the catalogue by name. An empty cell is a
// null, and referred_by names the referrer as the column customer does. Set the environment of d first: amounts and dates
// depend on it.
func (d *Data) AddCustomers(table string) error {
	return d.each(table, func(c *Customer, cell cells) error {
		for name := range cell {
			if name == "customer" {
				continue
			}
			fact, known := scoring.FactNamed(name)
			if !known {
				return fmt.Errorf("unknown fact %q (use a name of scoring.Facts)", name)
			}
			v, err := d.parse(fact.Kind, cell[name])
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if name == "referred_by" && v.Ok() {
				v = scoring.String(IDOf(v.Text()).String())
			}
			if c.Facts == nil {
				c.Facts = map[string]scoring.Value{}
			}
			c.Facts[name] = v
		}
		return nil
	})
}

// AddTouchpoints reads a CSV table with the header customer, at, kind.
func (d *Data) AddTouchpoints(table string) error {
	return d.each(table, func(c *Customer, cell cells) error {
		at, err := d.instant(cell["at"])
		c.Touchpoints = append(c.Touchpoints, Touchpoint{At: at, Kind: cell["kind"]})
		return err
	})
}

// AddOrders reads a CSV table, a row for each order line, or for each order without lines. Its header: customer,
// placed_at and any of order, paid_at, due_at, net, credit, and of the line sku, category, kind, launched_at, technology,
// quantity, price, list_price, discount, cost, condition. Rows that follow each other with the same customer, order and
// placed_at are the lines of one order, which takes the rest from the first. An order without net gets the sum of its
// lines.
func (d *Data) AddOrders(table string) error {
	var previous string
	err := d.each(table, func(c *Customer, cell cells) error {
		key := strings.Join([]string{cell["customer"], cell["order"], cell["placed_at"]}, "\x00")
		if key != previous || cell["order"] == "" {
			o, err := d.order(cell)
			if err != nil {
				return err
			}
			c.Orders = append(c.Orders, o)
		}
		previous = key
		if cell["price"] == "" {
			return nil
		}
		l, err := d.line(cell)
		o := &c.Orders[len(c.Orders)-1]
		if o.Lines = append(o.Lines, l); cell["net"] == "" {
			off := l.Discount
			if math.IsNaN(off) {
				off = 0
			}
			o.Net += d.minor(float64(l.Quantity)*l.Price - off)
		}
		return err
	})
	for i := range d.Customers {
		slices.SortStableFunc(d.Customers[i].Orders, func(a, b scoring.Order) int { return cmp.Compare(a.PlacedAt, b.PlacedAt) })
	}
	return err
}

func (d *Data) order(cell cells) (o scoring.Order, err error) {
	var credit, net scoring.Value
	err = firstError(
		d.at(&o.PlacedAt, cell["placed_at"]), d.at(&o.PaidAt, cell["paid_at"]), d.at(&o.DueAt, cell["due_at"]),
		d.into(&credit, scoring.Flag, cell["credit"]), d.into(&net, scoring.Money, cell["net"]),
	)
	o.Credit, o.Net = credit.Bool(), net.Int()
	return o, err
}

func (d *Data) line(cell cells) (l scoring.Line, err error) {
	var technology, quantity, price, list, discount, cost scoring.Value
	err = firstError(
		d.at(&l.LaunchedAt, cell["launched_at"]), d.into(&technology, scoring.Flag, cell["technology"]),
		d.into(&quantity, scoring.Integer, cell["quantity"]), d.into(&price, scoring.Number, cell["price"]),
		d.into(&list, scoring.Number, cell["list_price"]), d.into(&discount, scoring.Number, cell["discount"]),
		d.into(&cost, scoring.Number, cell["cost"]),
	)
	l.SKU, l.Category, l.Kind, l.Condition = cell["sku"], cell["category"], cell["kind"], cell["condition"]
	if l.Quantity = 1; quantity.Ok() {
		l.Quantity = quantity.Int()
	}
	if l.Kind == "" {
		l.Kind = "GOODS"
	}
	l.Technology, l.Price = technology.Bool(), price.Float()
	l.ListPrice, l.Discount, l.Cost = orNaN(list), orNaN(discount), orNaN(cost)
	return l, err
}

func orNaN(v scoring.Value) float64 {
	if !v.Ok() {
		return math.NaN()
	}
	return v.Float()
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Data) at(i *scoring.Instant, text string) (err error) {
	*i, err = d.instant(text)
	return err
}

func (d *Data) into(v *scoring.Value, kind scoring.Kind, text string) (err error) {
	*v, err = d.parse(kind, text)
	return err
}

type cells map[string]string

// each calls add for every row of a table with the customer it belongs to, who is new if not known.
func (d *Data) each(table string, add func(c *Customer, cell cells) error) error {
	r := csv.NewReader(strings.NewReader(table))
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("not a table with a header (write CSV): %w", err)
	}
	known := map[string]int{}
	for i := range d.Customers {
		known[d.Customers[i].ID] = i
	}
	for number, row := range rows[1:] {
		cell := cells{}
		for i, name := range rows[0] {
			cell[strings.TrimSpace(name)] = strings.TrimSpace(row[i])
		}
		id := cell["customer"]
		i, ok := known[id]
		if !ok {
			i = len(d.Customers)
			known[id] = i
			d.Customers = append(d.Customers, Customer{ID: id})
		}
		if err := add(&d.Customers[i], cell); err != nil {
			return fmt.Errorf("row %d of customer %s: %w", number+1, id, err)
		}
	}
	return nil
}

// parse reads a cell; "" is null.
func (d *Data) parse(kind scoring.Kind, text string) (scoring.Value, error) {
	if text == "" {
		return scoring.Value{}, nil
	}
	switch kind {
	case scoring.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return scoring.Int(n), err
	case scoring.Number:
		x, err := strconv.ParseFloat(text, 64)
		return scoring.Float(x), err
	case scoring.Money:
		x, err := strconv.ParseFloat(text, 64)
		return scoring.Minor(d.minor(x)), err
	case scoring.Flag:
		return scoring.Bool(text == "yes" || text == "true"), nil
	case scoring.Moment:
		at, err := d.instant(text)
		return scoring.Time(at), err
	case scoring.Label:
		return scoring.Name(text), nil
	}
	return scoring.String(text), nil
}

// instant reads an RFC 3339 instant or a date, which begins at midnight in the business's time zone.
func (d *Data) instant(text string) (scoring.Instant, error) {
	if text == "" {
		return scoring.Never, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, d.Env(&scoring.Manifest{}).Location); err == nil {
		return scoring.At(t), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return scoring.Never, fmt.Errorf("%q is no instant (write 2026-01-31 or 2026-01-31T09:00:00Z)", text)
	}
	return scoring.At(t), nil
}

// minor is an amount in minor units.
func (d *Data) minor(amount float64) int64 {
	return int64(math.RoundToEven(amount * math.Pow10(d.Env(&scoring.Manifest{}).Exponent)))
}
