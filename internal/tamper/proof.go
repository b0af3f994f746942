package tamper

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Message is one message of a proof.
type Message struct {
	Label  string
	Points bool // points of the curve; else scalars
	Count  int
}

// Size is the number of bytes of the whole message, Width that of one value.
func (m Message) Size() int { return m.Width() * m.Count }

// Width is the number of bytes of one value.
func (m Message) Width() int {
	if m.Points {
		return proof.PointBytes
	}
	return fr.Bytes
}

// Manifest lists the messages of a proof in order, from the layout alone. The verifier's tests hold it against what the
// prover sends and against what the verifier's source reads.
func Manifest(lay *layout.Layout) []Message {
	out := []Message{
		{"C_W", true, lay.Rows[layout.SegW].Count},
		{"C_H", true, lay.Rows[layout.SegH].Count},
		{"S", false, 1},
	}
	for _, d := range lay.Degrees {
		out = append(out, Message{"round1", false, d})
	}
	out = append(out, Message{"claims", false, lay.ClaimCount}, Message{"G2", false, 1})
	for range lay.N {
		out = append(out, Message{"round2", false, 2})
	}
	return append(out, Message{"C_S", true, 1}, Message{"values", false, 5}, Message{"W", true, 1}, Message{"W'", true, 1})
}

// Splice is b with other bytes from an offset on.
func Splice(b []byte, at int, with []byte) []byte {
	out := bytes.Clone(b)
	copy(out[at:], with)
	return out
}

func bytes32(x *big.Int) []byte { return x.FillBytes(make([]byte, 32)) }

var full32 = bytes.Repeat([]byte{0xff}, 32)

// Scalar lists changes of the canonical scalar at an offset; next is the offset of another of the same message.
func Scalar(field string, b []byte, at, next int) []Mutant {
	p := fr.Modulus()
	// with puts a function of the scalar in its place
	with := func(operator string, canonical bool, f func(x *big.Int) *big.Int) Mutant {
		return Mutant{operator, field, func() []byte { return Splice(b, at, bytes32(f(new(big.Int).SetBytes(b[at:at+32])))) }, canonical}
	}
	mod := func(f func(x *big.Int) *big.Int) func(x *big.Int) *big.Int {
		return func(x *big.Int) *big.Int { return f(x).Mod(x, p) }
	}
	out := []Mutant{
		with("+1", true, mod(func(x *big.Int) *big.Int { return x.Add(x, big.NewInt(1)) })),
		with("zero", true, func(*big.Int) *big.Int { return new(big.Int) }),
		with("negate", true, mod(func(x *big.Int) *big.Int { return x.Neg(x) })),
		with("+p", false, func(x *big.Int) *big.Int { return x.Add(x, p) }),
		with("=p", false, func(*big.Int) *big.Int { return p }),
		{"=2^256-1", field, func() []byte { return Splice(b, at, full32) }, false},
	}
	if next != at {
		out = append(out,
			Mutant{"swap", field, func() []byte { return swap(b, at, next, 32) }, true},
			Mutant{"copy of a neighbour", field, func() []byte { return Splice(b, at, b[next:next+32]) }, true})
	}
	return out
}

func swap(b []byte, i, j, width int) []byte {
	out := Splice(b, i, b[j:j+width])
	copy(out[j:], b[i:i+width])
	return out
}

// Point lists changes of the point at an offset, like Scalar.
func Point(field string, b []byte, at, next int) []Mutant {
	q := fp.Modulus()
	with := func(operator string, canonical bool, f func(x, y *big.Int) (*big.Int, *big.Int)) Mutant {
		return Mutant{operator, field, func() []byte {
			x, y := f(new(big.Int).SetBytes(b[at:at+32]), new(big.Int).SetBytes(b[at+32:at+64]))
			return Splice(b, at, append(bytes32(x), bytes32(y)...))
		}, canonical}
	}
	fixed := func(operator string, canonical bool, x, y *big.Int) Mutant {
		return with(operator, canonical, func(*big.Int, *big.Int) (*big.Int, *big.Int) { return x, y })
	}
	zero, one := new(big.Int), big.NewInt(1)
	out := []Mutant{
		fixed("infinity", true, zero, zero),
		with("negate", true, func(x, y *big.Int) (*big.Int, *big.Int) { return x, y.Sub(q, y).Mod(y, q) }),
		fixed("generator", true, one, big.NewInt(2)),
		with("off the curve", false, func(x, y *big.Int) (*big.Int, *big.Int) { return x, y.Add(y, one).Mod(y, q) }),
		with("x+q", false, func(x, y *big.Int) (*big.Int, *big.Int) { return x.Add(x, q), y }),
		with("y+q", false, func(x, y *big.Int) (*big.Int, *big.Int) { return x, y.Add(y, q) }),
		fixed("=(0,1)", false, zero, one),
		fixed("=(q,0)", false, q, zero),
		fixed("=(q,q)", false, q, q),
		with("y=x", false, func(x, _ *big.Int) (*big.Int, *big.Int) { return x, x }),
	}
	if next != at {
		out = append(out,
			Mutant{"swap", field, func() []byte { return swap(b, at, next, 64) }, true},
			Mutant{"copy of a neighbour", field, func() []byte { return Splice(b, at, b[next:next+64]) }, true})
	}
	return out
}

// Proof lists changes of a proof, field by field, of its messages and of its length.
func Proof(lay *layout.Layout, b []byte) []Mutant {
	var out []Mutant
	at := 0
	messages := Manifest(lay)
	for k, m := range messages {
		width := m.Width()
		for i := range m.Count {
			field := fmt.Sprintf("%s#%d[%d]", m.Label, k, i)
			change := Scalar
			if m.Points {
				change = Point
			}
			out = append(out, change(field, b, at+i*width, at+(i+1)%m.Count*width)...)
		}
		if m.Count == 0 {
			continue
		}
		field, from, end := fmt.Sprintf("%s#%d", m.Label, k), at, at+m.Size()
		add := func(operator string, canonical bool, f func() []byte) {
			out = append(out, Mutant{operator, field, f, canonical})
		}
		add("drop", false, func() []byte { return slices.Concat(b[:from], b[end:]) })
		add("shorten", false, func() []byte { return slices.Concat(b[:end-width], b[end:]) })
		// all that follows W is one point: with zeros it is infinity, and the pairing is checked before the end
		add("extend", m.Label == "W", func() []byte { return slices.Concat(b[:end], make([]byte, width), b[end:]) })
		add("duplicate", m.Label == "W", func() []byte { return slices.Concat(b[:end], b[from:]) })
		add("truncate", false, func() []byte { return bytes.Clone(b[:from]) })
		if k+1 < len(messages) {
			if next := messages[k+1]; next.Points == m.Points && next.Count > 0 {
				add("reorder", true, func() []byte {
					return slices.Concat(b[:from], b[end:end+next.Size()], b[from:end], b[end+next.Size():])
				})
			}
		}
		at = end
	}
	whole := func(operator string, f func() []byte) { out = append(out, Mutant{operator, "proof", f, false}) }
	whole("empty", func() []byte { return nil })
	whole("a byte less", func() []byte { return bytes.Clone(b[:len(b)-1]) })
	whole("a byte more", func() []byte { return append(bytes.Clone(b), 0) })
	whole("a scalar more", func() []byte { return append(bytes.Clone(b), make([]byte, 32)...) })
	whole("twice", func() []byte { return slices.Concat(b, b) })
	return out
}
