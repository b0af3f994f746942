package transcript

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/poseidon2"
)

// TestPermute compares the permutation with gnark-crypto's.
func TestPermute(t *testing.T) {
	other := poseidon2.NewDefaultPermutation()
	for range 50 {
		pair := make([]fr.Element, 2)
		pair[0].MustSetRandom()
		pair[1].MustSetRandom()
		a, b := pair[0], pair[1]
		if err := other.Permutation(pair); err != nil {
			t.Fatal(err)
		}
		permute(&a, &b)
		if a != pair[0] || b != pair[1] {
			t.Fatal("another permutation than gnark-crypto's")
		}
	}
}
