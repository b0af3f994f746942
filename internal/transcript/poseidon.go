package transcript

import "github.com/consensys/gnark-crypto/ecc/bn254/fr"

// poseidonHash chains state = compress(state, element), Poseidon2's permutation of width 2 fed forward. A scalar is one
// element; a base-field coordinate or a digest is two limbs of 128 bits, the high one first.
type poseidonHash struct {
	state fr.Element
}

func (h *poseidonHash) absorb(tag [32]byte, words []byte, wide bool) {
	h.compress(tag[:])
	for ; len(words) > 0; words = words[32:] {
		if wide {
			h.compress(words[:16])
			h.compress(words[16:32])
		} else {
			h.compress(words[:32])
		}
	}
}

func (h *poseidonHash) squeeze(tag [32]byte) fr.Element {
	h.compress(tag[:])
	return h.state
}

// compress chains one element, given big-endian.
func (h *poseidonHash) compress(word []byte) {
	var x fr.Element
	x.SetBytes(word)
	y := x
	permute(&h.state, &y)
	h.state.Add(&y, &x)
}
