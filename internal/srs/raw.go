package srs

import (
	"encoding/binary"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// Sizes of points in bytes.
const (
	g1Bytes = 64
	g2Bytes = 128
)

// modulus is q in limbs; curveB is 3, the constant of y^2 = x^3 + 3.
var modulus = func() (m [4]uint64) {
	q := fp.Modulus()
	for i, w := 0, q.Bytes(); i < 4; i++ {
		m[i] = binary.BigEndian.Uint64(w[8*(3-i):])
	}
	return m
}()

var curveB = fp.NewElement(3)

// readElement reads a coordinate and reports whether it is canonical. b: at least 32 bytes.
func readElement(z *fp.Element, b []byte) bool {
	_ = b[31]
	for i := range z {
		z[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	for i := 3; i >= 0; i-- {
		if z[i] != modulus[i] {
			return z[i] < modulus[i]
		}
	}
	return false
}

// readG1 reads a point and reports whether it is canonical and on the curve (infinity is not).
func readG1(p *bn254.G1Affine, b []byte) bool {
	if !readElement(&p.X, b) || !readElement(&p.Y, b[32:]) {
		return false
	}
	var l, r fp.Element
	l.Square(&p.Y)
	r.Square(&p.X)
	r.Mul(&r, &p.X)
	r.Add(&r, &curveB)
	return l.Equal(&r)
}

// readG2 reads a point and reports whether its coordinates are canonical.
func readG2(p *bn254.G2Affine, b []byte) bool {
	return readElement(&p.X.A0, b) && readElement(&p.X.A1, b[32:]) && readElement(&p.Y.A0, b[64:]) && readElement(&p.Y.A1, b[96:])
}

func appendElement(b []byte, z *fp.Element) []byte {
	for _, limb := range z {
		b = binary.LittleEndian.AppendUint64(b, limb)
	}
	return b
}

func appendG1(b []byte, p *bn254.G1Affine) []byte {
	return appendElement(appendElement(b, &p.X), &p.Y)
}

func appendG2(b []byte, p *bn254.G2Affine) []byte {
	b = appendElement(appendElement(b, &p.X.A0), &p.X.A1)
	return appendElement(appendElement(b, &p.Y.A0), &p.Y.A1)
}
