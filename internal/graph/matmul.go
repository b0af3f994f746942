package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

var matmulOps = []*Op{
	{Name: "MatMul", MinIn: 2, MaxIn: 2, Infer: inferMatMul, Eval: evalMatMul},
	{Name: "MatMulInteger", MinIn: 2, MaxIn: 4, Infer: inferMatMulInteger, Eval: evalMatMulInteger},
	{Name: "Gemm", MinIn: 2, MaxIn: 3, Infer: inferGemm, Eval: evalGemm},
}

// MatMulParams describe a MatMul: for every index of Batch, [M, K] times [K, N]. ABatch and BBatch are the strides, in
// matrices, with which the operands run over Batch (0 where they are repeated).
type MatMulParams struct {
	Batch          []int
	M, K, N        int
	ABatch, BBatch []int
	Out            []int // the output's shape: a rank-1 operand's axis is dropped
}

// MatMulOf resolves a MatMul's shapes.
func MatMulOf(n *Node) (MatMulParams, error) {
	a, b := n.Inputs[0].Shape, n.Inputs[1].Shape
	var p MatMulParams
	bad := fmt.Errorf("operands of shapes %v and %v", a, b)
	if len(a) == 0 || len(b) == 0 {
		return p, bad
	}
	dropM, dropN := len(a) == 1, len(b) == 1
	if dropM {
		a = []int{1, a[0]}
	}
	if dropN {
		b = []int{b[0], 1}
	}
	ra, rb := len(a)-2, len(b)-2
	p.M, p.K, p.N = a[ra], a[ra+1], b[rb+1]
	if b[rb] != p.K {
		return p, bad
	}
	var err error
	if p.Batch, err = tensor.Broadcast(a[:ra], b[:rb]); err != nil {
		return p, bad
	}
	p.ABatch, p.BBatch = tensor.BroadcastStrides(a[:ra], p.Batch), tensor.BroadcastStrides(b[:rb], p.Batch)
	p.Out = append([]int{}, p.Batch...)
	if !dropM {
		p.Out = append(p.Out, p.M)
	}
	if !dropN {
		p.Out = append(p.Out, p.N)
	}
	return p, nil
}

func inferMatMul(n *Node) error {
	p, err := MatMulOf(n)
	if err != nil {
		return err
	}
	t := arithType(n.Inputs)
	if t == tensor.Bool {
		return fmt.Errorf("operands are bool")
	}
	return n.set(0, t, p.Out)
}

func evalMatMul(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := MatMulOf(n)
	if err != nil {
		return nil, err
	}
	t := n.Outputs[0].Type
	a, b := in[0].Cast(t), in[1].Cast(t)
	if t.IsFloat() {
		return one(tensor.FromFloats(t, product(&p, a.Floats, b.Floats, mulAddFloat), p.Out...), nil)
	}
	return one(tensor.FromInts(t, product(&p, a.Ints, b.Ints, mulAddInt), p.Out...), nil)
}

func mulAddFloat(dst []float64, a float64, b []float64) {
	for i, v := range b {
		dst[i] += float64(a * v)
	}
}

func mulAddInt(dst []int64, a int64, b []int64) {
	for i, v := range b {
		dst[i] += a * v
	}
}

// product multiplies matrices; sums run over K in order.
func product[T int64 | float64](p *MatMulParams, a, b []T, mulAdd func(dst []T, a T, b []T)) []T {
	batch := tensor.Size(p.Batch)
	y := make([]T, batch*p.M*p.N)
	if len(y) == 0 {
		return y
	}
	type pair struct{ a, b int }
	offs := make([]pair, 0, batch)
	tensor.Walk(p.Batch, [][]int{p.ABatch, p.BBatch}, func(_ int, o []int) {
		run, da, db := 1, 0, 0
		if r := len(p.Batch); r > 0 {
			run, da, db = p.Batch[r-1], p.ABatch[r-1], p.BBatch[r-1]
		}
		for i := range run {
			offs = append(offs, pair{(o[0] + i*da) * p.M * p.K, (o[1] + i*db) * p.K * p.N})
		}
	})
	cols := p.N
	split := 1
	if batch*p.M == 1 { // one row: divide the columns instead
		split = max(1, min(16, p.N*p.K>>16))
		cols = (p.N + split - 1) / split
	}
	parallel.Ranges(batch*p.M*split, 1+(1<<16)/(1+p.K*cols), func(lo, hi int) {
		for job := lo; job < hi; job++ {
			r, part := job/split, job%split
			c0, c1 := min(part*cols, p.N), min((part+1)*cols, p.N)
			o := offs[r/p.M]
			dst := y[r*p.N+c0 : r*p.N+c1]
			left := a[o.a+r%p.M*p.K:][:p.K]
			for k, v := range left {
				if v != 0 {
					mulAdd(dst, v, b[o.b+k*p.N+c0:o.b+k*p.N+c1])
				}
			}
		}
	})
	return y
}

