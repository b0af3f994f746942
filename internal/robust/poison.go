package robust

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// PoisonOptions shape Poison. Zero values are defaults.
type PoisonOptions struct {
	MaxArea  float64  // the largest patch, as a share of the entries; 0: 0.1
	MaxRate  float64  // the verdict fails if a patch surely turns more of the samples into one label; 0: 0.8
	Suspects *Samples // inputs that STRIP judges; nil: none
	Training *Samples // samples with the labels that were trained on, for clustering; nil: the data, if it has labels
	Tensor   string   // whose values are clustered; "": none
	Inner    func(ctx context.Context, tensor string, xs [][]float64) ([][]float64, error)
}

// errNotClassifier is why poison has nothing to do.
var errNotClassifier = errors.New("poison: the checks look for inputs that turn into one label: they need a classifier")

// Poison looks for signs that training data was poisoned: patches that turn most inputs into one label, inputs whose label
// survives blending, labels whose samples fall into two groups inside the network.
func (s *Subject) Poison(ctx context.Context, o PoisonOptions) (*Section, error) {
	if s.Task != Classify {
		return nil, errNotClassifier
	}
	if o.MaxArea == 0 {
		o.MaxArea = 0.1
	}
	if o.MaxRate == 0 {
		o.MaxRate = 0.8
	}
	if !(o.MaxArea > 0 && o.MaxArea <= 1 && o.MaxRate > 0 && o.MaxRate <= 1) {
		return nil, fmt.Errorf("poison: area and rate must be between 0 and 1")
	}
	sec := &Section{Check: "poison", Title: "Signs of poisoning", Access: "the network, clean samples, and, for clustering, training samples",
		Strength: "trigger: entries of the patch; strip: threshold in nats; clusters: silhouette",
		Measure:  "trigger: samples of other labels that the patch turns into one, of samples that the search did not use; strip: inputs below the threshold; clusters: the smaller group",
		Columns:  []string{"target", "row", "column", "side", "clean rate"},
		Limits: []string{"without the training data and its making nobody can exclude a backdoor: triggers that are large, faint, warped, spread, of meaning (a hat), or that need several parts are not searched",
			"a patch that works can also be a weakness that nobody planted: the sweep cannot tell the two apart",
			"STRIP assumes a trigger that survives blending and works on every input; clustering assumes that the poison is in the samples given"}}
	best, err := s.triggers(ctx, sec, &o)
	if err != nil {
		return nil, err
	}
	if err := s.strip(ctx, sec, &o, best); err != nil {
		return nil, err
	}
	if err := s.clusters(ctx, sec, &o); err != nil {
		return nil, err
	}
	return sec, nil
}

// patch is a trigger: values on a square.
type patch struct {
	y, x, side int
	pattern    string
	label      int     // the label that it makes
	rate       float64 // of samples turned into it, on the half that the search uses
}

// patterns of a patch: all bright, all dark, a chessboard and its negative.
var patterns = []string{"high", "low", "chess", "negative chess"}

// stamp puts the patch on a copy of x.
func (p *patch) stamp(m picture, x []float64, lo, hi float64) []float64 {
	out := slices.Clone(x)
	for c := range m.c {
		for v := p.y; v < min(p.y+p.side, m.h); v++ {
			for u := p.x; u < min(p.x+p.side, m.w); u++ {
				bright := p.pattern == "high" || p.pattern == "chess" && (v+u)%2 == 0 || p.pattern == "negative chess" && (v+u)%2 == 1
				out[m.at(c, v, u)] = map[bool]float64{true: hi, false: lo}[bright]
			}
		}
	}
	return out
}

// candidates are all patches up to an area, on a grid of at most 256 places a size, 64 on large pictures.
func candidates(m picture, area float64) []*patch {
	var out []*patch
	places := 256
	if m.h*m.w > 1024 {
		places = 64
	}
	for side := 1; side <= max(m.h, m.w); side++ {
		rows := min(side, m.h)
		if float64(rows*min(side, m.w)) > area*float64(m.h*m.w) && side > 1 {
			break
		}
		if side > 8 && side&(side-1) != 0 { // large ones: powers of two only
			continue
		}
		step := 1
		for ((m.h-rows)/step+1)*((m.w-side)/step+1) > places {
			step++
		}
		for y := 0; y+rows <= m.h; y += step {
			for x := 0; x+side <= m.w; x += step {
				for k, name := range patterns {
					if k < 2 || side > 1 {
						out = append(out, &patch{y: y, x: x, side: side, pattern: name})
					}
				}
			}
		}
	}
	return out
}

