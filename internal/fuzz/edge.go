package fuzz

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// edge is an input worth trying.
type edge struct {
	family, name string
	input        []*tensor.Tensor
}

// edges lists inputs at the edges of what the model may be given: the ends of each input's range, zeros, -0, denormals, the
// extremes of the element types, ties, rounding at one half, one-hot and constant tensors, and those of the search.
func edges(ctx context.Context, s *Subject, rng *rand.Rand, search int) []edge {
	var out []edge
	each := func(family, name string, f func(io *lower.IO, x *tensor.Tensor, i int) float64) {
		in := cloneInput(s.Input)
		for k, x := range in {
			for i := range x.Len() {
				set(x, i, f(&s.Net.Inputs[k], x, i))
			}
		}
		out = append(out, edge{family, name, in})
	}
	constant := func(family, name string, f func(io *lower.IO) float64) {
		each(family, name, func(io *lower.IO, _ *tensor.Tensor, _ int) float64 { return f(io) })
	}
	step := func(io *lower.IO) float64 { return math.Ldexp(1, -io.Scale) }
	lo := func(io *lower.IO) float64 { return math.Ldexp(float64(io.Lo), -io.Scale) }
	hi := func(io *lower.IO) float64 { return math.Ldexp(float64(io.Hi), -io.Scale) }
	constant("range", "lowest", lo)
	constant("range", "highest", hi)
	each("range", "lowest and highest in turns", func(io *lower.IO, _ *tensor.Tensor, i int) float64 {
		if i%2 == 0 {
			return lo(io)
		}
		return hi(io)
	})
	constant("outside", "below the lowest", func(io *lower.IO) float64 { return lo(io) - step(io) })
	constant("outside", "above the highest", func(io *lower.IO) float64 { return hi(io) + step(io) })
	constant("zero", "zero", func(*lower.IO) float64 { return 0 })
	constant("zero", "negative zero", func(*lower.IO) float64 { return math.Copysign(0, -1) })
	for _, x := range []float64{math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, math.SmallestNonzeroFloat64} {
		constant("denormal", "denormal", func(*lower.IO) float64 { return x })
	}
	for _, x := range []float64{math.MaxFloat32, -math.MaxFloat32, 65504, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, 255, 127, -128} {
		constant("extreme of a type", "extreme", func(*lower.IO) float64 { return x })
	}
	for _, k := range []float64{0.5, -0.5, 1.5, 2.5, -1.5} { // halves of the integers' step, and of 1
		constant("half", "half a step", func(io *lower.IO) float64 { return k * step(io) })
		constant("half", "half", func(*lower.IO) float64 { return k })
	}
	for _, f := range []float64{1, 0.5, -1, 0.25} {
		constant("constant", "all equal", func(io *lower.IO) float64 { return f * min(1, hi(io)) })
	}
	hot := func(name string, at func(n int) int) {
		each("one-hot", name, func(io *lower.IO, x *tensor.Tensor, i int) float64 {
			if i == at(x.Len()) {
				return min(1, hi(io))
			}
			return 0
		})
	}
	hot("first", func(int) int { return 0 })
	hot("last", func(n int) int { return n - 1 })
	pick := rng.IntN(1 << 30)
	hot("some", func(n int) int { return pick % n })
	// ties: the largest entry of the given input twice, three times, all entries rounded to few values
	for k := 1; k <= 2; k++ {
		in := cloneInput(s.Input)
		for _, x := range in {
			if n := x.Len(); n > 1 {
				best := largest(x)
				for j := 1; j <= k; j++ {
					set(x, (best+j)%n, x.Float(best))
				}
			}
		}
		out = append(out, edge{"tie", "the largest entry again", in})
	}
	each("tie", "few values", func(io *lower.IO, x *tensor.Tensor, i int) float64 {
		return max(lo(io), min(hi(io), math.Round(2*x.Float(i))/2))
	})
	each("tie", "negated", func(_ *lower.IO, x *tensor.Tensor, i int) float64 { return -x.Float(i) })
	out = append(out, edge{"given", "the given input", cloneInput(s.Input)})
	return append(out, searched(ctx, s, rng, search)...)
}

// random is an input around the given one: noise, a permutation, or any values in range.
func random(s *Subject, rng *rand.Rand) edge {
	in := cloneInput(s.Input)
	kind := rng.IntN(4)
	size := math.Ldexp(1, -rng.IntN(12))
	name := [...]string{"scaled noise", "noise", "permuted", "anything in range"}[kind]
	for k, x := range in {
		io := &s.Net.Inputs[k]
		low, high := math.Ldexp(float64(io.Lo), -io.Scale), math.Ldexp(float64(io.Hi), -io.Scale)
		if kind == 2 {
			perm := rng.Perm(x.Len())
			old := cloneTensor(x)
			for i, j := range perm {
				set(x, i, old.Float(j))
			}
			continue
		}
		for i := range x.Len() {
			v := x.Float(i)
			switch kind {
			case 0:
				v *= 1 + size*rng.NormFloat64()
			case 1:
				v += size * rng.NormFloat64()
			default:
				v = low + (high-low)*rng.Float64()
			}
			set(x, i, max(low, min(high, v)))
		}
	}
	return edge{"random", name, in}
}

