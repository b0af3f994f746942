package graph

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Rules of package graph for tensors that may hold minus infinity; see infinite.go.

func infiniteWhere(e *expander, in []*infinite) ([]*Value, *infinite) {
	c := e.n.Inputs[0]
	for i := 1; i < 3; i++ {
		if x := in[i]; x != nil && x.rows != nil && (i == 2 && e.complement(c, x.rows) || i == 1 && c == x.rows) {
			e.n.Inputs[i], in[i] = x.total, nil
		}
	}
	if in[1] == nil && in[2] == nil && in[0] == nil {
		return nil, allFinite
	}
	if in[0] != nil || !known(in) {
		return nil, nil
	}
	x, y := in[1], in[2]
	fx, fy := part(e.n.Inputs[1], x), part(e.n.Inputs[2], y)
	out := &infinite{low: weakest(in), plain: x == nil && closed(y) || y == nil && closed(x)}
	switch {
	case closed(x) && closed(y):
		return nil, nil
	case closed(y):
		out.open, out.finite = e.and(c, openOf(x)), fx
	case closed(x):
		out.open, out.finite = e.and(e.not(c), openOf(y)), fy
	default:
		out.finite = e.op("Where", nil, c, fx, fy)
		out.open = e.or(e.and(c, openOf(x)), e.and(e.not(c), openOf(y)))
		if openOf(x) == nil {
			out.open = e.or(c, openOf(y))
		} else if openOf(y) == nil {
			out.open = e.or(e.not(c), openOf(x))
		}
	}
	return nil, out
}

// complement reports whether c holds just where rows does not.
func (e *expander) complement(c, rows *Value) bool {
	if v := e.b.spread[c]; v != nil {
		c = v
	}
	if e.b.nots[rows] == c {
		return true
	}
	if c.Const == nil || rows.Const == nil || !tensor.SameShape(c.Shape, rows.Shape) {
		return false
	}
	for i, x := range rows.Const.Ints {
		if c.Const.Ints[i] == x {
			return false
		}
	}
	return true
}

func infiniteSum(e *expander, in []*infinite) ([]*Value, *infinite) {
	if !known(in) || e.n.Op == "Sub" && in[1] != nil {
		return nil, nil
	}
	a, b := e.n.Inputs[0], e.n.Inputs[1]
	out := &infinite{low: weakest(in), plain: in[0] == nil && b.Const != nil || in[1] == nil && a.Const != nil}
	if in[0] != nil {
		out.open = openOf(in[0])
	}
	if in[1] != nil {
		out.open = e.and(out.open, openOf(in[1]))
	}
	out.finite = e.op(e.n.Op, nil, part(a, in[0]), part(b, in[1]))
	return nil, out
}

// infiniteScaled is a product with a positive constant, or a division by one.
func infiniteScaled(e *expander, in []*infinite) ([]*Value, *infinite) {
	i := 0
	if in[0] == nil && e.n.Op == "Mul" {
		i = 1
	}
	c := e.n.Inputs[1-i]
	if e.n.Op == "Mul" && in[1-i] == nil && closed(in[i]) && len(in[i].open.Const.Ints) == 1 && e.b.whole(c, 8) {
		return nil, e.hidden(c, in[i].low)
	}
	if in[i] == nil || in[1-i] != nil || !known(in) || c.Const == nil || len(c.Const.Floats) == 0 || slices.ContainsFunc(c.Const.Floats, func(x float64) bool { return !(x > 0) }) {
		return nil, nil
	}
	least := slices.Min(c.Const.Floats)
	if e.n.Op == "Div" {
		least = 1 / slices.Max(c.Const.Floats)
	}
	return nil, &infinite{open: in[i].open, finite: e.op(e.n.Op, nil, in[i].finite, c), low: in[i].low * least}
}

