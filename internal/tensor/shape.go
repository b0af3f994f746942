package tensor

import "fmt"

// Bounds of one tensor.
const (
	MaxSize = 1 << 28 // entries
	MaxRank = 64      // axes, as numpy has it
)

// CheckedSize is the number of entries of a shape, or an error if it has more than MaxRank axes, a length is negative or the
// product is above MaxSize.
func CheckedSize(shape []int) (int, error) {
	if len(shape) > MaxRank {
		return 0, fmt.Errorf("a shape of %d axes, of at most %d", len(shape), MaxRank)
	}
	n, zero := 1, false
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative length", shape)
		}
		if d == 0 {
			zero = true
			continue
		}
		if d > MaxSize/n {
			return 0, fmt.Errorf("shape %v has more than %d entries", shape, MaxSize)
		}
		n *= d
	}
	if zero {
		return 0, nil
	}
	return n, nil
}

// Strides are the row-major strides of a shape: the distance of neighbours along each axis.
func Strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}

// SameShape reports whether two shapes are equal.
func SameShape(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Broadcast is the common shape of several under numpy's rule: aligned at the last axis, equal or 1.
func Broadcast(shapes ...[]int) ([]int, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make([]int, rank)
	for i := range out {
		out[i] = 1
	}
	for _, s := range shapes {
		off := rank - len(s)
		for i, d := range s {
			switch o := out[off+i]; {
			case d == o || d == 1:
			case o == 1:
				out[off+i] = d
			default:
				return nil, fmt.Errorf("shapes %v do not broadcast", shapes)
			}
		}
	}
	return out, nil
}

// BroadcastStrides are the strides with which a tensor of the given shape is read under a wider shape: 0 along the axes that
// are repeated. The shape must broadcast to out.
func BroadcastStrides(shape, out []int) []int {
	s := make([]int, len(out))
	own := Strides(shape)
	off := len(out) - len(shape)
	for i := range shape {
		if shape[i] != 1 {
			s[off+i] = own[i]
		}
	}
	return s
}

// Walk calls f once for each run along the last axis of shape, in row-major order: at is the row-major index of the run's
// first entry, offs the offsets of that entry under each set of strides. f steps along the last axis by itself. A rank-0
// shape is one run of length 1.
func Walk(shape []int, strides [][]int, f func(at int, offs []int)) {
	offs := make([]int, len(strides))
	if len(shape) == 0 {
		f(0, offs)
		return
	}
	if Size(shape) == 0 {
		return
	}
	last := len(shape) - 1
	idx := make([]int, last)
	for at := 0; ; at += shape[last] {
		f(at, offs)
		k := last - 1
		for ; k >= 0; k-- {
			idx[k]++
			for j, s := range strides {
				offs[j] += s[k]
			}
			if idx[k] < shape[k] {
				break
			}
			for j, s := range strides {
				offs[j] -= s[k] * shape[k]
			}
			idx[k] = 0
		}
		if k < 0 {
			return
		}
	}
}
