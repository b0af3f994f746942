package commit

import (
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// BN254's G1 has the endomorphism phi(x, y) = (beta x, y) = lambda (x, y), with beta^3 = 1 and lambda^2 + lambda + 1 = 0.
// The lattice of all (u, v) with u + v lambda = 0 mod r has the short basis (latA, latD), (latD, -latB), where
// latA latB + latD^2 = r. Hence k = k1 + k2 lambda with |k1|, |k2| <= (latA + latD)/2 + 1 < 2^126 (Gallant, Lambert,
// Vanstone, CRYPTO 2001).

// halfBits is the length of |k1| and |k2|.
const halfBits = 126

// beta is the third root of unity that belongs to lambda; latA, latB, latD are in limbs, lowest first; roundB and roundD
// are round(2^320 latB / r) and round(2^320 latD / r). Tests check all of these.
var (
	beta   = betaElement()
	latA   = [2]uint64{0x0be4e1541221250b, 0x6f4d8248eeb859fd}
	latB   = [2]uint64{0x8211bbeb7d4f1128, 0x6f4d8248eeb859fc}
	latD   = [2]uint64{0x89d3256894d213e3, 0}
	roundB = [4]uint64{0xa5e38cfb5eaa26da, 0x7a7bd9d4391eb18d, 0x4ccef014a773d2cf, 0x2}
	roundD = [4]uint64{0x6eb9c714773a6ef3, 0xd91d232ec7e0b3d7, 0x2, 0x0}
)

func betaElement() fp.Element {
	var b fp.Element
	if _, err := b.SetString("2203960485148121921418603742825762020974279258880205651966"); err != nil {
		panic("commit: internal error: " + err.Error())
	}
	return b
}

// half is a signed integer of 128 bits in two's complement.
type half struct{ lo, hi uint64 }

// split returns k1, k2 with k = k1 + k2 lambda mod r and |k1|, |k2| < 2^halfBits.
func split(k *fr.Element) (k1, k2 half) {
	x := k.Bits()
	c1 := mulRound(&x, &roundB) // c1 = round(k latB / r)
	c2 := mulRound(&x, &roundD) // c2 = round(k latD / r)
	k1 = sub(sub(half{x[0], x[1]}, mulLow(c1, latA)), mulLow(c2, latD))
	k2 = sub(mulLow(c2, latB), mulLow(c1, latD))
	return k1, k2
}

// mulRound returns x y / 2^320 rounded, modulo 2^128.
func mulRound(x, y *[4]uint64) [2]uint64 {
	var t [8]uint64
	for i := range 4 {
		if y[i] == 0 {
			continue
		}
		var carry uint64
		for j := range 4 {
			hi, lo := bits.Mul64(x[j], y[i])
			var c uint64
			lo, c = bits.Add64(lo, t[i+j], 0)
			hi += c
			lo, c = bits.Add64(lo, carry, 0)
			carry = hi + c
			t[i+j] = lo
		}
		t[i+4] = carry
	}
	r := t[4] >> 63
	lo, c := bits.Add64(t[5], r, 0)
	return [2]uint64{lo, t[6] + c}
}

// mulLow returns x y modulo 2^128.
func mulLow(x, y [2]uint64) half {
	hi, lo := bits.Mul64(x[0], y[0])
	return half{lo, hi + x[0]*y[1] + x[1]*y[0]}
}

func sub(x, y half) half {
	lo, b := bits.Sub64(x.lo, y.lo, 0)
	hi, _ := bits.Sub64(x.hi, y.hi, b)
	return half{lo, hi}
}

func add(x, y half) half {
	lo, c := bits.Add64(x.lo, y.lo, 0)
	hi, _ := bits.Add64(x.hi, y.hi, c)
	return half{lo, hi}
}

// digitOffset returns sum_w 2^(c-1+cw) over the windows w but the last. A half plus it has plain digits: window w of the
// sum is digit w of the half plus 2^(c-1), and the rest above the last window's start is the last digit, signed.
func digitOffset(p windowPlan) half {
	var k half
	for w := range p.windows - 1 {
		s := uint(w*p.width + p.width - 1)
		if s < 64 {
			k.lo |= 1 << s
		} else {
			k.hi |= 1 << (s - 64)
		}
	}
	return k
}

// digit returns digit w, -2^(width-1) <= d < 2^(width-1) or |d| <= topmost for the last window, of a half to which
// digitOffset has been added.
func (h half) digit(p windowPlan, w int) int {
	s := uint(w * p.width)
	if w == p.windows-1 {
		if s < 64 {
			return int(int64(h.hi<<(64-s) | h.lo>>s)) // windows are few: the value fits in 64 bits
		}
		return int(int64(h.hi) >> (s - 64))
	}
	var v uint64
	if s >= 64 {
		v = h.hi >> (s - 64)
	} else {
		v = h.lo>>s | h.hi<<(64-s)
	}
	return int(v&(1<<p.width-1)) - 1<<(p.width-1)
}

// endomorphism returns beta x, y.
func endomorphism(p *bn254.G1Affine) bn254.G1Affine {
	q := *p
	q.X.Mul(&q.X, &beta)
	return q
}
