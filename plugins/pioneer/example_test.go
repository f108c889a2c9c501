package pioneer_test

import (
	"fmt"
	"strings"
	"time"

	"bellwether/plugins/pioneer"
	"bellwether/scoring"
	"bellwether/scoring/scoretest"
)

func Example() {
	d := &scoretest.Data{AsOf: scoring.At(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))}
	orders := "customer,placed_at,sku,price\nlea,2025-01-01,vase,10\n" // the data begin
	for _, sku := range []string{"chair", "desk", "lamp"} {
		orders += "ann,2025-06-01," + sku + ",20\n"
		for i := range 49 { // the others follow, one every day
			orders += fmt.Sprintf("x%d,%s,%s,20\n", i, time.Date(2025, 6, 2+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), sku)
		}
	}
	if err := d.AddOrders(orders); err != nil {
		fmt.Println(err)
		return
	}
	answers, err := scoretest.Score(pioneer.New(), d)
	if err != nil {
		fmt.Println(err)
		return
	}
	head, rest, _ := strings.Cut(answers.CSV("pioneer", "adopter", "cells", "mean_rank"), "\n")
	row, _, _ := strings.Cut(rest, "\n")
	fmt.Printf("%s\n%s\n", head, row)
	fmt.Println(answers.Reasons("ann", "en")[1])
	// Output:
	// customer,pioneer,adopter,cells,mean_rank
	// ann,YES,INNOVATOR,3,0.02
	// Product chair (region unknown, industry unknown): bought on 2025-06-01, as number 1 of 50 so far.
}
