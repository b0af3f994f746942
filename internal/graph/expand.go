package graph

import (
	"fmt"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// expansion puts simpler nodes in the place of a composite node while the graph is built: a tree ensemble, a recurrent layer or
// an attention becomes comparisons, products and sums, so that the interpreter, calibration and lowering know nothing of it.
// It returns the values that stand for the node's outputs.
type expansion func(e *expander) []*Value

// expansions are the composite operators, one list for each family as in Ops.
var expansions = map[string]expansion{}

func init() {
	for _, family := range []map[string]expansion{
		attentionExpansions,
		castExpansions,
		foldExpansions,
		fusedExpansions,
		linearAttentionExpansions,
		linearExpansions,
		lossExpansions,
		movingExpansions,
		ngramExpansions,
		quantizedExpansions,
		recurrentExpansions,
		samplingExpansions,
		sequenceExpansions,
		signalExpansions,
		tableExpansions,
		treeExpansions,
	} {
		for name, f := range family {
			if expansions[name] != nil || Ops[name] != nil {
				panic("graph: internal error: operator " + name + " is listed twice")
			}
			expansions[name] = f
		}
	}
}

// CompositeNames lists the operators that become others while a graph is built, in alphabetical order.
func CompositeNames() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range expansions {
			if !yield(name) {
				return
			}
		}
		for name := range controls {
			if !yield(name) {
				return
			}
		}
	})
}

// expandOpset is the operator set version of the nodes that expansions make.
const expandOpset = 18

// expander makes the nodes of one expansion: each is inferred, and folded where it is constant, as it is made.
type expander struct {
	b     *builder
	n     *Node
	count int
}

// expansionError carries an error out of an expansion.
type expansionError struct{ err error }

// fail ends the expansion; err may be unsupported.
func (e *expander) fail(err error) { panic(expansionError{err}) }

func (e *expander) check(err error) {
	if err != nil {
		e.fail(err)
	}
}

func (e *expander) failf(format string, args ...any) { e.fail(fmt.Errorf(format, args...)) }

func (e *expander) unsupported(format string, args ...any) { e.fail(unsupportedf(format, args...)) }

// expand runs an expansion.
func (b *builder) expand(n *Node, f expansion) (outs []*Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			failed, mine := r.(expansionError)
			if !mine {
				panic(r)
			}
			outs, err = nil, failed.err
		}
	}()
	e := &expander{b: b, n: n}
	outs = f(e)
	if len(outs) < len(n.Outputs) {
		return nil, fmt.Errorf("%d outputs, want at most %d", len(n.Outputs), len(outs))
	}
	return outs, nil
}

// op makes a node with one output. Trailing absent inputs may be nil.
func (e *expander) op(op string, attrs Attrs, in ...*Value) *Value {
	return e.ops(op, attrs, 1, in...)[0]
}

// ops makes a node with several outputs.
func (e *expander) ops(op string, attrs Attrs, outputs int, in ...*Value) []*Value {
	if attrs == nil {
		attrs = Attrs{}
	}
	e.check(e.b.count())
	name := fmt.Sprintf("%s/%s_%d", e.n.Name, op, e.count)
	e.count++
	m := &Node{Name: e.b.uniqueName(name, op), Op: op, Attrs: attrs, Opset: expandOpset, Inputs: in}
	for len(m.Inputs) > 0 && m.Inputs[len(m.Inputs)-1] == nil {
		m.Inputs = m.Inputs[:len(m.Inputs)-1]
	}
	for i := range outputs {
		v := &Value{Name: m.Name}
		if i > 0 {
			v.Name = fmt.Sprintf("%s %d", m.Name, i)
		}
		m.Outputs = append(m.Outputs, v)
	}
	e.check(e.b.named(m))
	before := len(e.b.unsupported)
	outs, err := e.b.evaluate(m, nil, true)
	if err != nil {
		if _, skip := err.(unsupported); !skip {
			err = fmt.Errorf("%s: %w", op, err)
		}
		e.fail(err)
	}
	if len(outs) < outputs { // evaluate has listed it
		e.b.unsupported = e.b.unsupported[:before]
		e.unsupported("it needs %s", op)
	}
	for i, v := range outs {
		e.b.same(fmt.Sprintf(":%s_%d %d", op, e.count, i), v)
	}
	return outs
}

// maxMade bounds the entries of a constant that an expansion makes.
const maxMade = 1 << 24

