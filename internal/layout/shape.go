package layout

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Bilinear names a contraction with two operands: an instance of sumcheck 1.
type Bilinear struct{ Relation, Contraction int }

// Shape is what sumcheck 1 looks like: everything the verifier must know before the first round.
type Shape struct {
	Bilinear  []Bilinear
	InnerVars int   // most inner variables of a bilinear contraction
	IndexVars int   // relation-index variables: log2 of the number of bilinear contractions
	N1        int   // rounds before the last: over inner and index variables, and beside them those of columns and tables
	Degrees   []int // of every round: N1, and the zero-knowledge variable z
	RhoVars   int   // coordinates of the output point
	ZetaVars  int   // coordinates of the zero-check point

	ClaimA, ClaimB bool // a side that is public in every bilinear contraction has no claim
	ClaimOut       bool // some table has an output column
	ClaimCount     int  // A, B, (h_g, slots) of each group, h_T, m, out

	// The masks of sumcheck 1: one u for each claim, then, from MaskG1 on, the coefficients of g1; MaskSize in all.
	MaskG1, MaskSize int
	// MaskAt is the place of each of them in the mask block, whose other entries are 0. The block is cut in groups of 2^MaskDegree
	// entries: entry e of group j is the coefficient of x_j^e. Entry 0 of group i is the u of claim i; of the group after the last
	// claim, the constant coefficient. So the weights of g1's coefficients are those of the groups times polynomials with common
	// coefficients.
	MaskAt               []int
	MaskVars, MaskDegree int // log2 of the sizes of block and groups
}

// shape derives Shape; relations is nil for a key proof.
func (l *Layout) shape(relations []circuit.Relation) {
	raise := func(at, degree int) {
		for len(l.Degrees) <= at {
			l.Degrees = append(l.Degrees, 1)
		}
		l.Degrees[at] = max(l.Degrees[at], degree)
	}
	for i := range relations {
		r := &relations[i]
		l.RhoVars = max(l.RhoVars, r.Vars(r.Out))
		for j := range r.Sum {
			k := &r.Sum[j]
			if k.B == nil {
				continue
			}
			l.Bilinear = append(l.Bilinear, Bilinear{i, j})
			l.ClaimA = l.ClaimA || l.committed(&k.A)
			l.ClaimB = l.ClaimB || l.committed(k.B)
			l.InnerVars = max(l.InnerVars, r.Vars(k.Inner))
			held, at := r.Holders(k), 0
			for _, letter := range k.Inner {
				for range circuit.Log2Ceil(r.Letters[letter].Len) {
					raise(at, held[letter])
					at++
				}
			}
		}
	}
	factors := 1 // claimed factors of one summand
	if l.ClaimA && l.ClaimB {
		factors = 2
	}
	slots := 0
	for _, g := range l.Groups {
		slots += len(g)
		factors = max(factors, 1+len(g))
		for j := range l.HeightVars {
			raise(j, 2+len(g))
		}
	}
	for j := range l.TableVars {
		raise(j, 3)
	}
	for i := range l.Tables {
		l.ClaimOut = l.ClaimOut || l.Tables[i].Out != circuit.None
	}
	if len(l.Bilinear) > 0 {
		l.IndexVars = circuit.Log2Ceil(len(l.Bilinear))
	}
	for j := range l.IndexVars {
		raise(l.InnerVars+j, 3)
	}
	l.N1 = len(l.Degrees)
	l.ClaimCount = len(l.Groups) + slots + 2
	for _, claimed := range []bool{l.ClaimA, l.ClaimB, l.ClaimOut} {
		if claimed {
			l.ClaimCount++
		}
	}
	if l.ClaimOut {
		factors = max(factors, 2)
	}
	l.Degrees = append(l.Degrees, 1+factors)
	l.ZetaVars = max(l.HeightVars, l.TableVars)
	l.MaskG1 = l.ClaimCount
	l.MaskSize = l.MaskG1 + MaskCoeffs(l.Degrees)
	l.MaskDegree = circuit.Log2Ceil(slices.Max(l.Degrees) + 1)
	for i := range l.ClaimCount + 1 {
		l.MaskAt = append(l.MaskAt, i<<l.MaskDegree)
	}
	for j, d := range l.Degrees {
		for e := range d {
			l.MaskAt = append(l.MaskAt, j<<l.MaskDegree+e+1)
		}
	}
	l.MaskVars = l.MaskDegree + circuit.Log2Ceil(max(l.ClaimCount+1, len(l.Degrees)))
}

// Index are the coordinates, of a point of sumcheck 1, that number the bilinear contractions: they follow the longest one's inner
// variables.
func Index[T any](l *Layout, r []T) []T { return r[l.InnerVars:][:l.IndexVars] }

// Beyond are the rounds, but z, after a bilinear contraction's last one.
func Beyond[T any](l *Layout, r []T) []T { return r[l.InnerVars+l.IndexVars : l.N1] }

// SpreadMask is the mask block of the masks in the order of MaskAt.
func (l *Layout) SpreadMask(masks []fr.Element) fr.Vector {
	block := make(fr.Vector, 1<<l.MaskVars)
	for k, at := range l.MaskAt {
		block[at] = masks[k]
	}
	return block
}

// MaskCoeffs is the number of coefficients of a mask a_0 + sum_j sum_e a_{j,e} x_j^e.
func MaskCoeffs(degrees []int) int {
	n := 1
	for _, d := range degrees {
		n += d
	}
	return n
}

// committed reports whether an expression reads a committed block.
func (l *Layout) committed(e *circuit.Expr) bool {
	for _, t := range e.Terms {
		if t.Block != circuit.None && l.C.Blocks[t.Block].Role != circuit.Public {
			return true
		}
	}
	return false
}
