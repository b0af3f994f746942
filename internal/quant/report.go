package quant

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Errors are figures of a list of errors: signed, absolute, squared. The median is the middle of the sorted list.
type Errors struct {
	Mean, Median, Max, Min          float64
	MeanAbs, MedianAbs, MaxAbs, RMS float64
}

// Report compares an integer network with the float one over samples. Absolute errors are float - integer; relative ones
// are that over the float value (entries of 0 are left out).
type Report struct {
	Samples, Entries int
	Absolute         Errors
	Relative         Errors
	// Scaled is the largest absolute error of an output over the largest entry of that output in that sample, or over 1.
	Scaled float64
	// Labels counts rows along the last axis of floating outputs with 2 entries or more; Flips those of them whose largest
	// entry (the first, among equals) differs.
	Labels, Flips int
}

// Compare makes the report. Outputs are by sample, then in the network's order.
func Compare(want, got [][]*tensor.Tensor) (*Report, error) {
	r := &Report{}
	var abs, rel []float64
	if len(want) != len(got) {
		return nil, fmt.Errorf("quant: %d and %d samples", len(want), len(got))
	}
	for s := range want {
		r.Samples++
		if len(want[s]) != len(got[s]) {
			return nil, fmt.Errorf("quant: %d and %d outputs", len(want[s]), len(got[s]))
		}
		for o, w := range want[s] {
			g := got[s][o]
			if g.Len() != w.Len() {
				return nil, fmt.Errorf("quant: output %d has %d and %d entries", o, w.Len(), g.Len())
			}
			size, worst := 1.0, 0.0
			for i := range w.Len() {
				d := w.Float(i) - g.Float(i)
				size, worst = max(size, math.Abs(w.Float(i))), max(worst, math.Abs(d))
				abs = append(abs, d)
				if w.Float(i) != 0 {
					rel = append(rel, d/w.Float(i))
				}
			}
			r.Scaled = max(r.Scaled, worst/size)
			if rank := len(w.Shape); rank > 0 && w.Shape[rank-1] > 1 && w.Type.IsFloat() {
				n := w.Shape[rank-1]
				for row := 0; row < w.Len(); row += n {
					r.Labels++
					if argmax(w, row, n) != argmax(g, row, n) {
						r.Flips++
					}
				}
			}
		}
	}
	r.Entries = len(abs)
	r.Absolute, r.Relative = figures(abs), figures(rel)
	return r, nil
}

func argmax(t *tensor.Tensor, from, n int) int {
	best := from
	for i := from; i < from+n; i++ {
		if t.Float(i) > t.Float(best) {
			best = i
		}
	}
	return best - from
}

func figures(xs []float64) Errors {
	if len(xs) == 0 {
		return Errors{}
	}
	var e Errors
	abs := make([]float64, len(xs))
	for i, x := range xs {
		abs[i] = math.Abs(x)
		e.Mean += x
		e.MeanAbs += abs[i]
		e.RMS += float64(x * x)
	}
	n := float64(len(xs))
	sorted := slices.Sorted(slices.Values(xs))
	slices.Sort(abs)
	e.Mean, e.MeanAbs, e.RMS = e.Mean/n, e.MeanAbs/n, math.Sqrt(e.RMS/n)
	e.Median, e.MedianAbs = median(sorted), median(abs)
	e.Min, e.Max, e.MaxAbs = sorted[0], sorted[len(xs)-1], abs[len(xs)-1]
	return e
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
