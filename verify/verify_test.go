package verify_test

import (
	"context"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/kzg"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/internal/transcript"
	"github.com/ezkl-go/ezkl/verify"
)

func testSRS(t testing.TB, n int) *srs.SRS {
	s, err := kzg.NewSRS(uint64(n), big.NewInt(123456789))
	if err != nil {
		t.Fatal(err)
	}
	return &srs.SRS{G1: s.Pk.G1, TauG2: s.Vk.G2[1], Unsafe: true}
}

func instances(c *circuit.Circuit, values [][]int64) []fr.Element {
	var out []fr.Element
	for i := range c.Blocks {
		if c.Blocks[i].Role == circuit.Public {
			out = append(out, field.FromInts(values[i])...)
		}
	}
	return out
}

func TestToyNet(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	s := testSRS(t, 1<<n.C.LogRow+1)
	pk, err := prover.Setup(context.Background(), n.C, n.Values, s, prover.Options{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := verify.ParseKey(pk.VK.Encode())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []transcript.Kind{verify.EVM, verify.Poseidon} {
		p, err := prover.Prove(context.Background(), pk, s.G1, n.Values, prover.Options{Transcript: kind})
		if err != nil {
			t.Fatal(err)
		}
		if err := key.Verify(instances(n.C, n.Values), p, kind); err != nil {
			t.Fatal(err)
		}
		t.Logf("%v: %d bytes", kind, len(p))
	}
	_ = bn254.G1Affine{}
}
