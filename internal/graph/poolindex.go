package graph

import (
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// maxPoolIndices is a MaxPool that also says where in x [N, C, spatial..] each maximum is. Every window is gathered, one that
// reaches over the edge being filled up with its first entry, which comes first among equals; the largest entry's mark picks the
// place from a table.
func maxPoolIndices(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	p, err := PoolOf(e.n)
	e.check(err)
	values := e.op("MaxPool", e.n.Attrs, x)
	planes, size, outs := x.Shape[0]*x.Shape[1], tensor.Size(p.In), tensor.Size(p.Out)
	width := 1
	for _, k := range p.Kernel {
		width = min(width*k, size) // each below 2^28
	}
	e.size(planes)
	at := tensor.New(tensor.Int64, e.size(outs, width))
	place := tensor.New(tensor.Int64, outs, width)
	p.each(func(out int, offsets []int) {
		for k := range width {
			o := offsets[0]
			if k < len(offsets) {
				o = offsets[k]
			}
			at.Ints[out*width+k] = int64(o)
			if place.Ints[out*width+k] = int64(o); e.n.Attrs.Int("storage_order", 0) == 1 && len(p.In) > 1 {
				place.Ints[out*width+k] = int64(columnMajor(o, p.In))
			}
		}
	})
	if !x.Type.IsFloat() {
		x = e.float32(x)
	}
	e.size(planes, outs, width)
	seen := e.op("Gather", Attrs{"axis": int64(1)}, e.reshape(x, planes, size), e.constant(at))
	mark := e.op("Hardmax", Attrs{"axis": int64(2)}, e.reshape(seen, planes, outs, width))
	index := e.op("Mul", nil, e.cast(mark, tensor.Int64), e.constant(place))
	index = e.op("ReduceSum", Attrs{"keepdims": int64(0)}, index, e.ints(2))
	if planes > 1 {
		first := make([]int, planes)
		for i := range first {
			first[i] = i * size
		}
		index = e.op("Add", nil, index, e.reshape(e.ints(first...), planes, 1))
	}
	return []*Value{values, e.reshape(index, values.Shape...)}
}
