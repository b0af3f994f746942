// Package unsafesrs makes structured reference strings whose secret was known to the machine that made them. Whoever keeps the
// secret can open a commitment to anything: such an SRS is for tests and trials only, and carries the mark unsafe in its file.
package unsafesrs

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/g1batch"
)

// MaxLogRows bounds the size: 2^26 powers have 4 GB.
const MaxLogRows = 26

// New makes an SRS of 2^logRows powers. Its tau comes from the system's random source and is forgotten. It needs about 1 s for
// logRows = 20 and is an error outside 1..MaxLogRows.
func New(logRows int) (*srs.SRS, error) {
	if logRows < 1 || logRows > MaxLogRows {
		return nil, fmt.Errorf("gen-srs: logrows %d: must be from 1 to %d", logRows, MaxLogRows)
	}
	for {
		var b [48]byte
		if _, err := rand.Read(b[:]); err != nil {
			return nil, fmt.Errorf("gen-srs: no randomness: %w", err)
		}
		var tau fr.Element
		tau.SetBytes(b[:]) // 384 bits reduced: the bias is below 2^-128
		clear(b[:])
		if !tau.IsZero() {
			s := FromTau(1<<logRows, tau)
			tau.SetZero()
			return s, nil
		}
	}
}

// FromTau makes an SRS of the given number of powers for a known tau. It panics if powers is negative.
func FromTau(powers int, tau fr.Element) *srs.SRS {
	_, _, g1, g2 := bn254.Generators()
	s := &srs.SRS{G1: make([]bn254.G1Affine, powers), G2: g2, Unsafe: true, Source: "made locally by gen-srs: unsafe, for tests only", Powers: powers}
	table := g1batch.NewFixedBase(&g1, powers)
	const chunk = 1 << 16
	scalars := make([]fr.Element, min(chunk, powers))
	var power fr.Element
	power.SetOne()
	for lo := 0; lo < powers; lo += chunk {
		n := min(chunk, powers-lo)
		for i := range n {
			scalars[i] = power
			power.Mul(&power, &tau)
		}
		table.Mul(s.G1[lo:lo+n], scalars[:n])
	}
	var k big.Int
	s.TauG2.ScalarMultiplication(&g2, tau.BigInt(&k))
	for i := range k.Bits() {
		k.Bits()[i] = 0
	}
	clear(scalars)
	return s
}