// hidden is a product of whole numbers and a low one, (1 - mask) * low in most networks: what is 0 is open, what is 1 is not, and an
// index of the two allows no other number. Times minus infinity, 0 would be NaN.
func (e *expander) hidden(x *Value, low float64) *infinite {
	if math.IsInf(low, -1) {
		return nil
	}
	open := e.op("Gather", nil, e.numbers(tensor.Bool, []float64{1, 0}, 2), e.cast(x, tensor.Int64))
	return &infinite{open: open, finite: e.constant(tensor.New(x.Type, x.Shape...)), low: low}
}

// whole reports whether a tensor of reals holds whole numbers: integers that were cast, and sums of them.
func (b *builder) whole(v *Value, depth int) bool {
	if v == nil || depth == 0 {
		return false
	}
	if !v.Type.IsFloat() {
		return true
	}
	if v.Const != nil {
		return !slices.ContainsFunc(v.Const.Floats, func(x float64) bool { return x != math.Trunc(x) })
	}
	n := b.made[v]
	if n == nil {
		return false
	}
	switch n.Op {
	case "Add", "Sub":
		return b.whole(n.Inputs[0], depth-1) && b.whole(n.Inputs[1], depth-1)
	case "Cast", "Neg", "Expand", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze":
		return b.whole(n.Inputs[0], depth-1)
	}
	return false
}

func infiniteCast(e *expander, in []*infinite) ([]*Value, *infinite) {
	if t, err := CastOf(e.n); err != nil || !t.IsFloat() {
		return nil, nil
	}
	cast := func(v *Value) *Value { return e.op("Cast", e.n.Attrs, v) }
	if x := in[0]; x.rows != nil {
		y := cast(e.n.Inputs[0])
		y.special = &infinite{rows: x.rows, total: cast(x.total)}
		return []*Value{y}, nil
	}
	if !known(in) {
		return nil, nil
	}
	return nil, &infinite{open: in[0].open, finite: cast(in[0].finite), low: in[0].low}
}

// like is the node with another first input, of the same shape.
func (e *expander) like(in ...*Value) *Value {
	m := &Node{Name: e.b.uniqueName(e.n.Name+"/"+e.n.Op, e.n.Op), Op: e.n.Op, Attrs: e.n.Attrs, Opset: e.n.Opset, Inputs: in}
	m.Outputs = []*Value{{Name: m.Name}}
	outs, err := e.b.evaluate(m, nil, true)
	e.check(err)
	if len(outs) == 0 {
		e.unsupported("it needs %s", e.n.Op)
	}
	return outs[0]
}

func infiniteView(e *expander, in []*infinite) ([]*Value, *infinite) {
	for _, x := range in[1:] {
		if x != nil {
			return nil, nil
		}
	}
	if !known(in) {
		return nil, nil
	}
	view := func(v *Value) *Value {
		list := slices.Clone(e.n.Inputs)
		list[0] = e.expandTo(v, e.n.Inputs[0].Shape)
		return e.like(list...)
	}
	return nil, &infinite{open: view(in[0].open), finite: view(in[0].finite), low: in[0].low}
}

func infiniteConcat(e *expander, in []*infinite) ([]*Value, *infinite) {
	if !known(in) {
		return nil, nil
	}
	var open, finite []*Value
	for i, v := range e.n.Inputs {
		o := e.numbers(tensor.Bool, []float64{1})
		if in[i] != nil {
			o = in[i].open
		}
		open = append(open, e.expandTo(o, v.Shape))
		finite = append(finite, e.expandTo(part(v, in[i]), v.Shape))
	}
	return nil, &infinite{open: e.like(open...), finite: e.like(finite...), low: weakest(in)}
}