// set writes an entry as the tensor's type has it.
func set(x *tensor.Tensor, i int, v float64) {
	if x.Type.IsFloat() {
		x.Floats[i] = x.Type.Round(v)
	} else {
		x.Ints[i] = x.Type.FromFloat(v)
	}
}

func cloneTensor(x *tensor.Tensor) *tensor.Tensor {
	return &tensor.Tensor{Type: x.Type, Shape: x.Shape, Floats: slices.Clone(x.Floats), Ints: slices.Clone(x.Ints)}
}

func cloneInput(in []*tensor.Tensor) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(in))
	for i := range in {
		out[i] = cloneTensor(in[i])
	}
	return out
}

func largest(x *tensor.Tensor) int {
	best := 0
	for i := range x.Len() {
		if x.Float(i) > x.Float(best) {
			best = i
		}
	}
	return best
}

// searched drives each tensor of the float network to its largest and smallest entry over the inputs' ranges, by hill
// climbing: some entries of the best input so far are drawn anew and kept if they help. It needs no gradients, so it goes
// through comparisons and rounding. evaluations bounds the runs of the network altogether. The last goal is a tie of the two
// largest outputs, where a label flips.
func searched(ctx context.Context, s *Subject, rng *rand.Rand, evaluations int) []edge {
	if s.Graph == nil || evaluations <= 0 {
		return nil
	}
	type goal struct {
		name  string
		score func(get map[string]extremes, out []*tensor.Tensor) float64 // to be large
	}
	var goals []goal
	for _, n := range s.Graph.Nodes {
		for _, v := range n.Outputs {
			if v == nil {
				continue
			}
			goals = append(goals, goal{v.Name + " high", func(get map[string]extremes, _ []*tensor.Tensor) float64 { return get[v.Name].high }},
				goal{v.Name + " low", func(get map[string]extremes, _ []*tensor.Tensor) float64 { return -get[v.Name].low }})
		}
	}
	goals = append(goals, goal{"two largest outputs equal", func(_ map[string]extremes, out []*tensor.Tensor) float64 { return -gap(out[0]) }})
	rng.Shuffle(len(goals), func(i, j int) { goals[i], goals[j] = goals[j], goals[i] })
	each := max(8, evaluations/len(goals))
	var found []edge
	for _, g := range goals[:min(len(goals), max(1, evaluations/each))] {
		best := cloneInput(s.Input)
		score := math.Inf(-1)
		for k := range each {
			if ctx.Err() != nil {
				return found
			}
			try := cloneInput(best)
			if k > 0 {
				climb(s, rng, try, k)
			}
			get := map[string]extremes{}
			out, err := graph.Run(ctx, s.Graph, try, func(v *graph.Value, x *tensor.Tensor) { get[v.Name] = extremesOf(x) })
			if err != nil {
				continue
			}
			if now := g.score(get, out); now > score {
				best, score = try, now
			}
		}
		found = append(found, edge{"search", g.name, best})
	}
	return found
}

// climb draws some entries anew: the ends of their range, or anything between.
func climb(s *Subject, rng *rand.Rand, in []*tensor.Tensor, k int) {
	for i, x := range in {
		io := &s.Net.Inputs[i]
		low, high := math.Ldexp(float64(io.Lo), -io.Scale), math.Ldexp(float64(io.Hi), -io.Scale)
		changes := max(1, x.Len()>>min(k/2, 10))
		for range changes {
			v := low + (high-low)*rng.Float64()
			switch rng.IntN(3) {
			case 0:
				v = low
			case 1:
				v = high
			}
			set(x, rng.IntN(x.Len()), v)
		}
	}
}

type extremes struct{ low, high float64 }

func extremesOf(x *tensor.Tensor) extremes {
	e := extremes{math.Inf(1), math.Inf(-1)}
	for i := range x.Len() {
		e.low, e.high = min(e.low, x.Float(i)), max(e.high, x.Float(i))
	}
	return e
}

// gap is the distance of the two largest entries.
func gap(x *tensor.Tensor) float64 {
	first, second := math.Inf(-1), math.Inf(-1)
	for i := range x.Len() {
		if v := x.Float(i); v > first {
			first, second = v, first
		} else if v > second {
			second = v
		}
	}
	if math.IsInf(second, -1) {
		return 0
	}
	return first - second
}
