package transcript

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// Kind selects the hash.
type Kind uint8

const (
	EVM      Kind = iota // Keccak-256
	Poseidon             // Poseidon2, width 2
)

// String is the kind's name on the command line.
func (k Kind) String() string {
	switch k {
	case EVM:
		return "evm"
	case Poseidon:
		return "poseidon"
	}
	return fmt.Sprintf("transcript(%d)", uint8(k))
}

// ParseKind is the inverse of String, in any letter case.
func ParseKind(s string) (Kind, error) {
	switch strings.ToLower(s) {
	case "evm":
		return EVM, nil
	case "poseidon":
		return Poseidon, nil
	}
	return 0, fmt.Errorf("transcript %q: evm and poseidon exist", s)
}

// hasher is a chaining hash over framed messages.
type hasher interface {
	// absorb chains a message: tag (label and length, below 2^248), then its words of 32 bytes; wide words may exceed p.
	absorb(tag [32]byte, words []byte, wide bool)
	// squeeze chains an empty message and returns a challenge.
	squeeze(tag [32]byte) fr.Element
}

// Transcript is a running Fiat-Shamir state. The zero value is not usable: call New.
type Transcript struct {
	h hasher
	// Observe, if set, is called with every label and challenge: tests of transcript coverage use it.
	Observe func(label string, challenge *fr.Element)
}

// New starts a transcript in its own domain.
func New(kind Kind, domain string) *Transcript {
	t := &Transcript{}
	if kind == Poseidon {
		t.h = &poseidonHash{}
	} else {
		t.h = &keccakHash{}
	}
	t.h.absorb(tag('n', "ezkl-go/1 "+domain, 0), nil, false)
	return t
}

// tag frames a message: a zero byte, what it is, up to 22 bytes of label, then the length of the content in words.
func tag(kind byte, label string, words int) [32]byte {
	var out [32]byte
	if len(label) > 22 {
		panic("transcript: internal error: label longer than 22 bytes: " + label)
	}
	out[1] = kind
	copy(out[2:24], label)
	binary.BigEndian.PutUint64(out[24:], uint64(words))
	return out
}

// Digest absorbs 32 bytes.
func (t *Transcript) Digest(label string, d [32]byte) {
	t.h.absorb(tag('d', label, 1), d[:], true)
}

// Scalars absorbs field elements.
func (t *Transcript) Scalars(label string, xs []fr.Element) {
	b := make([]byte, 0, 32*len(xs))
	for i := range xs {
		w := xs[i].Bytes()
		b = append(b, w[:]...)
	}
	t.h.absorb(tag('s', label, len(xs)), b, false)
}

// Points absorbs curve points: two words each, x and y; (0, 0) is infinity.
func (t *Transcript) Points(label string, ps []bn254.G1Affine) {
	b := make([]byte, 0, 64*len(ps))
	for i := range ps {
		x, y := ps[i].X.Bytes(), ps[i].Y.Bytes()
		b = append(append(b, x[:]...), y[:]...)
	}
	t.h.absorb(tag('p', label, 2*len(ps)), b, true)
}

// Challenge squeezes one challenge.
func (t *Transcript) Challenge(label string) fr.Element {
	c := t.h.squeeze(tag('c', label, 0))
	if t.Observe != nil {
		t.Observe(label, &c)
	}
	return c
}

// Challenges squeezes n challenges.
func (t *Transcript) Challenges(label string, n int) []fr.Element {
	out := make([]fr.Element, n)
	for i := range out {
		out[i] = t.Challenge(label)
	}
	return out
}
