package mutate

import (
	"maps"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// maxConst bounds the entries of the constants that edits make.
const maxConst = 1 << 16

// constant changes a constant: entries, all entries, type, or shape. Constants are copied: networks may share them.
func (t *tape) constant(src *graph.Source) {
	names := slices.Sorted(maps.Keys(src.Consts))
	if len(names) == 0 {
		return
	}
	name := names[t.below(len(names))]
	if c := t.changed(src.Consts[name]); readable(c) {
		src.Consts[name] = c
	}
}

// readable tells whether the parser gives such a constant: finite, or one infinite number.
func readable(c *tensor.Tensor) bool {
	k := c.FirstNotFinite()
	return k < 0 || c.Len() == 1 && !math.IsNaN(c.Float(k))
}

func (t *tape) changed(c *tensor.Tensor) *tensor.Tensor {
	c = &tensor.Tensor{Type: c.Type, Shape: slices.Clone(c.Shape), Floats: slices.Clone(c.Floats), Ints: slices.Clone(c.Ints)}
	n := c.Len()
	switch t.below(10) {
	case 0: // another type
		d := tensor.DType(1 + t.below(int(tensor.Bool)))
		return c.Cast(d)
	case 1: // another shape of the same entries
		c.Shape = t.regrouped(c.Shape)
	case 2: // other lengths
		shape := slices.Clone(c.Shape)
		if len(shape) == 0 || t.below(4) == 0 {
			shape = append(shape, 1)
		}
		shape[t.below(len(shape))] = max(t.length(), 0)
		if size, err := tensor.CheckedSize(shape); err != nil || size > maxConst {
			break
		}
		wide := tensor.New(c.Type, shape...)
		for i := range wide.Len() {
			if n > 0 {
				set(wide, i, c.Float(i%n))
			}
		}
		return wide
	case 3: // every entry
		x := t.number(c)
		for i := range n {
			set(c, i, x)
		}
	case 4: // scaled
		f := t.real()
		for i := range n {
			set(c, i, c.Float(i)*f)
		}
	case 5: // reversed
		slices.Reverse(c.Floats)
		slices.Reverse(c.Ints)
	default: // one entry
		if n > 0 {
			set(c, t.below(n), t.number(c))
		}
	}
	return c
}

func (t *tape) number(c *tensor.Tensor) float64 {
	if c.Type.IsFloat() {
		return t.real()
	}
	return float64(t.integer())
}

// regrouped merges, splits, adds or moves axes.
func (t *tape) regrouped(shape []int) []int {
	shape = slices.Clone(shape)
	k := t.below(len(shape))
	switch t.below(4) {
	case 0:
		return slices.Insert(shape, k, 1)
	case 1:
		if len(shape) > 1 {
			k = min(k, len(shape)-2)
			shape[k] *= shape[k+1]
			return slices.Delete(shape, k+1, k+2)
		}
	case 2:
		if d := 2 + t.below(3); len(shape) > 0 && shape[k]%d == 0 {
			shape[k] /= d
			return slices.Insert(shape, k, d)
		}
	default:
		slices.Reverse(shape)
	}
	return shape
}

// attribute changes, adds or removes an attribute.
func (t *tape) attribute(src *graph.Source) {
	n := t.node(src)
	if n == nil {
		return
	}
	n.Attrs = maps.Clone(n.Attrs)
	if n.Attrs == nil {
		n.Attrs = graph.Attrs{}
	}
	own := slices.Sorted(maps.Keys(n.Attrs))
	name := attributes[t.below(len(attributes))]
	if len(own) > 0 && t.below(4) != 0 {
		name = own[t.below(len(own))]
	}
	was, have := n.Attrs[name]
	if have && t.below(8) == 0 {
		delete(n.Attrs, name)
		return
	}
	if !have || t.below(8) == 0 { // any kind
		switch t.below(6) {
		case 0:
			was = int64(0)
		case 1:
			was = 0.
		case 2:
			was = ""
		case 3:
			was = []int64{1, 1}
		case 4:
			was = []float64{1}
		default:
			was = tensor.FromInts(tensor.Int64, []int64{1, 2}, 2)
		}
	}
	switch v := was.(type) {
	case int64:
		n.Attrs[name] = t.integer()
	case float64:
		x := t.real()
		if math.IsNaN(x) { // the parser refuses it
			x = 0
		}
		n.Attrs[name] = x
	case string:
		n.Attrs[name] = words[t.below(len(words))]
	case []int64:
		n.Attrs[name] = items(t, v, t.integer)
	case []float64:
		n.Attrs[name] = items(t, v, t.real)
	case []string:
		n.Attrs[name] = items(t, v, func() string { return words[t.below(len(words))] })
	case *tensor.Tensor:
		if c := t.changed(v); readable(c) {
			n.Attrs[name] = c
		}
	}
}

// items changes a list.
func items[T any](t *tape, list []T, next func() T) []T {
	list = slices.Clone(list)
	k := t.below(len(list))
	switch t.below(6) {
	case 0:
		if len(list) < 1<<12 {
			list = slices.Insert(list, k, next())
		}
	case 1:
		if len(list) > 0 {
			list = slices.Delete(list, k, k+1)
		}
	case 2:
		list = list[:0]
	default:
		if len(list) > 0 {
			list[k] = next()
		}
	}
	return list
}
