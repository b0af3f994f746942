package robust

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// DisagreeOptions shape Disagree. Zero values are defaults.
type DisagreeOptions struct {
	Samples int     // searches; 0: 50
	Queries int     // pairs of queries for each search; 0: 500
	MaxLead float64 // the verdict fails if both networks are surer of different labels than this; 0: 0.05
	MaxRate float64 // ..or if they differ on more of the data; 0: 0.02
}

// Disagree searches inputs on which the real and the integer network have different labels. Near the border between two labels rounding
// always finds some; they matter when both networks are sure: then the integer network, which is proved, is another
// function than the one that was looked at. The lead of an answer is its label's probability minus the next one's; that of a disagreement
// the smaller of the two.
func (s *Subject) Disagree(ctx context.Context, o DisagreeOptions) (*Section, error) {
	if s.Integer == nil {
		return nil, errors.New("disagree: the integer network is needed")
	}
	if o.Samples == 0 {
		o.Samples = 50
	}
	if o.Queries == 0 {
		o.Queries = 500
	}
	if o.MaxLead == 0 {
		o.MaxLead = 0.05
	}
	if o.MaxRate == 0 {
		o.MaxRate = 0.02
	}
	if o.Samples < 1 || o.Queries < 1 {
		return nil, errors.New("disagree: searches and pairs of queries must be at least 1")
	}
	if s.Task == Regress {
		o.MaxLead = s.Tolerance
	}
	sec := &Section{Check: "disagree", Title: "Disagreement of the real and the integer network", Access: "scores of both networks",
		Strength: "largest lead of a disagreement", Measure: "inputs on which the answers differ", Columns: []string{"largest error", "no answer"},
		Limits: []string{fmt.Sprintf("a search of %d pairs of queries from each of %d starts, within the range of the data: a trigger that it does not come near stays hidden", o.Queries, o.Samples),
			"inputs that the circuit refuses cannot be proved; they are counted, not judged"}}
	if s.Task == Regress {
		sec.Strength = "largest difference"
	}
	data, err := s.compare(ctx, sec, "data", s.Data.X)
	if err != nil {
		return nil, err
	}
	lo, hi := s.Data.bounds()
	random := make([][]float64, len(s.Data.X))
	for i := range random {
		rng := s.rng("disagree random", i)
		random[i] = make([]float64, len(s.Data.X[i]))
		for j := range random[i] {
			random[i][j] = lo + (hi-lo)*rng.Float64()
		}
	}
	if _, err := s.compare(ctx, sec, "uniform random", random); err != nil {
		return nil, err
	}
	found := make([]duel, o.Samples)
	err = s.each(ctx, "disagree, search", o.Samples, func(k int) (err error) {
		from := s.Data.X[k%len(s.Data.X)]
		if k%5 == 4 { // some searches start anywhere
			from = random[k%len(random)]
		}
		found[k], err = s.duel(ctx, k, from, o.Queries)
		return err
	})
	if err != nil {
		return nil, err
	}
	k, n, largest, worst, refused := 0, 0, 0.0, 0.0, 0
	curve := Curve{Name: "searches"}
	var leads []float64
	for i, d := range found {
		n += d.pairs
		k += d.found
		refused += d.refused
		worst = max(worst, d.error)
		leads = append(leads, max(d.value, 0))
		if d.value > 0 {
			largest = max(largest, d.value)
			sec.hit(Hit{Check: "disagree", Model: "both", Method: "search", Index: i, Before: "float " + s.answer(d.float), After: "integer " + s.answer(d.integer),
				Distance: Number(d.value), Queries: 2 * o.Queries, X: d.x, from: d.from})
		}
	}
	slices.Sort(leads)
	for i, v := range leads {
		curve.Points = append(curve.Points, Point{v, float64(i+1) / float64(len(leads))})
	}
	sec.Plots = append(sec.Plots, Plot{Title: "largest lead of a disagreement by search", X: sec.Strength, Y: "share of searches below", Curves: []Curve{curve}})
	sec.Rows = append(sec.Rows, Row{Model: "both", Method: "search", At: Number(largest), Rate: wilson(k, n), Numbers: map[string]Number{"largest error": Number(worst), "no answer": Number(refused)}})
	sec.judge(largest <= o.MaxLead, "disagree-search", "largest %s found by %d searches: %.3g; above %.3g fails", map[Task]string{Classify: "lead", Regress: "difference"}[s.Task], o.Samples, largest, o.MaxLead)
	sec.judge(data.P <= o.MaxRate, "disagree-data", "the networks differ on %s of the data; above %g fails", data, o.MaxRate)
	sec.worst(func(h *Hit) float64 { return -float64(h.Distance) })
	return sec, nil
}

