package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bellwether/scoring/engine"
)

// refreshLease is the name of the lease of those who refresh scores.
const refreshLease = "refresh"

// Acquire implements [engine.StoredWork]. The clock is the database's: those of processes differ.
func (s *stored) Acquire(ctx context.Context, holder string, keep time.Duration) (engine.Lease, bool, error) {
	l, held := engine.Lease{Holder: holder}, false
	if s.readOnly {
		return l, false, nil
	}
	err := s.scoring(ctx, nil, func(tx *batchTx) error {
		err := tx.queryRow(ctx, `INSERT INTO leases (name, holder, token, expires_at) VALUES ('`+refreshLease+`', ?1, 1, `+s.dialect.clock("?2")+`)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
				token = leases.token + CASE WHEN leases.holder = excluded.holder THEN 0 ELSE 1 END
			WHERE leases.holder = excluded.holder OR leases.expires_at < `+s.dialect.clock("0")+` RETURNING token`, holder, keep.Microseconds()).Scan(&l.Token)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		held = err == nil
		return err
	})
	if err != nil {
		return l, false, fmt.Errorf("take the lease: %w", err)
	}
	return l, held, nil
}

// Release implements [engine.StoredWork].
func (s *stored) Release(ctx context.Context, l engine.Lease) error {
	return s.scoring(ctx, nil, func(tx *batchTx) error {
		return tx.exec(ctx, "UPDATE leases SET expires_at = "+s.dialect.clock("-1")+" WHERE name = ? AND holder = ? AND token = ?", refreshLease, l.Holder, l.Token)
	})
}

// fence fails where a lease is not its holder's any more, and locks it until the transaction ends.
func (s *Store) fence(ctx context.Context, tx *batchTx, l *engine.Lease) error {
	if l == nil {
		return nil
	}
	var one int
	err := tx.queryRow(ctx, "UPDATE leases SET holder = holder WHERE name = ? AND holder = ? AND token = ? RETURNING 1", refreshLease, l.Holder, l.Token).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return engine.ErrLost
	}
	return err
}
