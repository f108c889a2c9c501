package ingest

import (
	"context"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Reason is why a row was rejected: a stable code.
type Reason string

// The reasons.
const (
	BadNumber        Reason = "bad_number"
	BadRate          Reason = "bad_rate"
	BadTax           Reason = "bad_tax"
	BadTime          Reason = "bad_time"
	CurrencyDiffers  Reason = "currency_differs"
	CustomerDiffers  Reason = "customer_differs"
	Conflict         Reason = "conflict"
	Duplicate        Reason = "duplicate"
	Invalid          Reason = "invalid"
	InvalidCharacter Reason = "invalid_character"
	InvalidEncoding  Reason = "invalid_encoding"
	InvalidUTF8      Reason = "invalid_utf8"
	MalformedCSV     Reason = "malformed_csv"
	MalformedJSON    Reason = "malformed_json"
	MissingCustomer  Reason = "missing_customer"
	MissingPrice     Reason = "missing_price"
	MissingQuantity  Reason = "missing_quantity"
	MissingRate      Reason = "missing_rate"
	MissingSKU       Reason = "missing_sku"
	MissingTime      Reason = "missing_time"
	MissingTotal     Reason = "missing_total"
	NegativePrice    Reason = "negative_price"
	NegativeRefund   Reason = "negative_refund"
	OutOfRange       Reason = "out_of_range"
	Required         Reason = "required"
	RowTooLarge      Reason = "row_too_large"
	TooLarge         Reason = "too_large"
	TooLong          Reason = "too_long"
	TooManyLines     Reason = "too_many_lines"
	TooPrecise       Reason = "too_precise"
	UnknownCondition Reason = "unknown_condition"
	UnknownCurrency  Reason = "unknown_currency"
	UnknownStatus    Reason = "unknown_status"
	WrongColumnCount Reason = "wrong_column_count"
	ZeroQuantity     Reason = "zero_quantity"
)

// ReasonDoc explains a reason.
type ReasonDoc struct {
	Reason Reason
	Doc    string
}

// ItemReasons are the reasons that records have beyond those of [Reasons], alphabetical: the codes of the API.
func ItemReasons() []ReasonDoc {
	return []ReasonDoc{
		{Conflict, "the record contradicts what is stored, or itself"},
		{Duplicate, "the record has the same key twice, such as that of a refund"},
		{Invalid, "the value is not of the field's kind, or there is no such field"},
		{InvalidEncoding, "the row has bytes that the encoding does not have (is --encoding right?)"},
		{MalformedJSON, "the line is not one JSON object"},
		{OutOfRange, "the value is too large, too small or too long"},
		{Required, "a field that a record must have is missing or empty"},
	}
}

// Reasons are the reasons that rows of orders have, alphabetical, with what is wrong and its cure.
func Reasons() []ReasonDoc {
	return []ReasonDoc{
		{BadNumber, "not a decimal number (write it like 1234.50, without separators and signs of currencies)"},
		{BadRate, "the rate is not a number above 0 (base units for one unit of the row's currency)"},
		{BadTax, "the tax is more than the total, or of the other sign"},
		{BadTime, "not an instant, an impossible date, or not from 1900 to 2200 (see --time-layout and --time-zone)"},
		{CurrencyDiffers, "an earlier row of the order has another currency"},
		{CustomerDiffers, "an earlier row of the order names another customer"},
		{InvalidCharacter, "the value has a NUL character, which databases do not keep"},
		{InvalidUTF8, "the value is not UTF-8 (save the file as UTF-8)"},
		{MalformedCSV, "a quote that is not closed, or text behind a closed one"},
		{MissingCustomer, "no row of the order names the customer"},
		{MissingPrice, "the line has no unit price"},
		{MissingQuantity, "the line has no quantity"},
		{MissingRate, "the currency is not the base currency, and no row of the order has a rate"},
		{MissingSKU, "the line names no product"},
		{MissingTime, "no row of the order says when it was placed"},
		{MissingTotal, "the order has neither a total nor lines that make it"},
		{NegativePrice, "a unit price, list price or cost is below 0 (a return has a negative quantity)"},
		{NegativeRefund, "the amount refunded is below 0 (a credit note has a negative total)"},
		{RowTooLarge, fmt.Sprintf("the row is longer than %d bytes", maxRow)},
		{TooLarge, "the number, or the sum of the order's lines, is too large to be kept exactly"},
		{TooLong, fmt.Sprintf("the text is longer than %d bytes, %d for the name and the e-mail address of a customer, or %d for the id of an order, a customer or a product", maxText, maxName, maxKey)},
		{TooManyLines, fmt.Sprintf("the order has more than %d rows (is the right column its id?)", maxOrderRows)},
		{TooPrecise, "the amount has more decimals than its currency (round it first)"},
		{UnknownCondition, "the condition is none of NEW, REFURBISHED, USED"},
		{UnknownCurrency, "the currency is no ISO 4217 code"},
		{UnknownStatus, "the status is none of CANCELLED, FULFILLED, PAID, PARTIALLY_REFUNDED, PENDING, REFUNDED"},
		{WrongColumnCount, "the row has more or fewer cells than the header"},
		{ZeroQuantity, "the quantity is 0"},
	}
}

// maxShown is how much of a value, in bytes, the reject file repeats.
const maxShown = 200

// shorten cuts a value to what is shown of it, at a character, and makes it text.
func shorten(value string) string {
	value = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD")
	if len(value) <= maxShown {
		return value
	}
	cut := maxShown
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "…"
}

// rejects counts the rows that were rejected, and keeps them, sorted by file and row, for the reject file. It sorts
// because the second pass meets rows by order.
type rejects struct {
	counts map[Reason]int64
	total  int64
	sorter *sorter // nil: only count
	files  []string
	key    []byte
	value  []byte
	mu     sync.Mutex // rows are read while others are written
}

func newRejects(files []string, sorter *sorter) *rejects {
	return &rejects{counts: map[Reason]int64{}, sorter: sorter, files: files}
}

func (r *rejects) add(file int, line int64, column, value string, reason Reason) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[reason]++
	r.total++
	if r.sorter == nil {
		return nil
	}
	r.key = binary.BigEndian.AppendUint32(r.key[:0], uint32(file))
	r.key = binary.BigEndian.AppendUint64(r.key, uint64(line))
	r.value = r.value[:0]
	for _, text := range []string{column, shorten(value), string(reason)} {
		r.value = binary.AppendUvarint(r.value, uint64(len(text)))
		r.value = append(r.value, text...)
	}
	return r.sorter.add(r.key, r.value)
}

// write writes the reject file, whole even when nothing was rejected, so that an old one never lingers.
func (r *rejects) write(ctx context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"file", "row", "column", "value", "reason"}); err != nil {
		return err
	}
	err := r.sorter.merge(ctx, func(key, value []byte) error {
		record := make([]string, 2, 5)
		record[0] = r.files[binary.BigEndian.Uint32(key)]
		record[1] = strconv.FormatUint(binary.BigEndian.Uint64(key[4:]), 10)
		for len(value) > 0 {
			n, width := binary.Uvarint(value)
			record = append(record, string(value[width:width+int(n)]))
			value = value[width+int(n):]
		}
		return out.Write(record)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
