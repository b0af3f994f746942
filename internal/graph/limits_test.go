package graph

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// TestLimits: files of a few kilobytes that ask for hours or for all memory get one short line, soon.
func TestLimits(t *testing.T) {
	ints := func(x ...int64) *tensor.Tensor { return tensor.FromInts(tensor.Int64, x, len(x)) }
	scalar := func(x int64) *tensor.Tensor { return tensor.FromInts(tensor.Int64, []int64{x}) }
	node := func(op, in, out string, attrs Attrs) SourceNode {
		return SourceNode{Op: op, Inputs: strings.Fields(in), Outputs: strings.Fields(out), Attrs: attrs}
	}
	one := Attrs{"value": ints(1)}
	// loops repeats nodes that make w of z, 1000 times 1000 times
	loops := func(name string, nodes ...SourceNode) []SourceNode {
		body := func(name string, nodes []SourceNode) Attrs {
			return Attrs{"body": &Source{Name: name, Inputs: []SourceInput{{Name: name + "i"}, {Name: name + "c"}, {Name: "z"}}, Outputs: []string{name + "c", "w"}, Nodes: nodes}}
		}
		inner := SourceNode{Op: "Loop", Name: name, Inputs: []string{"n", "", "z"}, Outputs: []string{"w"}, Attrs: body("in", nodes)}
		return []SourceNode{{Op: "Loop", Inputs: []string{"n", "", "x"}, Outputs: []string{"y"}, Attrs: body("out", []SourceNode{inner})}}
	}
	var dead []SourceNode
	for k := range 20000 {
		dead = append(dead, node("Relu", "z", fmt.Sprint("dead", k), nil))
	}
	relu := node("Relu", "z", "w", nil)
	long := node("Relu", "z", "w", nil)
	long.Name = strings.Repeat("m", 1<<16)
	call := []SourceNode{node("F", "x", "v0", nil)}
	for k := range 3000 {
		call = append(call, node("F", fmt.Sprint("v", k), fmt.Sprint("v", k+1), nil))
	}
	call = append(call, node("Relu", "v3000", "y", nil))
	for _, c := range []struct {
		name   string
		shape  []int
		consts map[string]*tensor.Tensor
		nodes  []SourceNode
		want   string
	}{
		{"rank of a reshape", []int{1}, map[string]*tensor.Tensor{"n": ints(1 << 22)},
			[]SourceNode{node("ConstantOfShape", "n", "s", one), node("Reshape", "x s", "y", nil)}, "cannot reshape"},
		{"rank of an expansion", []int{1}, map[string]*tensor.Tensor{"n": ints(1 << 22)},
			[]SourceNode{node("ConstantOfShape", "n", "s", one), node("Expand", "x s", "y", nil)}, "4194304 axes"},
		{"axes of Unsqueeze", []int{1}, map[string]*tensor.Tensor{"a": scalar(0), "b": scalar(1 << 22), "d": scalar(1)},
			[]SourceNode{node("Range", "a b d", "s", nil), node("Unsqueeze", "x s", "y", nil)}, "4194305 axes"},
		{"all tensors", []int{1 << 26}, nil, []SourceNode{node("Relu", "x", "a", nil), node("Relu", "a", "y", nil)}, "entries in all"},
		{"a product", []int{1 << 13, 1 << 13}, nil, []SourceNode{node("MatMul", "x x", "y", nil)}, "multiply-adds"},
		{"an Einsum", []int{100, 100}, nil, []SourceNode{node("Einsum", "x x x x x x", "y", Attrs{"equation": "ab,bc,cd,de,ef,fg->"})}, "multiply-adds"},
		{"nodes that nothing needs, in loops", []int{1}, map[string]*tensor.Tensor{"n": scalar(1000)}, loops("l", append(dead, relu)...), "16777216 names"},
		{"long names", []int{1}, map[string]*tensor.Tensor{"n": scalar(1000)}, loops("l", long), "bytes"},
		{"long names of loops", []int{1}, map[string]*tensor.Tensor{"n": scalar(1000)}, loops(long.Name, relu), "bytes"},
		{"functions of many nodes", []int{1}, nil, call, "16777216 names"},
		{"a grid on a long image", []int{1, 1, 1, 1 << 16}, map[string]*tensor.Tensor{},
			[]SourceNode{node("Reshape", "x s", "r", nil), node("Slice", "r a b", "g", nil), node("GridSample", "x g", "y", Attrs{"mode": "cubic", "padding_mode": "border"})}, "a constant of shape"},
		{"a window whose size overflows", []int{1, 1, 1, 1, 1}, nil,
			[]SourceNode{node("MaxPool", "x", "m y", Attrs{"kernel_shape": []int64{1<<24 + 1, 1<<24 + 1, 1<<24 + 3}, "pads": []int64{1 << 24, 1 << 24, 1 << 24, 1 << 24, 1 << 24, 1 << 24}})}, ""},
		{"rectangles beside an image", []int{1, 1, 2, 2}, map[string]*tensor.Tensor{"r": tensor.FromFloats(tensor.Float32, []float64{1e9, 1e9, 1e9, 1e9}, 1, 4), "b": ints(0)},
			[]SourceNode{node("RoiAlign", "x r b", "y", Attrs{"output_height": int64(1 << 20), "output_width": int64(1 << 20)})}, "a constant of shape"},
		{"a quantised NaN", []int{1}, map[string]*tensor.Tensor{"c": tensor.FromFloats(tensor.Float32, []float64{0}), "q": tensor.FromFloats(tensor.Float32, []float64{0})},
			[]SourceNode{node("QuantizeLinear", "c q", "a", nil), node("Cast", "a", "f", Attrs{"to": int64(1)}), node("Add", "x f", "y", nil)}, "NaN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newNet().input("x", c.shape...)
			for name, v := range c.consts {
				s.Consts[name] = v
			}
			if c.name == "a grid on a long image" {
				s.Consts["s"], s.Consts["a"], s.Consts["b"] = ints(1, 1, 1<<15, 2), ints(0, 0, 0), ints(1, 1, 1)
			}
			s.Opsets[""], s.Nodes, s.Outputs = 18, c.nodes, []string{"y"}
			s.Functions = map[string]*Function{"F": {Inputs: []string{"z"}, Outputs: []string{"w"}, Nodes: append(dead, relu)}}
			_, err := Build(&s.Source, nil)
			if c.want == "" {
				if err != nil && len(err.Error()) > maxMessage+10 {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > maxMessage+10 {
				t.Errorf("%.300v", err)
			}
		})
	}
}

// TestRecurrentOutputs: only an LSTM has a third output.
func TestRecurrentOutputs(t *testing.T) {
	for op, gates := range map[string]int{"RNN": 1, "GRU": 3} {
		s := newNet().input("x", 2, 1, 3).weights("w", 1, gates*2, 3).weights("r", 1, gates*2, 2)
		s.Nodes = []SourceNode{{Op: op, Inputs: []string{"x", "w", "r"}, Outputs: []string{"a", "b", "c"}}}
		s.Outputs = []string{"a"}
		if _, err := Build(&s.Source, nil); err == nil || !strings.Contains(err.Error(), "3 outputs, want at most 2") {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// TestUniqueNamesTakeTurns: a name that is taken thousands of times is not searched from the start each time.
func TestUniqueNamesTakeTurns(t *testing.T) {
	b := &builder{names: map[string]bool{}, nodes: 1}
	const n = 1 << 16
	for k := range n {
		b.names[fmt.Sprint("Relu_", k)] = true
	}
	for range n {
		b.uniqueName("", "Relu")
	}
	if got := b.uniqueName("", "Relu"); got != fmt.Sprint("Relu_", 2*n) {
		t.Error(got)
	}
}

// TestRowsOfLongKernels: a convolution with more runs than fit a list is the sum that it is by definition.
func TestRowsOfLongKernels(t *testing.T) {
	const in, k = 1500, 700
	s := newNet().input("x", 1, 1, in, 1).weights("w", 1, 1, k, 1)
	s.Nodes = []SourceNode{{Op: "Conv", Inputs: []string{"x", "w"}, Outputs: []string{"y"}}, {Op: "ConvTranspose", Inputs: []string{"y", "w"}, Outputs: []string{"z"}}}
	s.Outputs = []string{"y", "z"}
	g, err := Build(&s.Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := newNet().weights("x", 1, 1, in, 1).Consts["x"]
	got, err := Run(t.Context(), g, []*tensor.Tensor{x}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := s.Consts["w"].Floats
	back := make([]float64, in)
	for o := range in - k + 1 {
		want := 0.0
		for i := range k {
			want += x.Floats[o+i] * w[i]
			back[o+i] += got[0].Floats[o] * w[i]
		}
		if math.Abs(got[0].Floats[o]-want) > 1e-5*want {
			t.Fatalf("%d: %g, want %g", o, got[0].Floats[o], want)
		}
	}
	for i, want := range back {
		if math.Abs(got[1].Floats[i]-want) > 1e-5*want {
			t.Fatalf("transposed, %d: %g, want %g", i, got[1].Floats[i], want)
		}
	}
}
