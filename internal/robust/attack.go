package robust

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// AttackOptions shape Attack. Zero values are defaults.
type AttackOptions struct {
	Methods []string         // nil: square, hopskipjump, simba, nes, boundary
	Norms   []Norm           // nil: linf, l2
	Eps     map[Norm]float64 // budgets of distance; missing: Norm's default, a tenth of the range
	Queries int              // budget for each sample; 0: 500
	Samples int              // rightly answered samples to attack; 0: 100
	MinRate float64          // robust accuracy below which the verdict fails
}

// method is one attack.
type method struct {
	name     string
	scores   bool // needs scores, not labels only
	minimise bool // looks for the smallest distance
	norms    []Norm
	run      func(*search)
}

var methods = []method{
	{"square", true, false, []Norm{linf, l2, l0}, square},
	{"hopskipjump", false, true, []Norm{linf, l2}, hopSkipJump},
	{"simba", true, false, []Norm{l2, l0}, simba(false)},
	{"simba-dct", true, false, []Norm{l2}, simba(true)},
	{"nes", true, false, []Norm{linf, l2}, nes(false)},
	{"spsa", true, false, []Norm{linf, l2}, nes(true)},
	{"boundary", false, true, []Norm{l2}, boundary},
}

// defaultMethods are those that a run without --method uses.
var defaultMethods = []string{"square", "hopskipjump", "simba", "nes", "boundary"}

// Methods are the names of all attacks.
func Methods() []string {
	var out []string
	for _, m := range methods {
		out = append(out, m.name)
	}
	return out
}

func (o *AttackOptions) defaults(size int, width float64) error {
	if o.Methods == nil {
		o.Methods = defaultMethods
	}
	for _, n := range o.Methods {
		if !slices.Contains(Methods(), n) {
			return fmt.Errorf("unknown attack %q: use %s", n, strings.Join(Methods(), ", "))
		}
	}
	if o.Norms == nil {
		o.Norms = []Norm{linf, l2}
	}
	if o.Queries == 0 {
		o.Queries = 500
	}
	if o.Samples == 0 {
		o.Samples = 100
	}
	if o.Queries < 1 || o.Samples < 1 {
		return fmt.Errorf("queries and samples must be at least 1")
	}
	eps := map[Norm]float64{}
	for _, n := range o.Norms {
		e, ok := o.Eps[n]
		if !ok {
			e = n.defaultEps(size, width)
		}
		if !(e > 0) || math.IsInf(e, 0) || n == l0 && e < 1 {
			return fmt.Errorf("a budget of %g in %s: want a positive number, in l0 at least 1 entry", e, n)
		}
		eps[n] = e
	}
	o.Eps = eps
	return nil
}

// attempt is what an attack on one sample came to.
type attempt struct {
	met      bool
	dist     float64 // of the closest wrong answer; Inf if there is none
	queries  int     // until the budget of distance was met, or all
	x        []float64
	transfer bool // the other network answers wrongly too
}

