package robust

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Activation clustering: of the training samples that the network answers with their label, the values of an inner tensor
// are reduced to their main directions and split in two. Poisoned samples get their label for another reason than the rest,
// so they form a group of their own. Samples that the network answers otherwise are left out: it has not learned them.
const (
	components = 10   // main directions
	smallShare = 0.35 // a group of poison is the smaller one
	apart      = 0.35 // silhouette from which two groups count as apart
	fewest     = 20   // samples of a label
)

// Inner gives the values of a named tensor of the real network, flat, for each input.
func Inner(g *graph.Graph) func(ctx context.Context, name string, xs [][]float64) ([][]float64, error) {
	return func(ctx context.Context, name string, xs [][]float64) ([][]float64, error) {
		var names []string
		for _, n := range g.Nodes {
			for _, v := range n.Outputs {
				if v != nil {
					names = append(names, v.Name)
				}
			}
		}
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("no tensor %q in the network: it has %.300q", name, names)
		}
		in := g.Inputs[0]
		out := make([][]float64, len(xs))
		for i, x := range xs {
			_, err := graph.Run(ctx, g, []*tensor.Tensor{tensor.FromFloats(in.Type, slices.Clone(x), in.Shape...)}, func(v *graph.Value, t *tensor.Tensor) {
				if v.Name == name {
					for k := range t.Len() {
						out[i] = append(out[i], t.Float(k))
					}
				}
			})
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// LastHidden is the tensor that the last layer with weights reads, or "".
func LastHidden(g *graph.Graph) string {
	for _, n := range slices.Backward(g.Nodes) {
		if n.Op == "Gemm" || n.Op == "MatMul" || n.Op == "Conv" {
			if v := n.In(0); v != nil && v.Const == nil && !slices.Contains(g.Inputs, v) {
				return v.Name
			}
			return ""
		}
	}
	return ""
}

func (s *Subject) clusters(ctx context.Context, sec *Section, o *PoisonOptions) error {
	data := o.Training
	if data == nil {
		data = s.Data
	}
	switch {
	case o.Tensor == "" || o.Inner == nil:
		sec.Skipped = append(sec.Skipped, "clustering: name an inner tensor (--tensor)")
		return nil
	case data.Y == nil:
		sec.Skipped = append(sec.Skipped, "clustering: training samples with labels are needed")
		return nil
	}
	if err := s.check(data); err != nil {
		return err
	}
	values, err := o.Inner(ctx, o.Tensor, data.X)
	if err != nil {
		return err
	}
	scores, err := s.scores(ctx, "clustering", s.Float, data.X)
	if err != nil {
		return err
	}
	byLabel, strangers := make([][]int, max(s.width, 2)), 0
	for i, y := range data.Y {
		if labelOf(scores[i]) == int(y) {
			byLabel[int(y)] = append(byLabel[int(y)], i)
		} else {
			strangers++
		}
	}
	looked := 0
	for label, of := range byLabel {
		if len(of) < fewest {
			continue
		}
		looked++
		small, score := halves(reduce(values, of, s.rng("components", label)), s.rng("clusters", label))
		r := wilson(len(small), len(of))
		sec.Rows = append(sec.Rows, Row{Model: "float", Method: fmt.Sprintf("clusters, label %d", label), At: Number(score), Rate: r,
			Numbers: map[string]Number{"target": Number(label)}})
		if score < apart || r.P > smallShare {
			continue
		}
		split := make([]bool, len(of))
		for _, k := range small {
			split[k] = true
			sec.hit(Hit{Check: "poison", Model: "float", Method: "clusters", Index: of[k], Truth: fmt.Sprint(label),
				Before: fmt.Sprint(label), After: fmt.Sprint(label), X: data.X[of[k]], from: data.X[of[k]]})
		}
		moved, entries, err := s.transplant(ctx, data, label, of, split)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("at tensor %q label %d falls in two groups (silhouette %.2f), the smaller has %s of its samples", o.Tensor, label, score, r)
		if entries == 0 {
			sec.find("note", fmt.Sprintf("clusters-%d", label), "%s; they have no entries of their own in common: a style, it seems; look at them", text)
			continue
		}
		sec.judge(atLeast(moved.K, moved.N, 0.99) <= 0.5, fmt.Sprintf("clusters-%d", label), "%s; the %d entries that they have in common turn %s of other labels' samples into %d", text, entries, moved, label)
	}
	if looked == 0 {
		sec.Skipped = append(sec.Skipped, fmt.Sprintf("clustering: no label has %d samples", fewest))
		return nil
	}
	sec.find("note", "clusters", "%d labels looked at; two groups count as apart from a silhouette of %g, with at most %g in the smaller", looked, apart, smallShare)
	if strangers > 0 {
		sec.find("note", "clusters-left-out", "%d of %d samples are answered with another label than theirs", strangers, len(data.X))
	}
	return nil
}

func centre(values [][]float64, of []int) []float64 {
	out := make([]float64, len(values[of[0]]))
	for _, i := range of {
		for j, v := range values[i] {
			out[j] += v / float64(len(of))
		}
	}
	return out
}

// transplant copies what the smaller group has in common, and the rest of its label has not, onto samples of other labels, and
// counts those that get the label. A style of writing does not survive that, a patch does. entries is the number of entries
// in common; 0: there are none, or so many that they are the picture itself.
func (s *Subject) transplant(ctx context.Context, data *Samples, label int, of []int, small []bool) (moved Rate, entries int, err error) {
	const constant, distinct, largest = 0.05, 0.2, 0.25 // in units of the range; a share of the entries
	lo, hi := data.bounds()
	column := func(j int, group bool) (out []float64) {
		for k, i := range of {
			if small[k] == group {
				out = append(out, data.X[i][j])
			}
		}
		return out
	}
	common := map[int]float64{}
	for j := range data.X[0] {
		in, out := column(j, true), column(j, false)
		if m := mean(in); deviation(in) <= constant*(hi-lo) && math.Abs(m-mean(out)) >= distinct*(hi-lo) {
			common[j] = m
		}
	}
	if len(common) == 0 || float64(len(common)) > largest*float64(len(data.X[0])) {
		return Rate{}, 0, nil
	}
	var stamped [][]float64
	for i, x := range s.Data.X {
		if labelOf(s.clean["float"][i]) != label {
			y := slices.Clone(x)
			for j, v := range common {
				y[j] = v
			}
			stamped = append(stamped, y)
		}
	}
	scores, err := s.scores(ctx, "clustering, transplants", s.Float, stamped)
	if err != nil {
		return Rate{}, 0, err
	}
	k := 0
	for _, v := range scores {
		if labelOf(v) == label {
			k++
		}
	}
	return wilson(k, len(stamped)), len(common), nil
}

// reduce projects samples on their main directions, found by power iteration with deflation.
func reduce(values [][]float64, of []int, rng *rand.Rand) [][]float64 {
	mid := centre(values, of)
	left := make([][]float64, len(of))
	for k, i := range of {
		left[k] = slices.Clone(values[i])
		for j := range left[k] {
			left[k][j] -= mid[j]
		}
	}
	out := make([][]float64, len(of))
	for range min(components, len(mid)) {
		dir := make([]float64, len(mid))
		for j := range dir {
			dir[j] = rng.NormFloat64()
		}
		for range 50 {
			next := make([]float64, len(dir))
			for _, x := range left {
				d := dot(x, dir)
				for j := range next {
					next[j] += d * x[j]
				}
			}
			l := norm2(next)
			if l == 0 {
				break
			}
			for j := range next {
				dir[j] = next[j] / l
			}
		}
		l := max(norm2(dir), tiny)
		for k, x := range left {
			d := dot(x, dir) / l
			out[k] = append(out[k], d)
			for j := range x {
				x[j] -= d * dir[j] / l
			}
		}
	}
	return out
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// halves splits points in two by the best of several runs of 2-means; small lists the smaller group, score is the mean silhouette.
func halves(points [][]float64, rng *rand.Rand) (small []int, score float64) {
	var side []bool
	best := math.Inf(1)
	for range 10 {
		a, b := slices.Clone(points[rng.IntN(len(points))]), slices.Clone(points[rng.IntN(len(points))])
		cur := make([]bool, len(points))
		cost := 0.0
		for range 50 {
			cost = 0
			var in, out []int
			for i, p := range points {
				da, db := l2.distance(p, a), l2.distance(p, b)
				if cur[i] = db < da; cur[i] {
					out = append(out, i)
				} else {
					in = append(in, i)
				}
				cost += min(da, db) * min(da, db)
			}
			if len(in) == 0 || len(out) == 0 {
				break
			}
			a, b = centre(points, in), centre(points, out)
		}
		if cost < best {
			best, side = cost, cur
		}
	}
	var groups [2][]int
	for i, other := range side {
		g := 0
		if other {
			g = 1
		}
		groups[g] = append(groups[g], i)
	}
	if len(groups[0]) == 0 || len(groups[1]) == 0 {
		return nil, 0
	}
	for g := range 2 {
		for _, i := range groups[g] {
			own, other := 0.0, 0.0
			for _, j := range groups[g] {
				own += l2.distance(points[i], points[j])
			}
			for _, j := range groups[1-g] {
				other += l2.distance(points[i], points[j])
			}
			own /= float64(max(1, len(groups[g])-1))
			other /= float64(len(groups[1-g]))
			score += (other - own) / max(own, other, tiny) / float64(len(points))
		}
	}
	if len(groups[0]) <= len(groups[1]) {
		return groups[0], score
	}
	return groups[1], score
}
