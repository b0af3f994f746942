package audit

import (
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// halfBits is the bit length of p/2: integers of fewer bits do not wrap.
var halfBits = new(big.Int).Rsh(fr.Modulus(), 1).BitLen()

var roles = [...]string{"public", "fixed", "private", "column", "free"}

// blocks lists every block and relation with the certificate's reason, interval and distance to p/2.
func (r *Report) blocks(c *circuit.Circuit) {
	cert := r.certificate
	looked := map[int]string{} // the table that a column's entries are looked up in
	for i := range c.Slots {
		for _, l := range c.Slots[i].Lookups {
			looked[l.In] = c.Tables[l.Table].Name
			if l.Out != circuit.None {
				looked[l.Out] = "values of " + c.Tables[l.Table].Name
			}
		}
	}
	given := map[int]bool{}
	for _, i := range c.Inputs {
		given[i] = true
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		x := Block{Index: i, Name: b.Name, Role: roles[b.Role], Dims: b.Dims, Rule: "none", Reason: "nothing determines it"}
		known := given[i] || b.Role == circuit.Fixed || b.Role == circuit.Private
		switch {
		case cert == nil:
		case cert.By[i] != circuit.None:
			x.Rule, x.Reason = cert.Steps[cert.By[i]].Rule.String(), cert.Reason(i)
		case known:
			x.Rule, x.Reason = determinism.Given.String(), cert.Reason(i)
		}
		if cert != nil && cert.Intervals != nil {
			v := cert.Intervals[i]
			x.Lo, x.Hi, x.Bits = v.Lo.String(), v.Hi.String(), max(v.Lo.BitLen(), v.Hi.BitLen())
			x.Margin = halfBits - x.Bits
		}
		switch b.Role {
		case circuit.Public:
			x.Binding = fmt.Sprintf("instances, checked against [%d, %d]", b.Lo, b.Hi)
		case circuit.Fixed:
			x.Binding = "key, recomputed from the compiled circuit"
		case circuit.Private:
			x.Binding = fmt.Sprintf("key, blinded; key proof: each entry in [%d, %d]", b.Lo, b.Hi)
		case circuit.Column:
			x.Binding = "each proof's commitment; table " + looked[i]
		case circuit.Free:
			x.Binding = "each proof's commitment; its relation"
		}
		r.Blocks = append(r.Blocks, x)
	}
	if cert == nil {
		return
	}
	use := make([]string, len(c.Relations))
	for i := range cert.Steps {
		if at := cert.Steps[i].Relation; at != circuit.None {
			use[at] = "determines " + c.Blocks[cert.Steps[i].Blocks[0]].Name
			if n := len(cert.Steps[i].Blocks); n > 1 {
				use[at] += fmt.Sprintf(" and %d more", n-1)
			}
		}
	}
	for i := range c.Relations {
		x := Relation{Index: i, Name: c.Relations[i].Name, Use: use[i]}
		if x.Use == "" {
			x.Use = "check"
		}
		if i < len(cert.Bits) {
			x.Bits, x.Margin = cert.Bits[i], halfBits-cert.Bits[i]
		}
		r.Relations = append(r.Relations, x)
	}
}

// unused looks for blocks that no relation reads: a proof says nothing about them.
func (r *Report) unused(s *Subject) {
	c := s.Circuit
	read := make([]bool, len(c.Blocks))
	for i := range c.Relations {
		for e := range c.Relations[i].Expressions {
			for _, t := range e.Terms {
				if t.Block != circuit.None {
					read[t.Block] = true
				}
			}
		}
	}
	for i := range c.Tables {
		if c.Tables[i].Out != circuit.None {
			read[c.Tables[i].Out] = true
		}
	}
	for i := range c.Slots { // a table's argument is read by the table
		for _, l := range c.Slots[i].Lookups {
			read[l.In] = read[l.In] || l.Out != circuit.None
		}
	}
	var public, others []string
	for i := range c.Blocks {
		switch {
		case read[i]:
		case c.Blocks[i].Role == circuit.Public:
			public = append(public, c.Blocks[i].Name)
		default:
			others = append(others, c.Blocks[i].Name)
		}
	}
	const title = "every instance takes part in a relation"
	if public == nil {
		r.add("public-used", Pass, title, fmt.Sprintf("%d instances", r.Circuit.Instances), []string{"C17", "M4"})
	} else {
		r.add("public-used", Warning, title, fmt.Sprintf("%d public tensors influence nothing: a proof is bound to their values (they are in every challenge), but says nothing about them",
			len(public)), []string{"C17", "M4"}, public...)
	}
	if others != nil {
		r.add("unused-blocks", Note, "every committed tensor takes part in a relation",
			fmt.Sprintf("%d are read by nothing: inputs or constants that the network ignores, or results that nobody asks for", len(others)), []string{"C14", "M4"}, others...)
	}
}
