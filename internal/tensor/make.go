package tensor

import (
	"fmt"
	"math"
)

// FromFloats is a tensor of a floating type that owns data (rounded to the type in place).
func FromFloats(t DType, data []float64, shape ...int) *Tensor {
	if !t.IsFloat() || Size(shape) != len(data) {
		panic(fmt.Sprintf("tensor: internal error: %d floats as %v %v", len(data), t, shape))
	}
	if t != Float64 {
		for i, x := range data {
			data[i] = t.Round(x)
		}
	}
	return &Tensor{Type: t, Shape: append([]int(nil), shape...), Floats: data}
}

// FromInts is a tensor of an integer type or Bool that owns data (wrapped to the type in place).
func FromInts(t DType, data []int64, shape ...int) *Tensor {
	if t.IsFloat() || Size(shape) != len(data) {
		panic(fmt.Sprintf("tensor: internal error: %d integers as %v %v", len(data), t, shape))
	}
	if t != Int64 && t != UInt64 {
		for i, x := range data {
			data[i] = t.Wrap(x)
		}
	}
	return &Tensor{Type: t, Shape: append([]int(nil), shape...), Ints: data}
}

// Cast is x converted to another type, as ONNX's Cast does: floats to integers cut towards zero, anything to Bool is "not 0".
func (x *Tensor) Cast(t DType) *Tensor {
	if t == x.Type {
		return x
	}
	n := x.Len()
	if t.IsFloat() {
		f := make([]float64, n)
		for i := range f {
			f[i] = x.Float(i)
		}
		return FromFloats(t, f, x.Shape...)
	}
	v := make([]int64, n)
	for i := range v {
		switch {
		case !x.Type.IsFloat():
			v[i] = t.Wrap(x.Ints[i])
		default:
			v[i] = t.FromFloat(x.Floats[i])
		}
	}
	return &Tensor{Type: t, Shape: append([]int(nil), x.Shape...), Ints: v}
}

// Permuted copies x with its axes reordered: axis i of the result is axis perm[i] of x.
func (x *Tensor) Permuted(perm []int) *Tensor {
	shape := make([]int, len(perm))
	strides := make([]int, len(perm))
	own := Strides(x.Shape)
	for i, p := range perm {
		shape[i], strides[i] = x.Shape[p], own[p]
	}
	return x.View(shape, strides, 0)
}

// View copies the entries that shape and strides name, starting at offset: entry (i, j, ..) is x[offset + i*strides[0] + ..].
// Strides may be 0 or negative. The caller guarantees that every index is inside.
func (x *Tensor) View(shape, strides []int, offset int) *Tensor {
	y := New(x.Type, shape...)
	if y.Len() == 0 {
		return y
	}
	run, step := 1, 0
	if r := len(shape); r > 0 {
		run, step = shape[r-1], strides[r-1]
	}
	Walk(shape, [][]int{strides}, func(at int, offs []int) {
		o := offset + offs[0]
		if x.Type.IsFloat() {
			for i := 0; i < run; i++ {
				y.Floats[at+i] = x.Floats[o]
				o += step
			}
			return
		}
		for i := 0; i < run; i++ {
			y.Ints[at+i] = x.Ints[o]
			o += step
		}
	})
	return y
}

// FirstNotFinite is the index of the first NaN or infinite entry, or -1.
func (x *Tensor) FirstNotFinite() int {
	for i, v := range x.Floats {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return i
		}
	}
	return -1
}

// Bits are entry i's bits as memory holds them, of types of 32 and 64 bits.
func (x *Tensor) Bits(i int) uint64 {
	switch x.Type {
	case Float32:
		return uint64(math.Float32bits(float32(x.Floats[i])))
	case Float64:
		return math.Float64bits(x.Floats[i])
	}
	return uint64(x.Ints[i])
}

// SetBits sets entry i to the number that bits mean, of types of 32 and 64 bits.
func (x *Tensor) SetBits(i int, bits uint64) {
	switch x.Type {
	case Float32:
		x.Floats[i] = float64(math.Float32frombits(uint32(bits)))
	case Float64:
		x.Floats[i] = math.Float64frombits(bits)
	default:
		x.Ints[i] = x.Type.Wrap(int64(bits))
	}
}
