package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// view replaces one atom: entry i of the new atom is entry at[i] of the old one, and 0 where at[i] < 0. It is linear: the
// affine part becomes a contraction with an axis relation, contractions are composed with it where that is possible, and
// the value is settled first where it is not. Nothing else is committed.
//
// Slices, pads, parts of concatenations, strided windows, flips and gathers by constants are views.
func (b *builder) view(v *value, atom int, at []int) *value {
	old := v.atoms[atom]
	if isIdentity(at, old) {
		return v
	}
	for i := range v.sums {
		if _, ok := composed(&v.sums[i], v.lens(), circuit.Letter(atom), at); !ok {
			b.settle(v)
			return b.view(v, atom, at)
		}
	}
	full := !slices.ContainsFunc(at, func(x int) bool { return x < 0 })
	out := v.clone()
	out.terms = nil
	out.atoms[atom] = len(at)
	source := func() circuit.Letter { // a summed letter over the old atom
		out.inner = append(out.inner, old)
		return circuit.Letter(len(out.atoms) + len(out.inner) - 1)
	}
	l := circuit.Letter(atom)
	var moved []circuit.Term
	for _, t := range v.terms {
		if !full || slices.Contains(t.Axes, l) {
			moved = append(moved, cloneTerm(t))
		} else {
			out.terms = append(out.terms, cloneTerm(t))
		}
	}
	for i := range out.sums {
		k := &out.sums[i]
		by, r := holds(k, l)
		if by == 0 && full {
			continue
		}
		if by == 'R' {
			k.R[r], _ = composed(k, v.lens(), l, at)
			continue
		}
		s := source()
		rename(k, l, s)
		k.R = append(k.R, simplest(at, old, l, s))
	}
	if len(moved) > 0 {
		s := source()
		k := circuit.Contraction{A: expr(moved)}
		rename(&k, l, s)
		k.R = append(k.R, simplest(at, old, l, s))
		out.sums = append(out.sums, k)
	}
	if !full {
		out.lo, out.hi = min(out.lo, 0), max(out.hi, 0)
	}
	return out
}

// lens are the lengths of all letters.
func (v *value) lens() []int { return append(slices.Clone(v.atoms), v.inner...) }

// rename replaces a letter of A and B.
func rename(k *circuit.Contraction, from, to circuit.Letter) {
	do := func(e *circuit.Expr) {
		swap := func(ls []circuit.Letter) {
			for i := range ls {
				if ls[i] == from {
					ls[i] = to
				}
			}
		}
		swap(e.Letters)
		for i := range e.Terms {
			swap(e.Terms[i].Axes)
		}
	}
	do(&k.A)
	if k.B != nil {
		do(k.B)
	}
}

func isIdentity(at []int, old int) bool {
	if len(at) != old {
		return false
	}
	for i, x := range at {
		if x != i {
			return false
		}
	}
	return true
}

// simplest is the relation new[i] ~ old[at[i]] as Affine if it has that form, else as Index.
func simplest(at []int, old int, from, to circuit.Letter) circuit.AxisRelation {
	ls := []circuit.Letter{from, to}
	if start, step, ok := affineForm(at, old); ok {
		return circuit.AxisRelation{Kind: circuit.Affine, Letters: ls, Params: []int64{int64(start), int64(step)}}
	}
	p := make([]int64, len(at))
	for i, x := range at {
		p[i] = max(int64(x), -1)
	}
	return circuit.AxisRelation{Kind: circuit.Index, Letters: ls, Params: p}
}

// affineForm finds start and step with at[i] = start + i*step wherever that lies in [0, old), and at[i] < 0 elsewhere.
func affineForm(at []int, old int) (start, step int, ok bool) {
	first := slices.IndexFunc(at, func(x int) bool { return x >= 0 })
	if first < 0 {
		return old, 1, true
	}
	steps := []int{old, -old} // for a single hit: a step that leaves the axis at once
	if first+1 < len(at) && at[first+1] >= 0 {
		steps = []int{at[first+1] - at[first]}
	}
	if len(at) == 1 {
		steps = []int{1}
	}
	for _, step = range steps {
		start = at[first] - first*step
		fits := step != 0
		for i, x := range at {
			y := start + i*step
			if in := 0 <= y && y < old; in != (x >= 0) || in && x != y {
				fits = false
				break
			}
		}
		if fits {
			return start, step, true
		}
	}
	return 0, 0, false
}

// composed is the axis relation of k that holds letter l, with l replaced by its view; false if that is no axis relation.
// Letters that A, B or nobody holds always compose.
func composed(k *circuit.Contraction, lens []int, l circuit.Letter, at []int) (circuit.AxisRelation, bool) {
	by, i := holds(k, l)
	if by != 'R' {
		return circuit.AxisRelation{}, true
	}
	r := k.R[i]
	other := func() (circuit.Letter, []int, bool) { // the relation as a map from l
		if len(r.Letters) != 2 {
			return 0, nil, false
		}
		switch {
		case r.Kind == circuit.Same:
			o := r.Letters[0] + r.Letters[1] - l
			m := make([]int, lens[o])
			for j := range m {
				m[j] = j
			}
			return o, m, true
		case r.Letters[0] == l && (r.Kind == circuit.Affine || r.Kind == circuit.Index):
			o := r.Letters[1]
			m := make([]int, lens[l])
			for j := range m {
				m[j] = -1
			}
			axes := make([]circuit.Axis, len(lens))
			for j := range lens {
				axes[j].Len = lens[j]
			}
			r.Each(axes, func(x []int) { m[x[0]] = x[1] })
			return o, m, true
		}
		return 0, nil, false
	}
	if o, m, ok := other(); ok {
		to := make([]int, len(at))
		for j, x := range at {
			to[j] = -1
			if x >= 0 {
				to[j] = m[x]
			}
		}
		return simplest(to, lens[o], l, o), true
	}
	full := !slices.ContainsFunc(at, func(x int) bool { return x < 0 })
	if r.Kind == circuit.Window && r.Letters[0] == l && full {
		start, step, ok := affineForm(at, lens[l])
		if len(at) == 1 {
			start, step, ok = at[0], 1, true
		}
		if !ok || step < 1 {
			return r, false
		}
		s, d, p := r.Params[0], r.Params[1], r.Params[2]
		return circuit.AxisRelation{Kind: circuit.Window, Letters: slices.Clone(r.Letters),
			Params: []int64{s * int64(step), d, p - s*int64(start)}}, true
	}
	return r, false
}

