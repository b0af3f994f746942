package verify_test

import (
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

// TestP8_ExceptionalChallenges: a challenge of the opening that hits 0, 1, -1, another challenge or its inverse is refused
// with a code of its own, and nothing divides by zero.
func TestP8_ExceptionalChallenges(t *testing.T) {
	l := toyLab(t)
	labels, honest, err := l.challenges(l.accepted, l.instances, l.proof.Bytes, verify.EVM)
	if err != nil {
		t.Fatal(err)
	}
	of := func(label string) fr.Element {
		for i, e := range labels {
			if e.Label == label {
				return honest[i]
			}
		}
		t.Fatal(label)
		return fr.Element{}
	}
	one, z, w := fr.One(), of("z*"), of("w")
	var zero, minusOne, wInv, zInv fr.Element
	minusOne.Neg(&one)
	wInv.Inverse(&w)
	zInv.Inverse(&z)
	for _, c := range []struct {
		what, label string
		x           fr.Element
	}{
		{"z = 0", "z*", zero}, {"z = 1", "z*", one}, {"z = -1", "z*", minusOne}, {"z = w", "z*", w}, {"z = 1/w", "z*", wInv},
		{"w = z", "w", z}, {"w = 1/z", "w", zInv},
	} {
		tr := transcript.New(verify.EVM, claims.DomainProof)
		i := 0
		tr.Observe = func(label string, x *fr.Element) {
			if *x = honest[i]; label == c.label {
				*x = c.x
			}
			i++
		}
		want(t, c.what, l.accepted.VerifyCoded(l.instances, l.proof.Bytes, tr), verify.CodeChallenge)
	}
	// every other exceptional challenge is no error: the proof fails, or (0 for a batching challenge) may hold
	for j := range honest {
		for _, x := range []fr.Element{zero, one} {
			tr := transcript.New(verify.EVM, claims.DomainProof)
			i := 0
			tr.Observe = func(label string, c *fr.Element) {
				if *c = honest[i]; i == j {
					*c = x
				}
				i++
			}
			code(t, l.accepted.VerifyCoded(l.instances, l.proof.Bytes, tr))
		}
	}
}
