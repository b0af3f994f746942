package graph

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// sequenceExpansions are the operators on sequences of tensors. A sequence exists while the graph is built only: what is taken from
// it is some tensor, since lengths and positions are constant.
var sequenceExpansions = map[string]expansion{
	"ConcatFromSequence": expandConcatFromSequence,
	"SequenceAt":         expandSequenceAt,
	"SequenceConstruct":  func(e *expander) []*Value { return []*Value{e.sequence(e.n.Inputs)} },
	"SequenceEmpty":      func(e *expander) []*Value { return []*Value{e.sequence(nil)} },
	"SequenceErase":      expandSequenceErase,
	"SequenceInsert":     expandSequenceInsert,
	"SequenceLength":     expandSequenceLength,
	"SplitToSequence":    expandSplitToSequence,
}

func (e *expander) sequence(items []*Value) *Value {
	for _, v := range items {
		if v == nil || v.sequence {
			e.failf("a sequence holds tensors")
		}
	}
	e.count++
	return &Value{Name: e.n.Name, sequence: true, items: slices.Clone(items)}
}

// list is the sequence that input i is.
func (e *expander) list(i int) []*Value {
	v := e.in(i)
	if !v.sequence {
		e.failf("input %d is no sequence", i)
	}
	return v.items
}

// position is the constant position that input i gives, in a list of a length; def where it is absent.
func (e *expander) position(i, length, def int) int {
	v := e.n.In(i)
	if v == nil {
		return def
	}
	if v.sequence || v.Const == nil || v.Const.Len() != 1 || v.Const.Type.IsFloat() {
		e.unsupported("its position is not constant")
	}
	at, err := index(v.Const.Ints[0], length)
	e.check(err)
	return at
}

func expandSequenceAt(e *expander) []*Value {
	list := e.list(0)
	e.in(1)
	return []*Value{list[e.position(1, len(list), -1)]}
}

func expandSequenceErase(e *expander) []*Value {
	list := e.list(0)
	at := e.position(1, len(list), len(list)-1)
	if at < 0 {
		e.failf("the sequence is empty")
	}
	return []*Value{e.sequence(slices.Delete(slices.Clone(list), at, at+1))}
}

func expandSequenceInsert(e *expander) []*Value {
	list := e.list(0)
	at := e.position(2, len(list)+1, len(list))
	if v := e.n.In(2); v != nil && v.Const.Ints[0] < 0 { // counted from the last entry
		at = len(list) + int(v.Const.Ints[0])
		if at < 0 {
			e.failf("position %d of %d", v.Const.Ints[0], len(list))
		}
	}
	return []*Value{e.sequence(slices.Insert(slices.Clone(list), at, e.in(1)))}
}

func expandSequenceLength(e *expander) []*Value {
	return []*Value{e.constant(tensor.FromInts(tensor.Int64, []int64{int64(len(e.list(0)))}))}
}

func expandConcatFromSequence(e *expander) []*Value {
	list := e.list(0)
	a := e.n.Attrs.Int("axis", 0)
	if len(list) == 0 {
		e.failf("the sequence is empty")
	}
	if e.n.Attrs.Int("new_axis", 0) != 0 {
		return []*Value{e.stack(slices.Clone(list), a)}
	}
	k, err := axis(a, len(list[0].Shape))
	e.check(err)
	return []*Value{e.concat(k, list...)}
}

func expandSplitToSequence(e *expander) []*Value {
	e.arity(1, 2)
	x := e.in(0)
	if x.sequence {
		e.failf("input 0 is a sequence")
	}
	a, err := axis(e.n.Attrs.Int("axis", 0), len(x.Shape))
	e.check(err)
	sizes, keep, total := []int{}, true, x.Shape[a]
	if total > maxUnrolled {
		e.unsupported("an axis of length %d", total)
	}
	v := e.n.In(1)
	switch {
	case v == nil:
		sizes, keep = slices.Repeat([]int{1}, total), e.n.Attrs.Int("keepdims", 1) != 0
	case v.sequence || v.Const == nil || v.Const.Type.IsFloat():
		e.unsupported("its lengths are not constant")
	case len(v.Shape) == 0:
		k := int(min(v.Const.Ints[0], int64(total)))
		if k < 1 {
			e.failf("parts of length %d", v.Const.Ints[0])
		}
		for at := 0; at < total; at += k {
			sizes = append(sizes, min(k, total-at))
		}
	default:
		if sizes, err = toInts(v.Const.Ints); err != nil {
			e.fail(err)
		}
	}
	var parts []*Value
	at := 0
	for _, k := range sizes {
		if k < 0 || at+k > total {
			e.failf("parts of lengths %v of %d", sizes, total)
		}
		part := e.slice(x, a, at, at+k)
		if !keep {
			part = e.op("Squeeze", nil, part, e.ints(a))
		}
		parts = append(parts, part)
		at += k
	}
	if at != total {
		e.failf("parts of lengths %v of %d", sizes, total)
	}
	return []*Value{e.sequence(parts)}
}
