package benchmark_test

import (
	"fmt"
	"strings"
	"time"

	"bellwether/plugins/benchmark"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func Example() {
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))}
	err := d.AddCustomers(`customer,referred_by
ann,
ben,ann
cho,ann
dan,ann
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	orders := `customer,placed_at,sku,price
ann,2026-01-01,lamp,20
ben,2026-01-05,lamp,20
cho,2026-01-06,lamp,20
dan,2026-01-07,lamp,20
`
	for i := range 20 { // others buy other things
		orders += fmt.Sprintf("x%d,2026-01-01,vase,10\n", i)
	}
	if err := d.AddOrders(orders); err != nil {
		fmt.Println(err)
		return
	}
	answers, err := scoretest.Score(benchmark.New(), d)
	if err != nil {
		fmt.Println(err)
		return
	}
	head, rest, _ := strings.Cut(answers.CSV("benchmark", "followers", "mean_lag_days", "credit"), "\n")
	row, _, _ := strings.Cut(rest, "\n")
	fmt.Printf("%s\n%s\n", head, row)
	fmt.Println(answers.Reasons("ann", "en")[2])
	// Output:
	// customer,benchmark,followers,mean_lag_days,credit
	// ann,YES,3,5,3
	// ben first bought lamp 4 days after this customer did.
}
