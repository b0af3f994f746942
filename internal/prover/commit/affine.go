package commit

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/srs/g1batch"
)

// Affine returns the points in affine form, by one inversion for all.
func Affine(points []bn254.G1Jac) []bn254.G1Affine {
	if len(points) == 0 {
		return nil
	}
	return bn254.BatchJacobianToAffineG1(points)
}

// Blinder holds multiples of one point of the SRS, [tau^(2^L)]_1, for the blinding of rows. It does not change and may be
// shared by goroutines: keep it for all proofs of a key.
type Blinder struct{ table *g1batch.FixedBase }

// NewBlinder prepares for about count multiplications of p; any number may follow. It costs about as much as count
// multiplications, under a millisecond for 100.
func NewBlinder(p *bn254.G1Affine, count int) *Blinder {
	return &Blinder{g1batch.NewFixedBase(p, count)}
}

// Blind adds b[i] times the blinder's point to rows[i]. It panics if the lengths differ.
func (bl *Blinder) Blind(rows []bn254.G1Jac, b []fr.Element) {
	if len(rows) != len(b) {
		panic("commit: internal error: rows and blinders differ in number")
	}
	multiples := make([]bn254.G1Affine, len(b))
	bl.table.Mul(multiples, b)
	for i := range rows {
		rows[i].AddMixed(&multiples[i])
	}
}

// Blind is [Blinder.Blind] with a blinder made for this call: rows[i] += b[i] p.
func Blind(rows []bn254.G1Jac, p *bn254.G1Affine, b []fr.Element) {
	NewBlinder(p, len(rows)).Blind(rows, b)
}

func infinity() bn254.G1Jac {
	var p bn254.G1Jac
	p.X.SetOne()
	p.Y.SetOne()
	return p
}