// size is the product of lengths; what it would make must not be too large.
func (e *expander) size(lengths ...int) int {
	n := 1.0
	for _, d := range lengths {
		n *= float64(d)
	}
	if n > maxMade {
		e.unsupported("a constant of shape %v", lengths)
	}
	return int(n)
}

// in is input i, which must be there.
func (e *expander) in(i int) *Value {
	v := e.n.In(i)
	if v == nil {
		e.failf("input %d is missing", i)
	}
	return v
}

// arity checks the number of inputs.
func (e *expander) arity(lo, hi int) {
	if k := len(e.n.Inputs); k < lo || k > hi {
		e.failf("%d inputs, want %s", k, bounds(lo, hi))
	}
}

func (e *expander) constant(t *tensor.Tensor) *Value {
	e.check(e.b.fold(t.Len()))
	e.count++
	return &Value{Name: fmt.Sprintf("%s constant %d", e.n.Name, e.count), Type: t.Type, Shape: t.Shape, Const: t}
}

// numbers is a constant of a type, floating or integer; the data is copied.
func (e *expander) numbers(t tensor.DType, data []float64, shape ...int) *Value {
	x := tensor.FromFloats(tensor.Float64, append([]float64(nil), data...), shape...)
	return e.constant(x.Cast(t))
}

func (e *expander) scalar(t tensor.DType, x float64) *Value { return e.numbers(t, []float64{x}) }

// ints is a constant list of integers.
func (e *expander) ints(list ...int) *Value {
	t := tensor.New(tensor.Int64, len(list))
	for i, x := range list {
		t.Ints[i] = int64(x)
	}
	return e.constant(t)
}

func (e *expander) reshape(v *Value, shape ...int) *Value {
	if tensor.SameShape(v.Shape, shape) {
		return v
	}
	return e.op("Reshape", nil, v, e.ints(shape...))
}

func (e *expander) transpose(v *Value, perm ...int64) *Value {
	return e.op("Transpose", Attrs{"perm": perm}, v)
}

// cast converts to a type; it is v itself where nothing changes.
func (e *expander) cast(v *Value, t tensor.DType) *Value {
	for number, known := range onnxTypes {
		if known == t {
			return e.op("Cast", Attrs{"to": number}, v)
		}
	}
	panic("graph: internal error: a type without a number")
}

// float32 is v as onnxruntime's kernels of ai.onnx.ml take it.
func (e *expander) float32(v *Value) *Value { return e.cast(v, tensor.Float32) }

// slice is entries from..to of an axis.
func (e *expander) slice(v *Value, axis, from, to int) *Value {
	if from == 0 && to == v.Shape[axis] {
		return v
	}
	return e.op("Slice", nil, v, e.ints(from), e.ints(to), e.ints(axis))
}

// gather takes constant positions of an axis.
func (e *expander) gather(v *Value, axis int, at ...int) *Value {
	return e.op("Gather", Attrs{"axis": int64(axis)}, v, e.ints(at...))
}

// pick takes one position of an axis, which goes.
func (e *expander) pick(v *Value, axis, at int) *Value {
	return e.op("Gather", Attrs{"axis": int64(axis)}, v, e.constant(tensor.FromInts(tensor.Int64, []int64{int64(at)})))
}

func (e *expander) concat(axis int, parts ...*Value) *Value {
	if len(parts) == 1 {
		return parts[0]
	}
	return e.op("Concat", Attrs{"axis": int64(axis)}, parts...)
}

// matrix is a batch of rows as ai.onnx.ml's operators take it: [N, C], where [C] is one row.
func (e *expander) matrix(v *Value) *Value {
	v = e.float32(v)
	switch len(v.Shape) {
	case 1:
		return e.reshape(v, 1, v.Shape[0])
	case 2:
		return v
	}
	e.failf("its input has shape %v, want [rows, features]", v.Shape)
	return nil
}

// floats is a list attribute of numbers, or nil.
func (a Attrs) floats(name string) []float64 {
	if t, ok := a[name+"_as_tensor"].(*tensor.Tensor); ok {
		return tensorFloats(t)
	}
	if t, ok := a[name].(*tensor.Tensor); ok {
		return tensorFloats(t)
	}
	v, _ := a[name].([]float64)
	return v
}

func tensorFloats(t *tensor.Tensor) []float64 {
	out := make([]float64, t.Len())
	for i := range out {
		out[i] = t.Float(i)
	}
	return out
}
