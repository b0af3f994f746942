package g1batch

import (
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/utils/cpu"
)

// Lanes is the number of additions that share one field inversion.
const Lanes = 1024

// chains is the number of interleaved prefix products in a batch inversion: a whole vector where a vector kernel exists
// (a call of fp.Vector.Mul costs over 100 ns), few where multiplications run one after the other anyway.
var chains = func() int {
	if cpu.SupportAVX512IFMA {
		return 64
	}
	return 4
}()

// adder is the workspace of one goroutine: n pending additions (x1,y1) + (x2,y2), lane by lane.
type adder struct {
	n              int
	x1, y1, x2, y2 fp.Vector // operands; after add the sums are in x1, y1
	den, num, pre  fp.Vector // denominators, numerators, prefix products
	inv            fp.Vector // inverses of den
	dead           []int     // lanes whose sum is infinity
	target         []int32   // see sum.go
	active         []run     // see sum.go
	buf            []bn254.G1Affine
	_              [64]byte // keep workspaces of two goroutines apart
}

var adders = sync.Pool{New: func() any {
	mk := func() fp.Vector { return make(fp.Vector, Lanes) }
	return &adder{x1: mk(), y1: mk(), x2: mk(), y2: mk(), den: mk(), num: mk(), pre: mk(), inv: mk(), target: make([]int32, Lanes)}
}}

// add replaces (x1,y1) by (x1,y1) + (x2,y2) in lanes 0..n-1. No operand may be infinity; the operands may be equal or
// opposite. An infinite sum is (0, 0).
func (a *adder) add(n int) {
	x1, y1, x2, y2 := a.x1[:n], a.y1[:n], a.x2[:n], a.y2[:n]
	den, num, inv := a.den[:n], a.num[:n], a.inv[:n]
	den.Sub(x2, x1)
	num.Sub(y2, y1)
	a.dead = a.dead[:0]
	if !a.invert(n) {
		a.exceptions(n)
		a.invert(n)
	}
	inv.Mul(inv, num) // the slope
	num.Mul(inv, inv)
	num.Sub(num, x1)
	num.Sub(num, x2) // x3 = slope^2 - x1 - x2
	x1.Sub(x1, num)
	x1.Mul(x1, inv)
	y1.Sub(x1, y1) // y3 = slope (x1 - x3) - y1
	copy(x1, num)
	for _, i := range a.dead {
		x1[i].SetZero()
		y1[i].SetZero()
	}
}

// exceptions repairs the lanes with equal x: a doubling has slope 3x^2 / 2y (y is not 0: the group's order is odd), and
// opposite points sum to infinity.
func (a *adder) exceptions(n int) {
	for i := range n {
		if !a.den[i].IsZero() {
			continue
		}
		if a.num[i].IsZero() && !a.y1[i].IsZero() {
			a.den[i].Double(&a.y1[i])
			a.num[i].Square(&a.x1[i])
			fp.MulBy3(&a.num[i])
			continue
		}
		a.den[i].SetOne()
		a.dead = append(a.dead, i)
	}
}

// invert sets inv[i] = 1/den[i] for i < n and reports whether no denominator is 0; otherwise inv is left undefined.
func (a *adder) invert(n int) bool {
	w := chains
	if n < 4*w {
		w = 1
	}
	m := n - n%w
	den, pre, inv := a.den, a.pre, a.inv
	copy(pre[:w], den[:w])
	if w < 64 {
		for i := w; i < m; i++ {
			pre[i].Mul(&pre[i-w], &den[i])
		}
	} else {
		for i := w; i < m; i += w {
			row := pre[i : i+w]
			row.Mul(pre[i-w:i], den[i:i+w])
		}
	}
	// One chain over the totals of the w chains and over the tail. inv[k] holds what precedes k in it.
	var acc fp.Element
	acc.SetOne()
	for i := m - w; i < n; i++ {
		f := &pre[i]
		if i >= m {
			f = &den[i]
		}
		inv[i] = acc
		acc.Mul(&acc, f)
	}
	if acc.IsZero() {
		return false
	}
	acc.Inverse(&acc)
	for i := n - 1; i >= m-w; i-- {
		f := &pre[i]
		if i >= m {
			f = &den[i]
		}
		inv[i].Mul(&inv[i], &acc)
		acc.Mul(&acc, f)
	}
	// inv[m-w:m] are the inverses of the chains' totals: walk each chain backwards.
	if w < 64 {
		for i := m - 1; i >= w; i-- {
			t := inv[i]
			inv[i].Mul(&t, &pre[i-w])
			inv[i-w].Mul(&t, &den[i])
		}
		return true
	}
	for i := m - w; i > 0; i -= w {
		last, before := inv[i:i+w], inv[i-w:i]
		before.Mul(last, den[i:i+w])
		last.Mul(last, pre[i-w:i])
	}
	return true
}
