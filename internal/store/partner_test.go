package store_test

import (
	"errors"
	"strings"
	"testing"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// wantChinese checks that the problems of a rejected write are said in Chinese, too, with what is wrong filled in.
func wantChinese(t testing.TB, err error) {
	t.Helper()
	var rejected *record.RejectedError
	if !errors.As(err, &rejected) {
		t.Fatalf("got %v", err)
	}
	for _, item := range rejected.Items {
		said := item.Problem.In("zh-CN")
		if !strings.ContainsFunc(said, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) || strings.Contains(said+item.Problem.En, "%!") {
			t.Errorf("in Chinese: %q; in English: %q", said, item.Problem.En)
		}
	}
}

func writeCustomers(t testing.TB, s *store.Store, customers ...record.Customer) []record.Written {
	t.Helper()
	written, err := s.WriteCustomers(t.Context(), customers)
	if err != nil {
		t.Fatal(err)
	}
	return written
}
