package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCell bounds a column of the table, in characters; Reason and Gadget stand last and are not cut.
const maxCell = 40

// String is the report as a table, and what proofs cost below it.
func (r *Report) String() string {
	lines := [][]string{{"node", "op", "ok", "output", "scale", "bits", "lookups", "values", "params", "how"}}
	for i := range r.Inputs {
		v := &r.Inputs[i]
		lines = append(lines, []string{v.Name, "Input", "", v.dims(), v.scale(), bits(v.Bits), "", "", "", ""})
	}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		cells := []string{n.Name, n.Op, string(n.Status), "", "", "", "", "", "", n.Gadget}
		if len(n.Outputs) > 0 {
			v := &n.Outputs[0]
			cells[3], cells[4], cells[5] = v.dims(), v.scale(), bits(v.Bits)
		}
		if r.Cost != nil {
			cells[6], cells[7], cells[8] = fmt.Sprint(n.Lookups), fmt.Sprint(n.Committed), fmt.Sprint(n.Parameters)
		}
		if n.Status == Unsupported {
			cells[9] = n.Reason
		}
		lines = append(lines, cells)
	}
	for i := range r.Outputs {
		v := &r.Outputs[i]
		lines = append(lines, []string{v.Name, "Output", "", v.dims(), v.scale(), bits(v.Bits), "", "", "", ""})
	}
	return columns(lines) + "\n" + r.Summary()
}

func (v *Value) scale() string {
	if v.Scale == 0 && v.Bits == 0 {
		return ""
	}
	return fmt.Sprintf("%g", v.Scale)
}

func bits(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Summary is what the whole model needs, or what is wrong with it.
func (r *Report) Summary() string {
	all, yes, no := r.Counts()
	var b strings.Builder
	if !r.Supported {
		fmt.Fprintf(&b, "not supported: %d of %d nodes", no, all)
		if yes+no < all {
			fmt.Fprintf(&b, ", %d more depend on them", all-yes-no)
		}
		if r.Error != "" {
			b.WriteString("\n" + r.Error)
		}
		return b.String()
	}
	k := r.Cost
	fmt.Fprintf(&b, "supported: all %d nodes\n", all)
	fmt.Fprintf(&b, "circuit:   %d values a proof, %d lookups into %d tables of %d rows, %d relations, %d parameters, %d instances\n",
		k.Committed, k.Lookups, k.Tables, k.TableRows, k.Relations, k.Parameters, k.Instances)
	fmt.Fprintf(&b, "rows:      %d of %d entries in a proof, %d in the key; logrows %d, digits of %d bits\n", k.ProofRows, k.RowLength, k.KeyRows, k.LogRows, k.DigitBits)
	fmt.Fprintf(&b, "proof:     %d bytes\n", k.ProofBytes)
	fmt.Fprintf(&b, "estimates: prove %.2g s on 2 cores, %.0f MB of memory, ", k.ProveSeconds, k.MemoryMB)
	if k.Gas > 0 {
		fmt.Fprintf(&b, "%d gas on the EVM", k.Gas)
	} else {
		b.WriteString("too large for the EVM (setup --target evm lays it out in fewer rows)")
	}
	return b.String()
}

// printable is a name of the model on a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// columns aligns cells; the last one is not cut.
func columns(lines [][]string) string {
	width := make([]int, len(lines[0]))
	cut := func(s string) string {
		s = printable(s)
		if utf8.RuneCountInString(s) > maxCell {
			r := []rune(s)
			return ".." + string(r[len(r)-maxCell+2:])
		}
		return s
	}
	for _, l := range lines {
		for i, c := range l[:len(l)-1] {
			l[i] = cut(c)
			width[i] = max(width[i], utf8.RuneCountInString(l[i]))
		}
	}
	var b strings.Builder
	for _, l := range lines {
		var row strings.Builder
		for i, c := range l[:len(l)-1] {
			row.WriteString(c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)+2))
		}
		b.WriteString(strings.TrimRight(row.String()+printable(l[len(l)-1]), " ") + "\n")
	}
	return b.String()
}