// clash measures one pair of answers: positive where they differ, and then by how much both are sure of it (the difference
// beyond nothing for a regressor); below 0, how far they are from differing. ok is false if one is missing.
func (s *Subject) clash(a, b []float64) (value, diff float64, ok bool) {
	if a == nil || b == nil {
		return math.Inf(-1), 0, false
	}
	for i := range a {
		diff = max(diff, math.Abs(a[i]-b[i]))
	}
	if s.Task == Regress {
		return diff, diff, true
	}
	p, q := probabilities(a), probabilities(b)
	x, y := labelOf(a), labelOf(b)
	if x != y {
		return min(p[x]-p[y], q[y]-q[x]), diff, true
	}
	return -max(lead(a), lead(b)), diff, true
}

// differ reports whether a clash is a disagreement.
func (s *Subject) differ(value float64) bool {
	if s.Task == Regress {
		return value > s.Tolerance
	}
	return value >= 0
}

// compare evaluates both networks on inputs.
func (s *Subject) compare(ctx context.Context, sec *Section, name string, xs [][]float64) (Rate, error) {
	a, err := s.scores(ctx, "disagree, "+name+", float", s.Float, xs)
	if err != nil {
		return Rate{}, err
	}
	b, err := s.scores(ctx, "disagree, "+name+", integer", s.Integer, xs)
	if err != nil {
		return Rate{}, err
	}
	k, n, refused, largest, worst := 0, 0, 0, 0.0, 0.0
	for i := range xs {
		v, diff, ok := s.clash(a[i], b[i])
		if !ok {
			refused++
			continue
		}
		n++
		worst = max(worst, diff)
		if s.differ(v) {
			k++
			largest = max(largest, v)
			sec.hit(Hit{Check: "disagree", Model: "both", Method: name, Index: i, Before: "float " + s.answer(a[i]), After: "integer " + s.answer(b[i]),
				Distance: Number(v), X: xs[i], from: xs[i]})
		}
	}
	r := wilson(k, n)
	sec.Rows = append(sec.Rows, Row{Model: "both", Method: name, At: Number(largest), Rate: r, Numbers: map[string]Number{"largest error": Number(worst), "no answer": Number(refused)}})
	return r, nil
}

// duel is the outcome of one search.
type duel struct {
	value          float64 // the largest clash
	x, from        []float64
	float, integer []float64
	error          float64 // the largest difference of scores seen
	pairs, found   int
	refused        int
}

// duel climbs: it changes random groups of entries, in steps that adapt, and keeps what makes the clash larger.
func (s *Subject) duel(ctx context.Context, k int, from []float64, pairs int) (duel, error) {
	rng := s.rng("disagree", k)
	lo, hi := s.Data.bounds()
	d := duel{value: math.Inf(-1), x: from, from: from}
	ask := func(x []float64) (float64, error) {
		a, err := s.Float.Scores(ctx, x)
		if err != nil {
			return 0, err
		}
		b, err := s.Integer.Scores(ctx, x)
		if err != nil {
			return 0, err
		}
		v, diff, ok := s.clash(a, b)
		if !ok {
			d.refused++
			return v, nil
		}
		d.pairs++
		d.error = max(d.error, diff)
		if s.differ(v) {
			d.found++
		}
		if v > d.value {
			d.value, d.x, d.float, d.integer = v, slices.Clone(x), a, b
		}
		return v, nil
	}
	if _, err := ask(from); err != nil {
		return d, err
	}
	step := 0.3
	for q := 1; q < pairs && ctx.Err() == nil; q++ {
		before := d.value
		x := slices.Clone(d.x)
		few := 1 + rng.IntN(max(1, len(x)/4))
		for range few {
			j := rng.IntN(len(x))
			if rng.IntN(8) == 0 {
				x[j] = lo + (hi-lo)*float64(rng.IntN(2))
			} else {
				x[j] += step * (hi - lo) * rng.NormFloat64()
			}
		}
		clip(x, lo, hi)
		if _, err := ask(x); err != nil {
			return d, err
		}
		if d.value > before {
			step = min(step*1.5, 0.5)
		} else {
			step = max(step*0.95, 1e-5)
		}
	}
	if !s.differ(d.value) && s.Task == Classify {
		d.value = 0
	}
	return d, ctx.Err()
}
