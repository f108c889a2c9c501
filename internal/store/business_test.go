package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/pgtest"
	"bellwether/internal/store"
)

// open opens a new database for one test.
func open(t testing.TB) *store.Store {
	t.Helper()
	return openAt(t, pgtest.DSN(t), store.Options{})
}

func openAt(t testing.TB, dsn string, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dsn, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// wantFault checks an error's code, what it says, and that it ends with a cure.
func wantFault(t testing.TB, err error, code, says string) {
	t.Helper()
	if fault.Code(err) != code || !strings.Contains(err.Error(), says) || !strings.HasSuffix(err.Error(), ")") {
		t.Errorf("got %q with code %q, want %q with code %s and a cure", err, fault.Code(err), says, code)
	}
}

func TestBusiness(t *testing.T) {
	s, ctx := open(t), t.Context()
	b, err := s.Business(ctx)
	if err != nil || b.BaseCurrency != "" || b.TimeZone != time.UTC {
		t.Fatalf("new database: %+v, %v", b, err)
	}
	for _, step := range []struct {
		currency, zone, code, says string
	}{
		{"", "", "", ""},
		{"GBX", "", fault.Invalid, `unknown currency "GBX"`},
		{"", "Europe/Lundun", fault.Invalid, `unknown time zone "Europe/Lundun"`},
		{"", "Local", fault.Invalid, `unknown time zone "Local"`},
		{"GBP", "", "", ""},
		{"GBP", "Europe/London", "", ""},
		{"USD", "", fault.Conflict, "has the base currency GBP, not USD"},
		{"GBP", "UTC", fault.Conflict, "has the time zone Europe/London, not UTC"},
		{"GBP", "Europe/London", "", ""},
	} {
		err := s.Configure(ctx, step.currency, step.zone)
		if step.code == "" && err != nil {
			t.Errorf("Configure(%q, %q): %v", step.currency, step.zone, err)
		} else if step.code != "" {
			wantFault(t, err, step.code, step.says)
		}
	}
	if got, err := s.Adopt(ctx, "EUR"); got != "GBP" || err != nil {
		t.Errorf("Adopt of another currency: %q, %v; want the recorded GBP", got, err)
	}
	_, err = s.Adopt(ctx, "pounds")
	wantFault(t, err, fault.Invalid, `unknown currency "pounds"`)
	b, err = s.Business(ctx)
	if err != nil || b.BaseCurrency != "GBP" || b.TimeZone.String() != "Europe/London" {
		t.Errorf("recorded %+v, %v", b, err)
	}
}
