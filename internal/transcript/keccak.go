package transcript

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"golang.org/x/crypto/sha3"
)

// keccakHash chains state = Keccak-256(state || tag || words); a challenge is the state modulo p.
type keccakHash struct {
	state [32]byte
}

func (k *keccakHash) absorb(tag [32]byte, words []byte, _ bool) {
	h := sha3.NewLegacyKeccak256()
	h.Write(k.state[:])
	h.Write(tag[:])
	h.Write(words)
	h.Sum(k.state[:0])
}

func (k *keccakHash) squeeze(tag [32]byte) fr.Element {
	k.absorb(tag, nil, false)
	var c fr.Element
	c.SetBytes(k.state[:])
	return c
}
