package main

import "testing"

// settled tells whether every scorer has a model of the latest data and has scored everybody with it, and nothing is under way.
func settled(db admin) bool {
	db.t.Helper()
	return db.text(`SELECT (SELECT count(*) FROM refreshes WHERE finished_at IS NULL) || ' ' ||
		(SELECT count(*) FROM scorer_states WHERE model > 0 AND checked = model AND data_at >= (SELECT max(data_changed_at) FROM customer_rollups)) || ' ' ||
		(SELECT count(*) FROM customer_rollups r CROSS JOIN scorer_states m LEFT JOIN scores s ON s.customer_id = r.customer_id AND s.scorer = m.scorer
			WHERE s.data_seen_at IS NULL OR s.data_seen_at < r.data_changed_at)`) == "0 4 0"
}

// labels are the stored labels of all customers; the test fails where the feed does not lead to them, one move after the other.
func labels(db admin) string {
	db.t.Helper()
	if n := db.text(`SELECT count(*) FROM (SELECT from_label, lag(to_label) OVER (PARTITION BY scorer, customer_id ORDER BY seq) AS before FROM score_changes) c
		WHERE from_label IS DISTINCT FROM before`); n != "0" {
		db.t.Errorf("%s changes begin elsewhere than the one before ended", n)
	}
	if n := db.text(`SELECT count(*) FROM scores s WHERE label IS DISTINCT FROM
		(SELECT to_label FROM score_changes c WHERE c.scorer = s.scorer AND c.customer_id = s.customer_id ORDER BY seq DESC LIMIT 1)`); n != "0" {
		db.t.Errorf("%s labels are not those of the last change", n)
	}
	return db.text(`SELECT string_agg(c.external_id || ' ' || s.scorer || ' ' || s.version || ' ' || s.label, ', ' ORDER BY c.external_id, s.scorer)
		FROM scores s JOIN customers c ON c.id = s.customer_id`)
}

// TestKilledRefresh kills one of two servers while it writes scores: the other takes over. Then it kills that one: the
// next to start goes on. The scores and their history end as where nobody was killed.
func TestKilledRefresh(t *testing.T) {
	heavy(t)
	t.Parallel()
	clean, cleanDB := shopOf(t, 60, 3)
	dsn, db := shopOf(t, 60, 3)
	undisturbed := started(t, clean)
	release := db.hold("scores", "SHARE")
	servers := map[string]*program{}
	for _, name := range []string{"first", "second"} {
		servers[name] = started(t, with(t, dsn, "application_name", name))
	}
	same := func(when string) {
		t.Helper()
		eventually(t, "scores "+when, func() bool { return settled(db) && settled(cleanDB) })
		if got, want := labels(db), labels(cleanDB); got != want {
			t.Errorf("scores %s:\n%s\nwant\n%s", when, got, want)
		}
	}
	refreshing := db.waiter("scores")
	servers[refreshing].kill()
	release()
	delete(servers, refreshing)
	same("after a takeover")

	release = db.hold("scores", "SHARE")
	for name, survivor := range servers {
		survivor.ask(recordOrder, vars{"id": "late"})
		undisturbed.ask(recordOrder, vars{"id": "late"})
		if now := db.waiter("scores"); now != name {
			t.Errorf("%s refreshes", now)
		}
		survivor.kill()
	}
	release()
	started(t, dsn)
	same("after a restart")
}
