package model

import (
	"encoding/base32"
	"encoding/binary"
	"strings"

	"github.com/google/uuid"
)

// Prefix names the type of a global id.
type Prefix string

// The prefixes. They are stable for ever: clients store ids.
const (
	CustomerID    Prefix = "cus"
	OrderID       Prefix = "ord"
	RefreshID     Prefix = "rfr"
	RefundID      Prefix = "ref"
	ScoreChangeID Prefix = "chg"
	ScorerID      Prefix = "sco"
	TouchpointID  Prefix = "tou"
)

// encoding is Crockford's alphabet in lower case: no letters that look like digits, no case to lose.
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Of is the global id of an object.
func (p Prefix) Of(id uuid.UUID) string { return string(p) + "_" + encoding.EncodeToString(id[:]) }

// Named is the global id of an object that is known by a name.
func (p Prefix) Named(name string) string {
	return p.Of(uuid.NewSHA1(uuid.NameSpaceURL, []byte("bellwether:"+string(p)+":"+name)))
}

// Numbered is the id of an object that is known by a number.
func Numbered(n int64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// Number is the number of which Numbered made an id.
func Number(id uuid.UUID) int64 { return int64(binary.BigEndian.Uint64(id[8:])) }

// ParseID takes a global id apart; false for what no Of made.
func ParseID(id string) (Prefix, uuid.UUID, bool) {
	prefix, rest, ok := strings.Cut(id, "_")
	if !ok || len(rest) != 26 {
		return "", uuid.UUID{}, false
	}
	raw, err := encoding.DecodeString(rest)
	if err != nil || len(raw) != 16 {
		return "", uuid.UUID{}, false
	}
	u, p := uuid.UUID(raw), Prefix(prefix)
	return p, u, p.Of(u) == id // the last letter has spare bits: one object has one id
}
