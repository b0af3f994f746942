package reference

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
)

// weights is a functional of V, dense, with a public part.
type weights struct {
	e     fr.Vector
	known fr.Element
}

// indices is an index for each letter of a relation.
type indices []int

// each calls f for every padded index tuple of the letters; the other letters keep their index.
func (at indices) each(rel *circuit.Relation, letters []circuit.Letter, f func()) {
	if len(letters) == 0 {
		f()
		return
	}
	for i := range 1 << circuit.Log2Ceil(rel.Letters[letters[0]].Len) {
		at[letters[0]] = i
		at.each(rel, letters[1:], f)
	}
}

// flat is the padded row-major index along axes.
func (at indices) flat(rel *circuit.Relation, axes []circuit.Letter) int {
	x := 0
	for _, l := range axes {
		x = x<<circuit.Log2Ceil(rel.Letters[l].Len) | at[l]
	}
	return x
}

// inside reports whether a letter's index is below its bound.
func (at indices) inside(rel *circuit.Relation, l circuit.Letter) bool {
	return at[l] < rel.Letters[l].Len
}

// term reports a term of an expression at an index: 0 outside the bounds of the letters that it broadcasts over.
func (at indices) broadcast(rel *circuit.Relation, e *circuit.Expr, t *circuit.Term) bool {
	for _, l := range e.Letters {
		if !slices.Contains(t.Axes, l) && !at.inside(rel, l) {
			return false
		}
	}
	return true
}

// add adds w times an expression, at one index, to the functional.
func (f *weights) add(r *run, rel *circuit.Relation, e *circuit.Expr, at indices, w fr.Element) {
	if w.IsZero() {
		return
	}
	for i := range e.Terms {
		t := &e.Terms[i]
		if !at.broadcast(rel, e, t) {
			continue
		}
		c := mul(w, integer(t.Coef))
		switch {
		case t.Block == circuit.None:
			f.known = add(f.known, c)
		case r.inst[t.Block] != nil:
			f.known = add(f.known, mul(c, r.inst[t.Block][at.flat(rel, t.Axes)]))
		default:
			p := &f.e[r.lay.At[t.Block]+at.flat(rel, t.Axes)]
			*p = add(*p, c)
		}
	}
}

// value is an expression at one index.
func (r *run) value(rel *circuit.Relation, e *circuit.Expr, at indices) fr.Element {
	var v fr.Element
	for i := range e.Terms {
		t := &e.Terms[i]
		if !at.broadcast(rel, e, t) {
			continue
		}
		x := one
		if t.Block != circuit.None {
			if r.inst[t.Block] != nil {
				x = r.inst[t.Block][at.flat(rel, t.Axes)]
			} else {
				x = r.V[r.lay.At[t.Block]+at.flat(rel, t.Axes)]
			}
		}
		v = add(v, mul(integer(t.Coef), x))
	}
	return v
}

// axisTables are the 0/1 axis relations of a contraction over the padded row-major index of their letters.
func axisTables(rel *circuit.Relation, k *circuit.Contraction) [][]bool {
	var out [][]bool
	for i := range k.R {
		t := make([]bool, 1<<rel.Vars(k.R[i].Letters))
		at := make(indices, len(rel.Letters))
		k.R[i].Each(rel.Letters, func(idx []int) {
			for j, l := range k.R[i].Letters {
				at[l] = idx[j]
			}
			t[at.flat(rel, k.R[i].Letters)] = true
		})
		out = append(out, t)
	}
	return out
}

// lone lists the output letters that no factor of a contraction holds.
func lone(rel *circuit.Relation, k *circuit.Contraction) []circuit.Letter {
	var out []circuit.Letter
	for _, l := range rel.Out {
		if rel.Holders(k)[l] == 0 {
			out = append(out, l)
		}
	}
	return out
}

// relation adds scale times LHS minus the linear contractions at the output point.
func (f *weights) relation(r *run, rel *circuit.Relation, scale fr.Element) {
	eq := eqTable(r.ch.Rho[:rel.Vars(rel.Out)])
	at := make(indices, len(rel.Letters))
	at.each(rel, rel.Out, func() { f.add(r, rel, &rel.LHS, at, mul(scale, eq[at.flat(rel, rel.Out)])) })
	for i := range rel.Sum {
		k := &rel.Sum[i]
		if k.B != nil {
			continue
		}
		tables, alone := axisTables(rel, k), lone(rel, k)
		at.each(rel, append(slices.Clone(rel.Out), k.Inner...), func() {
			for j, t := range tables {
				if !t[at.flat(rel, k.R[j].Letters)] {
					return
				}
			}
			for _, l := range alone {
				if !at.inside(rel, l) {
					return
				}
			}
			f.add(r, rel, &k.A, at, neg(mul(scale, eq[at.flat(rel, rel.Out)])))
		})
	}
}

// start is F0 + sum g1, the functional behind S.
func (r *run) start() *weights {
	f := &weights{e: make(fr.Vector, len(r.V))}
	if !r.lay.Key {
		for j := range r.lay.C.Relations {
			f.relation(r, &r.lay.C.Relations[j], pow(r.ch.Gamma, j))
		}
	}
	n := len(r.lay.Degrees)
	_, g1 := r.masks(f.e)
	*g1[0] = pow(integer(2), n)
	for _, w := range g1[1:] {
		*w = pow(integer(2), n-1)
	}
	return f
}

