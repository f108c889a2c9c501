package scoring

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"math"
	"reflect"
)

// Codec is what a scorer has whose models can be stored, so that every server answers with the same one. What [Define]
// makes has it: its models are written by encoding/gob, which sees exported fields and types that marshal themselves.
type Codec interface {
	EncodeModel(m Model) ([]byte, error)
	DecodeModel(data []byte) (Model, error)
}

// EncodeModel writes a model that Fit made.
func (d *defined[M]) EncodeModel(model Model) ([]byte, error) {
	m, ok := model.(M)
	if !ok {
		return nil, fmt.Errorf("model of %s is a %T (fit it with the same scorer)", d.manifest.Name, model)
	}
	if nothing[M]() {
		return nil, nil
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(&m); err != nil {
		return nil, fmt.Errorf("encode the model of %s: %w (export its fields, or let it marshal itself)", d.manifest.Name, err)
	}
	return b.Bytes(), nil
}

// DecodeModel reads what EncodeModel wrote.
func (d *defined[M]) DecodeModel(data []byte) (Model, error) {
	var m M
	if nothing[M]() {
		return m, nil
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&m); err != nil {
		return nil, fmt.Errorf("decode a model of %s: %w (refit it)", d.manifest.Name, err)
	}
	return m, nil
}

// nothing tells of struct{}, of which gob has nothing to write.
func nothing[M any]() bool { return reflect.TypeFor[M]().Size() == 0 }

// MarshalBinary implements [encoding.BinaryMarshaler]: the values and how many are at or below each.
func (r Ranking) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, 12*len(r.values))
	for i, v := range r.values {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
		out = binary.AppendUvarint(out, uint64(r.upTo[i]))
	}
	return out, nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler].
func (r *Ranking) UnmarshalBinary(data []byte) error {
	*r = Ranking{}
	for len(data) > 0 {
		if len(data) < 9 {
			return fmt.Errorf("a ranking ends after %d bytes of a value", len(data))
		}
		n, size := binary.Uvarint(data[8:])
		if size <= 0 {
			return fmt.Errorf("a ranking has no count after a value")
		}
		r.values = append(r.values, math.Float64frombits(binary.LittleEndian.Uint64(data)))
		r.upTo = append(r.upTo, int(n))
		data = data[8+size:]
	}
	return nil
}
