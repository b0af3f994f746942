package robust

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Subject is what checks look at.
type Subject struct {
	Float     *Model
	Integer   *Model // nil: only the real network is looked at
	Data      *Samples
	Task      Task
	Tolerance float64 // of Regress
	Seed      uint64
	Progress  func(step string, done, total int)

	clean map[string][][]float64 // scores on the data, by model
	width int                    // entries of the output
}

// Models are the networks to look at.
func (s *Subject) Models() []*Model {
	if s.Integer == nil {
		return []*Model{s.Float}
	}
	return []*Model{s.Float, s.Integer}
}

// Prepare evaluates the data as it is, settles the task and the missing labels, and returns the accuracies.
func (s *Subject) Prepare(ctx context.Context) ([]Row, error) {
	n := len(s.Data.X)
	if n == 0 {
		return nil, errors.New("no samples")
	}
	s.clean = map[string][][]float64{}
	for _, m := range s.Models() {
		scores, err := s.scores(ctx, "data, "+m.Name, m, s.Data.X)
		if err != nil {
			return nil, err
		}
		s.clean[m.Name] = scores
	}
	width := 0
	for i, v := range s.clean["float"] {
		if v == nil {
			return nil, fmt.Errorf("sample %d: the network's output is not finite", i)
		}
		width = len(v)
	}
	if s.Task == "" {
		if s.Task = Classify; width == 1 {
			s.Task = Regress
		}
	}
	if s.Task != Classify && s.Task != Regress {
		return nil, fmt.Errorf("unknown task %q: use classify or regress", s.Task)
	}
	if out := s.Float.out; s.Task == Classify && len(out) > 0 && width > 1 && out[len(out)-1] != width {
		return nil, fmt.Errorf("the output has shape %v: a classifier's has one row of scores (choose another with --output, or --task regress)", out)
	}
	s.width = width
	if err := s.check(s.Data); err != nil {
		return nil, err
	}
	if s.Task == Regress && s.Tolerance <= 0 {
		if s.Tolerance = deviation(slices.Concat(s.clean["float"]...)) / 4; s.Tolerance == 0 {
			return nil, errors.New("the output is constant: set the tolerance of a right answer (--tolerance)")
		}
	}
	var rows []Row
	for _, m := range s.Models() {
		k := 0
		for i, v := range s.clean[m.Name] {
			if t := s.target(i); v != nil && !t.wrong(v) {
				k++
			}
		}
		rows = append(rows, Row{Model: m.Name, Method: "clean", At: Number(math.NaN()), Rate: wilson(k, n)})
	}
	return rows, nil
}

// check refuses labels that do not fit the output.
func (s *Subject) check(d *Samples) error {
	if d.Y == nil {
		return nil
	}
	want, labels := len(d.X), max(s.width, 2)
	if s.Task == Regress {
		want *= s.width
	}
	if len(d.Y) != want {
		return fmt.Errorf("%s: %d labels for %d samples, want %d", d.Name, len(d.Y), len(d.X), want)
	}
	for i, y := range d.Y {
		if s.Task == Classify && (y != math.Trunc(y) || y < 0 || y >= float64(labels)) {
			return fmt.Errorf("%s: label %d is %g: want an integer from 0 to %d", d.Name, i, y, labels-1)
		}
	}
	return nil
}

// Labelled reports whether the data says what is right; otherwise the real network's answers count as right.
func (s *Subject) Labelled() bool { return s.Data.Y != nil }

// target is what is right for a sample.
func (s *Subject) target(i int) target {
	if s.Data.Y != nil {
		return s.labelled(s.Data, i)
	}
	t := target{task: s.Task, tolerance: s.Tolerance}
	if s.Task == Regress {
		t.values = s.clean["float"][i]
	} else {
		t.label = labelOf(s.clean["float"][i])
	}
	return t
}

// labelled is what is right for a sample of data with labels.
func (s *Subject) labelled(d *Samples, i int) target {
	t := target{task: s.Task, tolerance: s.Tolerance}
	if w := len(d.Y) / len(d.X); s.Task == Regress {
		t.values = d.Y[i*w : (i+1)*w]
	} else {
		t.label = int(d.Y[i])
	}
	return t
}

// right lists samples that a model answers rightly, at most limit of them (0: all): the first of one random order, the
// same for every model.
func (s *Subject) right(m *Model, limit int) []int {
	var out []int
	for _, i := range s.rng("subset").Perm(len(s.Data.X)) {
		if t := s.target(i); limit > 0 && len(out) == limit {
			break
		} else if v := s.clean[m.Name][i]; v != nil && !t.wrong(v) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// answer is an answer for people.
func (s *Subject) answer(scores []float64) string {
	switch {
	case scores == nil:
		return "none"
	case s.Task == Classify:
		return fmt.Sprint(labelOf(scores))
	}
	return fmt.Sprintf("%.4g", scores)
}

func (s *Subject) truth(i int) string {
	t := s.target(i)
	switch {
	case !s.Labelled():
		return ""
	case s.Task == Classify:
		return fmt.Sprint(t.label)
	}
	return fmt.Sprintf("%.4g", t.values)
}

// rightAnswer is what is right for a sample, as labels are given.
func (s *Subject) rightAnswer(i int) []float64 {
	t := s.target(i)
	if s.Task == Classify {
		return []float64{float64(t.label)}
	}
	return t.values
}

// rng is a generator for one purpose; equal seeds and names give equal numbers.
func (s *Subject) rng(names ...any) *rand.Rand {
	h := fnv.New64a()
	for _, n := range names {
		fmt.Fprintf(h, "%v\x00", n)
	}
	return rand.New(rand.NewPCG(s.Seed, h.Sum64()))
}

// scores evaluates many inputs.
func (s *Subject) scores(ctx context.Context, step string, m *Model, xs [][]float64) ([][]float64, error) {
	out := make([][]float64, len(xs))
	err := s.each(ctx, step, len(xs), func(i int) (err error) {
		out[i], err = m.Scores(ctx, xs[i])
		return err
	})
	return out, err
}

// each calls f for 0..n-1 on all cores, and stops at the first error or when ctx ends.
func (s *Subject) each(ctx context.Context, step string, n int, f func(i int) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var next, done atomic.Int64
	var stop atomic.Bool
	var mu sync.Mutex
	var first error
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for !stop.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				err := f(i)
				mu.Lock()
				if err != nil && first == nil {
					first = err
					stop.Store(true)
				}
				if s.Progress != nil {
					s.Progress(step, int(done.Add(1)), n)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return first
}
