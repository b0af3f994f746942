package field

import (
	"math"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// C12: integers survive the field at the extremes of int64, no two share an element, and what no int64 of absolute value
// below 2^63 embeds is refused.
func TestC12_Extremes(t *testing.T) {
	seen := map[fr.Element]int64{}
	for _, v := range []int64{math.MinInt64, math.MinInt64 + 1, math.MinInt64 + 2, -1 << 62, -1<<62 - 1, -1 << 32, -2, -1, 0, 1, 2, 1 << 32, 1 << 62, math.MaxInt64 - 1, math.MaxInt64} {
		e := FromInt(v)
		if other, ok := seen[e]; ok {
			t.Errorf("%d and %d are one element", v, other)
		}
		seen[e] = v
		if list := FromInts([]int64{v}); !list[0].Equal(&e) {
			t.Errorf("%d: FromInts differs", v)
		}
		var n big.Int
		if e.BigInt(&n); v < 0 {
			n.Sub(&n, fr.Modulus())
		}
		if !n.IsInt64() || n.Int64() != v {
			t.Errorf("%d is embedded as %v", v, &n)
		}
		if got, ok := ToInt(&e); ok != (v != math.MinInt64) || ok && got != v {
			t.Errorf("ToInt(%d) = %d, %v", v, got, ok)
		}
	}
	for _, shift := range []uint{63, 64, 126, 127, 128, 192, 253} {
		for _, sign := range []int64{1, -1} {
			n := new(big.Int).Lsh(big.NewInt(sign), shift)
			var e fr.Element
			if v, ok := ToInt(e.SetBigInt(n)); ok {
				t.Errorf("ToInt(%v) = %d", n, v)
			}
		}
	}
	var half fr.Element
	for _, n := range []*big.Int{new(big.Int).Rsh(fr.Modulus(), 1), new(big.Int).Add(new(big.Int).Rsh(fr.Modulus(), 1), big.NewInt(1))} {
		if v, ok := ToInt(half.SetBigInt(n)); ok {
			t.Errorf("ToInt(%v) = %d", n, v)
		}
	}
}
