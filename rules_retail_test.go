package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ulikunitz/xz"

	"bellwether/internal/ingest"
	"bellwether/internal/pgtest"
	"bellwether/internal/rule"
	"bellwether/internal/store"
	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/engine"
)

const retailFile = "testdata/online_retail.csv.xz"

// TestRulesOnOnlineRetail holds rules, run by the engine on a database with real orders, against what is worked out without them: from
// the file, and by SQL.
func TestRulesOnOnlineRetail(t *testing.T) {
	s, err := store.Open(t.Context(), pgtest.DSN(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := ingest.Orders(t.Context(), s, ingest.Options{Files: []string{retailFile}, Preset: "online-retail", TempDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{Source: s.Facts(), Scorers: []scoring.Scorer{rfm.New(), ruleFile(t, "value_tier"), ruleFile(t, "faithful"), ruleFile(t, "upper_half")}})
	if err != nil {
		t.Fatal(err)
	}
	asOf := time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC)
	t.Run("from the file", func(t *testing.T) {
		sameLabels(t, labelsOf(t, e, "value_tier", asOf), tiersOf(t, asOf), "HIGH", "LOW", "MID", "NONE")
	})
	t.Run("by SQL", func(t *testing.T) {
		faithful, upper := scoresBySQL(t, s)
		sameLabels(t, labelsOf(t, e, "faithful", asOf), faithful, "NO", "YES")
		sameLabels(t, labelsOf(t, e, "upper_half", asOf), upper, "LOWER", "UPPER")
	})
}

// ruleFile is the scorer of a file in testdata.
func ruleFile(t *testing.T, name string) scoring.Scorer {
	t.Helper()
	text, err := os.ReadFile("testdata/rules/" + name + ".rule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, problems := rule.Parse(text)
	s, more := rule.Compile(d, rule.Vocabulary{Facts: scoring.Facts(), Scorers: []*scoring.Manifest{rfm.New().Manifest()}})
	if len(problems)+len(more) > 0 {
		t.Fatal(problems, more)
	}
	return s
}

// sameLabels compares labels by external id, and sees to it that each comes up.
func sameLabels(t *testing.T, got, want map[string]string, labels ...string) {
	t.Helper()
	counts := map[string]int{}
	for id, label := range want {
		counts[label]++
		if got[id] != label {
			t.Errorf("%s is %q, want %s", id, got[id], label)
		}
	}
	for _, label := range labels {
		if counts[label] < 10 {
			t.Errorf("%d customers are %s: that shows little", counts[label], label)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d customers, want %d", len(got), len(want))
	}
	t.Log(counts)
}

// labelsOf are everybody's labels by external id.
func labelsOf(t *testing.T, e *engine.Engine, name string, asOf time.Time) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := e.Walk(t.Context(), engine.Want{Name: name}, &asOf, []string{"external_id"}, func(s *engine.Scores, facts []scoring.Column) error {
		for i := range s.IDs {
			label, _ := s.At(i).Label()
			found[facts[0].At(i).Text()] = label
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// tiersOf works value_tier out from the rows of the file, word by word after the reference: an invoice is a valid order where
// its total is above 0; buyers are ranked among buyers, equal values alike.
func tiersOf(t *testing.T, asOf time.Time) map[string]string {
	t.Helper()
	file, err := os.Open(retailFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := xz.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	type invoice struct {
		customer string
		at       time.Time
		mills    int64 // thousandths of a pound
	}
	invoices, rows := map[string]*invoice{}, csv.NewReader(plain)
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if first || row[6] == "" {
			continue
		}
		at, err := time.Parse(time.DateTime, row[4])
		if err != nil {
			t.Fatal(err)
		}
		quantity, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		price, err := strconv.ParseFloat(row[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		if invoices[row[0]] == nil {
			invoices[row[0]] = &invoice{customer: strings.TrimSuffix(row[6], ".0"), at: at}
		}
		invoices[row[0]].mills += quantity * int64(math.Round(price*1000))
	}
	values, orders := map[string]float64{}, map[string]int{}
	for _, i := range invoices {
		values[i.customer] += 0
		if i.at.After(asOf) || !i.at.After(asOf.AddDate(0, 0, -365)) {
			continue
		}
		values[i.customer] += math.RoundToEven(float64(i.mills) / 10)
		if i.mills > 0 {
			orders[i.customer]++
		}
	}
	tiers := map[string]string{}
	for id, value := range values {
		if orders[id] == 0 {
			tiers[id] = "NONE"
			continue
		}
		rank := 0.0
		for other, of := range orders {
			switch v := values[other]; {
			case of > 0 && v < value:
				rank++
			case of > 0 && v == value:
				rank += .5
			}
		}
		switch percentile := rank / float64(len(orders)); {
		case percentile >= .8:
			tiers[id] = "HIGH"
		case percentile >= .4:
			tiers[id] = "MID"
		default:
			tiers[id] = "LOW"
		}
	}
	return tiers
}

// scoresBySQL asks the questions of the rules faithful and upper_half in one statement, RFM included; the answers are by external
// id.
func scoresBySQL(t *testing.T, s *store.Store) (faithful, upper map[string]string) {
	t.Helper()
	day := "placed_at / 86400000000"
	if pgtest.Postgres() {
		day = "extract(epoch FROM date_trunc('day', placed_at AT TIME ZONE 'UTC'))::bigint"
	}
	ranked := func(of string) string { // p is 2n times the percentile, and the score 1 + floor(5 percentile), at most 5, all in whole numbers
		return fmt.Sprintf("CASE WHEN p = 2 * n THEN 5 ELSE 1 + 5 * p / (2 * n) END AS %[1]s, p >= n AS upper FROM (SELECT *, "+
			"2 * (RANK() OVER (ORDER BY %[1]s_value) - 1) + COUNT(*) OVER (PARTITION BY %[1]s_value) AS p, COUNT(*) OVER () AS n", of)
	}
	rows, err := s.DB().QueryContext(t.Context(), `
		WITH sums AS (SELECT customer_id, MAX(`+day+`) FILTER (WHERE total > 0) AS r_value, COUNT(*) FILTER (WHERE total > 0) AS f_value, SUM(net) AS m_value,
				SUM(CASE WHEN total > 0 THEN net ELSE 0 END) AS bought, SUM(CASE WHEN total > 0 THEN 0 ELSE -net END) AS given_back FROM orders GROUP BY customer_id),
			buyers AS (SELECT * FROM sums WHERE f_value > 0),
			r AS (SELECT customer_id, `+ranked("r")+` FROM buyers) x),
			f AS (SELECT customer_id, `+ranked("f")+` FROM buyers) x),
			m AS (SELECT customer_id, `+ranked("m")+` FROM buyers) x)
		SELECT c.external_id, COALESCE(r.r = 5 AND (f.f + m.m + 1) / 2 >= 4 AND s.given_back * 10 < s.bought, FALSE), COALESCE(m.upper, FALSE)
		FROM customers c JOIN sums s ON s.customer_id = c.id LEFT JOIN r ON r.customer_id = c.id LEFT JOIN f ON f.customer_id = c.id LEFT JOIN m ON m.customer_id = c.id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	faithful, upper = map[string]string{}, map[string]string{}
	for rows.Next() {
		var id string
		var isFaithful, isUpper bool
		if err := rows.Scan(&id, &isFaithful, &isUpper); err != nil {
			t.Fatal(err)
		}
		if faithful[id] = "NO"; isFaithful {
			faithful[id] = "YES"
		}
		if upper[id] = "LOWER"; isUpper {
			upper[id] = "UPPER"
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return faithful, upper
}
