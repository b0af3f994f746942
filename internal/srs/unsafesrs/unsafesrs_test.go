package unsafesrs

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/kzg"
)

func TestFromTau(t *testing.T) {
	tau := fr.NewElement(987654321)
	want, err := kzg.NewSRS(300, big.NewInt(987654321))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 2, 3, 300} {
		s := FromTau(n, tau)
		if len(s.G1) != n || !s.Unsafe || s.Powers != n || !s.G2.Equal(&want.Vk.G2[0]) || !s.TauG2.Equal(&want.Vk.G2[1]) {
			t.Errorf("%d powers: wrong header", n)
		}
		for i := range s.G1 {
			if !s.G1[i].Equal(&want.Pk.G1[i]) {
				t.Fatalf("%d powers: power %d is wrong", n, i)
			}
		}
	}
}

func TestNew(t *testing.T) {
	a, err := New(9)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(9)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.G1) != 512 || a.ID() == b.ID() {
		t.Error("two secrets are equal")
	}
	if err := a.Verify(); err != nil {
		t.Error(err)
	}
	for _, k := range []int{-1, 0, MaxLogRows + 1, 1 << 30} {
		if _, err := New(k); err == nil {
			t.Errorf("logrows %d is accepted", k)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for _, k := range []int{10, 13, 16, 20} {
		b.Run(fmt.Sprintf("logrows=%d", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := New(k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
