package graph

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// signalExpansions are transforms of signals: products with constant matrices; and windows, which are constant.
var signalExpansions = map[string]expansion{
	"BlackmanWindow":  window(0.42, 0.5, 0.08),
	"DFT":             dft,
	"HammingWindow":   window(25.0/46, 1-25.0/46, 0),
	"HannWindow":      window(0.5, 0.5, 0),
	"MelWeightMatrix": melWeights,
	"STFT":            stft,
}

// constInt is input i as a constant of one integer; otherwise if it is absent.
func (e *expander) constInt(i int, name string, otherwise int) int {
	if e.n.In(i) == nil {
		return otherwise
	}
	x, _, err := e.n.constScalar(i, name)
	e.check(err)
	if x != math.Trunc(x) || math.Abs(x) > tensor.MaxSize {
		e.failf("%s is %g", name, x)
	}
	return int(x)
}

// angle is 2 pi k/n within one turn.
func angle(k, n int) float64 { return 2 * math.Pi * float64(k%n) / float64(n) }

// fourier is the matrix [n*c, bins*d] that transforms n complex (c = 2) or real (c = 1) numbers: the result at k is the sum of
// x_t exp(-+ 2 pi i k t / length), with d = 2 numbers each, or (half) the real signal of which only bins 0..length/2 are given.
func (e *expander) fourier(n, c, bins, length int, inverse, half bool) (matrix []float64, d int) {
	d = 2
	if half {
		d = 1
	}
	m := make([]float64, e.size(n*c, bins*d))
	set := func(t, part, k, out int, x float64) { m[(t*c+part)*bins*d+k*d+out] = x }
	sign, scale := -1.0, 1.0
	if inverse {
		sign, scale = 1, 1/float64(length)
	}
	for t := range min(n, length) {
		weight := scale
		if half {
			if t > length/2 {
				break
			}
			if t > 0 && 2*t != length { // its conjugate, too
				weight *= 2
			}
		}
		for k := range bins {
			a := angle(int(int64(t)*int64(k)%int64(length)), length)
			cos, sin := weight*tensor.Cos(a), sign*weight*tensor.Sin(a)
			set(t, 0, k, 0, cos)
			if c == 2 {
				set(t, 1, k, 0, -sin)
			}
			if d == 2 {
				set(t, 0, k, 1, sin)
				if c == 2 {
					set(t, 1, k, 1, cos)
				}
			}
		}
	}
	return m, d
}

// dft is the discrete Fourier transform along an axis of x [.., 1 or 2], the last axis being real and imaginary part.
func dft(e *expander) []*Value {
	e.arity(1, 3)
	x := e.in(0)
	r := len(x.Shape)
	if r < 2 || x.Shape[r-1] != 1 && x.Shape[r-1] != 2 || !x.Type.IsFloat() {
		e.failf("input is %v of shape %v", x.Type, x.Shape)
	}
	at := e.n.Attrs.Int("axis", 1)
	if e.n.Opset >= 20 {
		at = int64(e.constInt(2, "axis", -2))
	}
	a, err := axis(at, r)
	e.check(err)
	if a == r-1 {
		e.failf("axis %d is that of real and imaginary parts", a)
	}
	n, c := x.Shape[a], x.Shape[r-1]
	inverse, half := e.n.Attrs.Int("inverse", 0) != 0, e.n.Attrs.Int("onesided", 0) != 0
	length := n
	if inverse && half {
		length = 2 * (n - 1)
	}
	length = e.constInt(1, "dft_length", length)
	if n < 1 || length < 1 || length > tensor.MaxSize {
		e.failf("%d numbers, dft_length %d", n, length)
	}
	if half && !inverse && c == 2 {
		e.failf("onesided with complex input")
	}
	bins := length
	if half && !inverse {
		bins = length/2 + 1
	}
	matrix, d := e.fourier(n, c, bins, length, inverse, inverse && half)
	// the axis becomes the last but one
	perm := make([]int64, 0, r)
	for i := range r - 1 {
		if i != a {
			perm = append(perm, int64(i))
		}
	}
	perm = append(perm, int64(a), int64(r-1))
	moved := e.transpose(x, perm...)
	front := moved.Shape[:r-2]
	y := e.op("MatMul", nil, e.reshape(moved, append(slices.Clone(front), n*c)...), e.numbers(x.Type, matrix, n*c, bins*d))
	y = e.reshape(y, append(slices.Clone(front), bins, d)...)
	back := make([]int64, r)
	for i, p := range perm {
		back[p] = int64(i)
	}
	return []*Value{e.transpose(y, back...)}
}

