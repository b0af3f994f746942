package tensor

import "fmt"

// DType is an element type, as ONNX names them.
type DType uint8

const (
	Invalid DType = iota
	Float32
	Float64
	Float16
	BFloat16
	Int2
	Int4
	Int8
	Int16
	Int32
	Int64
	UInt2
	UInt4
	UInt8
	UInt16
	UInt32
	UInt64
	Bool
)

// IsFloat reports whether values of the type are kept in Tensor.Floats.
func (d DType) IsFloat() bool { return d >= Float32 && d <= BFloat16 }

// Tensor is a dense row-major tensor. Floating types keep their values in Floats (each rounded to its type), integers and
// booleans (0, 1) in Ints; the other slice is nil. Rank 0 is a scalar with one entry. A length-0 axis has no entries.
type Tensor struct {
	Type   DType
	Shape  []int
	Floats []float64
	Ints   []int64
}

// Size is the number of entries of a shape.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// New is a zero tensor.
func New(t DType, shape ...int) *Tensor {
	x := &Tensor{Type: t, Shape: append([]int(nil), shape...)}
	if t.IsFloat() {
		x.Floats = make([]float64, Size(shape))
	} else {
		x.Ints = make([]int64, Size(shape))
	}
	return x
}

// Len is the number of entries.
func (t *Tensor) Len() int {
	if t.Type.IsFloat() {
		return len(t.Floats)
	}
	return len(t.Ints)
}

// Float is entry i as a float64.
func (t *Tensor) Float(i int) float64 {
	if t.Type.IsFloat() {
		return t.Floats[i]
	}
	return float64(t.Ints[i])
}

// Reshaped is the same data under another shape of equal size.
func (t *Tensor) Reshaped(shape ...int) (*Tensor, error) {
	if Size(shape) != t.Len() {
		return nil, fmt.Errorf("cannot reshape %v to %v", t.Shape, shape)
	}
	return &Tensor{Type: t.Type, Shape: append([]int(nil), shape...), Floats: t.Floats, Ints: t.Ints}, nil
}
