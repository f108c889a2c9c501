package store

import (
	"encoding/binary"
	"strconv"

	"github.com/google/uuid"

	"bellwether/internal/record"
)

// namespace is that of all name-based ids. It must never change: the ids of every database follow from it.
func namespace() uuid.UUID {
	return uuid.UUID{0x6f, 0x5a, 0x1c, 0x52, 0x8d, 0x0b, 0x4e, 0x6b, 0x9a, 0x35, 0xbe, 0x11, 0x3e, 0x74, 0x8e, 0x52}
}

// CustomerID is the id of the customer with a key. Writing a record again needs no look-up of its id, on any database.
func CustomerID(k record.Key) uuid.UUID { return named("customer", k) }

// OrderID is the id of the order with a key.
func OrderID(k record.Key) uuid.UUID { return named("order", k) }

// TouchpointID is the id of the touchpoint with a key.
func TouchpointID(k record.Key) uuid.UUID { return named("touchpoint", k) }

// ProductID is the id of the product with a sku; products have no source.
func ProductID(sku string) uuid.UUID { return named("product", record.Key{ExternalID: sku}) }

// AccountID is the id of the account with a name.
func AccountID(name string) uuid.UUID { return named("account", record.Key{ExternalID: name}) }

// LineID is the id of an order's line: the order's id with the position in its last four bytes. Lines of one order are
// neighbours in the index then, which makes writing them a third faster than ids that are spread by a hash.
func LineID(order uuid.UUID, position int) uuid.UUID {
	order[6] = order[6]&0x0f | 0x80 // version 8: made by a rule of our own
	binary.BigEndian.PutUint32(order[12:], uint32(position))
	return order
}

// RefundID is the id of an order's refund with an external id.
func RefundID(order uuid.UUID, externalID string) uuid.UUID {
	return uuid.NewSHA1(order, []byte("refund\x00"+externalID))
}

// named is the name-based id of a key. The source's length keeps ("a", "bc") and ("ab", "c") apart.
func named(kind string, k record.Key) uuid.UUID {
	name := make([]byte, 0, 64)
	name = append(name, kind...)
	name = append(name, 0)
	name = strconv.AppendInt(name, int64(len(k.Source)), 10)
	name = append(name, 0)
	name = append(name, k.Source...)
	name = append(name, k.ExternalID...)
	return uuid.NewSHA1(namespace(), name)
}
