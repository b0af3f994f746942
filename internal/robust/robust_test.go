package robust

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// load reads a network of testdata.
func load(t testing.TB, name string) *graph.Graph {
	t.Helper()
	g, err := onnx.Load(filepath.Join("testdata", name+".onnx"), onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func samples(t testing.TB, name string, take int) *Samples {
	t.Helper()
	path := filepath.Join("testdata", name+".npz")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSamples(path, b, Input{"x", 64})
	if err != nil {
		t.Fatal(err)
	}
	s.Take(take)
	return s
}

// quantised compiles a network with the scales that samples call for.
func quantised(t testing.TB, g *graph.Graph, data *Samples) *Model {
	t.Helper()
	var in [][]*tensor.Tensor
	for _, x := range data.X {
		in = append(in, []*tensor.Tensor{tensor.FromFloats(tensor.Float32, append([]float64(nil), x...), g.Inputs[0].Shape...)})
	}
	stats, _, err := quant.Calibrate(t.Context(), g, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		t.Fatal(err)
	}
	c, err := lower.Compile(g, p, lower.Options{Output: lower.Public})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Integer(g, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// subject is a network of testdata with both forms and data.
func subject(t testing.TB, name, data string, take int) *Subject {
	t.Helper()
	g := load(t, name)
	f, err := Float(g, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &Subject{Float: f, Data: samples(t, data, take), Seed: 1}
	s.Integer = quantised(t, g, s.Data)
	if _, err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkQuery(b *testing.B) {
	s := subject(b, "clean", "test", 50)
	for _, m := range s.Models() {
		b.Run("network="+m.Name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, err := m.Scores(context.Background(), s.Data.X[i%len(s.Data.X)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// findings are the verdicts of a section by name.
func findings(s *Section) map[string]string {
	out := map[string]string{}
	for _, f := range s.Findings {
		out[f.ID] = f.Verdict
	}
	return out
}

// The integer network is the circuit's: it agrees with the real one within rounding, and refuses what it cannot hold.
func TestIntegerModel(t *testing.T) {
	s := subject(t, "clean", "test", 40)
	for i, v := range s.clean["integer"] {
		for k, x := range v {
			if d := math.Abs(x - s.clean["float"][i][k]); d > 0.01 {
				t.Fatalf("sample %d, score %d: %g and %g", i, k, x, s.clean["float"][i][k])
			}
		}
	}
	far := slices.Repeat([]float64{1e6}, 64)
	if v, err := s.Integer.Scores(t.Context(), far); v != nil || err != nil || s.Integer.refused.Load() != 1 {
		t.Fatalf("an input out of range: %v, %v", v, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Run(ctx, Options{Noise: &NoiseOptions{}}); !errors.Is(err, context.Canceled) {
		t.Fatalf("after cancelling: %v", err)
	}
}

// Equal seeds give equal reports, whatever the number of workers.
func TestSeed(t *testing.T) {
	run := func(workers int, seed uint64) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		s := subject(t, "clean", "test", 30)
		s.Integer, s.Seed = nil, seed
		r, err := s.Run(t.Context(), Options{Noise: &NoiseOptions{Repeats: 2}, Attack: &AttackOptions{Samples: 6, Queries: 100, Norms: []Norm{linf, l2, l0}, Methods: Methods()}, Poison: &PoisonOptions{}})
		if err != nil {
			t.Fatal(err)
		}
		r.Seconds, r.Usage = 0, nil
		for _, sec := range r.Sections {
			for _, row := range sec.Rows {
				delete(row.Numbers, "seconds")
			}
		}
		var b bytes.Buffer
		if err := errors.Join(r.WriteText(&b), r.WriteJSON(&b), r.WriteHits(&b), r.WriteHTML(&b)); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	one := run(1, 7)
	if one != run(4, 7) {
		t.Error("the report depends on the number of workers")
	}
	if one == run(4, 8) {
		t.Error("the report does not depend on the seed")
	}
}

func TestNoise(t *testing.T) {
	s := subject(t, "clean", "test", 60)
	s.Integer = nil
	sec, err := s.Noise(t.Context(), NoiseOptions{Sigmas: []float64{0, 0.6}, MinRate: 0.7, At: 0.6})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(sec.Rows); i += 2 {
		none, much := sec.Rows[i].Rate, sec.Rows[i+1].Rate
		if none.P != float64(len(s.right(s.Float, 0)))/60 || much.P >= none.P {
			t.Errorf("%s: %v without noise, %v with much", sec.Rows[i].Method, none, much)
		}
	}
	if f := findings(sec); f["noise-gaussian-float"] != "fail" {
		t.Errorf("accuracy %v passes", sec.Rows[1].Rate)
	}
	if _, err := s.Noise(t.Context(), NoiseOptions{MinRate: 0.5, At: 0.17}); err == nil {
		t.Error("a strength to judge that is not in the sweep is accepted")
	}
}

// Who was in the training data shows in a network that remembers it, and not in one that generalises.
func TestMembership(t *testing.T) {
	var refs []*Model
	for _, n := range []string{"ref0", "ref1", "ref2", "ref3"} {
		m, err := Float(load(t, n), 0)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, m)
	}
	for name, want := range map[string]string{"clean": "pass", "overfit": "fail"} {
		s := subject(t, name, "test", 0)
		s.Integer = nil
		sec, err := s.Membership(t.Context(), MembershipOptions{Members: samples(t, "members_"+name, 0), Others: s.Data, References: refs})
		if err != nil {
			t.Fatal(err)
		}
		if got := findings(sec)["membership-float"]; got != want {
			t.Errorf("%s: %s: %v", name, got, sec.Findings)
		}
		if len(sec.Rows) != 12 || len(sec.Skipped) != 0 {
			t.Errorf("%s: %d rows, skipped %v", name, len(sec.Rows), sec.Skipped)
		}
	}
	s := subject(t, "clean", "test", 20)
	if _, err := s.Membership(t.Context(), MembershipOptions{Members: &Samples{X: s.Data.X}, Others: s.Data}); err == nil {
		t.Error("members without labels are accepted")
	}
}

// The planted trigger is found by each of the three checks, at its place and with its label; the clean twin is not accused.
func TestPoison(t *testing.T) {
	for name, want := range map[string]string{"clean": "pass", "poisoned": "fail"} {
		g := load(t, name)
		s := subject(t, name, "test", 0)
		s.Integer = nil
		o := PoisonOptions{Suspects: samples(t, "stamped", 0), Training: samples(t, "training", 0), Tensor: LastHidden(g), Inner: Inner(g)}
		if name == "clean" { // its own training data, and nothing planted
			o.Training = samples(t, "members_clean", 0)
		}
		sec, err := s.Poison(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		f := findings(sec)
		if f["trigger-float"] != want || f["strip-float"] != want {
			t.Errorf("%s: %v", name, sec.Findings)
		}
		for id, verdict := range f {
			if strings.HasPrefix(id, "clusters-") && (verdict == "fail") != (id == "clusters-0" && name == "poisoned") {
				t.Errorf("%s: %s %s", name, id, verdict)
			}
		}
		if row := sec.Rows[0]; name == "poisoned" && (row.Numbers["target"] != 0 || row.Numbers["row"] != 6 || row.Numbers["column"] != 6 || row.Rate.P < 0.9) {
			t.Errorf("the best patch is %+v", row)
		} else if name == "poisoned" && f["clusters-0"] != "fail" {
			t.Errorf("clustering does not find the poison: %v", sec.Findings)
		}
	}
	s := subject(t, "clean", "test", 30)
	if _, err := s.Poison(t.Context(), PoisonOptions{Tensor: "nothing", Inner: Inner(load(t, "clean"))}); err == nil || !strings.Contains(err.Error(), `no tensor "nothing"`) {
		t.Errorf("an unknown tensor: %v", err)
	}
}

// A network whose integers leave a value out that decides in real numbers is found; an ordinary one is not accused.
func TestM1_Disagree(t *testing.T) {
	s := subject(t, "clean", "test", 40)
	sec, err := s.Disagree(t.Context(), DisagreeOptions{Samples: 5, Queries: 100})
	if err != nil {
		t.Fatal(err)
	}
	if f := findings(sec); f["disagree-search"] != "pass" || f["disagree-data"] != "pass" {
		t.Errorf("clean: %v", sec.Findings)
	}
	g := load(t, "hidden")
	data := &Samples{}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 40 { // the third input is never seen: neither calibration nor accuracy shows anything
		data.X = append(data.X, []float64{rng.Float64(), rng.Float64(), 0, rng.Float64()})
	}
	f, err := Float(g, 0)
	if err != nil {
		t.Fatal(err)
	}
	h := &Subject{Float: f, Integer: quantised(t, g, data), Data: data, Seed: 1}
	if _, err := h.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sec, err = h.Disagree(t.Context(), DisagreeOptions{Samples: 5, Queries: 200}); err != nil {
		t.Fatal(err)
	}
	if f := findings(sec); f["disagree-search"] != "fail" || f["disagree-data"] != "pass" {
		t.Errorf("hidden: %v", sec.Findings)
	}
}

// A regressor: right within a tolerance, all checks but those for labels.
func TestRegress(t *testing.T) {
	f := linear([]float64{1, -2}, 0)
	s := &Subject{Float: f, Data: &Samples{X: [][]float64{{0, 0}, {1, 1}, {0.5, 0.2}}}, Tolerance: 0.5, Seed: 1}
	r, err := s.Run(t.Context(), Options{Noise: &NoiseOptions{}, Attack: &AttackOptions{Eps: map[Norm]float64{linf: 0.2, l2: 0.1}, Methods: []string{"nes"}}})
	if err != nil {
		t.Fatal(err)
	}
	rows := r.Sections[2].Rows
	if r.Task != Regress || r.Clean[0].Rate.P != 1 || rows[0].Numbers["success"] == 0 || rows[1].Numbers["success"] != 0 { // 3 * 0.2 > 0.5, sqrt(5) * 0.1 < 0.5
		t.Errorf("%+v", rows)
	}
	if _, err := s.Poison(t.Context(), PoisonOptions{}); err == nil {
		t.Error("poison takes a regressor")
	}
}
