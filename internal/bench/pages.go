package main

import (
	"context"
	"fmt"
	"slices"
)

// page is how both servers answer a query, by the number of connections.
type page struct {
	name        string
	equal       bool // the answers have the same values
	ours, plain map[int]speed
}

// connections at once.
func connections() []int { return []int{1, 32} }

// segments that are asked for; the first one is compared.
func segments() []string {
	return []string{"CHAMPIONS", "LOYAL", "POTENTIAL_LOYALIST", "NEED_ATTENTION", "ABOUT_TO_SLEEP", "CANT_LOSE_THEM", "AT_RISK", "HIBERNATING", "LOST"}
}

func (b *bench) measurePage(ctx context.Context, f *figures, query string, ours, plain *server) error {
	p := page{name: query, ours: map[int]speed{}, plain: map[int]speed{}}
	asked := map[*server][][]byte{}
	answers := map[*server][]string{}
	for _, s := range []*server{ours, plain} {
		requests, err := s.requests(query, b.shop.customers, segments())
		if err != nil {
			return err
		}
		c, err := dial(ctx, s.url)
		if err != nil {
			return err
		}
		answer, err := c.do(requests[0])
		if err != nil {
			return err
		}
		if answers[s], err = values(answer); err != nil {
			return err
		}
		if err := c.conn.Close(); err != nil {
			return err
		}
		asked[s] = requests
	}
	if p.equal = slices.Equal(answers[ours], answers[plain]); !p.equal {
		return fmt.Errorf("the answers differ: %s", difference(answers[ours], answers[plain]))
	}
	for _, n := range connections() {
		for range 2 { // the better of two, in turns
			for _, s := range []*server{ours, plain} {
				got, err := s.blast(ctx, asked[s], n, b.options.each/2, b.cluster.pid)
				if err != nil {
					return err
				}
				to := p.plain
				if s == ours {
					to = p.ours
				}
				if best, ok := to[n]; ok {
					got.each, got.perSecond = least(got.each, best.each), max(got.perSecond, best.perSecond)
				}
				to[n] = got
			}
		}
	}
	f.pages = append(f.pages, p)
	return nil
}

// difference tells the first values that one of two sorted lists has and the other lacks.
func difference(ours, plain []string) string {
	i := 0
	for i < len(ours) && i < len(plain) && ours[i] == plain[i] {
		i++
	}
	around := func(of []string) []string { return of[min(i, len(of)):min(i+3, len(of))] }
	return fmt.Sprintf("%d and %d values, from %q and %q on", len(ours), len(plain), around(ours), around(plain))
}
