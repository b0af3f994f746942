package robust

import (
	"math"
	"strings"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 }

// Figures of scipy.stats.binomtest(k, n).proportion_ci: method wilson; alternative greater, method exact.
func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		k, n          int
		lo, hi, exact float64
	}{{8, 10, 0.49016, 0.94331, 0.49310}, {0, 20, 0, 0.16113, 0}, {20, 20, 0.83887, 1, 0.86089}, {135, 138, 0.93801, 0.99258, 0.94487}} {
		if r := wilson(c.k, c.n); !near(r.Lo, c.lo) || !near(r.Hi, c.hi) {
			t.Errorf("%d of %d: [%.5f, %.5f], want [%.5f, %.5f]", c.k, c.n, r.Lo, r.Hi, c.lo, c.hi)
		}
		if got := atLeast(c.k, c.n, 0.95); !near(got, c.exact) {
			t.Errorf("%d of %d: at least %.5f, want %.5f", c.k, c.n, got, c.exact)
		}
	}
}

func TestAUC(t *testing.T) {
	in, out := []float64{3, 2, 2, 5}, []float64{1, 2, 4, 0, -1}
	pairs := 0.0
	for _, a := range in {
		for _, b := range out {
			switch {
			case a > b:
				pairs++
			case a == b:
				pairs += 0.5
			}
		}
	}
	if got := auc(in, out); !near(got, pairs/20) {
		t.Errorf("%g, want %g", got, pairs/20)
	}
	if r := tprAt(in, out, 0.001); r.K != 1 { // only 5 is above every other
		t.Errorf("without false alarms: %v", r)
	}
	if r := tprAt(in, out, 0.2); r.K != 2 { // one may pass: above 2
		t.Errorf("with one false alarm in five: %v", r)
	}
	lo, hi := bootstrap(in, out, (&Subject{}).rng("test"))
	if a := auc(in, out); lo > a || hi < a || lo == hi {
		t.Errorf("[%g, %g] for %g", lo, hi, a)
	}
}

func TestMargin(t *testing.T) {
	for _, c := range []struct {
		label  int
		scores []float64
		want   float64
	}{{0, []float64{1, 1}, 0}, {1, []float64{1, 1}, -math.SmallestNonzeroFloat64}, {1, []float64{1, 3, 2}, 1}, {2, []float64{1, 3, 2}, -1},
		{1, []float64{0.75}, 0.5}, {0, []float64{0.75}, -0.5}, {0, nil, math.Inf(1)}, {9, []float64{1, 2}, -1}} {
		x := target{task: Classify, label: c.label}
		if got := x.margin(c.scores); got != c.want {
			t.Errorf("label %d of %v: %g, want %g", c.label, c.scores, got, c.want)
		}
		if c.scores != nil && c.label < 3 && x.wrong(c.scores) != (labelOf(c.scores) != c.label) {
			t.Errorf("label %d of %v: wrong %v, label %d", c.label, c.scores, x.wrong(c.scores), labelOf(c.scores))
		}
	}
	p := probabilities([]float64{1000, 0, -1000})
	if !near(p[0], 1) || math.IsNaN(p[2]) {
		t.Errorf("softmax %v", p)
	}
	if p := probabilities([]float64{0.25, 0.75}); p[1] != 0.75 {
		t.Errorf("probabilities changed: %v", p)
	}
}

func TestParseSamples(t *testing.T) {
	good := map[string]string{
		"head.csv": "a,b,label\n1,2,0\n3,4.5,1\n", "last.csv": "1,2,0\n3,4.5,1\n", "first.csv": "y,a,b\n0,1,2\n1,3,4.5\n",
		"x.json": `{"input_data": [[1,2,3,4.5]], "labels": [0, 1]}`,
	}
	for name, text := range good {
		s, err := ParseSamples(name, []byte(text), Input{"x", 2})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if len(s.X) != 2 || s.X[1][1] != 4.5 || len(s.Y) != 2 || s.Y[1] != 1 {
			t.Errorf("%s: %v %v", name, s.X, s.Y)
		}
	}
	for name, c := range map[string][2]string{
		"short.csv": {"1,2\n3\n", "wrong number of fields"}, "word.csv": {"1,2\nx,3\n", "is no finite number"}, "nan.csv": {"1,2\nNaN,3\n", "no finite number"},
		"wide.csv": {"1,2,3,4\n", "wants 2"}, "none.csv": {"", "no samples"}, "quote.csv": {"\"1,2\n", "quote"}, "x.json": {`{"input_data": [[1,2,3]]}`, "not a multiple"},
		"l.json": {`{"input_data": [[1,2]], "labels": "a"}`, "want a list of numbers"}, "two.json": {`{"input_data": [[1,2],[3,4]]}`, "2 arrays"}, "x.npy": {"nonsense", ""},
	} {
		if _, err := ParseSamples(name, []byte(c[0]), Input{"x", 2}); err == nil || !strings.Contains(err.Error(), c[1]) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseSamples(f *testing.F) {
	f.Add("a.csv", []byte("1,2,0\n"))
	f.Add("a.json", []byte(`{"input_data": [[1,2]], "labels": [1]}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if s, err := ParseSamples(name, data, Input{"x", 2}); err == nil && len(s.X) == 0 {
			t.Error("no samples and no error")
		}
		_, _ = ParseLabels(name, data)
	})
}
