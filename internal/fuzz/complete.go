package fuzz

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// How much the campaign does for each of Options.NumRuns.
const (
	searchRuns = 40 // runs of the float network for the search
	randomRuns = 10 // random inputs
)

// Accuracy compares the integer network with the float one over the inputs of the campaign that have a witness.
type Accuracy struct {
	Inputs      int       `json:"inputs"`
	WorstError  float64   `json:"worst_error"` // of one entry, absolute
	WorstFamily string    `json:"worst_family"`
	WorstInput  []float64 `json:"worst_input,omitempty"` // the first entries of the input that causes it
	Labels      int       `json:"labels"`
	Flips       int       `json:"label_flips"`
	FlipFamily  string    `json:"flip_family,omitempty"`
	FlipInput   []float64 `json:"flip_input,omitempty"`
	Proven      int       `json:"proven"` // witnesses proven and verified
	Refused     int       `json:"refused"`
}

// shown is how many entries of an input the report lists.
const shown = 64

// completeness is the campaign over honest inputs: each gives a witness that mock passes (and a proof that verifies, for
// NumRuns of them), or an error of range that the interval analysis agrees with.
func (e *engine) completeness(ctx context.Context, a *Accuracy) *campaign {
	s, rng := e.s, e.rng("completeness")
	c := &campaign{name: "completeness", about: "honest inputs at the edges of the model's domain, and random ones", plain: true}
	c.tries = func(yield func(Try) bool) {
		list := edges(ctx, s, rng, searchRuns*e.o.NumRuns)
		total := len(list) + randomRuns*e.o.NumRuns
		for i := 0; i < total || time.Now().Before(c.until); i++ {
			x := edge{}
			if i < len(list) {
				x = list[i]
			} else {
				x = random(s, rng)
			}
			prove := x.family == "given" || a.Proven*total < i*e.o.NumRuns
			if !yield(Try{Target: "completeness", Operator: x.family, Field: x.name, Name: "input.json", File: func() []byte { return inputJSON(x.input) },
				Run: func(ctx context.Context) (Verdict, string) { return s.judgeInput(ctx, &x, prove, a) }}) {
				return
			}
		}
	}
	return c
}

// judgeInput runs an honest input through the circuit.
func (s *Subject) judgeInput(ctx context.Context, x *edge, prove bool, a *Accuracy) (Verdict, string) {
	values, err := s.Solve(ctx, x.input)
	if err != nil {
		a.Refused++
		if x.family == "given" {
			return Failed, "the given input is refused: " + err.Error()
		}
		if why := s.disagrees(err, x.input); why != "" {
			return Failed, fmt.Sprintf("refused without need: %v: %s", err, why)
		}
		return Rejected, err.Error()
	}
	if f := witness.Mock(s.Net.Circuit, values); f != nil {
		return Failed, "mock: " + f[0].String()
	}
	if text := s.compare(ctx, x, values, a); text != "" {
		return Failed, text
	}
	if prove {
		if err := s.provable(ctx, values); err != nil {
			return Failed, err.Error()
		}
		a.Proven++
	}
	return Legal, ""
}

// disagrees says why an error is not justified by the intervals that the circuit declares and the certificate derives; "" if
// it is.
func (s *Subject) disagrees(err error, input []*tensor.Tensor) string {
	c, cert := s.Net.Solvable, s.Net.Certificate
	var outside *witness.RangeError
	var overflow *witness.OverflowError
	var relation *witness.RelationError
	switch {
	case errors.As(err, &outside):
		b := slices.IndexFunc(c.Blocks, func(b circuit.Block) bool { return b.Name == outside.Block })
		if b < 0 {
			return "the block that it names does not exist"
		}
		if outside.Lo <= outside.Value && outside.Value <= outside.Hi {
			return "the value lies inside the interval that it names"
		}
		if cert.By[b] == circuit.None {
			return ""
		}
		if need, room, ok := cert.Reach(cert.By[b]); ok && need.Within(room) {
			return fmt.Sprintf("by interval analysis %s lies in [%v, %v], which its digits hold", outside.Block, need.Lo, need.Hi)
		}
		return ""
	case errors.As(err, &overflow):
		if len(cert.Wide) == 0 && !slices.ContainsFunc(cert.Bits, func(bits int) bool { return bits > 61 }) {
			return "by interval analysis all integers have 61 bits or less"
		}
		return ""
	case errors.As(err, &relation):
		return "" // the network is not defined there: a division by zero, an assertion
	}
	for i, x := range input { // an input outside what was calibrated
		io := &s.Net.Inputs[i]
		for j := range x.Len() {
			if q := math.Floor(math.Ldexp(x.Float(j), io.Scale) + 0.5); !(q >= float64(io.Lo) && q <= float64(io.Hi)) {
				return ""
			}
		}
	}
	return "every entry of the input lies inside the declared range"
}