// stft is the transform of the frames of a signal [N, length, 1 or 2], each weighed by a window: [N, frames, bins, 2].
func stft(e *expander) []*Value {
	e.arity(2, 4)
	x, window := e.in(0), e.n.In(2)
	if len(x.Shape) == 2 {
		x = e.reshape(x, x.Shape[0], x.Shape[1], 1)
	}
	if len(x.Shape) != 3 || x.Shape[2] != 1 && x.Shape[2] != 2 || !x.Type.IsFloat() {
		e.failf("signal is %v of shape %v", x.Type, x.Shape)
	}
	n, c := x.Shape[1], x.Shape[2]
	step := e.constInt(1, "frame_step", 0)
	length := n
	if window != nil {
		if len(window.Shape) != 1 {
			e.failf("window of shape %v", window.Shape)
		}
		length = window.Shape[0]
	}
	length = e.constInt(3, "frame_length", length)
	if step < 1 || length < 1 || length > n || window != nil && window.Shape[0] != length {
		e.failf("frame_step %d, frame_length %d for %d entries", step, length, n)
	}
	frames := 1 + (n-length)/step
	bins := length
	if e.n.Attrs.Int("onesided", 1) != 0 {
		if c == 2 {
			e.failf("onesided with complex signal")
		}
		bins = length/2 + 1
	}
	at := make([]int, e.size(frames, length))
	for i := range at {
		at[i] = i/length*step + i%length
	}
	y := e.reshape(e.gather(x, 1, at...), x.Shape[0], frames, length, c)
	matrix, d := e.fourier(length, c, bins, length, false, false)
	if window != nil {
		if window.Const != nil {
			for i := range matrix {
				matrix[i] *= window.Const.Float(i / (c * bins * d))
			}
		} else {
			y = e.op("Mul", nil, y, e.reshape(window, length, 1))
		}
	}
	y = e.op("MatMul", nil, e.reshape(y, x.Shape[0], frames, length*c), e.numbers(x.Type, matrix, length*c, bins*d))
	return []*Value{e.reshape(y, x.Shape[0], frames, bins, d)}
}

// outputType is the element type that an attribute names, by default float32.
func (e *expander) outputType() tensor.DType {
	t, err := TypeOf(e.n.Attrs.Int("output_datatype", 1))
	e.check(err)
	return t
}

// window is a - b cos(x) + c cos(2x) over one turn: size entries of size (periodic) or size - 1 steps.
func window(a, b, c float64) expansion {
	return func(e *expander) []*Value {
		e.arity(1, 1)
		size := e.constInt(0, "size", 0)
		steps := size
		if e.n.Attrs.Int("periodic", 1) == 0 {
			steps--
		}
		if steps < 1 {
			e.unsupported("a window of size %d", size)
		}
		out := make([]float64, e.size(size))
		for i := range out {
			out[i] = a - float64(b*tensor.Cos(angle(i, steps))) + float64(c*tensor.Cos(angle(2*i, steps)))
		}
		return []*Value{e.numbers(e.outputType(), out, size)}
	}
}

// melWeights is the matrix [dft_length/2 + 1, num_mel_bins] of triangles that are evenly spaced on the mel scale.
func melWeights(e *expander) []*Value {
	e.arity(5, 5)
	bins, length, rate := e.constInt(0, "num_mel_bins", 0), e.constInt(1, "dft_length", 0), e.constInt(2, "sample_rate", 0)
	lower, _, err := e.n.constScalar(3, "lower_edge_hertz")
	e.check(err)
	upper, _, err := e.n.constScalar(4, "upper_edge_hertz")
	e.check(err)
	if bins < 1 || length < 1 || rate < 1 || bins > tensor.MaxSize-2 || !(lower >= 0 && upper >= lower && upper < 1e9) {
		e.failf("%d bins, dft_length %d, sample_rate %d, from %g to %g Hz", bins, length, rate, lower, upper)
	}
	rows := length/2 + 1
	m := make([]float64, e.size(rows, bins))
	mel := func(hertz float64) float64 { return 2595 / math.Ln10 * tensor.Log1p(hertz/700) }
	step := (mel(upper) - mel(lower)) / float64(bins+2)
	edge := make([]int, bins+2)
	for i := range edge {
		hertz := 700 * tensor.Expm1(float64(mel(lower)+float64(step*float64(i)))*(math.Ln10/2595))
		if edge[i] = int(math.Floor(float64(length+1) * hertz / float64(rate))); edge[i] >= rows {
			e.failf("bin %d ends at %g Hz, beyond the spectrum", i, hertz)
		}
	}
	for i := range bins {
		low, mid, high := edge[i], edge[i+1], edge[i+2]
		if low == mid {
			m[mid*bins+i] = 1
		}
		for j := low; j <= mid && low < mid; j++ {
			m[j*bins+i] = float64(j-low) / float64(mid-low)
		}
		for j := mid; j < high; j++ {
			m[j*bins+i] = float64(high-j) / float64(high-mid)
		}
	}
	return []*Value{e.numbers(e.outputType(), m, rows, bins)}
}
