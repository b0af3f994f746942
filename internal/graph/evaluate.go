package graph

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// evaluate infers n, folds it or appends it to the graph, and returns the values that stand for its outputs; nil where an
// unsupported node is in the way (which is listed then).
func (b *builder) evaluate(n *Node, s *scope, known bool) ([]*Value, error) {
	if f := b.functions[n.Op]; f != nil {
		if !known {
			return nil, nil
		}
		return b.call(n, f)
	}
	f := expansions[n.Op]
	if c := controls[n.Op]; c != nil {
		f = func(e *expander) []*Value { return c(e, s) }
	}
	switch {
	case n.Op == "LayerNormalization" && (n.Out(1) != nil || n.Out(2) != nil):
		f = expandMoments
	case (n.Op == "QuantizeLinear" || n.Op == "DequantizeLinear") && n.Attrs.Int("block_size", 0) != 0:
		f = expandBlocks
	}
	if n.Op == "MaxPool" && n.Out(1) != nil {
		f = maxPoolIndices
	}
	if known && f == nil {
		if f = b.logSumExpOf(n); clipsByData(n) {
			f = clipByData
		}
	}
	if f != nil {
		if !known {
			return nil, nil
		}
		return b.expand(n, f)
	}
	op := Ops[n.Op]
	if op == nil {
		b.unsupported = append(b.unsupported, Unsupported{n.Name, n.Op, remedy(n.Op)})
		return nil, nil
	}
	if !known {
		return nil, nil
	}
	for i, v := range n.Inputs {
		if v != nil && v.sequence {
			return nil, unsupportedf("input %d is a sequence", i)
		}
	}
	if err := n.checkArity(op); err != nil {
		return nil, err
	}
	if n.Op == "CastLike" { // the other tensor gives its type, no number
		n.Op, n.Inputs, n.Attrs = "Cast", n.Inputs[:1], Attrs{"to": numberOf(n.Inputs[1].Type)}
		return b.evaluate(n, s, known)
	}
	if v, err := b.alias(n); v != nil || err != nil {
		return v, err
	}
	if !n.constant() {
		if outs, err := b.separate(n, op); outs != nil || err != nil {
			return outs, err
		}
	}
	return b.apply(n, op)
}

// constant reports whether all inputs are.
func (n *Node) constant() bool {
	for _, v := range n.Inputs {
		if v != nil && v.Const == nil {
			return false
		}
	}
	return true
}

// apply infers a node of the operator table and folds it or appends it.
func (b *builder) apply(n *Node, op *Op) ([]*Value, error) {
	constant := n.constant()
	for _, i := range op.Params {
		if v := n.In(i); v != nil && v.Const == nil {
			return nil, unsupportedf("input %d %q is not constant", i, v.Name)
		}
	}
	err := op.Infer(n)
	if err != nil && !(err == errDataDependent && constant) {
		return nil, err
	}
	if err == nil && n.Op == "Mul" && productOfZero(n.Inputs[0], n.Inputs[1]) {
		if err := b.mayFold(n); err != nil {
			return nil, err
		}
		v := n.Outputs[0]
		v.Const = tensor.New(v.Type, v.Shape...)
		return n.Outputs, nil
	}
	if !constant && err == nil {
		if outs, err := b.withoutEmpty(n); outs != nil || err != nil {
			return outs, err
		}
	}
	if !constant && !op.FromShape {
		return n.Outputs, b.emit(n)
	}
	if err == nil {
		if err := b.mayFold(n); err != nil {
			return nil, err
		}
	}
	in := make([]*tensor.Tensor, len(n.Inputs))
	for i, v := range n.Inputs {
		if v != nil {
			in[i] = v.Const
		}
	}
	results, everr := n.eval(op, in, err == nil)
	if everr != nil {
		return nil, everr
	}
	for i, v := range n.Outputs {
		if v != nil {
			if err != nil { // mayFold has not seen its shape
				if err := b.foldLate(n, results[i]); err != nil {
					return nil, err
				}
			}
			if k := firstNaN(results[i]); k >= 0 {
				return nil, fmt.Errorf("its result is constant, and entry %d is NaN", k)
			}
			v.Const, v.Type, v.Shape = results[i], results[i].Type, results[i].Shape
		}
	}
	return n.Outputs, nil
}

