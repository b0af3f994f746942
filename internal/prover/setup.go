package prover

import (
	"context"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover/commit"
	"github.com/ezkl-go/ezkl/internal/srs"
)

// Setup commits a circuit's constants, key[block] unpadded row-major for Fixed and Private blocks, and proves the key.
func Setup(ctx context.Context, c *circuit.Circuit, key [][]int64, s *srs.SRS, o Options) (*proof.ProvingKey, error) {
	lay, err := layout.New(c)
	if err != nil {
		return nil, err
	}
	if err := checkKey(c, key); err != nil {
		return nil, err
	}
	if len(s.G1) < 1<<lay.L+1 {
		return nil, fmt.Errorf("setup: the SRS has %d powers, %d needed", len(s.G1), 1<<lay.L+1)
	}
	if o.Progress != nil {
		o.Progress("commit key")
	}
	pk := &proof.ProvingKey{VK: &proof.VerifyingKey{Circuit: c, Tau: s.TauG2, Unsafe: s.Unsafe}}
	pk.Blinders = make([]fr.Element, lay.Rows[layout.SegP].Count)
	for i := range pk.Blinders {
		if _, err := pk.Blinders[i].SetRandom(); err != nil {
			return nil, err
		}
	}
	fixed, private := commitKey(lay, key, s.G1)
	if len(private) > 0 {
		commit.Blind(private, &s.G1[1<<lay.L], pk.Blinders)
	}
	pk.VK.Rows = commit.Affine(append(fixed, private...))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	keyLay, err := layout.ForKey(c)
	if err != nil || keyLay == nil {
		return pk, err
	}
	if o.Progress != nil {
		o.Progress("prove key")
	}
	values := make([][]int64, len(c.Blocks))
	for i := range c.Blocks {
		if c.Blocks[i].Role == circuit.Private {
			values[i] = key[i]
		}
	}
	st := &statement{lay: keyLay, domain: claims.DomainKey, digest: pk.VK.Digest(), points: s.G1, values: values, rowsP: pk.Blinders}
	pk.VK.KeyProof, err = st.prove(ctx, Options{Coins: o.Coins})
	return pk, err
}

// FixedRows recomputes the commitments of segment F: whoever accepts a key compares them with the key's first rows.
func FixedRows(c *circuit.Circuit, key [][]int64, points []bn254.G1Affine) ([]bn254.G1Affine, error) {
	lay, err := layout.New(c)
	if err != nil {
		return nil, err
	}
	if err := checkKey(c, key); err != nil {
		return nil, err
	}
	if len(points) < 1<<lay.L+1 {
		return nil, fmt.Errorf("the SRS has %d powers, %d needed", len(points), 1<<lay.L+1)
	}
	fixed, _ := commitKey(lay, key, points)
	return commit.Affine(fixed), nil
}

// checkKey refuses constants of the wrong shape or outside their declared interval.
func checkKey(c *circuit.Circuit, key [][]int64) error {
	if len(key) != len(c.Blocks) {
		return fmt.Errorf("setup: constants for %d blocks, the circuit has %d", len(key), len(c.Blocks))
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if b.Role != circuit.Fixed && b.Role != circuit.Private {
			continue
		}
		if len(key[i]) != circuit.Count(b.Dims) {
			return fmt.Errorf("setup: block %s has %d constants, not %d", b.Name, len(key[i]), circuit.Count(b.Dims))
		}
		for j, v := range key[i] {
			if v < b.Lo || v > b.Hi {
				return fmt.Errorf("setup: block %s: entry %d is %d, outside [%d, %d]", b.Name, j, v, b.Lo, b.Hi)
			}
		}
	}
	return nil
}

// commitKey commits the rows of segments F and P, without blinders.
func commitKey(lay *layout.Layout, key [][]int64, points []bn254.G1Affine) (fixed, private []bn254.G1Jac) {
	row := 1 << lay.L
	if lay.Rows[layout.SegF].Count > 0 {
		fixed = commit.SmallRows(points, keyRows(lay, key, layout.SegF, circuit.Fixed), row)
	}
	if lay.Rows[layout.SegP].Count > 0 {
		private = commit.SmallRows(points, keyRows(lay, key, layout.SegP, circuit.Private), row)
	}
	return fixed, private
}

// keyRows is the integers of a segment of the key, row by row.
func keyRows(lay *layout.Layout, key [][]int64, seg layout.Segment, role circuit.Role) []int64 {
	r := lay.Rows[seg]
	ints := make([]int64, r.Count<<lay.L)
	for i := range lay.C.Blocks {
		if lay.C.Blocks[i].Role == role {
			place(ints[lay.At[i]-r.First<<lay.L:], lay.C.Blocks[i].Dims, key[i])
		}
	}
	return ints
}
