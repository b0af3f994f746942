package prover_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// The comparison with the naive twin, byte for byte, is in package reference.

func setup(t *testing.T, n *toynet.Net) (*proof.ProvingKey, *srs.SRS) {
	t.Helper()
	p := &reference.Prover{Tau: fr.NewElement(77)}
	g1, tau := p.SRS(1<<n.C.LogRow + 1)
	s := &srs.SRS{G1: g1, TauG2: tau, Unsafe: true}
	pk, err := prover.Setup(context.Background(), n.C, n.Values, s, prover.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return pk, s
}

func toy(t *testing.T) *toynet.Net {
	t.Helper()
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWorkers: the same coins give the same bytes with any number of workers.
func TestWorkers(t *testing.T) {
	for _, n := range []*toynet.Net{toy(t), func() *toynet.Net {
		n, err := toynet.Dense(2, 4, 60, 2, 12, 2)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}()} {
		pk, s := setup(t, n)
		lay, err := layout.New(n.C)
		if err != nil {
			t.Fatal(err)
		}
		coins, err := prover.DrawCoins(lay)
		if err != nil {
			t.Fatal(err)
		}
		var first []byte
		for _, workers := range []int{1, 2, 3, 7} {
			old := runtime.GOMAXPROCS(workers)
			b, err := prover.Prove(context.Background(), pk, s.G1, n.Values, prover.Options{Coins: coins})
			runtime.GOMAXPROCS(old)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = b
			}
			if !bytes.Equal(first, b) {
				t.Errorf("%d workers give other bytes", workers)
			}
		}
	}
}

// TestP15_FreshCoins: two proofs of one statement share no byte string of a point or scalar, and draw what they need.
func TestP15_FreshCoins(t *testing.T) {
	n := toy(t)
	pk, s := setup(t, n)
	var seen [2]map[string]bool
	for i := range seen {
		b, err := prover.Prove(context.Background(), pk, s.G1, n.Values, prover.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen[i] = map[string]bool{}
		for ; len(b) > 0; b = b[32:] {
			seen[i][string(b[:32])] = true
		}
	}
	for x := range seen[0] {
		if seen[1][x] {
			t.Error("two proofs have 32 bytes in common")
		}
	}
	lay, err := layout.New(n.C)
	if err != nil {
		t.Fatal(err)
	}
	c, err := prover.DrawCoins(lay)
	if err != nil {
		t.Fatal(err)
	}
	all := map[fr.Element]bool{}
	count := 0
	for _, part := range [][]fr.Element{c.RowsW, c.RowsH, c.Mask, c.CoverW, c.CoverH, c.G2} {
		for _, x := range part {
			all[x] = true
			count++
		}
	}
	want := lay.Rows[layout.SegW].Count + lay.Rows[layout.SegH].Count + lay.MaskSize + layout.CoverW + layout.CoverH + lay.G2Size()
	if len(all) != count || count != want {
		t.Errorf("%d coins, %d distinct, %d needed", count, len(all), want)
	}
}

// TestBadWitness: a witness that does not satisfy the circuit gives an error or a proof that is refused, never a panic.
func TestBadWitness(t *testing.T) {
	n := toy(t)
	pk, s := setup(t, n)
	k, err := verify.NewKey(pk.VK)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []int64{0, -1, 1000, 1<<62 - 1, -1 << 62} {
		for b := range n.C.Blocks {
			values := slices.Clone(n.Values)
			values[b] = slices.Clone(values[b])
			i := len(values[b]) / 2
			if values[b][i] == x || n.C.Blocks[b].Name == "idx" { // another index may hold the same value
				continue
			}
			values[b][i] = x
			p, err := prover.Prove(context.Background(), pk, s.G1, values, prover.Options{})
			if err != nil {
				continue
			}
			if err := k.Verify(n.Instances(), p, verify.EVM); err == nil {
				t.Errorf("block %s with %d: accepted", n.C.Blocks[b].Name, x)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	n := toy(t)
	pk, s := setup(t, n)
	prove := func(ctx context.Context, points int, values [][]int64) error {
		_, err := prover.Prove(ctx, pk, s.G1[:points], values, prover.Options{})
		return err
	}
	all := len(s.G1)
	short := slices.Clone(n.Values)
	short[2] = short[2][1:]
	for _, c := range []struct {
		what, want string
		err        error
	}{
		{"nothing", "", prove(context.Background(), all, n.Values)},
		{"a block less", "blocks of values", prove(context.Background(), all, n.Values[1:])},
		{"a value less", "values, not", prove(context.Background(), all, short)},
		{"a power less", "powers", prove(context.Background(), all-1, n.Values)},
	} {
		if (c.err == nil) != (c.want == "") || c.err != nil && !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v", c.what, c.err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := prove(ctx, all, n.Values); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	if _, err := prover.Setup(ctx, n.C, n.Values, s, prover.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("setup cancelled before: %v", err)
	}
	var stages []string
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	_, err := prover.Prove(ctx, pk, s.G1, n.Values, prover.Options{Progress: func(stage string) {
		if stages = append(stages, stage); len(stages) == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || len(stages) != 3 {
		t.Errorf("cancelled at the third stage: %v, stages %q", err, stages)
	}
}
