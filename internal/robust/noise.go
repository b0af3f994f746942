package robust

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// NoiseOptions shape Noise. Zero values are defaults.
type NoiseOptions struct {
	Sigmas  []float64 // strengths, in units of the input range; nil: 0.02, 0.05, 0.1, 0.2, 0.3, 0.5
	Repeats int       // draws for each sample and strength; 0: 5
	MinRate float64   // accuracy below which the verdict fails, at the strength At
	At      float64   // 0: the smallest strength
}

var defaultSigmas = []float64{0.02, 0.05, 0.1, 0.2, 0.3, 0.5}

// noises are the kinds of noise. sigma is in units of the width of [lo, hi]: the deviation of the Gaussian and uniform
// noise before it is cut at the range, or the share of entries that salt and pepper replaces.
var noises = []struct {
	name string
	add  func(x []float64, sigma, lo, hi float64, rng *rand.Rand)
}{
	{"gaussian", func(x []float64, sigma, lo, hi float64, rng *rand.Rand) {
		for i := range x {
			x[i] += sigma * (hi - lo) * rng.NormFloat64()
		}
	}},
	{"uniform", func(x []float64, sigma, lo, hi float64, rng *rand.Rand) {
		for i := range x {
			x[i] += sigma * (hi - lo) * math.Sqrt(3) * (2*rng.Float64() - 1)
		}
	}},
	{"salt-and-pepper", func(x []float64, sigma, lo, hi float64, rng *rand.Rand) {
		for i := range x {
			if u := rng.Float64(); u < sigma/2 {
				x[i] = lo
			} else if u < sigma {
				x[i] = hi
			}
		}
	}},
}

// Noise measures the accuracy under random noise. The worst answer of the repeats is looked at as well: a sample counts
// as stable if no draw makes it wrong.
func (s *Subject) Noise(ctx context.Context, o NoiseOptions) (*Section, error) {
	if o.Sigmas == nil {
		o.Sigmas = defaultSigmas
	}
	o.Sigmas = slices.Sorted(slices.Values(o.Sigmas))
	if o.Repeats == 0 {
		o.Repeats = 5
	}
	if o.At == 0 {
		o.At = o.Sigmas[0]
	}
	if !slices.Contains(o.Sigmas, o.At) {
		return nil, fmt.Errorf("noise: the strength to judge, %g, is not in the sweep %v", o.At, o.Sigmas)
	}
	if o.Sigmas[0] < 0 || o.Repeats < 1 {
		return nil, fmt.Errorf("noise: strengths must not be negative, repeats at least 1")
	}
	sec := &Section{Check: "noise", Title: "Noise", Access: "no attacker: chance", Strength: "deviation in units of the input range; share of entries for salt-and-pepper",
		Measure: "accuracy over all draws", Columns: []string{"stable", "margin kept"},
		Limits: []string{"random noise says little about chosen changes: see attack", "an input that the circuit refuses counts as not right",
			"draws of one sample are not independent, so intervals over draws are narrower than those over new samples; 'stable' counts samples"}}
	lo, hi := s.Data.bounds()
	n := len(s.Data.X)
	for _, noise := range noises {
		plot := Plot{Title: "accuracy under " + noise.name + " noise", X: "strength", Y: "accuracy"}
		for _, m := range s.Models() {
			c := Curve{Name: m.Name}
			flip := slices.Repeat([]float64{math.Inf(1)}, n) // strength of a sample's first wrong answer
			for _, sigma := range o.Sigmas {
				right, kept := make([]int, n), make([]float64, n)
				worst := make([]*Hit, n)
				err := s.each(ctx, fmt.Sprintf("noise %s %g, %s", noise.name, sigma, m.Name), n, func(i int) error {
					rng := s.rng("noise", noise.name, i) // the same draws for every strength and network
					t := s.target(i)
					least := math.Inf(1)
					for range o.Repeats {
						x := slices.Clone(s.Data.X[i])
						noise.add(x, sigma, lo, hi, rng)
						clip(x, lo, hi)
						scores, err := m.Scores(ctx, x)
						if err != nil {
							return err
						}
						g := t.margin(scores)
						if scores != nil && g >= 0 {
							right[i]++
						}
						if g < least && g < 0 {
							worst[i] = &Hit{Check: "noise", Model: m.Name, Method: noise.name, Budget: Number(sigma), Index: i, Truth: s.truth(i),
								Before: s.answer(s.clean[m.Name][i]), After: s.answer(scores), Distance: Number(l2.distance(x, s.Data.X[i])), X: x, from: s.Data.X[i]}
						}
						least = min(least, g)
					}
					kept[i] = least
					return nil
				})
				if err != nil {
					return nil, err
				}
				total, stable := 0, 0
				for i := range n {
					total += right[i]
					if right[i] == o.Repeats {
						stable++
					}
					if clean := s.clean[m.Name][i]; worst[i] != nil {
						first := math.IsInf(flip[i], 1)
						flip[i] = min(flip[i], sigma)
						if t := s.target(i); first && !t.wrong(clean) {
							sec.hit(*worst[i])
						}
					}
				}
				rate := wilson(total, n*o.Repeats)
				sec.Rows = append(sec.Rows, Row{Model: m.Name, Method: noise.name, At: Number(sigma), Rate: rate,
					Numbers: map[string]Number{"stable": Number(float64(stable) / float64(n)), "margin kept": Number(quantile(kept, 0.5))}})
				c.add(sigma, rate)
				if o.MinRate > 0 && sigma == o.At {
					sec.judge(rate.P >= o.MinRate, "noise-"+noise.name+"-"+m.Name, "accuracy %s at strength %g, wanted %g", rate, sigma, o.MinRate)
				}
			}
			sec.find("note", "first-flip-"+noise.name+"-"+m.Name, "half of the samples have a wrong answer at strength %s", Number(quantile(flip, 0.5)))
			plot.Curves = append(plot.Curves, c)
		}
		sec.Plots = append(sec.Plots, plot)
	}
	sec.worst(func(h *Hit) float64 { return float64(h.Distance) })
	return sec, nil
}

// add appends a rate with its interval.
func (c *Curve) add(at float64, r Rate) {
	c.Points = append(c.Points, Point{at, r.P})
	c.Lo, c.Hi = append(c.Lo, Point{at, r.Lo}), append(c.Hi, Point{at, r.Hi})
}

// worst keeps the hits of smallest cost as examples, one for each sample and network.
func (s *Section) worst(cost func(*Hit) float64) {
	const keep = 12
	sorted := slices.Clone(s.Hits)
	slices.SortStableFunc(sorted, func(a, b Hit) int {
		switch x, y := cost(&a), cost(&b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	type key struct {
		index int
		model string
	}
	seen := map[key]bool{}
	for _, h := range sorted {
		if k := (key{h.Index, h.Model}); !seen[k] && len(s.Worst) < keep {
			seen[k] = true
			s.Worst = append(s.Worst, h)
		}
	}
}