// compare holds the integer network's outputs against the float network's.
func (s *Subject) compare(ctx context.Context, x *edge, values [][]int64, a *Accuracy) string {
	a.Inputs++
	if s.Graph == nil {
		return ""
	}
	want, err := graph.Run(ctx, s.Graph, x.input, nil)
	if err != nil {
		return "" // the float network is not defined there; the integer one may be
	}
	got := s.Net.Dequantise(values)
	r, err := quant.Compare([][]*tensor.Tensor{want}, [][]*tensor.Tensor{got})
	if err != nil {
		return err.Error()
	}
	limit := math.Inf(1)
	switch {
	case x.family == "given":
		limit = accuracy * max(1, magnitude(want))
	case exactNetwork(s.Graph) && s.onGrid(x.input):
		limit = s.step()
	}
	if r.Absolute.MaxAbs > limit {
		return fmt.Sprintf("the outputs differ from the float network's by %.3g, more than %.3g", r.Absolute.MaxAbs, limit)
	}
	if w := r.Absolute.MaxAbs; w > a.WorstError || a.WorstFamily == "" {
		a.WorstError, a.WorstFamily, a.WorstInput = w, x.family+": "+x.name, flat(x.input)
	}
	a.Labels += r.Labels
	if r.Flips > 0 {
		a.Flips += r.Flips
		a.FlipFamily, a.FlipInput = x.family+": "+x.name, flat(x.input)
	}
	return ""
}

// accuracy is what the given input, which calibration has seen, must reach: relative to its largest output, or to 1.
const accuracy = 0x1p-6

func magnitude(list []*tensor.Tensor) float64 {
	m := 0.0
	for _, x := range list {
		for i := range x.Len() {
			m = max(m, math.Abs(x.Float(i)))
		}
	}
	return m
}

// exact are operators that compare and move entries: on the grid of the inputs their integers are those of the float network,
// ties included.
var exact = map[string]bool{"ArgMax": true, "ArgMin": true, "TopK": true, "Max": true, "Min": true, "ReduceMax": true, "ReduceMin": true,
	"MaxPool": true, "GlobalMaxPool": true, "Hardmax": true, "Relu": true, "Abs": true, "Neg": true, "Less": true, "LessOrEqual": true,
	"Greater": true, "GreaterOrEqual": true, "Equal": true, "Not": true, "And": true, "Or": true, "Xor": true, "Reshape": true, "Flatten": true,
	"Transpose": true, "Slice": true, "Squeeze": true, "Unsqueeze": true, "Identity": true}

func exactNetwork(g *graph.Graph) bool {
	return !slices.ContainsFunc(g.Nodes, func(n *graph.Node) bool { return !exact[n.Op] })
}

// onGrid reports whether every entry is an integer on its input's scale, and the scales of all inputs are one.
func (s *Subject) onGrid(input []*tensor.Tensor) bool {
	for i, x := range input {
		if s.Net.Inputs[i].Scale != s.Net.Inputs[0].Scale {
			return false
		}
		for j := range x.Len() {
			if v := math.Ldexp(x.Float(j), s.Net.Inputs[i].Scale); v != math.Floor(v) {
				return false
			}
		}
	}
	return true
}

// step is the coarsest unit of the outputs, with a little for float32.
func (s *Subject) step() float64 {
	unit := 0.0
	for i := range s.Net.Outputs {
		unit = max(unit, math.Ldexp(1, -s.Net.Outputs[i].Scale))
	}
	return min(unit, 0.5) * 1.01
}

func flat(in []*tensor.Tensor) []float64 {
	var out []float64
	for _, x := range in {
		for i := range x.Len() {
			if len(out) == shown {
				return out
			}
			out = append(out, x.Float(i))
		}
	}
	return out
}

// inputJSON is an input as input.json.
func inputJSON(in []*tensor.Tensor) []byte {
	b := []byte(`{"input_data":[`)
	for k, x := range in {
		if k > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for i := range x.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if x.Type.IsFloat() {
				b = fmt.Appendf(b, "%g", x.Floats[i])
			} else {
				b = fmt.Appendf(b, "%d", x.Ints[i])
			}
		}
		b = append(b, ']')
	}
	return append(b, "]}\n"...)
}
