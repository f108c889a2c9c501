package orientation_test

import (
	"fmt"
	"time"

	"bellwether/plugins/orientation"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func Example() {
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))}
	err := d.AddOrders(`customer,order,placed_at,quantity,price,list_price,technology
ann,1,2026-01-10,1,10,15,no
ann,1,2026-01-10,1,12,15,no
ann,1,2026-01-10,1,14,15,no
ben,2,2026-01-12,1,20,20,yes
ben,2,2026-01-12,1,15,15,yes
ben,2,2026-01-12,1,10,10,yes
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := scoretest.Score(orientation.New(), d)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(answers.CSV("orientation"))
	fmt.Println(answers.Reasons("ann", "en")[2])
	// Output:
	// customer,orientation
	// ann,COST
	// ben,TECHNOLOGY
	// Cost: the share of spend at a discount is 1; the median customer's is 0.5. Percentile: 75%.
}
