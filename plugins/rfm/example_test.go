package rfm_test

import (
	"fmt"
	"time"

	"bellwether/plugins/rfm"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func Example() {
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC))}
	err := d.AddCustomers(`customer,last_order_at,orders,net_revenue
anna,2026-01-30,12,900.00
bo,2026-01-20,1,40.00
carl,2024-11-01,5,300.00
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := scoretest.Score(rfm.New(), d)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(answers.CSV("segment", "r", "fm"))
	fmt.Println(answers.Reasons("anna", "en")[0])
	// Output:
	// customer,segment,r,fm
	// anna,CHAMPIONS,5,5
	// bo,ABOUT_TO_SLEEP,3,1
	// carl,AT_RISK,1,3
	// R 5 and FM 5 (the mean of F 5 and M 5, halves rounded up) are the cell of CHAMPIONS.
}