// productOfZero reports whether one of two factors is a constant of zeros and the other has only numbers (0 times infinity is none).
func productOfZero(x, y *Value) bool {
	numbers := func(v *Value) bool {
		return v.infinite() == nil && (v.Const == nil || !slices.ContainsFunc(v.Const.Floats, math.IsNaN))
	}
	return numbers(x) && numbers(y) && (allZero(x) || allZero(y))
}

// allZero reports whether a value is a constant of zeros.
func allZero(v *Value) bool {
	if v.Const == nil || v.Const.Len() == 0 {
		return false
	}
	for i := range v.Const.Len() {
		if v.Const.Float(i) != 0 {
			return false
		}
	}
	return true
}

// mayFold refuses to evaluate constants that are much larger than what the model holds.
func (b *builder) mayFold(n *Node) error {
	limit := maxFoldSize
	for _, v := range n.Inputs {
		if v != nil {
			limit = max(limit, 2*tensor.Size(v.Shape))
		}
		if v != nil && v.Const != nil {
			b.work += v.Const.Len()
		}
	}
	for _, v := range n.Outputs {
		if v == nil {
			continue
		}
		size := tensor.Size(v.Shape)
		b.work += size
		if size > limit {
			return fmt.Errorf("the constant of shape %v is too large", v.Shape)
		}
		if err := b.fold(size); err != nil {
			return err
		}
	}
	if b.work += n.work(maxFoldWork); b.work > maxFoldWork {
		return fmt.Errorf("the constants take too long to compute: with this one's, more than %d steps", maxFoldWork)
	}
	return nil
}

// foldLate counts a constant whose shape depends on data.
func (b *builder) foldLate(n *Node, t *tensor.Tensor) error {
	if b.work += n.Inputs[0].Const.Len(); b.work > maxFoldWork {
		return fmt.Errorf("the constants take too long to compute: with this one's, more than %d steps", maxFoldWork)
	}
	return b.fold(t.Len())
}

func (n *Node) checkArity(op *Op) error {
	if k := len(n.Inputs); k < op.MinIn || op.MaxIn >= 0 && k > op.MaxIn {
		return fmt.Errorf("%d inputs, want %s", k, bounds(op.MinIn, op.MaxIn))
	}
	for i := 0; i < op.MinIn; i++ {
		if n.Inputs[i] == nil {
			return fmt.Errorf("input %d is missing", i)
		}
	}
	if op.MaxIn < 0 && slices.Contains(n.Inputs, nil) {
		return fmt.Errorf("an input is missing")
	}
	lo, hi := max(op.MinOut, 1), op.MaxOut
	if hi == 0 {
		hi = lo
	}
	if k := len(n.Outputs); k < lo || hi > 0 && k > hi {
		return fmt.Errorf("%d outputs, want %s", k, bounds(lo, hi))
	}
	return nil
}

func bounds(lo, hi int) string {
	switch {
	case hi < 0:
		return fmt.Sprintf("at least %d", lo)
	case lo == hi:
		return strconv.Itoa(lo)
	}
	return fmt.Sprintf("%d to %d", lo, hi)
}

// alias gives the values that stand for the outputs of a node that does nothing, or nil. Dropout's mask keeps everything.
func (b *builder) alias(n *Node) ([]*Value, error) {
	x := n.In(0)
	switch n.Op {
	case "Identity":
		return []*Value{x}, nil
	case "Dropout":
		if t := n.In(2); t == nil || t.Const != nil && t.Const.Len() == 1 && t.Const.Float(0) == 0 {
			out := []*Value{x}
			if mask := n.Out(1); mask != nil {
				size := tensor.Size(x.Shape)
				if size > len(b.ones) { // masks share it
					if err := b.fold(size); err != nil {
						return nil, err
					}
					b.ones = make([]int64, size)
					fill(b.ones, 1)
				}
				mask.Const = &tensor.Tensor{Type: tensor.Bool, Shape: x.Shape, Ints: b.ones[:size:size]}
				mask.Type, mask.Shape = tensor.Bool, x.Shape
				out = append(out, mask)
			}
			return out, nil
		}
	case "Cast":
		if t, err := CastOf(n); err == nil && t == x.Type {
			return []*Value{x}, nil
		}
	}
	return nil, nil
}

// firstNaN is the index of the first NaN, or -1.
func firstNaN(t *tensor.Tensor) int {
	return slices.IndexFunc(t.Floats, math.IsNaN)
}
