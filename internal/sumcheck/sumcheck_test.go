package sumcheck

import (
	"math/rand"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

func random(rng *rand.Rand) fr.Element {
	var b [48]byte
	rng.Read(b[:])
	var e fr.Element
	e.SetBytes(b[:])
	return e
}

// TestEvaluate: for a polynomial of any degree, the message without the linear coefficient and the claim s(0) + s(1) give it back.
func TestEvaluate(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for degree := 1; degree <= 10; degree++ {
		coeffs := make([]fr.Element, degree+1)
		var claim fr.Element
		for i := range coeffs {
			coeffs[i] = random(rng)
			claim.Add(&claim, &coeffs[i]) // s(1)
		}
		claim.Add(&claim, &coeffs[0])
		x := random(rng)
		message := append([]fr.Element{coeffs[0]}, coeffs[2:]...)
		got, want := Evaluate(message, &claim, &x), poly.Horner(coeffs, &x)
		if !got.Equal(&want) {
			t.Errorf("degree %d", degree)
		}
	}
}

// TestVerify: an honest run ends on the polynomial's value; the sum of what any messages state is the claim, by form.
func TestVerify(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	const n = 5
	f, g := make(fr.Vector, 1<<n), make(fr.Vector, 1<<n)
	for i := range f {
		f[i], g[i] = random(rng), random(rng)
	}
	claim := poly.Dot(f, g)
	w := proof.NewWriter(transcript.New(transcript.EVM, "t"))
	a, b := append(fr.Vector(nil), f...), append(fr.Vector(nil), g...)
	for range n {
		var c0, c2 fr.Element
		for i := 0; i < len(a); i += 2 {
			var x, y fr.Element
			x.Mul(&a[i], &b[i])
			c0.Add(&c0, &x)
			x.Sub(&a[i+1], &a[i])
			y.Sub(&b[i+1], &b[i])
			x.Mul(&x, &y)
			c2.Add(&c2, &x)
		}
		w.Scalars("r", c0, c2)
		x := w.T.Challenge("r")
		a, b = poly.Fold(a, &x), poly.Fold(b, &x)
	}
	degrees := []int{2, 2, 2, 2, 2}
	point, last, err := Verify(proof.NewReader(w.Bytes, transcript.New(transcript.EVM, "t")), "r", degrees, claim)
	if err != nil || len(point) != n {
		t.Fatal(err)
	}
	v, u := poly.Eval(f, point), poly.Eval(g, point)
	v.Mul(&v, &u)
	if !v.Equal(&last) {
		t.Error("the last value is not that of the polynomial")
	}
	for at := range w.Bytes { // any change of any message changes the last value against the polynomial's
		if at%32 != 31 {
			continue
		}
		c := append([]byte(nil), w.Bytes...)
		c[at] ^= 1
		point, last, err := Verify(proof.NewReader(c, transcript.New(transcript.EVM, "t")), "r", degrees, claim)
		if err != nil {
			t.Fatal(err)
		}
		v, u := poly.Eval(f, point), poly.Eval(g, point)
		if v.Mul(&v, &u); v.Equal(&last) {
			t.Errorf("byte %d altered: the end agrees", at)
		}
	}
	var other fr.Element
	other.Double(&claim)
	if _, last, _ = Verify(proof.NewReader(w.Bytes, transcript.New(transcript.EVM, "t")), "r", degrees, other); v.Equal(&last) {
		t.Error("another claim, the same end")
	}
	if _, _, err := Verify(proof.NewReader(w.Bytes[:len(w.Bytes)-32], transcript.New(transcript.EVM, "t")), "r", degrees, claim); err == nil {
		t.Error("a message too short: no error")
	}
	if p, v, err := Verify(proof.NewReader(nil, transcript.New(transcript.EVM, "t")), "r", nil, claim); err != nil || len(p) != 0 || !v.Equal(&claim) {
		t.Error("no rounds: the claim stays") // what this package does not check
	}
}
