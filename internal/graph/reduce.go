package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var reduceOps = func() []*Op {
	var ops []*Op
	for name := range reductions {
		ops = append(ops, &Op{Name: name, MinIn: 1, MaxIn: 2, Params: []int{1}, Infer: inferReduce, Eval: evalReduce})
	}
	return append(ops,
		&Op{Name: "ArgMax", MinIn: 1, MaxIn: 1, Infer: inferArg, Eval: evalArg},
		&Op{Name: "ArgMin", MinIn: 1, MaxIn: 1, Infer: inferArg, Eval: evalArg},
		&Op{Name: "CumSum", MinIn: 2, MaxIn: 2, Params: []int{1}, Infer: inferCumSum, Eval: evalCumSum},
	)
}()

// reduction folds numbers: acc = step(acc, x) from start, then end(acc, count).
type reduction struct {
	start float64
	step  func(acc, x float64) float64
	end   func(acc float64, count int) float64
	i     func(acc, x int64) int64 // integers exactly, from int64(start); nil: not for integers
}

func keep(acc float64, _ int) float64    { return acc }
func plus(acc, x float64) float64        { return acc + x }
func plusSquare(acc, x float64) float64  { return acc + float64(x*x) }
func root(acc float64, _ int) float64    { return math.Sqrt(acc) }
func average(acc float64, n int) float64 { return acc / float64(n) }

// reductions are the operators that reduce axes. (ReduceProd and ReduceLogSumExp stand for other nodes: fold.go.)
var reductions = map[string]reduction{
	"ReduceSum":       {0, plus, keep, func(a, x int64) int64 { return a + x }},
	"ReduceMean":      {0, plus, average, func(a, x int64) int64 { return a + x }},
	"ReduceMax":       {math.Inf(-1), func(a, x float64) float64 { return maxFloat(x, a) }, keep, func(a, x int64) int64 { return max(a, x) }},
	"ReduceMin":       {math.Inf(1), func(a, x float64) float64 { return minFloat(x, a) }, keep, func(a, x int64) int64 { return min(a, x) }},
	"ReduceL1":        {0, func(a, x float64) float64 { return a + math.Abs(x) }, keep, func(a, x int64) int64 { return a + max(x, -x) }},
	"ReduceL2":        {0, plusSquare, root, nil},
	"ReduceSumSquare": {0, plusSquare, keep, func(a, x int64) int64 { return a + x*x }},
	"ReduceLogSum":    {0, plus, func(a float64, _ int) float64 { return tensor.Log(a) }, nil},
}

// ReduceParams say which axes a reduction (or ArgMax, ArgMin: one axis) removes, in increasing order. No axes: nothing is
// reduced, though the function still applies to every entry by itself.
type ReduceParams struct {
	Axes     []int
	KeepDims bool
}

// ReduceOf resolves a reduction's axes, from its attribute or its input.
func ReduceOf(n *Node) (ReduceParams, error) {
	x := n.Inputs[0].Shape
	p := ReduceParams{KeepDims: n.Attrs.Int("keepdims", 1) != 0}
	if n.Op == "ArgMax" || n.Op == "ArgMin" {
		a, err := axis(n.Attrs.Int("axis", 0), len(x))
		p.Axes = []int{a}
		return p, err
	}
	list, _, err := n.constInts(1, "axes")
	if err != nil {
		return p, err
	}
	if len(list) == 0 && n.Attrs.Int("noop_with_empty_axes", 0) == 0 {
		for i := range x {
			p.Axes = append(p.Axes, i)
		}
		return p, nil
	}
	p.Axes, err = axesOf(list, len(x))
	slices.Sort(p.Axes)
	return p, err
}

// reducedShape is a shape without the reduced axes, or with 1 in their places.
func (p ReduceParams) reducedShape(x []int) (shape, kept []int) {
	for i, d := range x {
		if slices.Contains(p.Axes, i) {
			kept = append(kept, 1)
			if p.KeepDims {
				shape = append(shape, 1)
			}
			continue
		}
		kept, shape = append(kept, d), append(shape, d)
	}
	return shape, kept
}

func inferReduce(n *Node) error {
	p, err := ReduceOf(n)
	if err != nil {
		return err
	}
	t := n.Inputs[0].Type
	r := reductions[n.Op]
	if !t.IsFloat() && r.i == nil || t == tensor.Bool && n.Op != "ReduceMax" && n.Op != "ReduceMin" {
		return fmt.Errorf("input is %v", t)
	}
	for _, a := range p.Axes {
		extreme := (n.Op == "ReduceMax" || n.Op == "ReduceMin") && t != tensor.Bool // of no numbers: none that a circuit holds
		if n.Inputs[0].Shape[a] == 0 && (extreme || n.Op == "ReduceMean") {
			return fmt.Errorf("axis %d is empty", a)
		}
	}
	shape, _ := p.reducedShape(n.Inputs[0].Shape)
	return n.set(0, t, shape)
}

