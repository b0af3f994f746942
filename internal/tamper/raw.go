package tamper

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Raw is a random change of a file of any kind. rng is drawn from when Raw is called, not later.
func Raw(rng *rand.Rand, b []byte) Mutant {
	if len(b) == 0 {
		return Mutant{Operator: "extend", Field: "file", Make: func() []byte { return []byte{0} }}
	}
	at, n := rng.IntN(len(b)), 1+rng.IntN(64)
	to, bit, value := rng.IntN(len(b)), byte(1)<<rng.IntN(8), byte(rng.IntN(256))
	n = min(n, len(b)-max(at, to))
	m := func(operator string, f func() []byte) Mutant {
		return Mutant{Operator: operator, Field: fmt.Sprint("byte ", at), Make: f}
	}
	switch rng.IntN(10) {
	case 0, 1:
		return m("bit flip", func() []byte { return Splice(b, at, []byte{b[at] ^ bit}) })
	case 2:
		return m("byte set", func() []byte { return Splice(b, at, []byte{value}) })
	case 3:
		return m("zero", func() []byte { return Splice(b, at, make([]byte, n)) })
	case 4:
		return m("ones", func() []byte { return Splice(b, at, bytes.Repeat([]byte{0xff}, n)) })
	case 5:
		return m("truncate", func() []byte { return bytes.Clone(b[:at]) })
	case 6:
		return m("extend", func() []byte { return slices.Concat(b[:at], bytes.Repeat([]byte{value}, n), b[at:]) })
	case 7:
		return m("drop", func() []byte { return slices.Concat(b[:at], b[at+n:]) })
	case 8:
		return m("duplicate", func() []byte { return slices.Concat(b[:at+n], b[at:]) })
	default:
		return m("swap", func() []byte { return swap(b, at, to, n) })
	}
}
