package toynet

import (
	"fmt"
	"math/rand"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// Random is a circuit of random relations that hold: each has a free block of its own on the left side, computed by plain
// loops from the definition. Relations have several letters of every kind that networks use: plain sums, batch and group
// letters tied by `same`, windows with stride, dilation and padding, slices, gathers, reshapes, broadcasts, lone output
// letters, and axes of length 1.
func Random(seed int64, relations int) (*Net, error) {
	n := &Net{C: &circuit.Circuit{}, names: map[string]int{}}
	g := &generator{Net: n, rng: rand.New(rand.NewSource(seed))}
	n.C.Tables = []circuit.Table{{Name: "range", Lo: -4, Size: 8, Out: circuit.None}}
	n.C.KeyTables = []circuit.Table{{Name: "key", Lo: -4, Size: 8, Out: circuit.None}}
	for range relations {
		g.relation()
	}
	return n.arranged(0)
}

// Example is a circuit of one relation: build sets its letters, output, contractions; the operands named in its
// expressions are made by operand. The left side is a free block.
func Example(seed int64, build func(r *circuit.Relation, operand func(dims ...int) int)) (*Net, error) {
	n := &Net{C: &circuit.Circuit{}, names: map[string]int{}}
	g := &generator{Net: n, rng: rand.New(rand.NewSource(seed))}
	n.C.Tables = []circuit.Table{{Name: "range", Lo: -4, Size: 8, Out: circuit.None}}
	n.C.KeyTables = []circuit.Table{{Name: "key", Lo: -4, Size: 8, Out: circuit.None}}
	var r circuit.Relation
	build(&r, func(dims ...int) int { return g.operand(dims) })
	g.close(&r)
	return n.arranged(0)
}

type generator struct {
	*Net
	rng *rand.Rand
}

// operand is a new block of small values in a random role.
func (g *generator) operand(dims []int) int {
	roles := []circuit.Role{circuit.Public, circuit.Fixed, circuit.Private, circuit.Column, circuit.Free, circuit.Private, circuit.Free}
	role := roles[g.rng.Intn(len(roles))]
	b := g.block(fmt.Sprintf("t%d", len(g.Values)), role, -4, 3, dims...)
	switch role {
	case circuit.Private:
		g.C.Blocks[b].KeyTable = 0
	case circuit.Column:
		g.Lookups = append(g.Lookups, circuit.Lookup{In: b, Out: circuit.None, Table: 0})
		fallthrough
	case circuit.Free:
		g.C.Blocks[b].Lo, g.C.Blocks[b].Hi = 0, 0
	}
	for i := range g.Values[b] {
		g.Values[b][i] = int64(g.rng.Intn(8) - 4)
	}
	return b
}

// expression is a random expression over letters: terms on random subsets in random orders, sometimes a constant.
func (g *generator) expression(r *circuit.Relation, held lt) circuit.Expr {
	e := circuit.Expr{Letters: slices.Clone(held)}
	g.rng.Shuffle(len(e.Letters), func(i, j int) { e.Letters[i], e.Letters[j] = e.Letters[j], e.Letters[i] })
	for i := range 1 + g.rng.Intn(3) {
		var axes lt
		for _, k := range g.rng.Perm(len(held)) {
			if i == 0 || g.rng.Intn(2) == 0 {
				axes = append(axes, held[k])
			}
		}
		var dims []int
		for _, l := range axes {
			dims = append(dims, r.Letters[l].Len)
		}
		e.Terms = append(e.Terms, circuit.Term{Coef: int64(1 + g.rng.Intn(3)*(1-2*g.rng.Intn(2))), Block: g.operand(dims), Axes: axes})
	}
	if g.rng.Intn(3) == 0 {
		e.Terms = append(e.Terms, term(int64(g.rng.Intn(5)-2), circuit.None))
	}
	return e
}

// relation adds a random relation of one to three contractions.
func (g *generator) relation() {
	r := circuit.Relation{Name: fmt.Sprintf("r%d", len(g.C.Relations))}
	var outs lt // output letters that contractions may share
	for range 1 + g.rng.Intn(3) {
		bilinear := g.rng.Intn(3) > 0
		r.Sum = append(r.Sum, g.contraction(&r, &outs, bilinear))
	}
	r.Out = outs
	g.rng.Shuffle(len(r.Out), func(i, j int) { r.Out[i], r.Out[j] = r.Out[j], r.Out[i] })
	g.close(&r)
}

// contraction is a random contraction made of gadgets, each a few letters. It reuses output letters of the relation.
func (g *generator) contraction(r *circuit.Relation, outs *lt, bilinear bool) circuit.Contraction {
	var k circuit.Contraction
	var a, b, innerB, innerA, onlyR lt
	budget := 9 // variables of the whole relation
	letter := func(n int) circuit.Letter {
		r.Letters = append(r.Letters, circuit.Axis{Name: fmt.Sprintf("l%d", len(r.Letters)), Len: n})
		return circuit.Letter(len(r.Letters) - 1)
	}
	length := func() int { return 1 + g.rng.Intn(5) }
	var used lt
	out := func(n int) (circuit.Letter, int) { // an output letter: a shared one that this contraction does not use yet, or a new one
		for _, l := range *outs {
			if !slices.Contains(used, l) && (n == 0 || r.Letters[l].Len == n) && g.rng.Intn(2) == 0 {
				used = append(used, l)
				return l, r.Letters[l].Len
			}
		}
		if n == 0 {
			n = length()
		}
		l := letter(n)
		*outs, used = append(*outs, l), append(used, l)
		return l, n
	}
	rel := func(kind circuit.AxisKind, letters lt, params ...int64) {
		k.R = append(k.R, circuit.AxisRelation{Kind: kind, Letters: letters, Params: params})
	}
	for gadgets := 1 + g.rng.Intn(3); gadgets > 0 && len(r.Letters) < 9; gadgets-- {
		if r.Vars(append(slices.Clone(*outs), append(append(innerA, innerB...), onlyR...)...)) > budget {
			break
		}
		kind := g.rng.Intn(14)
		if !bilinear && kind < 5 {
			kind += 5
		}
		switch kind {
		case 0: // summed letter of both
			l := letter(length())
			a, b, innerB = append(a, l), append(b, l), append(innerB, l)
		case 1: // output letter of B
			l, _ := out(0)
			b = append(b, l)
		case 2: // batch letter: an inner copy in both
			o, n := out(0)
			l := letter(n)
			a, b, innerB = append(a, l), append(b, l), append(innerB, l)
			rel(circuit.Same, lt{o, l})
		case 3: // convolution
			o, _ := out(0)
			u, x := letter(1+g.rng.Intn(3)), letter(length())
			a, b, innerB, innerA = append(a, x), append(b, u), append(innerB, u), append(innerA, x)
			rel(circuit.Window, lt{o, u, x}, int64(1+g.rng.Intn(2)), int64(1+g.rng.Intn(2)), int64(g.rng.Intn(3)-1))
		case 4: // gather of a letter of both; or a letter that B alone sums
			if g.rng.Intn(2) == 0 {
				l := letter(length())
				b, innerB = append(b, l), append(innerB, l)
				break
			}
			n := length()
			o, m := out(0)
			l := letter(n)
			a, b, innerB = append(a, l), append(b, l), append(innerB, l)
			rel(circuit.Index, lt{o, l}, g.index(m, n)...)
		case 5, 6: // output letter of A
			l, _ := out(0)
			a = append(a, l)
		case 7: // summed letter of A
			l := letter(length())
			a, innerA = append(a, l), append(innerA, l)
		case 8: // pooling
			o, _ := out(0)
			u, x := letter(1+g.rng.Intn(3)), letter(length())
			a, innerA, onlyR = append(a, x), append(innerA, x), append(onlyR, u)
			rel(circuit.Window, lt{o, u, x}, int64(1+g.rng.Intn(2)), 1, int64(g.rng.Intn(2)))
		case 9: // slice, flip
			o, _ := out(0)
			x := letter(length())
			a, innerA = append(a, x), append(innerA, x)
			rel(circuit.Affine, lt{o, x}, int64(g.rng.Intn(4)-1), int64(g.rng.Intn(5)-2))
		case 10: // gather
			o, m := out(0)
			n := length()
			x := letter(n)
			a, innerA = append(a, x), append(innerA, x)
			rel(circuit.Index, lt{o, x}, g.index(m, n)...)
		case 11: // reshape of several letters, in any order within A
			x, y := 1+g.rng.Intn(3), 1+g.rng.Intn(3)
			var left lt
			if g.rng.Intn(2) == 0 {
				o, _ := out(x * y)
				left = lt{o}
			} else {
				o1, _ := out(y)
				o2, _ := out(x)
				left = lt{o1, o2}
			}
			l1, l2 := letter(x), letter(y)
			a, innerA = append(a, l2, l1), append(innerA, l1, l2)
			rel(circuit.Reshape, append(slices.Clone(left), l1, l2), int64(len(left)))
		case 12: // lone output letter
			out(0)
		case 13: // two inner letters tied: one of B, if there is one, and one of A
			n, m := length(), length()
			x, y := letter(n), letter(m)
			a, innerA = append(a, y), append(innerA, y)
			if bilinear {
				b, innerB = append(b, x), append(innerB, x)
			} else {
				onlyR = append(onlyR, x)
			}
			rel(circuit.Affine, lt{x, y}, int64(g.rng.Intn(2)), 1)
		}
	}
	shuffle := func(l lt) lt {
		g.rng.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
		return l
	}
	k.Inner = append(shuffle(innerB), shuffle(append(innerA, onlyR...))...)
	k.A = g.expression(r, a)
	if bilinear {
		k.B = ptr(g.expression(r, b))
	}
	return k
}

// index is a random gather of n out of m, with gaps.
func (g *generator) index(m, n int) []int64 {
	out := make([]int64, m)
	for i := range out {
		out[i] = int64(g.rng.Intn(n+1) - 1)
	}
	return out
}

// close gives a relation its left side: +-1 times a free block, computed, plus known terms.
func (g *generator) close(r *circuit.Relation) {
	r.LHS = circuit.Expr{Letters: slices.Clone(r.Out)}
	sign := int64(1 - 2*g.rng.Intn(2))
	axes := slices.Clone(r.Out)
	g.rng.Shuffle(len(axes), func(i, j int) { axes[i], axes[j] = axes[j], axes[i] })
	var dims []int
	for _, l := range axes {
		dims = append(dims, r.Letters[l].Len)
	}
	if g.rng.Intn(2) == 0 {
		r.LHS.Terms = append(r.LHS.Terms, g.expression(r, r.Out).Terms...)
	}
	right := make([]int64, circuit.Count(dims))
	g.each(r, r.Out, func(at []int) {
		v := -g.value(r, &r.LHS, at)
		for i := range r.Sum {
			v += g.contract(r, &r.Sum[i], at)
		}
		right[flat(r, axes, at)] = sign * v
	})
	b := g.block(fmt.Sprintf("y%d", len(g.Values)), circuit.Free, 0, 0, dims...)
	g.Values[b] = right
	r.LHS.Terms = append(r.LHS.Terms, term(sign, b, axes...))
	g.C.Relations = append(g.C.Relations, *r)
}

// each calls f for every index of the letters inside their bounds.
func (g *generator) each(r *circuit.Relation, letters lt, f func(at []int)) {
	at := make([]int, len(r.Letters))
	var loop func(rest lt)
	loop = func(rest lt) {
		if len(rest) == 0 {
			f(at)
			return
		}
		for i := range r.Letters[rest[0]].Len {
			at[rest[0]] = i
			loop(rest[1:])
		}
	}
	loop(letters)
}

// flat is the unpadded row-major index.
func flat(r *circuit.Relation, axes lt, at []int) int {
	x := 0
	for _, l := range axes {
		x = x*r.Letters[l].Len + at[l]
	}
	return x
}

// value is an expression at an index.
func (g *generator) value(r *circuit.Relation, e *circuit.Expr, at []int) int64 {
	var v int64
	for _, t := range e.Terms {
		x := int64(1)
		if t.Block != circuit.None {
			x = g.Values[t.Block][flat(r, t.Axes, at)]
		}
		v += t.Coef * x
	}
	return v
}

// contract is a contraction at an output index: the definition.
func (g *generator) contract(r *circuit.Relation, k *circuit.Contraction, out []int) int64 {
	var total int64
	g.each(r, k.Inner, func(in []int) {
		at := slices.Clone(out)
		for _, l := range k.Inner {
			at[l] = in[l]
		}
		for i := range k.R {
			if !holds(r, &k.R[i], at) {
				return
			}
		}
		v := g.value(r, &k.A, at)
		if k.B != nil {
			v *= g.value(r, k.B, at)
		}
		total += v
	})
	return total
}

// holds is an axis relation's definition.
func holds(r *circuit.Relation, a *circuit.AxisRelation, at []int) bool {
	x := func(i int) int64 { return int64(at[a.Letters[i]]) }
	p := a.Params
	switch a.Kind {
	case circuit.Same:
		return x(0) == x(1)
	case circuit.Window:
		return x(2) == x(0)*p[0]+x(1)*p[1]-p[2]
	case circuit.Affine:
		return x(1) == p[0]+x(0)*p[1]
	case circuit.Index:
		return x(1) == p[x(0)]
	case circuit.Reshape:
		return flat(r, a.Letters[:p[0]], at) == flat(r, a.Letters[p[0]:], at)
	}
	panic("toynet: unknown axis relation")
}

// Rearranged is the net with slots, groups and row length chosen by the layouter.
func (n *Net) Rearranged() (*Net, error) {
	m := n.clone()
	return m, layout.Arrange(m.C, m.Lookups)
}
