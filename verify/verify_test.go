package verify_test

import (
	"context"
	"testing"

	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/unsafesrs"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// TestToyNet: key and proofs of the prover, through their file forms, with an SRS whose secret nobody keeps.
func TestToyNet(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	var s *srs.SRS
	if s, err = unsafesrs.New(n.C.LogRow + 1); err != nil {
		t.Fatal(err)
	}
	pk, err := prover.Setup(context.Background(), n.C, n.Values, s, prover.Options{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := verify.ParseKey(pk.VK.Encode())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds {
		p, err := prover.Prove(context.Background(), pk, s.G1, n.Values, prover.Options{Transcript: kind})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "an honest proof", key.Verify(n.Instances(), p, kind), "")
		t.Logf("%v: %d bytes", kind, len(p))
	}
}

// TestHonestCircuits: circuits of many shapes, proven by the naive prover.
func TestHonestCircuits(t *testing.T) {
	base, err := toynet.New(3, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]*toynet.Net{
		"one group": base.Grouped(8), "groups of one": base.Grouped(1), "mixed groups": base.Single().Grouped(2, 1, 3), "rows of 2^9": base.Rows(9),
	} {
		t.Run(name, func(t *testing.T) { newLab(t, n, nil, 3) })
	}
	for seed := range int64(6) {
		n, err := toynet.Random(1000+seed, 2)
		newLab(t, n, err, seed)
	}
}
