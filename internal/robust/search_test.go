package robust

import (
	"context"
	"math"
	"testing"
)

// linear is the network x -> w.x + b with one output.
func linear(w []float64, b float64) *Model {
	return &Model{Name: "float", shape: []int{1, len(w)}, eval: func(_ context.Context, x []float64) ([]float64, error) {
		return []float64{dot(w, x) + b}, nil
	}}
}

// halfspace is a classifier of label 1 where w.x > 0.
func halfspace(w []float64, shape ...int) *Model {
	return &Model{Name: "float", shape: shape, eval: func(_ context.Context, x []float64) ([]float64, error) {
		return []float64{0, dot(w, x)}, nil
	}}
}

// Against a half-space the nearest wrong answer is known: every attack finds one when the budget allows it, within budget of
// distance, range and queries, and none when it does not.
func TestAttacks(t *testing.T) {
	const n = 16
	w, x := make([]float64, n), make([]float64, n)
	for i := range w {
		w[i] = 1 + float64(i%3)
		if i%2 == 0 {
			w[i] = -w[i]
		}
		x[i] = 0.5
	}
	x[1] += 0.45
	g, l1 := dot(w, x), 0.0
	if g <= 0 {
		t.Fatal("the sample has label 0")
	}
	for _, v := range w {
		l1 += math.Abs(v)
	}
	least := map[Norm]float64{linf: g / l1, l2: g / norm2(w), l0: 1} // 1.5 > g: one entry is enough
	for _, m := range methods {
		for _, norm := range m.norms {
			for _, factor := range []float64{0.7, 2.5} {
				eps := least[norm] * factor
				q := &search{ctx: t.Context(), model: halfspace(w, 1, 1, 4, 4), target: target{task: Classify, label: 1}, x: x, shape: []int{1, 1, 4, 4}, hi: 1,
					norm: norm, eps: eps, budget: 3000, starts: [][]float64{x}, rng: (&Subject{Seed: 1}).rng(m.name), minimise: m.minimise, dist: math.Inf(1)}
				m.run(q)
				if q.err != nil {
					t.Fatal(q.err)
				}
				if q.queries > q.budget || int64(q.queries) != q.model.queries.Load() {
					t.Errorf("%s %s: %d queries counted, %d made, budget %d", m.name, norm, q.queries, q.model.queries.Load(), q.budget)
				}
				if q.met() != (factor > 1) {
					t.Errorf("%s %s: found %v within %g of what is needed (distance %g, least %g)", m.name, norm, q.met(), factor, q.dist, least[norm])
					continue
				}
				if q.best == nil {
					continue
				}
				if dot(w, q.best) > 0 || q.dist != norm.distance(q.best, x) || q.dist < least[norm]*(1-1e-6) {
					t.Errorf("%s %s: w.x = %g at distance %g, at least %g are needed", m.name, norm, dot(w, q.best), q.dist, least[norm])
				}
				for i, v := range q.best {
					if v < 0 || v > 1 {
						t.Errorf("%s %s: entry %d is %g", m.name, norm, i, v)
					}
				}
				if m.minimise && q.dist > 1.5*least[norm] {
					t.Errorf("%s %s: distance %g after %d queries, the least is %g", m.name, norm, q.dist, q.queries, least[norm])
				}
			}
		}
	}
}

// Attacks survive networks without wrong answers, without answers, and inputs of one entry.
func TestAttacksWithoutTarget(t *testing.T) {
	constant := func(scores []float64) *Model {
		return &Model{shape: []int{1}, eval: func(context.Context, []float64) ([]float64, error) {
			if scores == nil {
				return nil, errRefused
			}
			return scores, nil
		}}
	}
	for _, m := range methods {
		for _, norm := range m.norms {
			for _, model := range []*Model{constant([]float64{1, 0}), constant([]float64{1, 1}), constant(nil)} {
				q := &search{ctx: t.Context(), model: model, target: target{task: Classify}, x: []float64{0.3}, shape: []int{1}, hi: 1, norm: norm, eps: 1, budget: 200,
					starts: [][]float64{{0.9}}, rng: (&Subject{}).rng(m.name), minimise: m.minimise, dist: math.Inf(1)}
				if m.run(q); q.best != nil || q.queries > 200 {
					t.Errorf("%s %s: %v after %d queries", m.name, norm, q.best, q.queries)
				}
			}
		}
	}
}

func TestProject(t *testing.T) {
	centre := []float64{0.5, 0.5, 0.9}
	for norm, eps := range map[Norm]float64{linf: 0.1, l2: 0.2, l0: 2} {
		x := []float64{0, 0.8, 2}
		norm.project(x, centre, eps, 0, 1)
		if d := norm.distance(x, centre); d > eps*(1+1e-9) || x[2] > 1 {
			t.Errorf("%s: %v at distance %g", norm, x, d)
		}
	}
}

func TestPicture(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  picture
	}{
		{[]int{1, 3, 4, 5}, picture{3, 4, 5, 20, 5, 1}}, {[]int{1, 4, 5, 3}, picture{3, 4, 5, 1, 15, 3}}, {[]int{1, 1, 8, 8}, picture{1, 8, 8, 0, 8, 1}},
		{[]int{6, 7}, picture{1, 6, 7, 0, 7, 1}}, {[]int{1, 9}, picture{1, 1, 9, 0, 9, 1}}, {[]int{5}, picture{1, 1, 5, 0, 5, 1}}, {nil, picture{1, 1, 1, 0, 1, 1}},
	} {
		if got := asPicture(c.shape); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.shape, got, c.want)
		}
	}
}