func inferMatMulInteger(n *Node) error {
	p, err := MatMulOf(n)
	if err != nil {
		return err
	}
	for i, v := range n.Inputs {
		if v != nil && !v.Type.IsInt() {
			return fmt.Errorf("input %d is %v, not an integer", i, v.Type)
		}
		if v != nil && i >= 2 {
			x := n.Inputs[i-2].Shape
			if out, err := tensor.Broadcast(x, ZeroShape(n, i-2)); err != nil || !tensor.SameShape(out, x) {
				return fmt.Errorf("zero point of shape %v for an operand of shape %v", v.Shape, x)
			}
		}
	}
	return n.set(0, tensor.Int32, p.Out)
}

// ZeroShape is the shape in which the zero point of a MatMulInteger's operand i broadcasts to it: one number, or one for each
// row of the first operand or column of the second.
func ZeroShape(n *Node, i int) []int {
	z := n.In(2 + i)
	switch {
	case z == nil || tensor.Size(z.Shape) == 1:
		return []int{}
	case i == 0 && len(z.Shape) == 1:
		return []int{z.Shape[0], 1}
	}
	return z.Shape
}

func evalMatMulInteger(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := MatMulOf(n)
	if err != nil {
		return nil, err
	}
	shifted := func(i int) []int64 {
		if z := i + 2; z < len(in) && in[z] != nil {
			out := make([]int64, in[i].Len())
			zip(out, in[i].Shape, in[i].Ints, in[i].Shape, in[z].Ints, ZeroShape(n, i), func(v, zero int64) int64 { return v - zero })
			return out
		}
		return in[i].Ints
	}
	return one(tensor.FromInts(tensor.Int32, product(&p, shifted(0), shifted(1), mulAddInt), p.Out...), nil)
}

// GemmParams describe a Gemm: Alpha * A' * B' + Beta * C, with A' [M, K] (A transposed if TransA) and B' [K, N].
type GemmParams struct {
	Alpha, Beta    float64
	TransA, TransB bool
	M, K, N        int
}

// GemmOf resolves a Gemm's attributes. C, if present, broadcasts to [M, N].
func GemmOf(n *Node) (GemmParams, error) {
	a, b := n.Inputs[0].Shape, n.Inputs[1].Shape
	p := GemmParams{Alpha: n.Attrs.Float("alpha", 1), Beta: n.Attrs.Float("beta", 1),
		TransA: n.Attrs.Int("transA", 0) != 0, TransB: n.Attrs.Int("transB", 0) != 0}
	bad := fmt.Errorf("operands of shapes %v and %v", a, b)
	if len(a) != 2 || len(b) != 2 {
		return p, bad
	}
	p.M, p.K, p.N = a[0], a[1], b[1]
	k := b[0]
	if p.TransA {
		p.M, p.K = a[1], a[0]
	}
	if p.TransB {
		k, p.N = b[1], b[0]
	}
	if k != p.K {
		return p, bad
	}
	if c := n.In(2); c != nil {
		out := []int{p.M, p.N}
		if s, err := tensor.Broadcast(c.Shape, out); err != nil || !tensor.SameShape(s, out) {
			return p, fmt.Errorf("bias of shape %v for a product of shape %v", c.Shape, out)
		}
	}
	return p, nil
}

func inferGemm(n *Node) error {
	p, err := GemmOf(n)
	if err != nil {
		return err
	}
	t := arithType(n.Inputs[:2])
	if t == tensor.Bool {
		return fmt.Errorf("operands are bool")
	}
	return n.set(0, t, []int{p.M, p.N})
}

func evalGemm(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := GemmOf(n)
	if err != nil {
		return nil, err
	}
	a, b := in[0], in[1]
	if p.TransA {
		a = a.Permuted([]int{1, 0})
	}
	if p.TransB {
		b = b.Permuted([]int{1, 0})
	}
	m := MatMulParams{M: p.M, K: p.K, N: p.N}
	t, shape := n.Outputs[0].Type, []int{p.M, p.N}
	y := product(&m, floats(a), floats(b), mulAddFloat)
	if p.Alpha != 1 {
		for i := range y {
			y[i] = float64(p.Alpha * y[i])
		}
	}
	if len(in) > 2 && in[2] != nil {
		zip(y, shape, y, shape, floats(in[2]), in[2].Shape, func(y, c float64) float64 { return y + float64(p.Beta*c) })
	}
	return one(fromFloats(t, y, shape), nil)
}
