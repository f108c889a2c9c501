package abi_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"bellwether/scoring"
	"bellwether/scoring/abi"
)

// FuzzDecode gives all decoders any bytes. Whatever they are, there is an answer or an error, soon and in little memory.
func FuzzDecode(f *testing.F) {
	m, r := everything(), rand.New(rand.NewPCG(1, 2))
	var e abi.Encoder
	for _, rows := range []int{0, 1, 3} {
		input, err := e.AppendInput(nil, batch(r, rows))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(input, uint8(rows))
		results := &scoring.Results{Outputs: columns(r, rows), Evidence: make([][]scoring.Evidence, rows)}
		for i := range results.Evidence {
			results.Evidence[i] = []scoring.Evidence{{Value: scoring.String("x"), Threshold: []scoring.Value{scoring.Int(1)}, Args: []scoring.Value{scoring.Numbers([]float64{1})}}}
		}
		answers, err := abi.AppendResults(nil, m, results, rows)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(answers, uint8(rows))
		f.Add(abi.AppendDerived(nil, []abi.Derived{{Column: 6, Value: scoring.String("x")}, {Column: 1, Value: scoring.Float(1)}}), uint8(rows))
	}
	f.Add([]byte(`{"name":"x","outputs":[{"name":"size","kind":"INTEGER","doc":{"en":"a","zh":"b"}}],"params":[{"kind":"NUMBER","size":2,"default":[1,2]}]}`), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, rows uint8) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		decode(t, b, m, int(rows))
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > uint64(100*len(b)+1<<20) {
			t.Errorf("%d bytes took %d of memory", len(b), spent)
		}
	})
}

func decode(t *testing.T, b []byte, m *scoring.Manifest, rows int) {
	var d abi.Decoder
	for _, keep := range []bool{false, true} {
		if in, err := d.Input(append([]byte(nil), b...), keep); err == nil {
			env := in.Env
			env.DayStart(env.Today())
			for i := range in.Len() {
				for _, columns := range [][]scoring.Column{in.Facts, in.Requires, in.Derived} {
					for c := range columns {
						columns[c].At(i)
					}
				}
			}
		}
	}
	if out, err := abi.DecodeResults(append([]byte(nil), b...), m, rows, true); err == nil {
		if len(out.Until) != rows || len(out.Evidence) != rows || len(out.Outputs) != len(m.Outputs) {
			t.Errorf("answers for %d customers have %d instants and %d evidence", rows, len(out.Until), len(out.Evidence))
		}
		for c := range out.Outputs {
			if out.Outputs[c].Len() != rows || len(out.Outputs[c].Null) != rows {
				t.Errorf("answers for %d customers have %d values", rows, out.Outputs[c].Len())
			}
		}
	}
	_, _ = abi.DecodeDerived(append([]byte(nil), b...), m)
	if parsed, _, err := abi.DecodeManifest(b); err == nil {
		_ = parsed.Validate()
	}
}