// claims lists the functionals of all claims in canonical order, each dense.
func (r *run) claims() []*weights {
	lay := r.lay
	rz := r.ch.R[len(r.ch.R)-1]
	rest := sub(one, rz)
	var out []*weights
	claim := func() *weights {
		f := &weights{e: make(fr.Vector, len(r.V))}
		u, _ := r.masks(f.e)
		*u[len(out)] = rz
		out = append(out, f)
		return f
	}
	index := eqTable(r.ch.R[lay.InnerVars : lay.InnerVars+lay.IndexVars])
	for side, claimed := range []bool{lay.ClaimA, lay.ClaimB} {
		if !claimed {
			continue
		}
		f := claim()
		for j, b := range lay.Bilinear {
			rel := &lay.C.Relations[b.Relation]
			k := &rel.Sum[b.Contraction]
			e := &k.A
			if side == 1 {
				e = k.B
			}
			eq := r.letterEq(rel, k)
			at := make(indices, len(rel.Letters))
			at.each(rel, e.Letters, func() {
				w := mul(rest, index[j])
				for _, l := range e.Letters {
					w = mul(w, eq[l][at[l]])
				}
				f.add(r, rel, e, at, w)
			})
		}
	}
	// point adds c times the block of len(w) entries at offset, weighed by w
	point := func(f *weights, offset int, w fr.Vector, c fr.Element) {
		for i := range w {
			f.e[offset+i] = add(f.e[offset+i], mul(mul(rest, c), w[i]))
		}
	}
	x, t := eqTable(r.ch.R[:lay.HeightVars]), eqTable(r.ch.R[:lay.TableVars])
	for g, slots := range lay.Groups {
		point(claim(), lay.Helpers[g], x, one)
		for _, s := range slots {
			f := claim()
			point(f, lay.Slots[s].In, x, one)
			if lay.Slots[s].Out != circuit.None {
				point(f, lay.Slots[s].Out, x, r.ch.Beta)
			}
		}
	}
	point(claim(), lay.HT, t, one)
	point(claim(), lay.M, t, one)
	if lay.ClaimOut {
		f := claim()
		for i := range lay.Tables {
			if spec := &lay.Tables[i]; spec.Out != circuit.None {
				point(f, lay.At[spec.Out], t[lay.TableAt[i]:lay.TableAt[i]+spec.Size], one)
			}
		}
	}
	out = append(out, r.start())
	last := &weights{e: make(fr.Vector, len(r.V))}
	_, g1 := r.masks(last.e)
	*g1[0] = one
	g1 = g1[1:]
	for j, d := range lay.Degrees {
		for e := range d {
			*g1[e] = pow(r.ch.R[j], e+1)
		}
		g1 = g1[d:]
	}
	return append(out, last)
}

// letterEq is the eq table of each letter's point: output letters at rho, inner ones at sumcheck 1's point.
func (r *run) letterEq(rel *circuit.Relation, k *circuit.Contraction) []fr.Vector {
	eq := make([]fr.Vector, len(rel.Letters))
	at := 0
	for i := len(rel.Out) - 1; i >= 0; i-- {
		l := rel.Out[i]
		n := circuit.Log2Ceil(rel.Letters[l].Len)
		eq[l] = eqTable(r.ch.Rho[at : at+n])
		at += n
	}
	if r.ch.R == nil {
		return eq
	}
	at = 0
	for _, l := range k.Inner {
		n := circuit.Log2Ceil(rel.Letters[l].Len)
		eq[l] = eqTable(r.ch.R[at : at+n])
		at += n
	}
	return eq
}

// tagColumn is a slot's tag at every height.
func tagColumn(lay *layout.Layout, slot int) fr.Vector {
	out := make(fr.Vector, 1<<lay.HeightVars)
	for i := range lay.Tags {
		t := &lay.Tags[i]
		layout.Inside(t.Dims, func(x int) {
			if a := t.Address + x; a>>lay.HeightVars == slot {
				out[a&(1<<lay.HeightVars-1)] = integer(int64(t.Table + 1))
			}
		})
	}
	return out
}

// tableColumns are the id, in and out columns of the stacked table.
func (r *run) tableColumns() (id, in, out fr.Vector) {
	lay := r.lay
	n := 1 << lay.TableVars
	id, in, out = make(fr.Vector, n), make(fr.Vector, n), make(fr.Vector, n)
	for i := range lay.Tables {
		t := &lay.Tables[i]
		dims := []int{t.Size}
		if t.Dynamic {
			dims = lay.C.Blocks[t.Out].Dims
		}
		layout.Inside(dims, func(x int) {
			id[lay.TableAt[i]+x] = integer(int64(i + 1))
			in[lay.TableAt[i]+x] = integer(t.Lo + int64(x))
		})
		if t.Out != circuit.None { // whole: axis padding of a dynamic table's block included
			copy(out[lay.TableAt[i]:], r.V[lay.At[t.Out]:lay.At[t.Out]+t.Size])
		}
	}
	return id, in, out
}