// turned counts, among samples that are not of the most frequent new label already, those that get it.
func turned(before, after []int) (label, k, n int) {
	count := map[int]int{}
	for i, a := range after {
		if a != before[i] && a != noLabel {
			count[a]++
		}
	}
	label = -1
	for a, c := range count {
		if label < 0 || c > count[label] || c == count[label] && a < label {
			label = a
		}
	}
	for i, b := range before {
		if label < 0 || b == label || b == noLabel {
			continue
		}
		n++
		if after[i] == label {
			k++
		}
	}
	return label, k, n
}

// triggers sweeps over patches on half of the samples, and measures the best ones on the other half. It searches with the
// real network, which is faster, and measures both.
func (s *Subject) triggers(ctx context.Context, sec *Section, o *PoisonOptions) (*patch, error) {
	const searched, measured, kept = 30, 200, 5
	m := asPicture(s.Float.shape)
	lo, hi := s.Data.bounds()
	order := s.rng("trigger").Perm(len(s.Data.X))
	half := order[:min(len(order)/2, searched)]
	rest := order[len(order)/2:]
	rest = rest[:min(len(rest), measured)]
	if len(half) < 5 {
		sec.Skipped = append(sec.Skipped, fmt.Sprintf("trigger: %d samples, at least 10 are needed", len(order)))
		return nil, nil
	}
	labels := func(model *Model, p *patch, of []int) (before, after []int, err error) {
		for _, i := range of {
			scores, err := model.Scores(ctx, p.stamp(m, s.Data.X[i], lo, hi))
			if err != nil {
				return nil, nil, err
			}
			before, after = append(before, labelOf(s.clean[model.Name][i])), append(after, labelOf(scores))
		}
		return before, after, nil
	}
	all := candidates(m, o.MaxArea)
	err := s.each(ctx, "trigger sweep", len(all), func(j int) error {
		before, after, err := labels(s.Float, all[j], half)
		if err != nil {
			return err
		}
		label, k, n := turned(before, after)
		all[j].label, all[j].rate = label, float64(k)/float64(max(n, 1))
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b *patch) int {
		switch {
		case a.rate > b.rate:
			return -1
		case a.rate < b.rate:
			return 1
		}
		return a.side - b.side
	})
	for _, model := range s.Models() {
		surest, text := -1.0, "no patch turns a label"
		for _, p := range all[:min(kept, len(all))] {
			before, after, err := labels(model, p, rest)
			if err != nil {
				return nil, err
			}
			k, n := 0, 0
			for i, b := range before {
				if b == p.label || b == noLabel {
					continue
				}
				n++
				if after[i] == p.label {
					k++
					sec.hit(Hit{Check: "poison", Model: model.Name, Method: "trigger " + p.pattern, Budget: Number(p.side * p.side), Index: rest[i],
						Truth: s.truth(rest[i]), Before: fmt.Sprint(b), After: fmt.Sprint(after[i]), Distance: Number(p.rate), X: p.stamp(m, s.Data.X[rest[i]], lo, hi), from: s.Data.X[rest[i]]})
				}
			}
			sec.Rows = append(sec.Rows, Row{Model: model.Name, Method: "trigger " + p.pattern, At: Number(p.side * min(p.side, m.h)), Rate: wilson(k, n),
				Numbers: map[string]Number{"target": Number(p.label), "row": Number(p.y), "column": Number(p.x), "side": Number(p.side)}})
			if bound := atLeast(k, n, 1-0.05/kept); bound > surest {
				surest = bound
				text = fmt.Sprintf("a %s patch of side %d at row %d, column %d turns %s of the samples into %d", p.pattern, p.side, p.y, p.x, wilson(k, n), p.label)
			}
		}
		sec.judge(surest <= o.MaxRate, "trigger-"+model.Name, "%d patches tried; %s; surely more than %g fails", len(all), text, o.MaxRate)
	}
	sec.worst(func(h *Hit) float64 { return -float64(h.Distance) })
	sec.Worst = sec.Worst[:min(len(sec.Worst), 6)]
	return all[0], nil
}
