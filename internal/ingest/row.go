package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// row is a row of a file: its fields, trimmed, and where it stood.
type row struct {
	file   int
	line   int64
	values [fieldCount]string
}

// reader turns the cells of one file's rows into records for the sorter: the order as key, the rest as value.
type reader struct {
	file    int
	mapping *mapping
	values  [fieldCount][]byte
	joined  []byte
	hashed  []byte
	key     []byte
	value   []byte
	digest  hash.Hash
}

const hashSize = sha256.Size / 2

// Keys begin with what they are.
const (
	keyOrder = 0 // followed by the order's id
	keyHash  = 1 // followed by the hash of a row without one
)

func newReader(file int, m *mapping) *reader {
	return &reader{file: file, mapping: m, digest: sha256.New()}
}

// problem is why a row was rejected, and what of it.
type problem struct {
	column, value string
	reason        Reason
}

// read makes the record of a row in r.key and r.value.
func (r *reader) read(line int64, cells [][]byte) *problem {
	r.joined = r.joined[:0]
	for i := range r.mapping.targets {
		t := &r.mapping.targets[i]
		value := r.cell(t, cells)
		if reason := checkText(value, t.field.limit()); reason != "" {
			return &problem{r.mapping.labels[t.field], string(value), reason}
		}
		r.values[t.field] = value
	}
	r.encode(line)
	r.key = r.key[:0]
	if id := r.values[fieldOrderID]; len(id) > 0 {
		r.key = append(append(r.key, keyOrder), id...)
	} else {
		r.key = r.hash(append(r.key, keyHash))
	}
	return nil
}

// cell is the value of a field: its cells trimmed, those that are not empty joined by a blank, without the suffix.
func (r *reader) cell(t *target, cells [][]byte) []byte {
	value := bytes.TrimSpace(cells[t.columns[0]])
	if len(t.columns) > 1 {
		from := len(r.joined)
		for _, column := range t.columns {
			part := bytes.TrimSpace(cells[column])
			if len(part) > 0 && len(r.joined) > from {
				r.joined = append(r.joined, ' ')
			}
			r.joined = append(r.joined, part...)
		}
		value = r.joined[from:len(r.joined):len(r.joined)]
	}
	if t.values != nil {
		if meant, ok := t.values[strings.ToLower(string(value))]; ok {
			return []byte(meant)
		}
	}
	if t.trimSuffix != "" && len(value) > len(t.trimSuffix) && string(value[len(value)-len(t.trimSuffix):]) == t.trimSuffix {
		value = value[:len(value)-len(t.trimSuffix)]
	}
	return value
}

func checkText(value []byte, limit int) Reason {
	plain := true
	for _, c := range value {
		if c-1 >= 0x7f { // 0, or not ASCII
			plain = false
			break
		}
	}
	switch {
	case !plain && !utf8.Valid(value):
		return InvalidUTF8
	case !plain && bytes.IndexByte(value, 0) >= 0:
		return InvalidCharacter
	case len(value) > limit:
		return TooLong
	}
	return ""
}

// encode writes file, line, a mask of the fields that are not empty, and these.
func (r *reader) encode(line int64) {
	var mask uint64
	for i := range r.mapping.targets {
		if f := r.mapping.targets[i].field; len(r.values[f]) > 0 {
			mask |= 1 << f
		}
	}
	r.value = binary.AppendUvarint(r.value[:0], uint64(r.file))
	r.value = binary.AppendUvarint(r.value, uint64(line))
	r.value = binary.AppendUvarint(r.value, mask)
	for m := mask; m != 0; m &= m - 1 {
		v := r.values[bits.TrailingZeros64(m)]
		r.value = binary.AppendUvarint(r.value, uint64(len(v)))
		r.value = append(r.value, v...)
	}
}

// hash appends half of the SHA-256 of the row's fields as "name=value" lines, by name. It depends neither on the file,
// nor on the columns' names and order, nor on columns that are not mapped.
func (r *reader) hash(key []byte) []byte {
	r.digest.Reset()
	for f, v := range r.values {
		if len(v) > 0 {
			r.hashed = append(r.hashed[:0], fieldNames[f]...)
			r.hashed = append(r.hashed, '=')
			r.hashed = append(r.hashed, v...)
			r.hashed = append(r.hashed, '\n')
			_, _ = r.digest.Write(r.hashed) // never fails
		}
	}
	n := len(key)
	return r.digest.Sum(key)[:n+hashSize]
}

// decodeRow is the row of a record. Its values share one copy of the record.
func decodeRow(value []byte, into *row) {
	text := string(value)
	file, n := uvarint(text)
	text = text[n:]
	line, n := uvarint(text)
	text = text[n:]
	mask, n := uvarint(text)
	text = text[n:]
	*into = row{file: int(file), line: int64(line)}
	for ; mask != 0; mask &= mask - 1 {
		size, n := uvarint(text)
		into.values[bits.TrailingZeros64(mask)] = text[n : n+int(size)]
		text = text[n+int(size):]
	}
}

// uvarint is binary.Uvarint of a string.
func uvarint(text string) (value uint64, width int) {
	for shift := 0; ; shift += 7 {
		c := text[width]
		width++
		value |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return value, width
		}
	}
}

// rowID is the external id of an order that is a row without an id: the row's hash and, among equal rows, its number
// from 1.
func rowID(key []byte, occurrence int) string {
	var b strings.Builder
	b.WriteString("row-")
	b.WriteString(hex.EncodeToString(key[1:]))
	b.WriteByte('-')
	b.WriteString(strconv.Itoa(occurrence))
	return b.String()
}
