package robust

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// STRIP: a clean input changes its label when another one is laid over it, so its answers have a high entropy; an input
// with a trigger keeps the trigger's label.
const (
	blends     = 40   // samples laid over each input
	falseAlarm = 0.05 // share of clean inputs below the threshold
	stripMost  = 200  // inputs of each kind
)

func (s *Subject) strip(ctx context.Context, sec *Section, o *PoisonOptions, best *patch) error {
	lo, hi := s.Data.bounds()
	order := s.rng("strip").Perm(len(s.Data.X))
	if len(order) < 20 {
		sec.Skipped = append(sec.Skipped, fmt.Sprintf("strip: %d samples, at least 20 are needed", len(order)))
		return nil
	}
	overlay, clean := order[:len(order)/2], order[len(order)/2:]
	clean = clean[:min(len(clean), stripMost)]
	pick := func(of []int) [][]float64 {
		var out [][]float64
		for _, i := range of {
			out = append(out, s.Data.X[i])
		}
		return out
	}
	base := pick(clean)
	var stamped [][]float64
	if best != nil {
		for _, x := range base {
			stamped = append(stamped, best.stamp(asPicture(s.Float.shape), x, lo, hi))
		}
	}
	for _, model := range s.Models() {
		reference, err := s.entropies(ctx, model, base, pick(overlay))
		if err != nil {
			return err
		}
		threshold := quantile(reference, falseAlarm)
		below := func(e []float64) Rate {
			k := 0
			for _, v := range e {
				if v < threshold {
					k++
				}
			}
			return wilson(k, len(e))
		}
		plot := Plot{Title: "entropy under blending, " + model.Name + " network", X: "entropy (nats)", Y: "share below", Curves: []Curve{cumulative("clean", reference)}}
		if stamped != nil {
			e, err := s.entropies(ctx, model, stamped, pick(overlay))
			if err != nil {
				return err
			}
			plot.Curves = append(plot.Curves, cumulative("with the sweep's best patch", e))
			sec.Rows = append(sec.Rows, Row{Model: model.Name, Method: "strip, best patch", At: Number(threshold), Rate: below(e), Numbers: map[string]Number{"clean rate": falseAlarm}})
		}
		if o.Suspects == nil {
			sec.find("note", "strip-"+model.Name, "no suspects given: the threshold is %.3f nats at %g of false alarms", threshold, falseAlarm)
		} else {
			e, err := s.entropies(ctx, model, o.Suspects.X, pick(overlay))
			if err != nil {
				return err
			}
			plot.Curves = append(plot.Curves, cumulative("suspects", e))
			r := below(e)
			sec.Rows = append(sec.Rows, Row{Model: model.Name, Method: "strip, suspects", At: Number(threshold), Rate: r, Numbers: map[string]Number{"clean rate": falseAlarm}})
			// the threshold is itself an estimate: twice the rate of false alarms is allowed
			sec.judge(atLeast(r.K, r.N, 0.99) <= 2*falseAlarm, "strip-"+model.Name, "%s of the suspects keep one label under blending, against %g of clean samples", r, falseAlarm)
		}
		sec.Plots = append(sec.Plots, plot)
	}
	return nil
}

// entropies are the mean entropies of the answers when others are laid over each input.
func (s *Subject) entropies(ctx context.Context, model *Model, xs, overlay [][]float64) ([]float64, error) {
	lo, hi := s.Data.bounds()
	out := make([]float64, len(xs))
	err := s.each(ctx, "strip, "+model.Name, len(xs), func(i int) error {
		rng := s.rng("blend", i)
		sum, n := 0.0, 0
		for range blends {
			z := overlay[rng.IntN(len(overlay))]
			x := slices.Clone(xs[i])
			for j := range x {
				x[j] += z[j] - lo
			}
			clip(x, lo, hi)
			scores, err := model.Scores(ctx, x)
			if err != nil {
				return err
			}
			if scores == nil {
				continue
			}
			n++
			for _, p := range probabilities(scores) {
				if p > 0 {
					sum -= p * math.Log(p)
				}
			}
		}
		out[i] = sum / float64(max(n, 1))
		return nil
	})
	return out, err
}

// cumulative is the distribution of values as a curve.
func cumulative(name string, values []float64) Curve {
	c := Curve{Name: name}
	sorted := slices.Sorted(slices.Values(values))
	for i := 0; i < len(sorted); i += max(1, len(sorted)/80) {
		c.Points = append(c.Points, Point{sorted[i], float64(i+1) / float64(len(sorted))})
	}
	return c
}