func evalReduce(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := ReduceOf(n)
	if err != nil {
		return nil, err
	}
	x, r := in[0], reductions[n.Op]
	shape, kept := p.reducedShape(x.Shape)
	size := tensor.Size(kept)
	count := 1
	for _, a := range p.Axes {
		count *= x.Shape[a]
	}
	if !x.Type.IsFloat() {
		start := int64(0)
		switch n.Op {
		case "ReduceMax":
			start = math.MinInt64
		case "ReduceMin":
			start = math.MaxInt64
		}
		if x.Type == tensor.Bool { // of nothing, too
			start = max(0, min(start, 1))
		}
		acc := make([]int64, size)
		fill(acc, start)
		accumulate(acc, kept, x.Ints, x.Shape, r.i)
		if n.Op == "ReduceMean" && count > 0 {
			for i := range acc {
				acc[i] /= int64(count)
			}
		}
		return one(tensor.FromInts(x.Type, acc, shape...), nil)
	}
	acc := make([]float64, size)
	fill(acc, r.start)
	accumulate(acc, kept, x.Floats, x.Shape, r.step)
	for i := range acc {
		acc[i] = r.end(acc[i], count)
	}
	return one(tensor.FromFloats(x.Type, acc, shape...), nil)
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

// accumulate folds x of the given shape into acc, whose shape has 1 on the reduced axes, in row-major order of x.
func accumulate[T any](acc []T, kept []int, x []T, shape []int, step func(acc, x T) T) {
	s := tensor.BroadcastStrides(kept, shape)
	run, d := 1, 0
	if r := len(shape); r > 0 {
		run, d = shape[r-1], s[r-1]
	}
	tensor.Walk(shape, [][]int{s}, func(at int, offs []int) {
		o := offs[0]
		for _, v := range x[at : at+run] {
			acc[o] = step(acc[o], v)
			o += d
		}
	})
}

func inferArg(n *Node) error {
	p, err := ReduceOf(n)
	if err != nil {
		return err
	}
	if n.Inputs[0].Shape[p.Axes[0]] == 0 {
		return fmt.Errorf("axis %d is empty", p.Axes[0])
	}
	shape, _ := p.reducedShape(n.Inputs[0].Shape)
	return n.set(0, tensor.Int64, shape)
}

func evalArg(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := ReduceOf(n)
	if err != nil {
		return nil, err
	}
	x, a := in[0], p.Axes[0]
	shape, _ := p.reducedShape(x.Shape)
	y := tensor.New(tensor.Int64, shape...)
	inner, length := tensor.Size(x.Shape[a+1:]), x.Shape[a]
	last := n.Attrs.Int("select_last_index", 0) != 0
	better := func(i, j int) bool { // entry i replaces the earlier j
		u, v := x.Float(i), x.Float(j)
		if n.Op == "ArgMin" {
			u, v = v, u
		}
		return u > v || last && u == v
	}
	for k := range y.Ints {
		base := k/inner*inner*length + k%inner
		best := 0
		for i := 1; i < length; i++ {
			if better(base+i*inner, base+best*inner) {
				best = i
			}
		}
		y.Ints[k] = int64(best)
	}
	return one(y, nil)
}

// CumSumParams describe a CumSum (or CumProd) along Axis.
type CumSumParams struct {
	Axis               int
	Exclusive, Reverse bool
}

// CumSumOf resolves a CumSum.
func CumSumOf(n *Node) (CumSumParams, error) {
	p := CumSumParams{Exclusive: n.Attrs.Int("exclusive", 0) != 0, Reverse: n.Attrs.Int("reverse", 0) != 0}
	list, _, err := n.constInts(1, "axis")
	if err != nil {
		return p, err
	}
	if len(list) != 1 {
		return p, fmt.Errorf("%d axes", len(list))
	}
	p.Axis, err = axis(list[0], len(n.Inputs[0].Shape))
	return p, err
}

func inferCumSum(n *Node) error {
	if _, err := CumSumOf(n); err != nil {
		return err
	}
	if n.Inputs[0].Type == tensor.Bool {
		return fmt.Errorf("input is bool")
	}
	return sameAsInput(n)
}

func evalCumSum(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := CumSumOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	if x.Type.IsFloat() {
		return one(tensor.FromFloats(x.Type, cumSum(x.Floats, x.Shape, p), x.Shape...), nil)
	}
	return one(tensor.FromInts(x.Type, cumSum(x.Ints, x.Shape, p), x.Shape...), nil)
}

func cumSum[T int64 | float64](x []T, shape []int, p CumSumParams) []T {
	y := make([]T, len(x))
	length, inner := shape[p.Axis], tensor.Size(shape[p.Axis+1:])
	for k := range len(x) / max(length, 1) {
		base := k/inner*inner*length + k%inner
		var sum T
		for i := range length {
			if p.Reverse {
				i = length - 1 - i
			}
			at := base + i*inner
			if p.Exclusive {
				y[at] = sum
			}
			sum += x[at]
			if !p.Exclusive {
				y[at] = sum
			}
		}
	}
	return y
}
