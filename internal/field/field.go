package field

import (
	"errors"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// ErrNotCanonical says that 32 bytes hold a number that is not below p.
var ErrNotCanonical = errors.New("scalar is not below the field's modulus")

// FromInt is the signed embedding of v.
func FromInt(v int64) fr.Element {
	var e fr.Element
	e.SetInt64(v)
	return e
}

// FromInts embeds a list.
func FromInts(v []int64) fr.Vector {
	out := make(fr.Vector, len(v))
	for i := range v {
		if v[i] != 0 {
			out[i].SetInt64(v[i])
		}
	}
	return out
}

// ToInt is the integer of absolute value below 2^63 that e embeds; ok is false if there is none.
func ToInt(e *fr.Element) (v int64, ok bool) {
	if b := e.Bits(); b[1]|b[2]|b[3] == 0 && b[0]>>63 == 0 {
		return int64(b[0]), true
	}
	var n fr.Element
	n.Neg(e)
	if b := n.Bits(); b[1]|b[2]|b[3] == 0 && b[0]>>63 == 0 {
		return -int64(b[0]), true
	}
	return 0, false
}

// Decode reads a big-endian scalar of 32 bytes. It refuses numbers that are not below p.
func Decode(b []byte) (fr.Element, error) {
	var e fr.Element
	if len(b) != fr.Bytes {
		return e, ErrNotCanonical
	}
	if err := e.SetBytesCanonical(b); err != nil {
		return e, ErrNotCanonical
	}
	return e, nil
}

// Powers is [1, x, x^2, ..] of the given length.
func Powers(x *fr.Element, n int) fr.Vector {
	out := make(fr.Vector, n)
	if n > 0 {
		out[0].SetOne()
	}
	for i := 1; i < n; i++ {
		out[i].Mul(&out[i-1], x)
	}
	return out
}
