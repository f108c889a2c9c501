package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"

	"bellwether/scoring"
)

// part is the derived columns of some customers, as they are stored.
type part struct {
	IDs     []scoring.ID
	Columns []scoring.Column
}

// partSize is how many customers a part has: some megabytes.
const partSize = 20_000

// encode writes a model: first what the scorer learned, then what it derived, in parts.
func (e *Engine) encode(scorer int, f *fitted) ([][]byte, error) {
	codec, ok := e.scorers[scorer].(scoring.Codec)
	if !ok {
		return nil, errors.New("its models cannot be stored (implement scoring.Codec, or make the scorer with scoring.Define)")
	}
	data, err := codec.EncodeModel(f.model)
	if err != nil {
		return nil, err
	}
	parts := [][]byte{data}
	ids := f.derived.ids
	for from := 0; from < len(ids); from += partSize {
		of := ids[from:min(from+partSize, len(ids))]
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(part{of, f.derived.columnsFor(of)}); err != nil {
			return nil, fmt.Errorf("encode derived columns: %w", err)
		}
		parts = append(parts, b.Bytes())
	}
	return parts, nil
}

// decode reads a scorer's current model as it is stored.
func (e *Engine) decode(ctx context.Context, scorer int, s ScorerState) (*fitted, error) {
	m := e.manifests[scorer]
	codec, ok := e.scorers[scorer].(scoring.Codec)
	if !ok {
		return nil, errNotKept
	}
	f := &fitted{number: s.Model, asOf: s.ModelAsOf, revision: s.Data, derived: newDerived(m)}
	n := 0
	err := e.stored.Model(ctx, m.Name, s.Model, func(data []byte) (err error) {
		if n++; n == 1 {
			f.model, err = codec.DecodeModel(data)
			return err
		}
		var p part
		if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
			return fmt.Errorf("decode derived columns of %s: %w (refresh its scores)", m.Name, err)
		}
		for i, id := range p.IDs {
			for c := range p.Columns {
				f.derived.set(id, c, p.Columns[c].At(i))
			}
		}
		return nil
	})
	if err == nil && n == 0 {
		err = errNotKept
	}
	f.derived.settle()
	return f, err
}

// errNotKept is that a model is not in the database any more: it was replaced.
var errNotKept = errors.New("the model is not stored")

// digest is of all that a scorer's model depends on but for the data: parameters, and the models of the scorers that it
// requires.
func (e *Engine) digest(scorer int, states map[string]ScorerState) string {
	m, h := e.manifests[scorer], sha256.New()
	fmt.Fprintf(h, "%s@%s %s\n", m.Name, m.Version, e.digests[scorer])
	for i := range m.Params {
		if m.Params[i].Fit {
			fmt.Fprintf(h, "%s=%v\n", m.Params[i].Name, JSON(e.params[scorer][i], 0))
		}
	}
	for _, r := range m.Requires {
		fmt.Fprintf(h, "%s.%s %s %d\n", r.Scorer, r.Output, e.Version(r.Scorer), states[r.Scorer].Model)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
