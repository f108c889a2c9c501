package store_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"bellwether/internal/record"
	"bellwether/internal/store"
)

// BenchmarkWritePartners writes 20,000 new records of each kind in calls of 500.
func BenchmarkWritePartners(b *testing.B) {
	const calls, size = 40, 500
	for name, write := range map[string]func(*store.Store, int){
		"customers": func(s *store.Store, call int) {
			all := make([]record.Customer, size)
			for i := range all {
				name := fmt.Sprint("Customer ", call, i)
				all[i] = record.Customer{Key: key(fmt.Sprint(call, "-", i)), Name: record.Set(name), Email: record.Set("a@example.com"), City: record.Set("Ulm")}
			}
			writeCustomers(b, s, all...)
		},
		"touchpoints": func(s *store.Store, call int) {
			all := make([]record.Touchpoint, size)
			for i := range all {
				all[i] = visit(fmt.Sprint(call, "-", i), fmt.Sprint("c", (call*size+i*7919)%4000))
				all[i].Channel = record.Set("web")
			}
			writeTouchpoints(b, s, all...)
		},
		"orders": func(s *store.Store, call int) {
			all := make([]record.Order, size)
			for i := range all {
				all[i] = sale(fmt.Sprint(call, "-", i), fmt.Sprint("c", (call*size+i*7919)%4000))
			}
			writeBatch(b, s, batchOf(all...))
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := open(b)
				b.StartTimer()
				for call := range calls {
					write(s, call)
				}
			}
			b.ReportMetric(float64(calls*size*b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkMerge merges a customer of 20,000 orders into another, again and again.
func BenchmarkMerge(b *testing.B) {
	s := open(b)
	for call := range 40 {
		all := make([]record.Order, 500)
		for i := range all {
			all[i] = sale(fmt.Sprint(call, "-", i), "c0")
		}
		writeBatch(b, s, batchOf(all...))
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		writeCustomers(b, s, record.Customer{Key: key(fmt.Sprint("c", n+1))})
		b.StartTimer()
		merge(b, s, fmt.Sprint("c", n), fmt.Sprint("c", n+1))
		n++
	}
}

// BenchmarkWriteSingle writes orders one a call, by so many clients at once.
func BenchmarkWriteSingle(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			s := open(b)
			write(b, s, sale("first", "ann"))
			b.SetParallelism(max(1, clients/runtime.GOMAXPROCS(0)))
			var n atomic.Int64
			one := func() {
				i := n.Add(1)
				if _, err := s.Write(b.Context(), batchOf(sale(fmt.Sprint(i), fmt.Sprint("c", i%4000)))); err != nil {
					b.Error(err)
				}
			}
			b.ResetTimer()
			if clients == 1 {
				for b.Loop() {
					one()
				}
			} else {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						one()
					}
				})
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}
