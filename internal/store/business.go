package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bellwether/internal/fault"
	"bellwether/internal/record"
)

// Business is what a database has recorded about the business it serves.
type Business struct {
	BaseCurrency string         // ISO 4217; "": none yet
	TimeZone     *time.Location // UTC until a flag named one
}

// Business reads what is recorded.
func (s *Store) Business(ctx context.Context) (Business, error) {
	row, err := readBusiness(ctx, s.reads)
	if err != nil {
		return Business{}, explain(s.path, err)
	}
	b := Business{BaseCurrency: row.currency.String, TimeZone: time.UTC}
	if row.zone.Valid {
		if b.TimeZone, err = time.LoadLocation(row.zone.String); err != nil {
			return Business{}, fault.New(fault.Unavailable, "this machine does not know the database's time zone: %w (install tzdata)", err)
		}
	}
	return b, nil
}

// Adopt records the base currency at first use and answers the one that is recorded.
func (s *Store) Adopt(ctx context.Context, currency string) (string, error) {
	if _, err := record.Exponent(currency); err != nil {
		return "", fault.New(fault.Invalid, "%w", err)
	}
	var recorded string
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		row, err := readBusiness(ctx, tx)
		if err != nil {
			return err
		}
		if !row.currency.Valid {
			row.currency = sql.NullString{String: currency, Valid: true}
			err = s.writeBusiness(ctx, tx, row)
		}
		recorded = row.currency.String
		return err
	})
	return recorded, err
}

// Agrees tells whether the base currency and the time zone of flags ("" for one that was not given) are recorded
// already. Ones that are impossible, or differ from what is recorded, are faults.
func (s *Store) Agrees(ctx context.Context, currency, zone string) (recorded bool, err error) {
	if currency != "" {
		if _, err := record.Exponent(currency); err != nil {
			return false, fault.New(fault.Invalid, "%w", err)
		}
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return false, fault.New(fault.Invalid, "unknown time zone %q (write an IANA name such as Europe/London)", zone)
	}
	row, err := readBusiness(ctx, s.reads)
	if err != nil {
		return false, explain(s.path, err)
	}
	return s.agrees(row, currency, zone)
}

func (s *Store) agrees(row businessRow, currency, zone string) (recorded bool, err error) {
	if currency != "" && row.currency.Valid && row.currency.String != currency {
		return false, fault.New(fault.Conflict, "the database %s has the base currency %s, not %s (leave the flag out, or use another database)",
			s.path, row.currency.String, currency)
	}
	if zone != "" && row.zone.Valid && row.zone.String != zone {
		return false, fault.New(fault.Conflict, "the database %s has the time zone %s, not %s (leave the flag out, or use another database)",
			s.path, row.zone.String, zone)
	}
	return (currency == "" || row.currency.Valid) && (zone == "" || row.zone.Valid), nil
}

// Configure records the base currency and the time zone of flags at first use. Different ones are refused later, since
// what was computed with the old ones would become wrong.
func (s *Store) Configure(ctx context.Context, currency, zone string) error {
	if recorded, err := s.Agrees(ctx, currency, zone); recorded || err != nil {
		return err // without waiting for a writer, and on a read-only database too
	}
	return s.transaction(ctx, func(tx *sql.Tx) error {
		row, err := readBusiness(ctx, tx)
		if err != nil {
			return err
		}
		if recorded, err := s.agrees(row, currency, zone); recorded || err != nil {
			return err
		}
		if currency != "" {
			row.currency = sql.NullString{String: currency, Valid: true}
		}
		if zone != "" {
			row.zone = sql.NullString{String: zone, Valid: true}
		}
		return s.writeBusiness(ctx, tx, row)
	})
}

type businessRow struct{ currency, zone sql.NullString }

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readBusiness(ctx context.Context, q rowQuerier) (businessRow, error) {
	var row businessRow
	err := q.QueryRowContext(ctx, "SELECT base_currency, time_zone FROM business WHERE id = 1").Scan(&row.currency, &row.zone)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return row, fmt.Errorf("read the business: %w", err)
	}
	return row, nil
}

// business is what is recorded, for those who need the base currency: once there is one it never changes, and is not read again.
func (s *Store) business(ctx context.Context, q rowQuerier) (businessRow, error) {
	if known := s.recorded.Load(); known != nil {
		return *known, nil
	}
	row, err := readBusiness(ctx, q)
	if err == nil && row.currency.Valid {
		s.recorded.Store(&row)
	}
	return row, err
}

func (s *Store) writeBusiness(ctx context.Context, tx *sql.Tx, row businessRow) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO business (id, base_currency, time_zone, created_at, updated_at) VALUES (1, ?1, ?2, ?3, ?3)
		ON CONFLICT (id) DO UPDATE SET base_currency = ?1, time_zone = ?2, updated_at = ?3`, row.currency, row.zone, at(s.now().UnixMicro()))
	if err != nil {
		return fmt.Errorf("record the business: %w", err)
	}
	return nil
}

// transaction runs a function in a transaction that holds the write lock, and rolls it back unless it returns nil.
func (s *Store) transaction(ctx context.Context, do func(*sql.Tx) error) error {
	if s.readOnly {
		return fault.New(fault.Unavailable, "the database %s was opened for reading alone (use a command that writes)", s.path)
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return explain(s.path, fmt.Errorf("begin a transaction: %w", err))
	}
	if err := do(tx); err != nil {
		return explain(s.path, errors.Join(err, tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return explain(s.path, fmt.Errorf("commit: %w", err))
	}
	return nil
}
