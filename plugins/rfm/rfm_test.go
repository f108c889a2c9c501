package rfm_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func TestConformance(t *testing.T) {
	scoretest.Run(t, rfm.New())
}

func TestREADME(t *testing.T) {
	scoretest.README(t, rfm.New(), "README.md")
}

// people are customers in a table, in Shanghai at noon of 2026-02-01.
func people(t *testing.T, table string, params map[string]scoring.Value) *scoretest.Data {
	t.Helper()
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 2, 1, 12, 0, 0, 0, shanghai)), Currency: "CNY", Exponent: 2, Location: shanghai, Params: params}
	if err := d.AddCustomers("customer,last_order_at,orders,net_revenue\n" + table); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSegments(t *testing.T) {
	fixed := map[string]scoring.Value{
		"binning":           scoring.String("FIXED"),
		"recency_borders":   scoring.Numbers([]float64{10, 20, 30, 40}),
		"frequency_borders": scoring.Numbers([]float64{1, 2, 3, 4}),
		"monetary_borders":  scoring.Numbers([]float64{0.29, 254.8, 1000, 2000}),
	}
	tests := []struct{ name, row, want string }{
		{"at the border of an age", "2026-01-22,1,0.29", "NEW_CUSTOMERS,10,1,0.29,5,1,1,1"},
		{"beyond the border of an age", "2026-01-21,1,0.30", "POTENTIAL_LOYALIST,11,1,0.30,4,1,2,2"},
		{"champions", "2026-02-01,5,3000", "CHAMPIONS,0,5,3000.00,5,5,5,5"},
		{"champions by a rounded half", "2026-02-01,5,254.80", "CHAMPIONS,0,5,254.80,5,5,2,4"},
		{"potential loyalist below the half", "2026-02-01,4,254.80", "POTENTIAL_LOYALIST,0,4,254.80,5,4,2,3"},
		{"loyal", "2026-01-12,4,1500", "LOYAL,20,4,1500.00,4,4,4,4"},
		{"loyal, R 3", "2026-01-11,4,1500", "LOYAL,21,4,1500.00,3,4,4,4"},
		{"promising", "2026-01-12,1,0.01", "PROMISING,20,1,0.01,4,1,1,1"},
		{"need attention", "2026-01-05,3,300", "NEED_ATTENTION,27,3,300.00,3,3,3,3"},
		{"about to sleep", "2026-01-05,2,100", "ABOUT_TO_SLEEP,27,2,100.00,3,2,2,2"},
		{"cannot lose them", "2025-12-01,9,9000", "CANT_LOSE_THEM,62,9,9000.00,1,5,5,5"},
		{"at risk", "2025-12-25,3,300", "AT_RISK,38,3,300.00,2,3,3,3"},
		{"lost", "2025-12-01,1,0", "LOST,62,1,0.00,1,1,1,1"},
		{"hibernating", "2025-12-25,1,0.10", "HIBERNATING,38,1,0.10,2,1,1,1"},
		{"a buyer who returned more than they bought", "2026-02-01,2,-50", "POTENTIAL_LOYALIST,0,2,-50.00,5,2,1,2"},
		{"nobody", ",0,0", "NONE,,0,0.00,,,,"},
		{"nobody with a credit note", ",0,-7.50", "NONE,,0,-7.50,,,,"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers, err := scoretest.Score(rfm.New(), people(t, "x,"+tt.row, fixed))
			if err != nil {
				t.Fatal(err)
			}
			want := "customer,segment,recency_days,frequency,monetary,r,f,m,fm\nx," + tt.want + "\n"
			if got := answers.CSV(); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestDaysTieInTheBusinessTimeZone(t *testing.T) {
	// The first two are one day in Shanghai and two in UTC; the last two are one day in UTC and two in Shanghai.
	d := people(t, strings.Join([]string{
		"a,2026-01-09T16:00:00Z,1,10", "b,2026-01-10T15:59:59.999999Z,1,10",
		"c,2026-01-20T15:59:00Z,1,10", "d,2026-01-20T16:01:00Z,1,10",
	}, "\n"), nil)
	answers, err := scoretest.Score(rfm.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	want := "customer,recency_days,r\na,22,2\nb,22,2\nc,12,4\nd,11,5\n"
	if got := answers.CSV("recency_days", "r"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := answers.Until("a"); got != scoring.Never {
		t.Errorf("until %v, want none: the model keeps days", got.Time())
	}
}

// TestUntil: with borders that are ages, R sinks at the midnight in Shanghai after the border.
func TestUntil(t *testing.T) {
	d := people(t, "a,2026-01-22T12:00:00Z,1,10\nb,2025-01-01T12:00:00Z,1,10", map[string]scoring.Value{
		"binning": scoring.String("FIXED"), "recency_borders": scoring.Numbers([]float64{5, 12, 30, 40}),
	})
	score := func() *scoretest.Answers {
		answers, err := scoretest.Score(rfm.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	answers := score()
	want := scoring.At(time.Date(2026, 2, 3, 16, 0, 0, 0, time.UTC))
	if got := answers.Until("a"); got != want {
		t.Errorf("until %v, want %v", got.Time(), want.Time())
	}
	if got := answers.Until("b"); got != scoring.Never {
		t.Errorf("until %v, want none: it cannot sink", got.Time())
	}
	for at, r := range map[scoring.Instant]int64{want - 1: 4, want: 3} {
		d.AsOf = at
		if got := score().Value("a", "r").Int(); got != r {
			t.Errorf("r is %d at %v, want %d", got, at.Time(), r)
		}
	}
}

// TestModelKeepsDays lets time pass without refitting: nobody's scores change, only the days since.
func TestModelKeepsDays(t *testing.T) {
	for _, binning := range []string{"NTILE", "QUANTILE", "RANK"} {
		d := people(t, "a,2026-01-01,1,10\nb,2026-01-05,2,20\nc,2026-01-09,2,30\nd,2026-01-15,3,40\ne,2026-01-30,9,50", map[string]scoring.Value{"binning": scoring.String(binning)})
		f, err := scoretest.Fit(rfm.New(), d)
		if err != nil {
			t.Fatal(err)
		}
		before, err := f.Score(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		d.AsOf = d.AsOf.Add(30 * scoring.Day)
		after, err := f.Score(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := before.CSV("segment", "r", "f", "m"), after.CSV("segment", "r", "f", "m"); x != y {
			t.Errorf("%s: got\n%swant\n%s", binning, y, x)
		}
		if got := after.Value("e", "recency_days").Int(); got != 32 {
			t.Errorf("%s: recency_days %d, want 32", binning, got)
		}
	}
}

func TestWindow(t *testing.T) {
	d := people(t, "", map[string]scoring.Value{"window": scoring.Int(30)})
	if err := d.AddOrders("customer,placed_at,net,credit\na,2025-01-01,100,\na,2026-01-20,5,\nb,2025-01-01,100,\nb,2026-01-20,-3,yes\n"); err != nil {
		t.Fatal(err)
	}
	answers, err := scoretest.Score(rfm.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	want := "customer,segment,frequency,monetary\na,NEED_ATTENTION,1,5.00\nb,NONE,0,-3.00\n"
	if got := answers.CSV("segment", "frequency", "monetary"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := answers.Until("a"); got != scoring.Never {
		t.Errorf("until %v, want it unknown: orders leave a window at any hour", got.Time())
	}
}

func TestEvidence(t *testing.T) {
	d := people(t, "a,2026-01-30,12,900\nb,2026-01-20,1,40\nc,2025-12-01,5,300\nd,2025-06-01,8,500\ne,2024-11-01,1,20\nf,,0,0", nil)
	answers, err := scoretest.Score(rfm.New(), d)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"en": {
			"R 4 and FM 2 (the mean of F 2 and M 2, halves rounded up) are the cell of POTENTIAL_LOYALIST.",
			"The last order was on 2026-01-20, 12 calendar days back, so R is 4 of 5 (higher scores begin on 2025-06-01, 2025-12-01, 2026-01-20, 2026-01-30).",
			"Valid orders: 1, so F is 2 of 5 (higher scores begin at 1, 5, 8, 12).",
			"Net revenue is 40.00 CNY, so M is 2 of 5 (higher scores begin at 40.00 CNY, 300.00 CNY, 500.00 CNY, 900.00 CNY).",
		},
		"zh-CN": {
			"R 为 4，FM 为 2（F 2 与 M 2 的平均，半数进一），对应分群 POTENTIAL_LOYALIST。",
			"最近一次下单在 2026-01-20，距今 12 个日历日，R 得分 4/5（各高分档的起始日期：2025-06-01、2025-12-01、2026-01-20、2026-01-30）。",
			"有效订单数为 1，F 得分 2/5（各高分档的起点：1、5、8、12）。",
			"净收入为 40.00 CNY，M 得分 2/5（各高分档的起点：40.00 CNY、300.00 CNY、500.00 CNY、900.00 CNY）。",
		},
	}
	for _, locale := range slices.Sorted(maps.Keys(want)) {
		if got := answers.Reasons("b", locale); !slices.Equal(got, want[locale]) {
			t.Errorf("%s: got\n%s\nwant\n%s", locale, strings.Join(got, "\n"), strings.Join(want[locale], "\n"))
		}
	}
	for i, percentile := range []float64{.7, .2, .3} {
		if got := answers.Evidence("b")[i+1].Percentile; got != percentile {
			t.Errorf("percentile %d is %v, want %v", i, got, percentile)
		}
	}
	if got := answers.Reasons("f", "en"); !slices.Equal(got, []string{"There is no valid order in the window, so nothing is ranked."}) {
		t.Errorf("without orders: %q", got)
	}
}
