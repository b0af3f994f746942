package commit

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// NaiveFull is the twin of [Full] that tests compare with: one scalar multiplication after the other.
func NaiveFull(points []bn254.G1Affine, scalars []fr.Element) bn254.G1Jac {
	acc := infinity()
	var term bn254.G1Jac
	var k big.Int
	for j := range scalars {
		var p bn254.G1Jac
		p.FromAffine(&points[j])
		term.ScalarMultiplication(&p, scalars[j].BigInt(&k))
		acc.AddAssign(&term)
	}
	return acc
}

// NaiveSmall is the twin of [Small].
func NaiveSmall[T Signed](points []bn254.G1Affine, scalars []T) bn254.G1Jac {
	lifted := make([]fr.Element, len(scalars))
	for j, v := range scalars {
		lifted[j].SetInt64(int64(v))
	}
	return NaiveFull(points, lifted)
}
