package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// viewAtoms is viewAxis on an axis of several atoms, for a run of entries that lies within one entry of the leading atoms and takes
// whole ones of the last atoms: a run along one atom, and a pick of each atom before it. Nil for any other view.
func (b *builder) viewAtoms(v *value, axis int, at []int) *value {
	from, to := v.axis(axis)
	if to-from < 2 {
		return nil
	}
	for i, x := range at {
		if x < 0 || x != at[0]+i {
			return nil
		}
	}
	for atom, rest := to-1, 1; atom >= from; atom-- {
		size := v.atoms[atom]
		first, last := at[0]/rest, (at[0]+len(at)-1)/rest
		if at[0]%rest == 0 && len(at)%rest == 0 && first/size == last/size {
			v = b.view(v, atom, stridedAt(last-first+1, size, 1, first%size))
			for lead := first / size; atom > from; atom-- {
				d := v.atoms[atom-1]
				v = b.view(v, atom-1, []int{lead % d})
				lead /= d
			}
			return dropUnits(v).tidy()
		}
		rest *= size
	}
	return nil
}

// tidy is v without the contractions and axis relations that a view has left without a purpose: those that hold nowhere, those between
// letters of one entry, and those that only rename a letter. What then sums nothing becomes a term.
func (v *value) tidy() *value {
	if len(v.sums) == 0 {
		return v
	}
	out := v.clone()
	out.sums = nil
	lens := v.lens()
	axes := make([]circuit.Axis, len(lens))
	for i, d := range lens {
		axes[i].Len = d
	}
	for i := range v.sums {
		k := mapContraction(v.sums[i], nil)
		empty := false
		k.R = slices.DeleteFunc(k.R, func(r circuit.AxisRelation) bool {
			if r.Kind == circuit.Window || r.Kind == circuit.Reshape {
				return false
			}
			count, same := 0, lens[r.Letters[0]] == lens[r.Letters[1]]
			r.Each(axes, func(at []int) {
				count++
				same = same && at[0] == at[1]
			})
			l, m := r.Letters[0], r.Letters[1]
			switch {
			case count == 0:
				empty = true
			case lens[l] == 1 && lens[m] == 1:
				return true
			case same && count == lens[l]:
				return renames(&k, l, m, len(out.atoms))
			}
			return false
		})
		switch {
		case empty:
		case k.B == nil && len(k.R) == 0 && !slices.ContainsFunc(k.A.Letters, func(l circuit.Letter) bool { return int(l) >= len(out.atoms) }):
			for _, t := range k.A.Terms {
				out.terms = addTerm(out.terms, t)
			}
		default:
			out.sums = append(out.sums, k)
		}
	}
	return out.compact()
}

// renames puts the output letter of two equal ones in the place of the other, a summed one, if one factor alone holds that. Of two
// summed letters it wants just one that a factor holds.
func renames(k *circuit.Contraction, l, m circuit.Letter, atoms int) bool {
	if int(m) < atoms {
		l, m = m, l
	}
	held := func(l circuit.Letter) (inA, inB bool) {
		return slices.Contains(k.A.Letters, l), k.B != nil && slices.Contains(k.B.Letters, l)
	}
	inA, inB := held(m)
	if int(l) >= atoms {
		otherA, otherB := held(l)
		return (inA || inB) != (otherA || otherB)
	}
	if int(l) >= atoms || int(m) < atoms || inA == inB {
		return false
	}
	rename(k, m, l)
	return true
}

// compact drops the summed letters that no contraction holds.
func (v *value) compact() *value {
	n := len(v.atoms)
	to := letters(n + len(v.inner))
	var inner []int
	for i, d := range v.inner {
		l := circuit.Letter(n + i)
		if slices.ContainsFunc(v.sums, func(k circuit.Contraction) bool { by, _ := holds(&k, l); return by != 0 }) {
			to[l] = circuit.Letter(n + len(inner))
			inner = append(inner, d)
		}
	}
	v.inner = inner
	for i := range v.sums {
		v.sums[i] = mapContraction(v.sums[i], to)
	}
	return v
}
