package determinism

import (
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// solverBits is the width that the solver's int64 arithmetic is meant for.
const solverBits = 62

// Overflow says that a side of a relation may reach p/2, so that it might hold modulo p only.
type Overflow struct {
	Relation int // the first one
	Name     string
	Bits     int // of the bound
	// Certificate is complete but for its list Wide; its Bits show every relation that may wrap.
	Certificate *Certificate
}

func (e *Overflow) Error() string {
	return fmt.Sprintf("circuit: relation %q: values of up to %d bits, the field holds %d: use smaller scales",
		e.Name, e.Bits, fr.Modulus().BitLen()-2)
}

// bound fills Intervals, Bits and Wide, and checks every relation against p/2.
func (cert *Certificate) bound(s *state) error {
	c := cert.c
	b := &bounder{s: s, cert: cert, of: make([]Interval, len(c.Blocks)), busy: make([]bool, len(c.Blocks))}
	for i := range c.Blocks { // given blocks first, then by steps: so the recursion below is shallow
		if cert.By[i] == circuit.None {
			if err := b.block(i); err != nil {
				return err
			}
		}
	}
	for i := range cert.Steps {
		for _, at := range cert.Steps[i].Blocks {
			if err := b.block(at); err != nil {
				return err
			}
		}
	}
	cert.Intervals = b.of
	half := new(big.Int).Rsh(fr.Modulus(), 1)
	var wraps error
	for i := range c.Relations {
		r := &c.Relations[i]
		left := magnitude(b.expr(&r.LHS, nil))
		right := new(big.Int)
		for j := range r.Sum {
			right.Add(right, magnitude(b.contraction(r, &r.Sum[j])))
		}
		if left.Cmp(right) < 0 {
			left = right
		}
		cert.Bits = append(cert.Bits, left.BitLen())
		if left.Cmp(half) >= 0 && wraps == nil {
			wraps = &Overflow{i, r.Name, left.BitLen(), cert}
		}
	}
	if wraps != nil {
		return wraps
	}
	limit := new(big.Int).Lsh(big.NewInt(1), solverBits)
	for i := range cert.Intervals {
		if magnitude(cert.Intervals[i]).Cmp(limit) > 0 {
			cert.Wide = append(cert.Wide, i)
		}
	}
	return nil
}

type bounder struct {
	s    *state
	cert *Certificate
	of   []Interval
	busy []bool
}

// block derives a block's interval: what is declared, else the rows of its dynamic table, else its relation.
func (b *bounder) block(i int) error {
	if b.of[i].Lo != nil {
		return nil
	}
	if lo, hi, ok := b.s.declared(i); ok {
		b.of[i] = Interval{big.NewInt(lo), big.NewInt(hi)}
		return nil
	}
	name := b.s.c.Blocks[i].Name
	if b.busy[i] {
		return fmt.Errorf("circuit: block %q: a dynamic table of its own outputs leaves it without an interval", name)
	}
	b.busy[i] = true
	if b.s.c.Blocks[i].Role == circuit.Column {
		table := b.s.c.Tables[b.s.lookup(i).Table].Out
		if err := b.block(table); err != nil {
			return err
		}
		b.of[i] = b.of[table]
		return nil
	}
	if b.cert.By[i] == circuit.None {
		return fmt.Errorf("circuit: block %q: no interval", name)
	}
	st := &b.cert.Steps[b.cert.By[i]]
	if st.Rule != Alone {
		return fmt.Errorf("circuit: block %q: no interval", name)
	}
	r := &b.s.c.Relations[st.Relation]
	var err error
	eachBlock(r, func(other int) {
		if other != i && err == nil {
			err = b.block(other)
		}
	})
	if err != nil {
		return err
	}
	skip := &r.LHS.Terms[st.Term]
	v := neg(b.expr(&r.LHS, skip))
	for j := range r.Sum {
		v = add(v, b.contraction(r, &r.Sum[j]))
	}
	if skip.Coef < 0 {
		v = neg(v)
	}
	b.of[i] = v
	return nil
}

// expr is the interval of an expression's entries, without one term. Inside its bound every term counts.
func (b *bounder) expr(e *circuit.Expr, skip *circuit.Term) Interval {
	v := Interval{new(big.Int), new(big.Int)}
	one := Interval{big.NewInt(1), big.NewInt(1)}
	for i := range e.Terms {
		t := &e.Terms[i]
		if t == skip {
			continue
		}
		of := one
		if t.Block != circuit.None {
			of = b.of[t.Block]
		}
		v = add(v, mul(Interval{big.NewInt(t.Coef), big.NewInt(t.Coef)}, of))
	}
	return v
}

// contraction is the interval of a contraction's entries: between lo and hi products are summed.
func (b *bounder) contraction(r *circuit.Relation, k *circuit.Contraction) Interval {
	v := b.expr(&k.A, nil)
	if k.B != nil {
		v = mul(v, b.expr(k.B, nil))
	}
	lo, hi := r.FanIn(k)
	return mul(v, Interval{big.NewInt(lo), big.NewInt(hi)})
}

func add(a, b Interval) Interval {
	return Interval{new(big.Int).Add(a.Lo, b.Lo), new(big.Int).Add(a.Hi, b.Hi)}
}

func neg(a Interval) Interval { return Interval{new(big.Int).Neg(a.Hi), new(big.Int).Neg(a.Lo)} }

func mul(a, b Interval) Interval {
	var v Interval
	for _, x := range []*big.Int{a.Lo, a.Hi} {
		for _, y := range []*big.Int{b.Lo, b.Hi} {
			p := new(big.Int).Mul(x, y)
			if v.Lo == nil || p.Cmp(v.Lo) < 0 {
				v.Lo = p
			}
			if v.Hi == nil || p.Cmp(v.Hi) > 0 {
				v.Hi = p
			}
		}
	}
	return v
}

// magnitude is the largest absolute value.
func magnitude(a Interval) *big.Int {
	if a.Lo.CmpAbs(a.Hi) > 0 {
		return new(big.Int).Abs(a.Lo)
	}
	return new(big.Int).Abs(a.Hi)
}
