package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// stretch is a run of a value's atoms that a reshape replaces by other atoms of equal product.
type stretch struct{ from, to, newFrom, newTo int }

// reshaped is the same data under another shape. Where old and new axes meet at atom boundaries it only regroups atoms;
// every other stretch of atoms is re-laid by one `reshape` axis relation: linear, settled only if a contraction holds an
// atom of the stretch in a way that cannot be composed.
func (b *builder) reshaped(v *value, shape []int) *value {
	var split, atoms []int
	var odd []stretch
	i := 0 // next old atom
	for axis := 0; axis < len(shape); {
		if shape[axis] == 1 {
			split = append(split, 0)
			axis++
			continue
		}
		// take old atoms until they make up this axis, or overshoot it
		first, have := i, 1
		for have < shape[axis] {
			have *= v.atoms[i]
			i++
		}
		if have == shape[axis] {
			split = append(split, i-first)
			atoms = append(atoms, v.atoms[first:i]...)
			axis++
			continue
		}
		// a stretch: axes first..axis against old atoms until both products agree
		want, newFrom := 1, len(atoms)
		for want != have {
			if want < have {
				want *= shape[axis]
				split = append(split, 0)
				if shape[axis] > 1 {
					atoms = append(atoms, shape[axis])
					split[len(split)-1] = 1
				}
				axis++
			} else {
				have *= v.atoms[i]
				i++
			}
		}
		odd = append(odd, stretch{first, i, newFrom, len(atoms)})
	}
	if len(odd) == 0 {
		out := v.clone()
		out.split, out.atoms = split, atoms
		out.digits, out.uni = v.digits, nil
		return out
	}
	return b.relay(v, atoms, split, odd)
}

// relay replaces stretches of v's atoms; the atoms between them stay.
func (b *builder) relay(v *value, atoms, split []int, odd []stretch) *value {
	b.settle(v)
	// every term that names an atom of a stretch moves into a contraction; the constant part stays
	to := make([]circuit.Letter, len(v.atoms))
	out := v.clone()
	out.atoms, out.split, out.terms = atoms, split, nil
	at := 0
	k := circuit.Contraction{}
	next := 0
	for j := 0; j < len(v.atoms); {
		if next < len(odd) && odd[next].from == j {
			s := odd[next]
			rel := circuit.AxisRelation{Kind: circuit.Reshape, Params: []int64{int64(s.newTo - s.newFrom)}}
			for x := s.newFrom; x < s.newTo; x++ {
				rel.Letters = append(rel.Letters, circuit.Letter(x))
			}
			for ; j < s.to; j++ {
				out.inner = append(out.inner, v.atoms[j])
				to[j] = circuit.Letter(len(atoms) + len(out.inner) - 1)
				rel.Letters = append(rel.Letters, to[j])
			}
			k.R = append(k.R, rel)
			at = s.newTo
			next++
			continue
		}
		to[j] = circuit.Letter(at)
		at++
		j++
	}
	var moved []circuit.Term
	for _, t := range v.terms {
		m := mapTerm(t, to)
		if !slices.ContainsFunc(m.Axes, func(l circuit.Letter) bool { return int(l) >= len(atoms) }) {
			out.terms = append(out.terms, m)
			continue
		}
		moved = append(moved, m)
	}
	if len(moved) > 0 {
		k.A = expr(moved)
		out.sums = []circuit.Contraction{k}
	}
	return out
}

// transposed permutes the axes: new axis i is old axis perm[i]. Free.
func transposed(v *value, perm []int) *value {
	to := make([]int, len(v.atoms))
	var atoms, split []int
	for _, p := range perm {
		from, end := v.axis(p)
		for a := from; a < end; a++ {
			to[a] = len(atoms)
			atoms = append(atoms, v.atoms[a])
		}
		split = append(split, end-from)
	}
	return v.relaid(atoms, split, to)
}

// oneAtom makes an axis a single atom.
func (b *builder) oneAtom(v *value, axis int) *value {
	from, to := v.axis(axis)
	if to-from <= 1 {
		return v
	}
	return b.relayAxis(v, axis, []int{circuit.Count(v.atoms[from:to])})
}

// relayAxis gives one axis the given atoms, of equal product.
func (b *builder) relayAxis(v *value, axis int, atoms []int) *value {
	from, to := v.axis(axis)
	if slices.Equal(v.atoms[from:to], atoms) {
		return v
	}
	split := slices.Clone(v.split)
	split[axis] = len(atoms)
	return b.relay(v, slices.Concat(v.atoms[:from], atoms, v.atoms[to:]), split, []stretch{{from, to, from, from + len(atoms)}})
}

// joined regroups atoms to a shape; the atoms must fit.
func (v *value) joined(shape []int) *value {
	out := v.clone()
	out.split = make([]int, len(shape))
	at := 0
	for i, d := range shape {
		for have := 1; have < d; at++ {
			have *= out.atoms[at]
			out.split[i]++
		}
	}
	return out
}

// broadcast extends v to the layout of a broadcast shape: axes of length 1 or absent get the target's atoms, unnamed.
func broadcast(v *value, atoms, split []int) *value {
	shift := len(split) - len(v.split)
	to := make([]int, len(v.atoms))
	at, old := 0, 0
	for i, k := range split {
		if i >= shift && v.split[i-shift] > 0 {
			for j := range v.split[i-shift] {
				to[old+j] = at + j
			}
			old += v.split[i-shift]
		}
		at += k
	}
	out := v.relaid(atoms, split, to)
	if slices.Equal(v.atoms, atoms) {
		out.digits = v.digits
	}
	return out
}

// aligned brings values to one common broadcast layout.
func (b *builder) aligned(vs ...*value) []*value {
	rank := 0
	for _, v := range vs {
		rank = max(rank, len(v.split))
	}
	common := make([][]int, rank)
	for axis := range common {
		for _, v := range vs {
			i := axis - (rank - len(v.split))
			if i < 0 {
				continue
			}
			if a := v.axisAtoms(i); len(a) > 0 && (common[axis] == nil || len(a) > len(common[axis])) {
				common[axis] = slices.Clone(a)
			}
		}
	}
	var split []int
	for _, a := range common {
		split = append(split, len(a))
	}
	atoms := slices.Concat(common...)
	out := make([]*value, len(vs))
	for j, v := range vs {
		for axis := range common {
			i := axis - (rank - len(v.split))
			if i >= 0 && len(v.axisAtoms(i)) > 0 {
				v = b.relayAxis(v, i, common[axis])
			}
		}
		out[j] = v
		if !slices.Equal(v.atoms, atoms) || !slices.Equal(v.split, split) {
			out[j] = broadcast(v, atoms, split)
		}
	}
	return out
}