// infinitePad is a constant padding, by minus infinity too.
func infinitePad(e *expander, in []*infinite) ([]*Value, *infinite) {
	x := e.n.Inputs[0]
	if !known(in) || len(e.n.Inputs) < 2 || e.n.Opset < 11 || e.n.Attrs.String("mode", "constant") != "constant" {
		return nil, nil
	}
	open := e.numbers(tensor.Bool, []float64{1})
	if in[0] != nil {
		open = in[0].open
	}
	beyond := e.numbers(tensor.Bool, []float64{1})
	var value *Value
	if len(in) > 2 && e.n.Inputs[2] != nil {
		if value = part(e.n.Inputs[2], in[2]); in[2] != nil {
			beyond = in[2].open
		}
	}
	return nil, &infinite{
		open:   e.like(e.expandTo(open, x.Shape), e.n.Inputs[1], e.reshape(beyond), e.n.In(3)),
		finite: e.like(e.expandTo(part(x, in[0]), x.Shape), e.n.Inputs[1], value, e.n.In(3)),
		low:    weakest(in),
	}
}

// infiniteMax knows where a maximum is minus infinity, and not what it is elsewhere.
func infiniteMax(e *expander, in []*infinite) ([]*Value, *infinite) {
	p, err := ReduceOf(e.n)
	if err != nil || len(p.Axes) != 1 || in[0].open == nil {
		return nil, nil
	}
	open := e.some(in[0].open, len(e.n.Inputs[0].Shape)-p.Axes[0])
	if !p.KeepDims {
		shape, kept := p.reducedShape(e.n.Inputs[0].Shape)
		open = e.reshape(e.expandTo(open, kept), shape...)
	}
	return nil, &infinite{open: open, low: in[0].low}
}

// infiniteEqual is a comparison with minus infinity.
func infiniteEqual(e *expander, in []*infinite) ([]*Value, *infinite) {
	i := 0
	if !closed(in[1]) {
		i = 1
	}
	if !closed(in[1-i]) || !in[1-i].exactly() || in[i] != nil && !in[i].exactly() {
		return nil, nil
	}
	shape, err := e.n.broadcastOf()
	e.check(err)
	if in[i] == nil {
		return []*Value{e.expandTo(e.numbers(tensor.Bool, []float64{0}), shape)}, nil
	}
	return []*Value{e.expandTo(e.not(in[i].open), shape)}, nil
}

func infiniteIs(e *expander, in []*infinite) ([]*Value, *infinite) {
	if !in[0].exactly() || e.n.Attrs.Int("detect_negative", 1) == 0 {
		return nil, nil
	}
	return []*Value{e.expandTo(e.not(in[0].open), e.n.Inputs[0].Shape)}, nil
}

func infiniteNaN(e *expander, in []*infinite) ([]*Value, *infinite) {
	shape := e.n.Inputs[0].Shape
	switch {
	case in[0].rows != nil:
		return []*Value{e.expandTo(e.not(in[0].rows), shape)}, nil
	case in[0].open != nil:
		return []*Value{e.expandTo(e.numbers(tensor.Bool, []float64{0}), shape)}, nil
	}
	return nil, nil
}

func infiniteSoftmax(e *expander, in []*infinite) ([]*Value, *infinite) {
	first, end, err := SoftmaxAxes(e.n)
	x := in[0]
	if err != nil || end != first+1 || !known(in) {
		return nil, nil
	}
	rows := e.some(x.open, len(e.n.Inputs[0].Shape)-first)
	full := rows.Const != nil && !slices.Contains(rows.Const.Ints, 0)
	if x.plain && (full && x.exactly() || x.low >= lowest) {
		return nil, allFinite
	}
	if x.low > lowScore { // scaled
		return nil, allFinite
	}
	low := x.low
	attrs := Attrs{}
	if !x.exactly() {
		low = max(low, lowest)
		attrs[Mask] = int64(1)
	}
	softmax := func(open *Value, attrs Attrs) *Value {
		return e.like(e.op("Where", attrs, open, e.expandTo(x.finite, e.n.Inputs[0].Shape), e.scalar(e.n.Inputs[0].Type, low)))
	}
	y := softmax(x.open, attrs)
	if !full && x.exactly() {
		y.special = &infinite{rows: rows, total: softmax(e.or(x.open, e.not(rows)), Attrs{OpenRows: int64(1)})}
	}
	return []*Value{y}, nil
}
