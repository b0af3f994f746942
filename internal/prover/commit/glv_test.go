package commit

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

func limbs(x ...uint64) *big.Int {
	r := new(big.Int)
	for i := len(x) - 1; i >= 0; i-- {
		r.Lsh(r, 64).Add(r, new(big.Int).SetUint64(x[i]))
	}
	return r
}

func (h half) big() *big.Int {
	r := limbs(h.lo, h.hi)
	if h.hi>>63 != 0 {
		r.Sub(r, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	return r
}

func lambda(t *testing.T) *big.Int {
	l, ok := new(big.Int).SetString("4407920970296243842393367215006156084916469457145843978461", 10)
	if !ok {
		t.Fatal("bad constant")
	}
	return l
}

func TestEndomorphism(t *testing.T) {
	_, _, g, _ := bn254.Generators()
	var want bn254.G1Affine
	want.ScalarMultiplication(&g, lambda(t))
	if got := endomorphism(&g); !got.Equal(&want) {
		t.Fatal("(beta x, y) is not lambda (x, y)")
	}
}

func TestLattice(t *testing.T) {
	r, l := fr.Modulus(), lambda(t)
	a, b, d := limbs(latA[:]...), limbs(latB[:]...), limbs(latD[:]...)
	det := new(big.Int).Mul(a, b)
	if det.Add(det, new(big.Int).Mul(d, d)); det.Cmp(r) != 0 {
		t.Error("latA latB + latD^2 is not r")
	}
	zero := func(u, v *big.Int) {
		x := new(big.Int).Mul(v, l)
		if x.Add(x, u).Mod(x, r).Sign() != 0 {
			t.Error("a basis vector is not in the lattice")
		}
	}
	zero(a, d)
	zero(d, new(big.Int).Neg(b))
	for _, c := range []struct{ x, rounded *big.Int }{{b, limbs(roundB[:]...)}, {d, limbs(roundD[:]...)}} {
		w := new(big.Int).Lsh(c.x, 321)
		w.Add(w, r).Div(w, new(big.Int).Lsh(r, 1))
		if w.Cmp(c.rounded) != 0 {
			t.Errorf("rounded constant: want %x", w)
		}
	}
	bound := new(big.Int).Add(a, d)
	bound.Rsh(bound, 1).Add(bound, big.NewInt(1))
	if bound.BitLen() > halfBits {
		t.Errorf("halves may have %d bits", bound.BitLen())
	}
}

func TestSplit(t *testing.T) {
	l := lambda(t)
	ks := randomScalars(2000)
	for i, v := range []int64{0, 1, -1, 2, -2, 1 << 62} {
		ks[i].SetInt64(v)
	}
	ks[6].SetBigInt(l)
	ks[7].SetBigInt(new(big.Int).Neg(l))
	ks[8].SetBigInt(new(big.Int).Rsh(fr.Modulus(), 1))
	for i := range 200 { // multiples of a half of a basis vector: the largest halves
		x := new(big.Int).Add(limbs(latA[:]...), limbs(latD[:]...))
		y := new(big.Int).Sub(limbs(latD[:]...), limbs(latB[:]...))
		x.Add(x, y.Mul(y, l)).Rsh(x, 1).Add(x, big.NewInt(int64(i-100)))
		ks[100+i].SetBigInt(x)
	}
	for i := range ks {
		k1, k2 := split(&ks[i])
		b1, b2 := k1.big(), k2.big()
		if b1.BitLen() > halfBits || b2.BitLen() > halfBits {
			t.Fatalf("halves of %v have %d and %d bits", &ks[i], b1.BitLen(), b2.BitLen())
		}
		var got fr.Element
		if got.SetBigInt(new(big.Int).Add(b1, new(big.Int).Mul(b2, l))); !got.Equal(&ks[i]) {
			t.Fatalf("%v: the halves do not give it back", &ks[i])
		}
		for n := 1; n < 4000; n = n*2 + 1 {
			p := planFull(n)
			for _, k := range []half{k1, k2} {
				shifted, sum := add(k, digitOffset(p)), new(big.Int)
				for w := p.windows - 1; w >= 0; w-- {
					d := shifted.digit(p, w)
					if top := 1 << (p.width - 1); w < p.windows-1 && (d < -top || d > top) || w == p.windows-1 && (d < -p.topmost || d > p.topmost) {
						t.Fatalf("digit %d = %d of %v is out of range in %+v", w, d, k.big(), p)
					}
					sum.Lsh(sum, uint(p.width)).Add(sum, big.NewInt(int64(d)))
				}
				if sum.Cmp(k.big()) != 0 {
					t.Fatalf("digits of %v give %v in %+v", k.big(), sum, p)
				}
			}
		}
	}
}
