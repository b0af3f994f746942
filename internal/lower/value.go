package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// value is a tensor during lowering: integer = terms + sum of contractions, real = unit * integer.
//
// Letters 0..len(atoms)-1 are the value's atoms in row-major order; letter len(atoms)+i is the summed letter inner[i].
// Contraction.Inner is left empty: relate fills it.
type value struct {
	name  string // of the network's tensor, for messages
	atoms []int  // lengths, each above 1
	split []int  // number of atoms of each tensor axis
	terms []circuit.Term
	inner []int
	sums  []circuit.Contraction

	unit   float64
	lo, hi float64 // every integer that tables and declared intervals allow lies in [lo, hi]
	bound  float64 // largest |real| of honest inputs, headroom included
	common float64 // the bound that decides the unit, where the value is a tensor of several steps (joint.go); 0: bound

	digits   *digits   // set if the value is exactly the recomposition of these digits
	fraction *fraction // set if the value is a softmax that nobody has made yet
	uni      *scalar   // set if the value is a function of one other value
	reluOf   *value    // the value is relu of that one
	force    func()    // set while the value has no terms yet: makes them
	tight    bool      // feeds a maximum: leave one bit for differences
	fewer    int       // bits less than the usual width
	columns  bool      // the balanced columns of a table of features
	whole    bool      // a tensor of integers: no rounding
	uses     int       // consumers in the network
	seen     float64   // largest |real| of calibration, headroom included; 0 if unknown
}

// shape is the tensor's shape.
func (v *value) shape() []int {
	out := make([]int, len(v.split))
	at := 0
	for i, k := range v.split {
		out[i] = 1
		for range k {
			out[i] *= v.atoms[at]
			at++
		}
	}
	return out
}

// axis is the range of the atoms of a tensor axis.
func (v *value) axis(i int) (from, to int) {
	for _, k := range v.split[:i] {
		from += k
	}
	return from, from + v.split[i]
}

// axisAtoms are the lengths of an axis's atoms.
func (v *value) axisAtoms(i int) []int {
	from, to := v.axis(i)
	return v.atoms[from:to]
}

// layoutOf is the plain layout of a shape: one atom for each length above 1.
func layoutOf(shape []int) (atoms, split []int) {
	for _, d := range shape {
		if d > 1 {
			atoms = append(atoms, d)
			split = append(split, 1)
		} else {
			split = append(split, 0)
		}
	}
	return atoms, split
}

// clone is a copy that shares nothing that is written to. It is neither digits nor lazy nor a function of anything.
func (v *value) clone() *value {
	out := &value{name: v.name, atoms: slices.Clone(v.atoms), split: slices.Clone(v.split), inner: slices.Clone(v.inner),
		unit: v.unit, lo: v.lo, hi: v.hi, bound: v.bound}
	for _, t := range v.terms {
		out.terms = append(out.terms, cloneTerm(t))
	}
	for i := range v.sums {
		out.sums = append(out.sums, mapContraction(v.sums[i], nil))
	}
	return out
}

// over is a value of v's layout that is the given terms.
func (v *value) over(terms []circuit.Term, unit, lo, hi float64) *value {
	out := v.clone()
	out.terms, out.sums, out.inner = terms, nil, nil
	out.unit, out.lo, out.hi, out.bound = unit, lo, hi, max(-lo, hi)*unit
	return out
}

func cloneTerm(t circuit.Term) circuit.Term {
	t.Axes = slices.Clone(t.Axes)
	return t
}

// mapContraction renames letters; nil keeps them.
func mapContraction(k circuit.Contraction, to []circuit.Letter) circuit.Contraction {
	out := circuit.Contraction{A: mapExpr(k.A, to)}
	if k.B != nil {
		b := mapExpr(*k.B, to)
		out.B = &b
	}
	for _, r := range k.R {
		out.R = append(out.R, circuit.AxisRelation{Kind: r.Kind, Letters: mapLetters(r.Letters, to), Params: slices.Clone(r.Params)})
	}
	return out
}

func mapExpr(e circuit.Expr, to []circuit.Letter) circuit.Expr {
	out := circuit.Expr{Letters: mapLetters(e.Letters, to)}
	for _, t := range e.Terms {
		out.Terms = append(out.Terms, mapTerm(t, to))
	}
	return out
}

func mapTerm(t circuit.Term, to []circuit.Letter) circuit.Term {
	return circuit.Term{Coef: t.Coef, Block: t.Block, Axes: mapLetters(t.Axes, to)}
}

func mapLetters(ls, to []circuit.Letter) []circuit.Letter {
	out := make([]circuit.Letter, len(ls))
	for i, l := range ls {
		out[i] = l
		if to != nil {
			out[i] = to[l]
		}
	}
	return out
}

// relaid is the value over other atoms: old atom i becomes atom to[i]. New atoms that nobody names are broadcast.
func (v *value) relaid(atoms, split []int, to []int) *value {
	out := v.clone()
	out.atoms, out.split = slices.Clone(atoms), slices.Clone(split)
	letters := make([]circuit.Letter, len(v.atoms)+len(v.inner))
	for i := range v.atoms {
		letters[i] = circuit.Letter(to[i])
	}
	for i := range v.inner {
		letters[len(v.atoms)+i] = circuit.Letter(len(atoms) + i)
	}
	for i := range out.terms {
		out.terms[i] = mapTerm(out.terms[i], letters)
	}
	for i := range out.sums {
		out.sums[i] = mapContraction(out.sums[i], letters)
	}
	return out
}

// expr is a factor with the given terms: it holds every letter that a term names.
func expr(terms []circuit.Term) circuit.Expr {
	e := circuit.Expr{Terms: terms}
	for _, t := range terms {
		for _, l := range t.Axes {
			if !slices.Contains(e.Letters, l) {
				e.Letters = append(e.Letters, l)
			}
		}
	}
	slices.Sort(e.Letters)
	return e
}

// holds says which factor of a contraction holds a letter: 'A', 'B', 'R' (with the index of the relation), or 0.
func holds(k *circuit.Contraction, l circuit.Letter) (byte, int) {
	if slices.Contains(k.A.Letters, l) {
		return 'A', 0
	}
	if k.B != nil && slices.Contains(k.B.Letters, l) {
		return 'B', 0
	}
	for i := range k.R {
		if slices.Contains(k.R[i].Letters, l) {
			return 'R', i
		}
	}
	return 0, 0
}

// bits is the length of the value's integer: the smallest k with |integer| <= 2^(k-1) for every allowed witness.
func (v *value) bits() int { return signedBits(max(-v.lo, v.hi)) }

// honestBits is the same for honest inputs.
func (v *value) honestBits() int {
	return min(v.bits(), signedBits(v.bound/v.unit))
}

func signedBits(m float64) int {
	if m < 1 {
		return 1
	}
	return exponent(m) + 1
}
