package graph

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// asWritten evaluates a source's nodes one after the other, with infinities and NaN as they come.
func asWritten(t *testing.T, s *net, values map[string]*tensor.Tensor) map[string]*tensor.Tensor {
	t.Helper()
	for name, c := range s.Consts {
		values[name] = c
	}
	for _, sn := range s.Nodes {
		n := &Node{Name: sn.Op, Op: sn.Op, Attrs: sn.Attrs, Opset: s.Opsets[""], Outputs: []*Value{{}}}
		var in []*tensor.Tensor
		for _, name := range sn.Inputs {
			c := values[name]
			in = append(in, c)
			n.Inputs = append(n.Inputs, &Value{Name: name, Type: c.Type, Shape: c.Shape, Const: c})
		}
		if err := Ops[sn.Op].Infer(n); err != nil {
			t.Fatal(sn.Op, err)
		}
		out, err := n.eval(Ops[sn.Op], in, true)
		if err != nil {
			t.Fatal(sn.Op, err)
		}
		values[sn.Outputs[0]] = out[0]
	}
	return values
}

// masks are networks with minus infinity in the way, whose outputs are finite whatever the input m hides.
func masks() map[string]*net {
	low := &tensor.Tensor{Type: tensor.Float32, Shape: []int{}, Floats: []float64{math.Inf(-1)}}
	cases := map[string]*net{}
	start := func(name string) *net {
		n := newNet().input("x", 3, 4).input("k", 4)
		n.Inputs[1].Type = tensor.Bool
		n.Opsets[""] = 18
		n.Consts["low"], n.Consts["zero"] = low, tensor.FromFloats(tensor.Float32, []float64{0})
		n.Consts["bias"] = &tensor.Tensor{Type: tensor.Float32, Shape: []int{3, 4}, Floats: []float64{
			0, math.Inf(-1), 1, 2, 0, 0, 0, math.Inf(-1), math.Inf(-1), -1, math.Inf(-1), math.Inf(-1)}}
		n.ints("last", -1).ints("two", 2).ints("shape", 3, 4).ints("front", 0)
		cases[name] = n
		return n
	}
	safe := func(n *net, bias string) {
		n.op("Softmax s -> p").op("ReduceMax " + bias + " last -> r").op("Equal r low -> none").op("Where none zero p -> y")
	}
	safe(start("bias").op("Where k zero low -> b").op("Add x b -> s"), "b")
	safe(start("two biases").op("Where k zero low -> a").op("Add a bias -> b").op("Add x b -> s"), "b")
	safe(start("negated").op("Not k -> n").op("Where n low bias -> b").op("Add b x -> s"), "b")
	safe(start("either").op("Where k x bias -> s"), "s")
	safe(start("views").op("Where k zero low -> a").op("Unsqueeze a front -> u").op("Expand u shape -> b").op("Add x b -> s"), "b")
	safe(start("scaled").op("Where k x low -> a").op("Mul a two32 -> c").op("Div c two32 -> d").op("Sub d x -> s"), "s")
	cases["scaled"].Consts["two32"] = tensor.FromFloats(tensor.Float32, []float64{2})
	start("NaN").op("Where k x low -> s").op("Softmax s -> p").op("IsNaN p -> none").op("Where none zero p -> y")
	start("rows").op("Where k x low -> s").op("IsInf s -> i").op("Cast i -> j", "to", int64(1)).op("Add j x -> y")
	start("padded").ints("pads", 0, 0, 0, 2).op("Where k zero low -> b").op("Add x b -> a").op("Pad a pads low -> s").op("Concat s s -> c", "axis", int64(1)).
		op("Softmax c -> p").op("IsNaN p -> none").op("Where none zero p -> y")
	return cases
}

// TestC13_MinusInfinity: what minus infinity becomes is what IEEE arithmetic gives, rows that are masked in full included.
func TestC13_MinusInfinity(t *testing.T) {
	for name, s := range masks() {
		g := s.build(t, "y")
		for _, n := range g.Nodes {
			for _, v := range n.Inputs {
				x := v.infinite()
				masked := n.Op == "Where" && closed(x) && strings.Contains(ops(g), "Softmax")
				if x != nil && v.Const != nil && !masked {
					t.Errorf("%s: %s reads minus infinity", name, n)
				}
			}
		}
		rng := rand.New(rand.NewPCG(3, 4))
		for m := range 16 {
			k := tensor.FromInts(tensor.Bool, []int64{int64(m & 1), int64(m >> 1 & 1), int64(m >> 2 & 1), int64(m >> 3)}, 4)
			x := tensor.New(tensor.Float32, 3, 4)
			for i := range x.Floats {
				x.Floats[i] = tensor.Float32.Round(rng.NormFloat64())
			}
			got, err := Run(context.Background(), g, []*tensor.Tensor{x, k}, nil)
			if err != nil {
				t.Fatal(name, err)
			}
			want := asWritten(t, s, map[string]*tensor.Tensor{"x": x, "k": k})["y"]
			if !tensor.SameShape(got[0].Shape, want.Shape) {
				t.Fatalf("%s: %v, want %v", name, got[0].Shape, want.Shape)
			}
			for i, w := range want.Floats {
				if !(math.Abs(got[0].Floats[i]-w) < 1e-6) {
					t.Errorf("%s, mask %v: entry %d is %g, want %g", name, k.Ints, i, got[0].Floats[i], w)
				}
			}
		}
	}
}

// TestC13_NaNStays: a remedy for other rows than those that are NaN does not count as one, and what no rule knows stays.
func TestC13_NaNStays(t *testing.T) {
	for name, text := range map[string]string{
		"no remedy":     "Where k x low -> s; Softmax s -> y",
		"other rows":    "Where k x low -> s; Softmax s -> p; Where k p zero -> y",
		"a log-softmax": "Where k x low -> s; LogSoftmax s -> y",
		"a minimum":     "Where k x low -> s; Min s zero -> t; Equal t low -> e; Cast e -> y",
		"times zero":    "Where k x low -> s; Mul s zero -> y",
	} {
		n := masks()["bias"]
		n.Nodes = nil
		for _, op := range strings.Split(text, "; ") {
			if strings.HasPrefix(op, "Cast") {
				n.op(op, "to", int64(1))
			} else {
				n.op(op)
			}
		}
		kept := false
		for _, node := range n.build(t, "y").Nodes {
			for i, v := range node.Inputs {
				kept = kept || i == 2 && node.Op == "Where" && v.Const != nil && closed(v.infinite())
			}
		}
		if !kept {
			t.Errorf("%s: minus infinity has gone", name)
		}
	}
}
