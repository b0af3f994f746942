package onnx

import (
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

var errWire = errors.New("damaged or truncated protobuf")

// field is one field of a message: its bytes, or its number for the scalar wire types.
type field struct {
	num   protowire.Number
	kind  protowire.Type
	bytes []byte
	value uint64
}

// fields calls f for each field of a message, in order.
func fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errWire
		}
		b = b[n:]
		x := field{num: num, kind: kind}
		switch kind {
		case protowire.VarintType:
			x.value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			x.value = uint64(v)
		case protowire.Fixed64Type:
			x.value, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			x.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return errWire
		}
		b = b[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// varints appends a repeated integer field's values, packed or not.
func (x field) varints(out []int64) ([]int64, error) {
	if x.kind == protowire.VarintType {
		return append(out, int64(x.value)), nil
	}
	if x.kind != protowire.BytesType {
		return nil, errWire
	}
	for b := x.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return nil, errWire
		}
		out, b = append(out, int64(v)), b[n:]
	}
	return out, nil
}

// float32s appends a repeated float field's values, packed or not.
func (x field) float32s(out []float64) ([]float64, error) {
	if x.kind == protowire.Fixed32Type {
		return append(out, float64(math.Float32frombits(uint32(x.value)))), nil
	}
	if x.kind != protowire.BytesType || len(x.bytes)%4 != 0 {
		return nil, errWire
	}
	for b := x.bytes; len(b) > 0; b = b[4:] {
		v, _ := protowire.ConsumeFixed32(b)
		out = append(out, float64(math.Float32frombits(v)))
	}
	return out, nil
}

// float64s appends a repeated double field's values, packed or not.
func (x field) float64s(out []float64) ([]float64, error) {
	if x.kind == protowire.Fixed64Type {
		return append(out, math.Float64frombits(x.value)), nil
	}
	if x.kind != protowire.BytesType || len(x.bytes)%8 != 0 {
		return nil, errWire
	}
	for b := x.bytes; len(b) > 0; b = b[8:] {
		v, _ := protowire.ConsumeFixed64(b)
		out = append(out, math.Float64frombits(v))
	}
	return out, nil
}

// text is the field as a string.
func (x field) text() (string, error) {
	if x.kind != protowire.BytesType {
		return "", errWire
	}
	return string(x.bytes), nil
}

// message refuses a field that is not a message.
func (x field) message() ([]byte, error) {
	if x.kind != protowire.BytesType {
		return nil, errWire
	}
	return x.bytes, nil
}
