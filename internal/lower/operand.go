package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Selections. A slice, a reshape or an entry of a tensor is one linear contraction of it, with axis relations between its letters and
// those of the tensor. A product may hold that as it is: the tensor's letters are then summed in the product itself, and nothing is
// copied into a block of its own. The exception is an axis on which both factors meet: an output letter is held once
// (docs/protocol.md, section 2, rule 1), and a letter has one axis relation (rule 7).

// selects reports whether v is a selection: one contraction of entries of blocks that adds nothing up.
func (v *value) selects() bool {
	return len(v.terms) == 0 && len(v.sums) == 1 && v.moves(&v.sums[0])
}

// moves reports whether a contraction of v sums nothing: each of its summed letters follows from others by an axis relation.
func (v *value) moves(k *circuit.Contraction) bool {
	if k.B != nil {
		return false
	}
	tied := map[circuit.Letter]bool{}
	for _, r := range k.R {
		if r.Kind == circuit.Window {
			return false
		}
		for _, l := range r.Letters {
			tied[l] = true
		}
	}
	return !slices.ContainsFunc(k.A.Letters, func(l circuit.Letter) bool { return int(l) >= len(v.atoms) && !tied[l] })
}

// isPick reports whether v is a selection of single indices: its axis relations hold none of its atoms.
func (v *value) isPick() bool { return v.selects() && v.picks() }

// picks reports whether no axis relation of v's contractions holds an atom.
func (v *value) picks() bool {
	return !v.selectsAlong(letters(len(v.atoms)), func(circuit.Letter) bool { return true })
}

// pick is an affine form plus a pick as one pick: what is added to the tensor's entry is added to each, of which the axis relations
// leave one. Nil if v is anything else.
func (v *value) pick() *value {
	if len(v.terms) == 0 || len(v.sums) != 1 || !v.moves(&v.sums[0]) || !v.picks() {
		return nil
	}
	lens := v.lens()
	axes := make([]circuit.Axis, len(lens))
	for i, d := range lens {
		axes[i].Len = d
	}
	out := v.clone()
	k := &out.sums[0]
	for i := range k.R {
		count := 0
		k.R[i].Each(axes, func([]int) { count++ })
		if count != 1 {
			return nil
		}
	}
	k.A = expr(append(k.A.Terms, out.terms...))
	out.terms = nil
	return out
}

// taken is v for a product: settled, or as it is if it is a narrow selection that nobody else reads, or of single indices.
func (b *builder) taken(v *value) *value {
	b.ready(v)
	if v.selects() && (v.uses <= 1 || v.isPick()) && b.fits(v) {
		return v
	}
	return b.settle(v)
}

// picked is taken for a product in which both factors have all axes.
func (b *builder) picked(v *value) *value {
	b.ready(v)
	switch {
	case !b.fits(v):
	case v.isPick():
		return v
	default:
		if out := v.pick(); out != nil {
			return out
		}
	}
	return b.settle(v)
}

// fits reports whether settle would copy v without rounding it.
func (b *builder) fits(v *value) bool {
	return v.honestBits() <= maxBits && v.bits() <= freeBits || v.columns || v.whole && v.bits() <= wholeBits
}

// bilinear is einsum of values that are taken as they are. Selections that it cannot hold are settled: along an axis of the output that the other factor has,
// too, along an axis in which both select, and where their letters would make the proof's first sumcheck longer than it may be.
func (b *builder) bilinear(atoms, split, lens []int, fa, fb factor) *value {
	n, vars, selection := len(atoms), 0, false
	for l, d := range lens {
		if l >= n || slices.Contains(fa.letters, circuit.Letter(l)) && slices.Contains(fb.letters, circuit.Letter(l)) {
			vars += circuit.Log2Ceil(d)
		}
	}
	for _, f := range [][2]factor{{fb, fa}, {fa, fb}} {
		if f[0].v.selectsAlong(f[0].letters, func(l circuit.Letter) bool {
			return slices.Contains(f[1].letters, l) && (int(l) < n || f[1].v.selectsAlong(f[1].letters, func(m circuit.Letter) bool { return l == m }))
		}) {
			b.settle(f[0].v)
		}
		for _, d := range f[0].v.inner {
			vars, selection = vars+circuit.Log2Ceil(d), true
		}
	}
	if selection && b.o.inner > 0 && vars > b.o.inner {
		b.settle(fa.v)
		b.settle(fb.v)
	} else if selection {
		b.longest = max(b.longest, vars)
	}
	return einsum(atoms, split, lens, fa, fb)
}

// selectsAlong reports whether v is a selection with an axis relation on an atom whose letter is one of some.
func (v *value) selectsAlong(letters []circuit.Letter, some func(circuit.Letter) bool) bool {
	for i := range v.sums {
		for _, r := range v.sums[i].R {
			for _, l := range r.Letters {
				if int(l) < len(v.atoms) && some(letters[l]) {
					return true
				}
			}
		}
	}
	return false
}
