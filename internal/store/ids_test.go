package store_test

import (
	"testing"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// TestIDs pins the ids: every database there is depends on them.
func TestIDs(t *testing.T) {
	order := store.OrderID(key("1"))
	for _, c := range []struct{ got, want string }{
		{store.CustomerID(key("1")).String(), "b4baeb96-a9e4-58bb-89f5-8b40bef99280"},
		{order.String(), "28a38a41-cb36-561b-b221-63b42b95fcf5"},
		{store.TouchpointID(key("1")).String(), "9fa2d9f2-6bb1-5086-af05-23ce01bace9b"},
		{store.ProductID("1").String(), "a391ec76-4439-5ac9-a86a-4393998e5dd3"},
		{store.LineID(order, 258).String(), "28a38a41-cb36-861b-b221-63b400000102"},
		{store.RefundID(order, "1").String(), "b945409f-9b0d-517d-8732-abbf0ed95ac1"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	if store.CustomerID(record.Key{Source: "a", ExternalID: "bc"}) == store.CustomerID(record.Key{Source: "ab", ExternalID: "c"}) {
		t.Error("two keys have one id")
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Ann": "ann", "ＡＮＮ１": "ann1", "Straße": "strasse", "王小明": "王小明", "ﾊﾝｶｸ": "ハンカク", "É": "é", "E\u0301": "é", "a_1@x": "a_1@x",
	} {
		if got := store.Fold(in); got != want || store.Fold(got) != got {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}
