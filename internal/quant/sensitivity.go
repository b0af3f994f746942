package quant

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Rounding says that a node, or one that it depends on, rounds a tensor to multiples of a unit.
type Rounding struct {
	Node, Tensor string
	Unit         float64
}

// Effect is what one rounding alone does to the outputs: the largest change of an entry.
type Effect struct {
	Rounding
	Error float64
}

// Limits of the search for the rounding that matters most.
const (
	maxRoundings  = 32
	searchSeconds = 3
)

// Limiting is the rounding that changes the network's outputs most on a sample, by running the float network with each of
// them alone: the coarsest ones, relative to the tensor's size, while time lasts. ok is false if there is none.
func (s *Stats) Limiting(ctx context.Context, g *graph.Graph, sample []*tensor.Tensor, list []Rounding) (worst Effect, ok bool, err error) {
	want, err := graph.Run(ctx, g, sample, nil)
	if err != nil {
		return worst, false, err
	}
	list = slices.Clone(list)
	coarse := func(r Rounding) float64 { return r.Unit / max(s.Max[r.Tensor], math.SmallestNonzeroFloat64) }
	slices.SortStableFunc(list, func(a, b Rounding) int {
		if coarse(a) > coarse(b) {
			return -1
		}
		return 1
	})
	start := time.Now()
	for k, r := range list {
		if k == maxRoundings || time.Since(start) > searchSeconds*time.Second {
			break
		}
		got, err := graph.RunReplaced(ctx, g, sample, func(v *graph.Value, t *tensor.Tensor) *tensor.Tensor {
			if v.Name != r.Tensor || !t.Type.IsFloat() {
				return t
			}
			return rounded(t, r.Unit)
		})
		if err != nil {
			if ctx.Err() != nil {
				return worst, false, ctx.Err()
			}
			continue // outside of a function's domain: no figure
		}
		if e := distance(want, got); e > worst.Error {
			worst, ok = Effect{r, e}, true
		}
	}
	return worst, ok, nil
}

func rounded(t *tensor.Tensor, unit float64) *tensor.Tensor {
	out := tensor.New(t.Type, t.Shape...)
	for i, x := range t.Floats {
		out.Floats[i] = float64(math.Floor(x/unit+0.5) * unit)
	}
	return out
}

func distance(want, got []*tensor.Tensor) float64 {
	m := 0.0
	for o := range want {
		for i := range want[o].Len() {
			m = max(m, math.Abs(want[o].Float(i)-got[o].Float(i)))
		}
	}
	return m
}