// Attack searches, for samples that are answered rightly, inputs close to them with wrong answers.
func (s *Subject) Attack(ctx context.Context, o AttackOptions) (*Section, error) {
	lo, hi := s.Data.bounds()
	if err := o.defaults(len(s.Data.X[0]), hi-lo); err != nil {
		return nil, err
	}
	sec := &Section{Check: "attack", Title: "Attacks", Access: "queries only: scores for square, simba, nes and spsa, labels for hopskipjump and boundary",
		Strength: "budget of distance, in the norm", Measure: "robust accuracy: right on the sample, and no wrong answer found within the budget, of all samples looked at",
		Columns: []string{"success", "median distance", "median queries", "p95 queries", "transfer", "seconds"},
		Limits: []string{fmt.Sprintf("no gradients and %d queries for each sample: a stronger search may succeed where this one did not; robust accuracy is an upper bound", o.Queries),
			"an input that the circuit refuses counts as not wrong: nobody can prove its answer"}}
	least := map[string]map[Norm][]bool{} // samples that every method failed on
	for _, name := range o.Methods {
		m := methods[slices.IndexFunc(methods, func(m method) bool { return m.name == name })]
		for _, norm := range o.Norms {
			if !slices.Contains(m.norms, norm) {
				sec.Skipped = append(sec.Skipped, fmt.Sprintf("%s has no form for %s", name, norm))
				continue
			}
			for _, model := range s.Models() {
				if err := s.attack(ctx, sec, &m, norm, model, &o, least); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, model := range s.Models() {
		for _, norm := range o.Norms {
			held := least[model.Name][norm]
			if held == nil {
				continue
			}
			k := 0
			for _, h := range held {
				if h {
					k++
				}
			}
			rate := s.robust(model, k, len(held))
			sec.Rows = append(sec.Rows, Row{Model: model.Name, Method: "all " + string(norm), At: Number(o.Eps[norm]), Rate: rate,
				Numbers: map[string]Number{"success": Number(1 - float64(k)/float64(max(1, len(held))))}, Labels: s.byLabel(model, held, o.Samples)})
			if o.MinRate > 0 {
				sec.judge(rate.P >= o.MinRate, "robust-"+string(norm)+"-"+model.Name, "robust accuracy %s within %g, wanted %g", rate, o.Eps[norm], o.MinRate)
			} else {
				sec.find("note", "robust-"+string(norm)+"-"+model.Name, "robust accuracy at most %s within %g", rate, o.Eps[norm])
			}
		}
	}
	sec.worst(func(h *Hit) float64 { return float64(h.Distance / h.Budget) })
	return sec, nil
}

// robust is the robust accuracy when k of n attacked samples held: the rest of the data counts with the clean accuracy.
func (s *Subject) robust(m *Model, k, n int) Rate {
	right := len(s.right(m, 0))
	if right == 0 || n == 0 {
		return wilson(0, len(s.Data.X))
	}
	looked := int(math.Round(float64(n) * float64(len(s.Data.X)) / float64(right))) // samples drawn until n were right
	return wilson(k, looked)
}

// byLabel are the shares of held samples by their label.
func (s *Subject) byLabel(m *Model, held []bool, limit int) map[string]float64 {
	if s.Task != Classify {
		return nil
	}
	k, n := map[string]float64{}, map[string]float64{}
	for j, i := range s.right(m, limit) {
		t := s.target(i)
		label := fmt.Sprint(t.label)
		n[label]++
		if held[j] {
			k[label]++
		}
	}
	for label := range n {
		k[label] /= n[label]
	}
	return k
}

// attack runs one method in one norm against one network.
func (s *Subject) attack(ctx context.Context, sec *Section, m *method, norm Norm, model *Model, o *AttackOptions, least map[string]map[Norm][]bool) error {
	start := time.Now()
	lo, hi := s.Data.bounds()
	todo := s.right(model, o.Samples)
	found := make([]attempt, len(todo))
	eps := o.Eps[norm]
	starts := s.starts()
	other := s.Integer
	if model == s.Integer {
		other = s.Float
	}
	err := s.each(ctx, fmt.Sprintf("%s %s, %s", m.name, norm, model.Name), len(todo), func(j int) error {
		i := todo[j]
		q := &search{ctx: ctx, model: model, target: s.target(i), x: s.Data.X[i], shape: model.shape, lo: lo, hi: hi, norm: norm, eps: eps,
			budget: o.Queries, starts: starts, rng: s.rng(m.name, norm, i), minimise: m.minimise, dist: math.Inf(1)}
		m.run(q)
		if q.err != nil {
			return q.err
		}
		a := attempt{met: q.met(), dist: q.dist, queries: q.queries, x: q.best}
		if q.met() {
			a.queries = q.at
			if other != nil {
				scores, err := other.Scores(ctx, q.best)
				if err != nil {
					return err
				}
				a.transfer = q.target.wrong(scores)
			}
		}
		found[j] = a
		return nil
	})
	if err != nil {
		return err
	}
	if least[model.Name] == nil {
		least[model.Name] = map[Norm][]bool{}
	}
	if least[model.Name][norm] == nil {
		least[model.Name][norm] = slices.Repeat([]bool{true}, len(todo))
	}
	k, transfers := 0, 0
	var dists, queries []float64
	for j, a := range found {
		if a.x != nil {
			dists = append(dists, a.dist)
		} else {
			dists = append(dists, math.Inf(1))
		}
		if !a.met {
			continue
		}
		k++
		queries = append(queries, float64(a.queries))
		if a.transfer {
			transfers++
		}
		least[model.Name][norm][j] = false
		i := todo[j]
		scores, err := model.Scores(ctx, a.x)
		if err != nil {
			return err
		}
		sec.hit(Hit{Check: "attack", Model: model.Name, Method: m.name, Norm: string(norm), Budget: Number(eps), Index: i, Truth: s.truth(i),
			Before: s.answer(s.clean[model.Name][i]), After: s.answer(scores), Distance: Number(a.dist), Queries: a.queries, X: a.x, from: s.Data.X[i], right: s.rightAnswer(i)})
	}
	row := Row{Model: model.Name, Method: m.name + " " + string(norm), At: Number(eps), Rate: s.robust(model, len(todo)-k, len(todo)), Numbers: map[string]Number{
		"success": Number(float64(k) / float64(max(1, len(todo)))), "median distance": Number(quantile(dists, 0.5)),
		"median queries": Number(quantile(queries, 0.5)), "p95 queries": Number(quantile(queries, 0.95)), "seconds": Number(time.Since(start).Seconds())}}
	if other != nil {
		row.Numbers["transfer"] = Number(float64(transfers) / float64(max(1, k)))
	}
	sec.Rows = append(sec.Rows, row)
	if m.minimise {
		sec.curve(m.name+" "+string(norm), string(norm), model.Name, dists)
	}
	return nil
}

// curve adds to a plot the share of samples without a wrong answer within a distance.
func (s *Section) curve(method, norm, model string, dists []float64) {
	title := "attacked samples that hold against " + method
	at := slices.IndexFunc(s.Plots, func(p Plot) bool { return p.Title == title })
	if at < 0 {
		at = len(s.Plots)
		s.Plots = append(s.Plots, Plot{Title: title, X: norm + " distance", Y: "share"})
	}
	c := Curve{Name: model}
	sorted := slices.Sorted(slices.Values(dists))
	c.add(0, wilson(len(dists), len(dists)))
	for i, d := range sorted {
		if !math.IsInf(d, 0) && (i%max(1, len(sorted)/60) == 0 || i == len(sorted)-1) {
			c.add(d, wilson(len(sorted)-i-1, len(sorted)))
		}
	}
	s.Plots[at].Curves = append(s.Plots[at].Curves, c)
}

// starts are samples of several labels, for attacks that need a wrong answer to start from.
func (s *Subject) starts() [][]float64 {
	const most = 50
	return s.Data.X[:min(most, len(s.Data.X))]
}
