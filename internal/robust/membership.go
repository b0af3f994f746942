package robust

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// MembershipOptions shape Membership.
type MembershipOptions struct {
	Members    *Samples // training samples, with labels
	Others     *Samples // samples of the same kind that were not trained on, with labels
	References []*Model // networks trained in the same way, without any of the samples: for LiRA and RMIA
	MaxAUC     float64  // the verdict fails if the interval of some area lies above; 0: 0.6
}

// noiseDraws and noiseSigma shape the label-only signal: noisy copies of each sample, in units of the range.
const noiseDraws = 30

var noiseSigmas = []float64{0.05, 0.1, 0.2, 0.3, 0.4}

// Membership measures how well training samples can be told from others by the network's answers: each signal is a number
// for each sample, larger for members.
func (s *Subject) Membership(ctx context.Context, o MembershipOptions) (*Section, error) {
	if o.Members == nil || o.Others == nil || o.Members.Y == nil || o.Others.Y == nil {
		return nil, errors.New("membership: members and non-members with labels are needed")
	}
	for _, d := range []*Samples{o.Members, o.Others} {
		if err := s.check(d); err != nil {
			return nil, err
		}
	}
	if o.MaxAUC == 0 {
		o.MaxAUC = 0.6
	}
	n, m := len(o.Members.X), len(o.Others.X)
	sec := &Section{Check: "membership", Title: "Membership inference", Access: "scores, labels and the true label of a candidate; for lira and rmia also networks trained in the same way",
		Strength: "false positive rate", Measure: "true positive rate: members found at that rate of false alarms", Columns: []string{"AUC", "AUC lo", "AUC hi", "advantage"},
		Limits: []string{"if members and non-members differ in more than membership (source, time, preparation), so do the signals",
			"thresholds are chosen on the same samples that they are measured on: the rates are those of an attacker who knows them"}}
	if m < 1000 {
		sec.Limits = append(sec.Limits, fmt.Sprintf("with %d non-members a false positive rate of 0.1 %% means none of them: it is not resolved below 1000", m))
	}
	if len(o.References) == 0 {
		sec.Skipped = append(sec.Skipped, "lira, rmia: reference networks are needed (--reference)")
	}
	for _, model := range s.Models() {
		signals, err := s.signals(ctx, model, &o)
		if err != nil {
			return nil, err
		}
		plot := Plot{Title: "membership, " + model.Name + " network", X: "false positive rate", Y: "true positive rate"}
		strongest, where := 0.0, ""
		for _, sig := range signals {
			in, out := sig.values[:n], sig.values[n:]
			area := auc(in, out)
			lo, hi := bootstrap(in, out, s.rng("bootstrap", sig.name))
			for _, fpr := range []float64{0.01, 0.001} {
				sec.Rows = append(sec.Rows, Row{Model: model.Name, Method: sig.name, At: Number(fpr), Rate: tprAt(in, out, fpr),
					Numbers: map[string]Number{"AUC": Number(area), "AUC lo": Number(lo), "AUC hi": Number(hi), "advantage": Number(advantage(in, out))}})
			}
			if where == "" || lo > strongest {
				strongest, where = lo, fmt.Sprintf("%s, AUC %.3f [%.3f, %.3f]", sig.name, area, lo, hi)
			}
			plot.Curves = append(plot.Curves, Curve{Name: sig.name, Points: roc(in, out)})
		}
		plot.Curves = append(plot.Curves, Curve{Name: "chance", Points: []Point{{0, 0}, {1, 1}}})
		sec.Plots = append(sec.Plots, plot)
		sec.judge(strongest <= o.MaxAUC, "membership-"+model.Name, "strongest signal: %s; %d members, %d non-members; a lower end above %g fails", where, n, m, o.MaxAUC)
	}
	return sec, nil
}

// advantage is the largest true minus false positive rate over all thresholds.
func advantage(in, out []float64) float64 {
	best := 0.0
	for _, p := range roc(in, out) {
		best = max(best, p[1]-p[0])
	}
	return best
}

// signal holds a number for each member, then for each other sample.
type signal struct {
	name   string
	values []float64
}

