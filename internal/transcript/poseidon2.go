package transcript

import (
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"golang.org/x/crypto/sha3"
)

// Poseidon2's permutation of width 2 over BN254's scalar field (eprint 2023/323): S-box x^5, 6 full and 50 partial rounds,
// with the round constants of gnark-crypto, whose permutation it equals (a test compares them). It is here because that
// package makes tables for wider permutations when a program starts: 6 ms of every command.
const (
	fullRounds    = 6
	partialRounds = 50
)

// roundKeys are the chain k_0 = H(H(name)), k_(i+1) = H(k_i) of Keccak-256, reduced: two for a full round, one for a partial.
var roundKeys = sync.OnceValue(func() [2*fullRounds + partialRounds]fr.Element {
	var keys [2*fullRounds + partialRounds]fr.Element
	chain := []byte("Poseidon2-BN254[t=2,rF=6,rP=50,d=5]")
	for i := -1; i < len(keys); i++ {
		h := sha3.NewLegacyKeccak256()
		h.Write(chain)
		chain = h.Sum(nil)
		if i >= 0 {
			keys[i].SetBytes(chain)
		}
	}
	return keys
})

// permute replaces (a, b) by Poseidon2 of them.
func permute(a, b *fr.Element) {
	keys := roundKeys()
	next := keys[:]
	external(a, b)
	for range fullRounds / 2 {
		next = full(a, b, next)
	}
	for range partialRounds {
		a.Add(a, &next[0])
		sbox(a)
		internal(a, b)
		next = next[1:]
	}
	for range fullRounds / 2 {
		next = full(a, b, next)
	}
}

func full(a, b *fr.Element, keys []fr.Element) []fr.Element {
	a.Add(a, &keys[0])
	b.Add(b, &keys[1])
	sbox(a)
	sbox(b)
	external(a, b)
	return keys[2:]
}

func sbox(x *fr.Element) {
	var y fr.Element
	y.Square(x).Square(&y)
	x.Mul(x, &y)
}

// external multiplies by the matrix (2 1; 1 2).
func external(a, b *fr.Element) {
	var sum fr.Element
	sum.Add(a, b)
	a.Add(a, &sum)
	b.Add(b, &sum)
}

// internal multiplies by the matrix (2 1; 1 3).
func internal(a, b *fr.Element) {
	var sum fr.Element
	sum.Add(a, b)
	a.Add(a, &sum)
	b.Double(b).Add(b, &sum)
}
