package fuzz

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/verify"
)

// badKeys are keys whose maker committed a private constant outside its interval, a fraction, or something in the padding,
// with the best key proof that the naive prover makes for them.
func (s *Subject) badKeys(rng *rand.Rand) []Try {
	lay, err := layout.ForKey(s.Net.Circuit)
	if err != nil || lay == nil {
		return nil
	}
	two := fr.NewElement(2)
	var half fr.Element
	half.Inverse(&two)
	var out []Try
	first := s.Lay.Rows[layout.SegP].First << s.Lay.L
	inside := map[int]bool{}
	for b := range s.Net.Circuit.Blocks {
		blk := &s.Net.Circuit.Blocks[b]
		if blk.Role != circuit.Private {
			continue
		}
		at := s.Lay.At[b] - first
		layout.Inside(blk.Dims, func(x int) { inside[at+x] = true })
		var above, below fr.Element
		above.SetInt64(blk.Hi + 1)
		below.SetInt64(blk.Lo - 1)
		for what, x := range map[string]fr.Element{"above the highest": above, "below the lowest": below, "one half": half} {
			out = append(out, s.badKey(lay, fmt.Sprintf("%s, %s", blk.Name, what), at, x, rng))
		}
	}
	for at := range s.twinKey.Private {
		if !inside[at] {
			out = append(out, s.badKey(lay, fmt.Sprintf("padding at %d", at), at, fr.One(), rng))
			break
		}
	}
	slices.SortFunc(out, func(a, b Try) int {
		if a.Field < b.Field {
			return -1
		}
		return 1
	})
	return out
}

func (s *Subject) badKey(lay *layout.Layout, field string, at int, x fr.Element, rng *rand.Rand) Try {
	c := coins(lay, rng)
	return Try{Target: "vk", Operator: "malicious key maker", Field: field, Run: func(context.Context) (Verdict, string) {
		k := *s.twinKey
		k.Private = slices.Clone(k.Private)
		k.Private[at] = x
		vk := *s.PK.VK
		vk.Rows = reference.Points(s.twin.KeyRows(s.Lay, &k))
		p := *s.twin
		p.Kind = verify.EVM
		vk.KeyProof = p.Prove(lay, vk.Digest(), &k, make([]fr.Vector, len(vk.Circuit.Blocks)), c).Bytes
		if _, err := verify.NewKey(&vk); err == nil {
			return Accepted, "the key proof is accepted"
		}
		return Rejected, ""
	}}
}
