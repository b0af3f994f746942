package claims

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/layout"
)

// Domains of the two kinds of proof: the transcript starts in one of them.
const (
	DomainProof = "proof"
	DomainKey   = "key"
)

// MaskWeights are the weights of a mask's coefficients a_0, a_{j,e} (e = 1..d_j) in its value at a point.
func MaskWeights(degrees []int, point []fr.Element) fr.Vector {
	out := fr.Vector{fr.One()}
	for j, d := range degrees {
		x := point[j]
		for range d {
			out = append(out, x)
			x.Mul(&x, &point[j])
		}
	}
	return out
}

// MaskSumWeights are the weights of a mask's coefficients in its sum over the Boolean cube.
func MaskSumWeights(degrees []int) fr.Vector {
	n := len(degrees)
	half := powerOfTwo(n - 1)
	out := fr.Vector{powerOfTwo(n)}
	for _, d := range degrees {
		for range d {
			out = append(out, half)
		}
	}
	return out
}

// powerOfTwo is 2^n for n >= 0.
func powerOfTwo(n int) fr.Element {
	two, acc := fr.NewElement(2), fr.One()
	for range n {
		acc.Mul(&acc, &two)
	}
	return acc
}

// Degrees2 are the round degrees of sumcheck 2 over n variables.
func Degrees2(n int) []int {
	d := make([]int, n)
	for i := range d {
		d[i] = 2
	}
	return d
}

// MaskRow is e(X): the weights of g2's coefficients, which begin at lay.G2At, in the mask of sumcheck 2 at a point.
func MaskRow(lay *layout.Layout, r2 []fr.Element) []fr.Element {
	return MaskWeights(Degrees2(lay.N), r2)
}