// window sums windows of one atom: out[i] = sum over u < size of v[i*stride + u*dilation - pad], 0 outside. Linear.
func (b *builder) window(v *value, atom, outLen, size, stride, dilation, pad int) *value {
	l := circuit.Letter(atom)
	for i := range v.sums {
		by, r := holds(&v.sums[i], l)
		if by == 0 {
			b.settle(v)
			break
		}
		if _, _, ok := v.shifted(&v.sums[i], r, l); by == 'R' && !ok {
			b.settle(v)
			break
		}
	}
	old := v.atoms[atom]
	out := v.clone()
	out.atoms[atom], out.terms = outLen, nil
	fresh := func(n int) circuit.Letter {
		out.inner = append(out.inner, n)
		return circuit.Letter(len(out.atoms) + len(out.inner) - 1)
	}
	relation := func(source circuit.Letter, shift int64) circuit.AxisRelation {
		return circuit.AxisRelation{Kind: circuit.Window, Letters: []circuit.Letter{l, fresh(size), source},
			Params: []int64{int64(stride), int64(dilation), int64(pad) - shift}}
	}
	for i := range out.sums {
		k := &out.sums[i]
		if by, r := holds(k, l); by == 'R' {
			source, shift, _ := v.shifted(&v.sums[i], r, l)
			k.R[r] = relation(source, shift)
			continue
		}
		s := fresh(old)
		rename(k, l, s)
		k.R = append(k.R, relation(s, 0))
	}
	if len(v.terms) > 0 {
		s := fresh(old)
		k := circuit.Contraction{A: expr(v.clone().terms)}
		rename(&k, l, s)
		k.R = append(k.R, relation(s, 0))
		out.sums = append(out.sums, k)
	}
	f := float64(size)
	out.lo, out.hi, out.bound = min(0, f*v.lo), max(0, f*v.hi), f*v.bound
	return out
}

// shifted reads relation r of a contraction as  source = l + shift  where l is outside of nothing that source has: `same`, or padding
// at either end. A window of that is a window of the source.
func (v *value) shifted(k *circuit.Contraction, r int, l circuit.Letter) (source circuit.Letter, shift int64, ok bool) {
	if len(k.R) == 0 {
		return 0, 0, false
	}
	a, lens := &k.R[r], v.lens()
	if a.Kind == circuit.Same {
		return a.Letters[0] + a.Letters[1] - l, 0, true
	}
	if a.Kind != circuit.Affine || a.Letters[0] != l || a.Params[1] != 1 {
		return 0, 0, false
	}
	source, shift = a.Letters[1], a.Params[0]
	return source, shift, shift <= 0 && shift+int64(lens[l]) >= int64(lens[source])
}

// sumOver sums one atom away. The atom's letter becomes a summed letter of each contraction: free, whatever it is. A factor `same`
// between it and a letter of A or B sums to 1.
func sumOver(v *value, atom int) *value {
	n, size := len(v.atoms), v.atoms[atom]
	l := circuit.Letter(atom)
	// new letters: atoms without this one, then the inner ones; this atom's letter is moved to the end
	to := make([]circuit.Letter, n+len(v.inner))
	for i := range to {
		to[i] = circuit.Letter(i)
		if i > atom {
			to[i]--
		}
	}
	to[atom] = circuit.Letter(n - 1 + len(v.inner))
	out := v.clone()
	out.atoms = slices.Delete(out.atoms, atom, atom+1)
	for i, at := 0, 0; i < len(out.split); i++ {
		if at <= atom && atom < at+out.split[i] {
			out.split[i]--
			break
		}
		at += v.split[i]
	}
	out.inner = append(out.inner, size)
	out.terms, out.sums = nil, nil
	var moved []circuit.Term
	for _, t := range v.terms {
		m := mapTerm(t, to)
		if slices.Contains(t.Axes, l) {
			moved = append(moved, m)
			continue
		}
		m.Coef = mulChecked(m.Coef, int64(size))
		out.terms = append(out.terms, m)
	}
	for i := range v.sums {
		k := mapContraction(v.sums[i], to)
		by, r := holds(&v.sums[i], l)
		if by == 'R' && k.R[r].Kind == circuit.Same {
			other := k.R[r].Letters[0] + k.R[r].Letters[1] - to[l]
			if held, _ := holds(&k, other); held == 'A' || held == 'B' {
				k.R = slices.Delete(k.R, r, r+1)
			}
		}
		if by == 0 {
			for j := range k.A.Terms {
				k.A.Terms[j].Coef = mulChecked(k.A.Terms[j].Coef, int64(size))
			}
		}
		out.sums = append(out.sums, k)
	}
	if len(moved) > 0 {
		out.sums = append(out.sums, circuit.Contraction{A: expr(moved)})
	}
	f := float64(size)
	out.lo, out.hi, out.bound = f*v.lo, f*v.hi, f*v.bound
	return out
}
