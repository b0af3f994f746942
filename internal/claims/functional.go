package claims

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// Functional is a linear functional of V: the sum of its terms.
type Functional []Term

// Term is Coef * sum_i weight(i) V[Offset + i] over an aligned block of 2^Vars entries.
// The weight is a product of one factor for each axis, the lowest axis first, and of couplings between axes; or a dense
// list of Values.
type Term struct {
	Coef      fr.Element
	Offset    int
	Vars      int
	Axes      []AxisWeight
	Couplings []Coupling
	Values    fr.Vector // instead of Axes and Couplings: weights of the first entries, the others are 0
}

// AxisWeight is the weight along one axis: eq(Point) if Point is set, 1 if not (a coupling may then weigh it).
type AxisWeight struct {
	Vars  int
	Point []fr.Element
}

// Coupling is an axis relation of a linear contraction, with its output letters bound to the output point. The letters
// that are neither output letters nor axes of the term are summed.
type Coupling struct {
	Rel     *circuit.AxisRelation
	Letters []circuit.Axis
	Out     []fr.Vector // for each letter: the eq table of its output point, or nil
	Axis    []int       // for each letter: the axis of the term, or -1
}

// Point is the term Coef * block(point) of an aligned block.
func Point(coef fr.Element, offset int, point []fr.Element) Term {
	return Term{Coef: coef, Offset: offset, Vars: len(point), Axes: []AxisWeight{{len(point), point}}}
}

// Scale multiplies a functional by s and returns it.
func (f Functional) Scale(s *fr.Element) Functional {
	for i := range f {
		f[i].Coef.Mul(&f[i].Coef, s)
	}
	return f
}

// Eval is the MLE of the functional's weights at a point of all of V's variables.
func (f Functional) Eval(r []fr.Element) fr.Element {
	var total fr.Element
	for i := range f {
		t := f[i].eval(r)
		total.Add(&total, &t)
	}
	return total
}

func (t *Term) eval(r []fr.Element) fr.Element {
	low := r[:t.Vars]
	acc := poly.EqIndex(t.Offset>>t.Vars, r[t.Vars:])
	acc.Mul(&acc, &t.Coef)
	if t.Values != nil {
		w := poly.Eval(t.Values, low)
		acc.Mul(&acc, &w)
		return acc
	}
	at := make([][]fr.Element, len(t.Axes)) // each axis's coordinates
	for i, a := range t.Axes {
		at[i], low = low[:a.Vars], low[a.Vars:]
		if a.Point != nil {
			e := poly.Eq(a.Point, at[i])
			acc.Mul(&acc, &e)
		}
	}
	for i := range t.Couplings {
		w := t.Couplings[i].eval(at)
		acc.Mul(&acc, &w)
	}
	return acc
}

// eval is the coupling's MLE: its axes at the given coordinates, its output letters at the output point.
func (k *Coupling) eval(at [][]fr.Element) fr.Element {
	tables := make([]fr.Vector, len(k.Out))
	for i := range tables {
		tables[i] = k.Out[i]
		if k.Axis[i] >= 0 {
			tables[i] = poly.EqTable(at[k.Axis[i]], fr.One())
		}
	}
	var total fr.Element
	k.Rel.Each(k.Letters, func(idx []int) {
		w := fr.One()
		for i, x := range idx {
			if tables[i] != nil {
				w.Mul(&w, &tables[i][x])
			}
		}
		total.Add(&total, &w)
	})
	return total
}

// Dense is the term's weight on each of its 2^Vars entries, Coef included.
func (t *Term) Dense() fr.Vector {
	if t.Values != nil {
		w := make(fr.Vector, 1<<t.Vars)
		copy(w, t.Values)
		w.ScalarMul(w, &t.Coef)
		return w
	}
	w := fr.Vector{t.Coef}
	for i := range t.Couplings {
		if k := &t.Couplings[i]; k.axes() == 0 {
			v := k.eval(nil)
			w[0].Mul(&w[0], &v)
		}
	}
	for i, a := range t.Axes {
		if a.Point != nil {
			w = expandEq(w, a.Point)
			continue
		}
		if k := t.soleCoupling(i); k != nil {
			w = outer(w, k.dense(a.Vars))
			continue
		}
		w = repeat(w, a.Vars)
	}
	for i := range t.Couplings {
		if t.Couplings[i].axes() > 1 {
			t.couple(w, &t.Couplings[i])
		}
	}
	return w
}

// soleCoupling is the coupling of axis i, if it weighs no other axis of the term.
func (t *Term) soleCoupling(i int) *Coupling {
	for j := range t.Couplings {
		k := &t.Couplings[j]
		if k.axes() == 1 {
			for _, a := range k.Axis {
				if a == i {
					return k
				}
			}
		}
	}
	return nil
}

func (k *Coupling) axes() int {
	n := 0
	for _, a := range k.Axis {
		if a >= 0 {
			n++
		}
	}
	return n
}

// dense is the weight along the only axis of the coupling.
func (k *Coupling) dense(vars int) fr.Vector {
	out := make(fr.Vector, 1<<vars)
	k.Rel.Each(k.Letters, func(idx []int) {
		w, x := fr.One(), 0
		for i, v := range idx {
			if k.Axis[i] >= 0 {
				x = v
			} else if k.Out[i] != nil {
				w.Mul(&w, &k.Out[i][v])
			}
		}
		out[x].Add(&out[x], &w)
	})
	return out
}

// couple multiplies dense weights by a coupling of several axes.
func (t *Term) couple(w fr.Vector, k *Coupling) {
	shift, at := make([]int, len(t.Axes)), 0
	for i, a := range t.Axes {
		shift[i] = at
		at += a.Vars
	}
	mask := 0
	for _, a := range k.Axis {
		if a >= 0 {
			mask |= (1<<t.Axes[a].Vars - 1) << shift[a]
		}
	}
	weight := map[int]*fr.Element{}
	k.Rel.Each(k.Letters, func(idx []int) {
		v, key := fr.One(), 0
		for i, x := range idx {
			if k.Axis[i] >= 0 {
				key |= x << shift[k.Axis[i]]
			} else if k.Out[i] != nil {
				v.Mul(&v, &k.Out[i][x])
			}
		}
		if have := weight[key]; have != nil {
			have.Add(have, &v)
		} else {
			weight[key] = &v
		}
	})
	for i := range w {
		if v := weight[i&mask]; v != nil {
			w[i].Mul(&w[i], v)
		} else {
			w[i].SetZero()
		}
	}
}

// expandEq is the outer product of w (low) and eq(point).
func expandEq(w fr.Vector, point []fr.Element) fr.Vector {
	n := len(w)
	out := make(fr.Vector, n<<len(point))
	copy(out, w)
	for j := range point {
		lo, hi := out[:n<<j], out[n<<j:n<<(j+1)]
		hi.ScalarMul(lo, &point[j])
		lo.Sub(lo, hi)
	}
	return out
}

// outer is the outer product of w (low) and v.
func outer(w, v fr.Vector) fr.Vector {
	out := make(fr.Vector, len(w)*len(v))
	for i := range v {
		if !v[i].IsZero() {
			part := out[i*len(w) : (i+1)*len(w)]
			part.ScalarMul(w, &v[i])
		}
	}
	return out
}

// repeat is the outer product of w (low) and a vector of 2^vars ones.
func repeat(w fr.Vector, vars int) fr.Vector {
	out := make(fr.Vector, len(w)<<vars)
	for i := range 1 << vars {
		copy(out[i*len(w):], w)
	}
	return out
}
