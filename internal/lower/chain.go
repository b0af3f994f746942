package lower

import "github.com/ezkl-go/ezkl/internal/graph"

// chainPool is a max-pool of disjoint windows, of a pending contraction (a convolution, say) or of its relu, without any
// lookup beyond those that requantise the contraction. With X_j the contraction at window offset j, requantised by 2^-s:
//
//	q_j - y_{j-1} = d_j = floor((X_j - 2^s y_{j-1} + 2^(s-1)) / 2^s),   y_j = y_{j-1} + [d_j >= 0] d_j
//
// from y_0 = [q_0 >= 0] q_0 with relu, else y_0 = q_0. So y_j = max(y_{j-1}, q_j): the last one is the pool, the same
// integers as requantising first.
//
// Determined: d_j as in requantise, the sign and the product as in relu. Cost: for each entry of the contraction what
// requantise and relu cost; the pool is free. It returns nil where this does not apply.
func (b *builder) chainPool(in *value, sp graph.PoolParams, shape, out []int) *value {
	src, isRelu := in, in.reluOf != nil && in.force != nil
	if isRelu {
		src = in.reluOf
	}
	if in.uses != 1 || src.uses != 1 || b.clamps() {
		return nil
	}
	b.ready(src)
	bilinear := false
	for i := range src.sums {
		bilinear = bilinear || src.sums[i].B != nil
	}
	if !bilinear || src.digits != nil {
		return nil
	}
	offsets := [][]int{nil}
	for i, k := range sp.Kernel {
		if k != sp.Strides[i] || sp.Dilations[i] != 1 || sp.PadBegin[i] != 0 || out[2+i]*k > shape[2+i] {
			return nil
		}
		var next [][]int
		for _, o := range offsets {
			for u := range k {
				next = append(next, append(o[:len(o):len(o)], u))
			}
		}
		offsets = next
	}
	src.tight = true
	s := shiftTo(src.unit, target(src.bound, quantBits-1+b.extra()))
	if g := b.p.Global; g != nil || s == 0 {
		return nil
	}
	var y *value
	for _, o := range offsets {
		x := src
		for i, u := range o {
			x = b.viewAxis(x, 2+i, stridedAt(out[2+i], shape[2+i], sp.Strides[i], u))
		}
		x = x.clone()
		x.bound = src.bound
		if y != nil {
			x = minus(x, y)
			x.bound = 2 * src.bound
		}
		q := b.requantise(x, s, b.digitCount(x, s))
		q.bound = x.bound
		switch {
		case y == nil && !isRelu:
			y = q
		case y == nil:
			y = b.relu(q)
		default:
			y = plus(y, b.relu(q))
		}
		y.bound = src.bound
	}
	y = y.clone()
	y.hi = min(y.hi, src.hi/(y.unit/src.unit)+1)
	y.lo = max(y.lo, src.lo/(y.unit/src.unit)-1)
	if isRelu {
		y.lo = 0
	}
	return y
}
