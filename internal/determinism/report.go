package determinism

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Text is the certificate as a report, one line a block: name, role, sound interval, why.
func (cert *Certificate) Text() string {
	var out strings.Builder
	width := 0
	for i := range cert.c.Blocks {
		width = max(width, min(len(cert.c.Blocks[i].Name), 40))
	}
	for i := range cert.c.Blocks {
		b := &cert.c.Blocks[i]
		wide := ""
		if magnitude(cert.Intervals[i]).BitLen() > solverBits {
			wide = "  (sound interval beyond the solver's 62 bits)"
		}
		fmt.Fprintf(&out, "%-*s  %-7s  %-22s  %s%s\n", width, b.Name,
			[...]string{"public", "fixed", "private", "column", "free"}[b.Role], cert.Intervals[i], cert.Reason(i), wide)
	}
	return out.String()
}

// Reason says in a few words why a block is determined.
func (cert *Certificate) Reason(block int) string {
	c := cert.c
	by := cert.By[block]
	if by == circuit.None {
		switch c.Blocks[block].Role {
		case circuit.Fixed, circuit.Private:
			return "given by the key"
		}
		return "given: input"
	}
	st := &cert.Steps[by]
	if st.Rule == TableOut {
		l := c.Slots[st.Slot].Lookups[st.Lookup]
		return fmt.Sprintf("table %q at %q", c.Tables[l.Table].Name, c.Blocks[l.In].Name)
	}
	name := c.Relations[st.Relation].Name
	switch st.Rule {
	case Alone:
		return fmt.Sprintf("alone in %q", name)
	case Digits:
		return fmt.Sprintf("digits in %q: %s", name, cert.sum(st.Digits))
	case Largest:
		return fmt.Sprintf("maximum in %q: %s + %d*(%s) + %s", name, cert.sum(st.Maximum.Entry), st.Maximum.P(), cert.sum(st.Maximum.Max),
			cert.sum(st.Maximum.Low))
	default:
		return fmt.Sprintf("quotient in %q: E*(%s) + %s", name, cert.sum(st.Division.Quotient), cert.sum(st.Division.Remainder))
	}
}

func (cert *Certificate) sum(ds []Digit) string {
	var parts []string
	for _, d := range ds {
		parts = append(parts, fmt.Sprintf("%d*%q", d.Coef, cert.c.Blocks[d.Block].Name))
	}
	return strings.Join(parts, " + ")
}

// String is [lo, hi], ends beyond 40 bits as a power of two that they do not exceed.
func (v Interval) String() string {
	end := func(x *big.Int) string {
		if x.BitLen() <= 40 {
			return x.String()
		}
		return fmt.Sprintf("%s2^%d", strings.Repeat("-", (1-x.Sign())/2), x.BitLen())
	}
	return "[" + end(v.Lo) + ", " + end(v.Hi) + "]"
}
