// Package mutate changes networks as a fuzz target's bytes say: attributes, shapes, types, constants, names, operators, order and
// the wires between nodes. Bytes that a fuzzer mutates blindly hardly ever pass the parser; a program of edits of a valid network does.
package mutate

import (
	"maps"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// maxEdits bounds the edits of one program.
const maxEdits = 24

// tape reads choices from a program; past its end all choices are 0.
type tape struct{ rest []byte }

func (t *tape) byte() int {
	if len(t.rest) == 0 {
		return 0
	}
	b := t.rest[0]
	t.rest = t.rest[1:]
	return int(b)
}

// below is a choice from 0..n-1, 0 if n is 0.
func (t *tape) below(n int) int {
	if n <= 1 {
		return 0
	}
	x := t.byte()
	if n > 256 {
		x = x<<8 | t.byte()
	}
	return x % n
}

// Numbers that edits put into attributes, shapes and constants.
var (
	integers = []int64{0, 1, -1, 2, 3, -2, 4, 5, 7, 8, 16, 17, 100, 255, 256, 1 << 10, 1 << 16, 1 << 20, 1 << 28, 1<<28 + 1, 1 << 31, 1<<31 - 1,
		-1 << 31, 1 << 32, 1 << 40, 1 << 62, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, -3, -4, -100}
	reals = []float64{0, math.Copysign(0, -1), 1, -1, .5, -.5, 2, 1e-3, 1e-8, 1e-30, 5e-324, 1e-45, 3.5, 10, 100, -100, 1e4, 1e9, -1e9, 1e30, -1e30,
		math.MaxFloat32, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}
	lengths = []int{1, 2, 3, 0, 4, 5, 7, 8, 16, 31, 64, 100, 1000, 1 << 12, 1 << 16, 1 << 20, 1 << 28, -1}
)

func (t *tape) integer() int64 {
	k := t.below(len(integers) + 8)
	if k < len(integers) {
		return integers[k]
	}
	return int64(int8(t.byte()))
}

func (t *tape) real() float64 {
	k := t.below(len(reals) + 8)
	if k < len(reals) {
		return reals[k]
	}
	return float64(int8(t.byte())) / 8
}

func (t *tape) length() int { return lengths[t.below(len(lengths))] }

// Attributes and their strings, as operators know them.
var attributes = []string{"axis", "axes", "keepdims", "perm", "pads", "strides", "dilations", "kernel_shape", "group", "auto_pad", "ceil_mode",
	"count_include_pad", "alpha", "beta", "gamma", "epsilon", "transA", "transB", "to", "value", "mode", "coordinate_transformation_mode",
	"nearest_mode", "num_outputs", "split", "starts", "ends", "largest", "sorted", "select_last_index", "equation", "direction", "hidden_size",
	"layout", "linear_before_reset", "activations", "output_padding", "output_shape", "p", "size", "bias", "lambd", "approximate", "blocksize",
	"exclusive", "reverse", "noop_with_empty_axes", "reduction", "batch_dims", "allowzero", "fmod", "upper", "k", "body", "num_heads",
	"q_num_heads", "kv_num_heads", "is_causal", "softcap", "scale", "interleaved", "stash_type", "num_groups", "clip"}

var words = []string{"", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "reflect", "edge", "wrap", "constant", "linear", "cubic", "nearest", "floor",
	"ceil", "round_prefer_floor", "asymmetric", "align_corners", "half_pixel", "pytorch_half_pixel", "tf_crop_and_resize", "DCR", "CRD", "RIGHT",
	"LEFT", "none", "tanh", "add", "mul", "max", "min", "ij,jk->ik", "bij,bjk->bik", "ii->i", "...i->i", "forward", "reverse", "bidirectional",
	"SOFTMAX", "LOGISTIC", "SUM", "mean", "batch_size"}

// Edit changes src in place as program says. others are networks whose parts may be added. The result may be any network at all,
// also an invalid one; equal arguments give equal results.
func Edit(src *graph.Source, program []byte, others ...*graph.Source) {
	t := &tape{rest: program}
	for k := 0; k < maxEdits && len(t.rest) > 0; k++ {
		t.edit(t.pick(src), others)
	}
}

// pick is the network or one of the subgraphs of its nodes.
func (t *tape) pick(src *graph.Source) *graph.Source {
	all := []*graph.Source{src}
	for i := 0; i < len(all); i++ {
		for j := range all[i].Nodes {
			for _, name := range slices.Sorted(maps.Keys(all[i].Nodes[j].Attrs)) {
				if s, ok := all[i].Nodes[j].Attrs[name].(*graph.Source); ok {
					all = append(all, s)
				}
			}
		}
	}
	return all[t.below(len(all))]
}

func (t *tape) edit(src *graph.Source, others []*graph.Source) {
	const kinds = 14
	kind := t.below(kinds + 6) // attributes and constants more often
	switch kind {
	case 0:
		t.dims(src)
	case 1:
		if n := len(src.Inputs); n > 0 {
			src.Inputs[t.below(n)].Type = tensor.DType(t.below(int(tensor.Bool) + 2))
		}
	case 2:
		t.wire(src)
	case 3:
		if n := t.node(src); n != nil {
			n.Op = t.operator()
		}
	case 4:
		t.insert(src)
	case 5:
		t.remove(src)
	case 6:
		t.results(src)
	case 7:
		t.swapKind(src)
	case 8:
		if src.Opsets != nil {
			src.Opsets[""] = t.below(30)
		}
	case 9:
		if len(others) > 0 {
			t.join(src, others[t.below(len(others))])
		}
	case 10:
		if len(src.Nodes) > 0 && len(src.Nodes) < 64 {
			src.Nodes = append(src.Nodes, copied(src.Nodes[t.below(len(src.Nodes))]))
		}
	case 11:
		if n := len(src.Nodes); n > 1 {
			i, j := t.below(n), t.below(n)
			src.Nodes[i], src.Nodes[j] = src.Nodes[j], src.Nodes[i]
		}
	case 12, 13, 14, 15:
		t.constant(src)
	default:
		t.attribute(src)
	}
}

func (t *tape) node(src *graph.Source) *graph.SourceNode {
	if len(src.Nodes) == 0 {
		return nil
	}
	return &src.Nodes[t.below(len(src.Nodes))]
}

var operators = append(graph.OpNames(), graph.CompositeNames()...)

func (t *tape) operator() string { return operators[t.below(len(operators))] }

// values are the names that nodes of src may read.
func values(src *graph.Source) []string {
	var out []string
	for i := range src.Inputs {
		out = append(out, src.Inputs[i].Name)
	}
	out = append(out, slices.Sorted(maps.Keys(src.Consts))...)
	for i := range src.Nodes {
		out = append(out, src.Nodes[i].Outputs...)
	}
	return out
}

func (t *tape) value(src *graph.Source) string {
	all := values(src)
	if len(all) == 0 {
		return ""
	}
	return all[t.below(len(all))]
}

// dims changes an input's shape.
func (t *tape) dims(src *graph.Source) {
	if len(src.Inputs) == 0 {
		return
	}
	in := &src.Inputs[t.below(len(src.Inputs))]
	in.Dims = slices.Clone(in.Dims)
	k := t.below(len(in.Dims))
	switch t.below(6) {
	case 0:
		in.Dims = slices.Insert(in.Dims, k, graph.Dim{Size: t.length()})
	case 1:
		if len(in.Dims) > 0 {
			in.Dims = slices.Delete(in.Dims, k, k+1)
		}
	case 2:
		if len(in.Dims) > 0 {
			in.Dims[k].Name = words[t.below(len(words))]
		}
	default:
		if len(in.Dims) > 0 {
			in.Dims[k] = graph.Dim{Size: t.length()}
		}
	}
}

// wire changes what a node reads or makes.
func (t *tape) wire(src *graph.Source) {
	n := t.node(src)
	if n == nil {
		return
	}
	n.Inputs, n.Outputs = slices.Clone(n.Inputs), slices.Clone(n.Outputs)
	list := &n.Inputs
	if t.below(8) == 7 {
		list = &n.Outputs
	}
	k := t.below(len(*list))
	switch t.below(6) {
	case 0:
		if len(*list) > 0 {
			*list = slices.Delete(*list, k, k+1)
		}
	case 1:
		if len(*list) > 0 {
			(*list)[k] = ""
		}
	case 2:
		if len(*list) < 16 {
			*list = append(*list, t.value(src))
		}
	case 3:
		if j := t.below(len(*list)); len(*list) > 0 {
			(*list)[k], (*list)[j] = (*list)[j], (*list)[k]
		}
	default:
		if len(*list) > 0 {
			(*list)[k] = t.value(src)
		}
	}
}

// insert puts a node behind a value; everything that read the value reads the node.
func (t *tape) insert(src *graph.Source) {
	if len(src.Nodes) >= 64 {
		return
	}
	from := t.value(src)
	to := from + "'"
	n := graph.SourceNode{Op: t.operator(), Inputs: []string{from}, Outputs: []string{to}, Attrs: graph.Attrs{}}
	for range t.below(4) {
		n.Inputs = append(n.Inputs, t.value(src))
	}
	for i := range src.Nodes {
		src.Nodes[i].Inputs = replaced(src.Nodes[i].Inputs, from, to)
	}
	src.Outputs = replaced(src.Outputs, from, to)
	src.Nodes = append(src.Nodes, n)
}

func replaced(list []string, from, to string) []string {
	list = slices.Clone(list)
	for i := range list {
		if list[i] == from {
			list[i] = to
		}
	}
	return list
}

// remove takes a node away; what read its first output reads its first input.
func (t *tape) remove(src *graph.Source) {
	if len(src.Nodes) == 0 {
		return
	}
	k := t.below(len(src.Nodes))
	n := src.Nodes[k]
	src.Nodes = slices.Delete(src.Nodes, k, k+1)
	if len(n.Inputs) == 0 || len(n.Outputs) == 0 {
		return
	}
	for i := range src.Nodes {
		src.Nodes[i].Inputs = replaced(src.Nodes[i].Inputs, n.Outputs[0], n.Inputs[0])
	}
	src.Outputs = replaced(src.Outputs, n.Outputs[0], n.Inputs[0])
}

// results changes what the network gives.
func (t *tape) results(src *graph.Source) {
	src.Outputs = slices.Clone(src.Outputs)
	k := t.below(len(src.Outputs))
	switch t.below(3) {
	case 0:
		if len(src.Outputs) > 0 {
			src.Outputs = slices.Delete(src.Outputs, k, k+1)
		}
	case 1:
		src.Outputs = append(src.Outputs, t.value(src))
	default:
		if len(src.Outputs) > 0 {
			src.Outputs[k] = t.value(src)
		}
	}
}

// swapKind makes an input a constant, or a constant an input.
func (t *tape) swapKind(src *graph.Source) {
	if names := slices.Sorted(maps.Keys(src.Consts)); t.below(2) == 0 && len(names) > 0 {
		name := names[t.below(len(names))]
		c := src.Consts[name]
		in := graph.SourceInput{Name: name, Type: c.Type}
		for _, d := range c.Shape {
			in.Dims = append(in.Dims, graph.Dim{Size: d})
		}
		delete(src.Consts, name)
		src.Inputs = append(slices.Clone(src.Inputs), in)
		return
	}
	if len(src.Inputs) == 0 {
		return
	}
	k := t.below(len(src.Inputs))
	in := src.Inputs[k]
	var shape []int
	size := 1
	for _, d := range in.Dims {
		if d.Size < 0 || d.Name != "" || size*d.Size > 1<<16 {
			return
		}
		size *= d.Size
		shape = append(shape, d.Size)
	}
	if !in.Type.Valid() {
		return
	}
	c := tensor.New(in.Type, shape...)
	for i := range c.Len() {
		set(c, i, float64(t.byte()%16)-8)
	}
	src.Inputs = slices.Delete(slices.Clone(src.Inputs), k, k+1)
	src.Consts[in.Name] = c
}

// join adds the nodes of another network behind a value of this one.
func (t *tape) join(src, other *graph.Source) {
	if len(other.Inputs) == 0 || len(src.Nodes)+len(other.Nodes) > 64 {
		return
	}
	prefix := other.Name + "+"
	rename := map[string]string{"": "", other.Inputs[0].Name: t.value(src)}
	name := func(list []string) []string {
		out := make([]string, len(list))
		for i, s := range list {
			if to, ok := rename[s]; ok {
				out[i] = to
			} else {
				out[i] = prefix + s
			}
		}
		return out
	}
	for _, in := range other.Inputs[1:] {
		in.Name = prefix + in.Name
		src.Inputs = append(slices.Clone(src.Inputs), in)
	}
	for _, key := range slices.Sorted(maps.Keys(other.Consts)) {
		src.Consts[prefix+key] = other.Consts[key]
	}
	for _, n := range other.Nodes {
		n = copied(n)
		n.Inputs, n.Outputs = name(n.Inputs), name(n.Outputs)
		src.Nodes = append(src.Nodes, n)
	}
	src.Outputs = append(slices.Clone(src.Outputs), name(other.Outputs)...)
}

// copied is a node with subgraphs of its own: a subgraph in two places could come to hold itself.
func copied(n graph.SourceNode) graph.SourceNode {
	n.Inputs, n.Outputs, n.Attrs = slices.Clone(n.Inputs), slices.Clone(n.Outputs), maps.Clone(n.Attrs)
	for name, v := range n.Attrs {
		s, ok := v.(*graph.Source)
		if !ok {
			continue
		}
		inner := *s
		inner.Inputs, inner.Outputs, inner.Consts, inner.Nodes = slices.Clone(s.Inputs), slices.Clone(s.Outputs), maps.Clone(s.Consts), nil
		for _, m := range s.Nodes {
			inner.Nodes = append(inner.Nodes, copied(m))
		}
		n.Attrs[name] = &inner
	}
	return n
}

// set writes one entry, rounded to the tensor's type.
func set(c *tensor.Tensor, i int, x float64) {
	if c.Type.IsFloat() {
		c.Floats[i] = c.Type.Round(x)
	} else {
		c.Ints[i] = c.Type.Wrap(int64(max(min(x, 1<<62), -1<<62)))
	}
}