func (s *Subject) signals(ctx context.Context, model *Model, o *MembershipOptions) ([]signal, error) {
	xs := slices.Concat(o.Members.X, o.Others.X)
	targets := make([]target, 0, len(xs))
	for _, d := range []*Samples{o.Members, o.Others} {
		for i := range d.X {
			targets = append(targets, s.labelled(d, i))
		}
	}
	scores, err := s.scores(ctx, "membership, "+model.Name, model, xs)
	if err != nil {
		return nil, err
	}
	each := func(name string, f func(i int) float64) signal {
		v := make([]float64, len(xs))
		for i := range v {
			if scores[i] == nil {
				v[i] = math.Inf(-1)
			} else {
				v[i] = f(i)
			}
		}
		return signal{name, v}
	}
	gap := each("gap", func(i int) float64 {
		if targets[i].wrong(scores[i]) {
			return 0
		}
		return 1
	})
	if s.Task == Regress {
		return []signal{gap, each("loss", func(i int) float64 { return targets[i].margin(scores[i]) })}, nil
	}
	out := []signal{gap,
		each("loss", func(i int) float64 { return math.Log(max(probabilities(scores[i])[targets[i].label], tiny)) }),
		each("modified entropy", func(i int) float64 { return -modifiedEntropy(probabilities(scores[i]), targets[i].label) })}
	stable, err := s.stability(ctx, model, xs, targets)
	if err != nil {
		return nil, err
	}
	out = append(out, signal{"label-only", stable})
	if len(o.References) == 0 {
		return out, nil
	}
	refs := make([][][]float64, len(o.References))
	for k, r := range o.References {
		if refs[k], err = s.scores(ctx, fmt.Sprintf("reference %d of %d", k+1, len(refs)), r, xs); err != nil {
			return nil, err
		}
		for i, v := range refs[k] {
			if v == nil || len(v) != s.width {
				return nil, fmt.Errorf("reference %d: sample %d has %d outputs, want %d", k, i, len(v), s.width)
			}
		}
	}
	return append(out, signal{"lira", lira(scores, refs, targets)}, signal{"rmia", rmia(scores, refs, targets, len(o.Members.X))}), nil
}

// tiny keeps logarithms finite.
const tiny = 1e-12

// modifiedEntropy is that of Song and Mittal (2003.10595): small for a confident right answer, large for a confident wrong one.
func modifiedEntropy(p []float64, label int) float64 {
	sum := -(1 - p[label]) * math.Log(max(p[label], tiny))
	for i, v := range p {
		if i != label {
			sum -= v * math.Log(max(1-v, tiny))
		}
	}
	return sum
}

// stability is the share of noisy copies that are answered rightly (2007.14321): it sees labels only.
func (s *Subject) stability(ctx context.Context, model *Model, xs [][]float64, targets []target) ([]float64, error) {
	out := make([]float64, len(xs))
	lo, hi := s.Data.bounds()
	err := s.each(ctx, "membership, labels only, "+model.Name, len(xs), func(i int) error {
		rng := s.rng("stability", i)
		right := 0
		for k := range noiseDraws {
			x := slices.Clone(xs[i])
			if k > 0 {
				noises[0].add(x, noiseSigmas[k%len(noiseSigmas)], lo, hi, rng)
				clip(x, lo, hi)
			}
			v, err := model.Scores(ctx, x)
			if err != nil {
				return err
			}
			if v != nil && !targets[i].wrong(v) {
				right++
			}
		}
		out[i] = float64(right)
		return nil
	})
	return out, err
}

// confidence is the logit of the true label's probability, near normal over networks.
func confidence(scores []float64, label int) float64 {
	p := min(max(probabilities(scores)[label], 1e-9), 1-1e-9)
	return math.Log(p) - math.Log1p(-p)
}

// lira is the offline likelihood ratio: how far the confidence lies above that of networks that did not train on the sample,
// in deviations. With few networks the deviation is one for all samples, as the authors advise.
func lira(scores [][]float64, refs [][][]float64, targets []target) []float64 {
	out := make([]float64, len(scores))
	means, sum, count := make([]float64, len(scores)), 0.0, 0
	own := make([]float64, len(scores))
	for i := range scores {
		var c []float64
		for _, r := range refs {
			c = append(c, confidence(r[i], targets[i].label))
		}
		means[i], own[i] = mean(c), deviation(c)
		sum += own[i] * own[i] * float64(len(c))
		count += len(c)
	}
	pooled := math.Sqrt(sum/float64(max(1, count-len(scores)))) + 1e-6
	for i, v := range scores {
		if v == nil {
			out[i] = math.Inf(-1)
			continue
		}
		d := pooled
		if len(refs) >= 16 {
			d = own[i] + 1e-6
		}
		out[i] = (confidence(v, targets[i].label) - means[i]) / d
	}
	return out
}

// rmia is the share of non-members whose ratio of probability under the network to that under the references is lower. The
// references did not see the sample; that its probability would be higher otherwise is allowed for with the authors' a = 0.3.
func rmia(scores [][]float64, refs [][][]float64, targets []target, members int) []float64 {
	const a = 0.3
	ratio := make([]float64, len(scores))
	for i, v := range scores {
		if v == nil {
			ratio[i] = math.Inf(-1)
			continue
		}
		p := 0.0
		for _, r := range refs {
			p += probabilities(r[i])[targets[i].label] / float64(len(refs))
		}
		ratio[i] = probabilities(v)[targets[i].label] / (((1+a)*p + 1 - a) / 2)
	}
	out := make([]float64, len(scores))
	for i := range out {
		n := 0
		for z := members; z < len(ratio); z++ {
			if z == i {
				continue
			}
			n++
			if ratio[i] > ratio[z] {
				out[i]++
			}
		}
		out[i] /= float64(max(n, 1))
	}
	return out
}
