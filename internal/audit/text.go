package audit

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report for a terminal: checks first, then what they rest on.
func (r *Report) WriteText(w io.Writer) error {
	b := &strings.Builder{}
	c := &r.Circuit
	fmt.Fprintf(b, "circuit %s\n", c.Digest)
	fmt.Fprintf(b, "  network %s, parameters %s\n", c.ModelSHA256, c.Parameters)
	fmt.Fprintf(b, "  %d blocks, %d relations, %d tables; %d constants, %d values a proof, %d lookups, %d instances; rows of 2^%d, vector of 2^%d\n",
		c.Blocks, c.Relations, c.Tables, c.Constants, c.Committed, c.Lookups, c.Instances, c.LogRow, c.LogVector)
	writeKey(b, r.Key, r.SRS)
	b.WriteString("\nchecks\n")
	writeChecks(b, r.Checks)
	table := func(title string, rows func(w io.Writer)) {
		fmt.Fprintf(b, "\n%s\n", title)
		t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
		rows(t)
		t.Flush()
	}
	table("inputs and outputs", func(w io.Writer) {
		for i := range r.Tensors {
			t := &r.Tensors[i]
			limits := ""
			if t.Kind == "input" {
				limits = fmt.Sprintf("[%g, %g]", t.Lo, t.Hi)
			}
			fmt.Fprintf(w, "  %s\t%s\t%v\t%s\t%s\t%s\n", t.Kind, t.Name, t.Dims, t.Visibility, limits, t.Binding)
		}
	})
	table(fmt.Sprintf("blocks: why each is determined; bits left below p/2 (2^%d)", halfBits), func(w io.Writer) {
		for i := range r.Blocks {
			x := &r.Blocks[i]
			fmt.Fprintf(w, "  %s\t%s\t%v\t%s\t%s\t%d bits\t%d left\t%s\n", short(x.Name), x.Role, x.Dims, x.Rule, short(x.Reason), x.Bits, x.Margin, x.Binding)
		}
	})
	table("relations", func(w io.Writer) {
		for i := range r.Relations {
			x := &r.Relations[i]
			fmt.Fprintf(w, "  %s\t%d bits\t%d left\t%s\n", short(x.Name), x.Bits, x.Margin, short(x.Use))
		}
	})
	table("tables: covered (by calibration) against reachable (by interval arithmetic)", func(w io.Writer) {
		for i := range r.Tables {
			x := &r.Tables[i]
			cover := ""
			switch {
			case x.Users > x.Complete:
				cover = fmt.Sprintf("%d of %d users complete; %s covers %s, could reach %s", x.Complete, x.Users, short(x.Worst), x.Covered, x.Reachable)
			case x.Users > 0:
				cover = fmt.Sprintf("all %d users complete", x.Users)
			}
			fmt.Fprintf(w, "  %s\t%s\t[%d, %d]\t%s\t%d entries\t%s\n", short(x.Name), x.Kind, x.Lo, x.Hi, x.Out, x.Entries, cover)
		}
		for i := range r.KeyTables {
			x := &r.KeyTables[i]
			fmt.Fprintf(w, "  %s\tkey proof\t[%d, %d]\t\t%d entries\t\n", short(x.Name), x.Lo, x.Hi, x.Entries)
		}
	})
	if s := r.Security; s != nil {
		fmt.Fprintf(b, "\nsecurity: about %d bits\n", s.Bits)
		fmt.Fprintf(b, "  statistical error of a proof 2^-%.1f", s.Proof.Bits)
		if s.KeyProof != nil {
			fmt.Fprintf(b, ", of the key proof 2^-%.1f", s.KeyProof.Bits)
		}
		fmt.Fprintf(b, "; computational: discrete logarithms in BN254 about 2^%d, hash collisions 2^%d; zero-knowledge up to 2^-%.1f\n", s.CurveBits, s.HashBits, s.ZeroKnow)
		table("terms of the statistical error, times 1/p", func(w io.Writer) {
			for _, t := range s.Proof.Terms {
				fmt.Fprintf(w, "  %s\t%s\t%s\n", t.Challenge, t.Count, t.Reason)
			}
		})
		b.WriteString("assumptions\n")
		for _, a := range s.Assumptions {
			fmt.Fprintf(b, "  %s\n", a)
		}
	}
	if r.Uniqueness != nil {
		table("uniqueness by enumeration", func(w io.Writer) {
			for i := range r.Uniqueness {
				x := &r.Uniqueness[i]
				fmt.Fprintf(w, "  %s\t%s\t%d steps\t%s\n", short(x.Name), x.Rule, x.Steps, x)
				for k, list := range [][]string{x.Witness, x.Second} {
					for _, v := range list {
						fmt.Fprintf(w, "    witness %d\t%s\t\t\n", k+1, v)
					}
				}
			}
		})
	}
	fmt.Fprintf(b, "\n%s\n", r.Verdict())
	_, err := io.WriteString(w, b.String())
	return err
}

// Verdict is the last line of a report.
func (r *Report) Verdict() string { return summary(r.Checks) }

func summary(checks []Check) string {
	r := &Report{Checks: checks}
	text := fmt.Sprintf("%d checks pass, %d fail, %d warnings, %d notes, %d skipped", r.Count(Pass), r.Count(Fail), r.Count(Warning), r.Count(Note), r.Count(Skipped))
	if r.Failed() {
		return "FAILED: " + text
	}
	return "passed: " + text
}

func (x *Slice) String() string {
	switch {
	case x.Second != nil:
		return "TWO WITNESSES of one input"
	case x.Proved:
		return "proved: no two tuples of digits have the same sum"
	}
	return fmt.Sprintf("%d inputs: %d with one witness, %d with none, %d too large to search", x.Tried, x.Unique, x.Without, x.Unknown)
}

// Text is the report of verify-key.
func (k *KeyReport) Text() string {
	b := &strings.Builder{}
	writeKey(b, k.Key, k.SRS)
	writeChecks(b, k.Checks)
	b.WriteString(summary(k.Checks))
	return b.String()
}

func writeKey(b *strings.Builder, k *Key, s *SRS) {
	if k != nil {
		fmt.Fprintf(b, "key %s\n  of circuit %s: %d rows, %d of them private, key proof of %d bytes\n", k.Digest, k.Circuit, k.Rows, k.Private, k.KeyProof)
	}
	if s != nil {
		fmt.Fprintf(b, "srs %s\n  %s, %d powers\n", s.ID, s.Origin, s.Powers)
	}
}

func writeChecks(b *strings.Builder, checks []Check) {
	for i := range checks {
		c := &checks[i]
		fmt.Fprintf(b, "  %-7s  %-15s  %s: %s\n", strings.ToUpper(string(c.Verdict)), c.ID, c.Title, c.Detail)
		if c.Where != nil && c.Verdict != Pass {
			fmt.Fprintf(b, "           %s\n", strings.Join(c.Where, "; "))
		}
	}
}

// short cuts a name for columns.
func short(s string) string {
	const width = 60
	if r := []rune(s); len(r) > width {
		return string(r[:width-2]) + ".."
	}
	return s
}
