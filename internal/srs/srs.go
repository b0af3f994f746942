package srs

import (
	"crypto/rand"
	"crypto/sha256"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// SRS is a structured reference string, or the first powers of one. It is not changed after it has been read or made.
type SRS struct {
	G1     []bn254.G1Affine // [tau^i]_1
	G2     bn254.G2Affine   // [1]_2
	TauG2  bn254.G2Affine   // [tau]_2
	Unsafe bool             // tau was known to whoever made it: commitments bind nobody
	Source string           // where it comes from, for people; may be empty
	Kind   Kind             // kind of file it was read from
	Powers int              // powers that the file has, at least len(G1)
}

// Kind is a kind of file.
type Kind uint8

const (
	Own Kind = iota // also of an SRS that was not read from a file
	Halo2
	Ptau
)

func (k Kind) String() string { return [...]string{"ezkl-go", "halo2", "ptau"}[k] }

// LogRows is the largest k such that 2^k powers are there; -1 if there is none.
func (s *SRS) LogRows() int { return log2(len(s.G1)) }

// log2 rounds down; log2(0) = -1.
func log2(n int) int { return bits.Len(uint(n)) - 1 }

// ID identifies the secret: it is the same for SRS of any size from the same ceremony. It is the SHA-256 of a label,
// [1]_2, [tau]_2 and [tau]_1.
func (s *SRS) ID() [32]byte {
	h := sha256.New()
	h.Write([]byte("ezkl-go srs id 1\n"))
	b := appendG2(nil, &s.G2)
	b = appendG2(b, &s.TauG2)
	if len(s.G1) > 1 {
		b = appendG1(b, &s.G1[1])
	}
	h.Write(b)
	var id [32]byte
	h.Sum(id[:0])
	return id
}

// Verify checks that G1 holds successive powers of the tau of TauG2: for random 128-bit c,
// e(sum_i c_i G1[i+1], G2) = e(sum_i c_i G1[i], TauG2), which a wrong list passes with probability 2^-128. It costs two
// multi-scalar multiplications of that length. The checks of Read must have passed. The error is a *FileError without a path.
func (s *SRS) Verify() error {
	n := len(s.G1) - 1
	if n < 1 {
		return nil
	}
	random := make([]byte, 16*n)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	c := make([]fr.Element, n)
	for i := range c {
		c[i].SetBytes(random[16*i : 16*i+16])
	}
	var low, high bn254.G1Affine
	if _, err := low.MultiExp(s.G1[:n], c, ecc.MultiExpConfig{}); err != nil {
		return err
	}
	if _, err := high.MultiExp(s.G1[1:], c, ecc.MultiExpConfig{}); err != nil {
		return err
	}
	if !samePairing(&high, &s.G2, &low, &s.TauG2) {
		return &FileError{Code: NotPowers, What: "the points are not powers of one tau", Hint: "fetch the file again"}
	}
	return nil
}

// check does the checks that need no more than the first two powers.
func (s *SRS) check() *FileError {
	_, _, g1, g2 := bn254.Generators()
	switch {
	case len(s.G1) > 0 && !s.G1[0].Equal(&g1):
		return &FileError{Code: BadPoint, What: "the first power is not the generator of G1", Hint: "is it a file for BN254?"}
	case !s.G2.Equal(&g2):
		return &FileError{Code: BadPoint, What: "the first point of G2 is not its generator", Hint: "is it a file for BN254?"}
	case !s.TauG2.IsOnCurve() || s.TauG2.IsInfinity() || !s.TauG2.IsInSubGroup():
		return &FileError{Code: BadPoint, What: "[tau]_2 is not in G2", Hint: "the file is damaged: fetch it again"}
	case len(s.G1) > 1 && !samePairing(&s.G1[1], &s.G2, &s.G1[0], &s.TauG2):
		return &FileError{Code: NotPowers, What: "[tau]_1 and [tau]_2 have different tau (pairing check)", Hint: "fetch the file again"}
	}
	return nil
}

// samePairing reports whether e(a, b) = e(c, d).
func samePairing(a *bn254.G1Affine, b *bn254.G2Affine, c *bn254.G1Affine, d *bn254.G2Affine) bool {
	var minus bn254.G1Affine
	minus.Neg(c)
	ok, err := bn254.PairingCheck([]bn254.G1Affine{*a, minus}, []bn254.G2Affine{*b, *d})
	return err == nil && ok
}
