package robust

import (
	"context"
	"fmt"
	"time"
)

// Options say which checks a run makes, and shape them. A nil check is not made.
type Options struct {
	Noise      *NoiseOptions
	Attack     *AttackOptions
	Membership *MembershipOptions
	Poison     *PoisonOptions
	Disagree   *DisagreeOptions
	MinRate    float64 // accuracy on the data as it is below which the run fails; 0: none
}

// Run makes the checks, in the order of the options.
func (s *Subject) Run(ctx context.Context, o Options) (*Report, error) {
	start := time.Now()
	r := &Report{Tool: "ezkl robust", Seed: s.Seed, Samples: len(s.Data.X), Shape: s.Float.shape,
		Limits: []string{"forward inference only: no gradients, no training; a search that finds nothing proves nothing",
			"a proof says that the integer network gave an output; nothing here changes what it says, and nothing it says is about robustness",
			"intervals are 95 % and each for its own line: of many lines some miss",
			"scores that are no probabilities are taken as logits (softmax)"}}
	clean, err := s.Prepare(ctx)
	if err != nil {
		return nil, err
	}
	r.Clean, r.Task = clean, s.Task
	r.Range[0], r.Range[1] = s.Data.bounds()
	if r.Range[0] == r.Range[1] {
		return nil, fmt.Errorf("%s: all entries are %g: no range to search in", s.Data.Name, r.Range[0])
	}
	sec := &Section{Check: "clean", Title: "The data as it is", Access: "nothing", Strength: "nothing", Measure: "right answers", Rows: clean}
	for _, c := range clean {
		if o.MinRate > 0 {
			sec.judge(c.Rate.P >= o.MinRate, "clean-"+c.Model, "right on %s, wanted %g", c.Rate, o.MinRate)
		} else {
			sec.find("note", "clean-"+c.Model, "right on %s", c.Rate)
		}
	}
	if !s.Labelled() {
		sec.Limits = append(sec.Limits, "the data has no labels: the real network's own answers count as right")
	}
	if s.Task == Regress {
		sec.Limits = append(sec.Limits, fmt.Sprintf("an answer is right within %.4g", s.Tolerance))
	}
	r.Sections = []*Section{sec}
	add := func(sec *Section, failed error) {
		r.Sections, err = append(r.Sections, sec), failed
	}
	if o.Noise != nil && err == nil {
		add(s.Noise(ctx, *o.Noise))
	}
	if o.Attack != nil && err == nil {
		add(s.Attack(ctx, *o.Attack))
	}
	if o.Membership != nil && err == nil {
		add(s.Membership(ctx, *o.Membership))
	}
	if o.Poison != nil && err == nil {
		add(s.Poison(ctx, *o.Poison))
	}
	if o.Disagree != nil && err == nil {
		add(s.Disagree(ctx, *o.Disagree))
	}
	if err != nil {
		return nil, err
	}
	for _, m := range s.Models() {
		r.Usage = append(r.Usage, m.usage())
	}
	r.Seconds = time.Since(start).Seconds()
	r.Verdict = r.verdict()
	return r, nil
}

// Adversarial gives the attacks' hits as samples for training: the inputs with wrong answers, what is right for them, and
// the samples that they were made from, without repeats.
func (r *Report) Adversarial() (x, y, index []float64, n int) {
	seen := map[string]bool{}
	for _, s := range r.Sections {
		if s.Check != "attack" {
			continue
		}
		for _, h := range s.Hits {
			key := fmt.Sprint(h.X)
			if seen[key] || h.X == nil {
				continue
			}
			seen[key] = true
			n++
			x, index = append(x, h.X...), append(index, float64(h.Index))
			y = append(y, h.right...)
		}
	}
	return x, y, index, n
}
