package evm

import (
	"math"
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// TestStack: every form of a stack is worth the sum of its terms, whatever repeats in it.
func TestStack(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	const vars, indices = 7, 3
	for range 30 {
		b := newBench(rng, vars+indices+1)
		p, x := b.point(0, vars+indices)
		base, y := b.point(vars+indices, 1)
		s := &stack{compiler: b.c, point: p, split: vars, power: func(e int) ref { return b.c.powerOf(base[0].x(), e) }}
		var want fr.Element
		put := func(coef int64, power, low, block, index int) {
			k := term{factor: b.c.one(), power: power}
			k.coef.SetInt64(coef)
			s.putBlock(k, place{low, block}, index)
			v := k.coef
			for range power {
				v.Mul(&v, &y[0])
			}
			times := func(bit int, x fr.Element) {
				if one := fr.One(); bit&1 == 0 {
					x.Sub(&one, &x)
				}
				v.Mul(&v, &x)
			}
			for i := low; i < vars; i++ {
				times(block>>(i-low), x[i])
			}
			for i := 0; i < indices && index != none; i++ {
				times(index>>i, x[vars+i])
			}
			want.Add(&want, &v)
		}
		for range 1 + rng.Intn(4) { // families at equal strides
			low := rng.Intn(3)
			block, power, index := rng.Intn(1<<(vars-low)), rng.Intn(20), rng.Intn(1<<indices)
			step, down, indexed, coef := rng.Intn(3), rng.Intn(2), rng.Intn(2) == 0, int64(rng.Intn(5)-2)
			for k := range 1 + rng.Intn(12) {
				j := none
				if indexed {
					j = (index + k) % (1 << indices)
				}
				put(coef, power+step*(k*(1-down)+(12-k)*down), low, (block+k)%(1<<(vars-low)), j)
			}
		}
		for range rng.Intn(4) {
			put(rng.Int63()-math.MaxInt64/2, rng.Intn(30), 0, rng.Intn(1<<vars), rng.Intn(1+1<<indices)-1)
		}
		s.collect()
		plain := s.terms
		for _, least := range []int{1, 2, 3, math.MaxInt} {
			for by := range groupings {
				s.terms = append([]term{}, plain...)
				s.merge(least)
				if got := b.value(t, s.emit(by)); got != want {
					t.Fatalf("merged by %d, grouped by %d: not the sum of the terms", least, by)
				}
			}
		}
		s.terms = plain
		if b.value(t, s.total()) != want {
			t.Fatal("total: not the sum of the terms")
		}
	}
}

// TestStackRepeats: what repeats at equal strides costs a factor for each doubling.
func TestStackRepeats(t *testing.T) {
	gas := func(n int) int {
		b := newBench(rand.New(rand.NewSource(4)), 12)
		p, _ := b.point(0, 11)
		base, _ := b.point(11, 1)
		s := &stack{compiler: b.c, point: p, split: 8, power: func(e int) ref { return b.c.powerOf(base[0].x(), e) }}
		for k := range n {
			s.putBlock(term{coef: fr.One(), factor: b.c.one(), power: 3 * k}, place{2, k}, none)
		}
		mark := b.c.mark()
		s.total()
		return b.c.gasSince(mark)
	}
	if few, many := gas(4), gas(32); many > few+3*400 {
		t.Errorf("4 blocks take %d gas, 32 take %d", few, many)
	}
}
