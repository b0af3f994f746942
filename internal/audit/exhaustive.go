package audit

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/determinism/brute"
)

const (
	// brutePrime stands in for p; relations of up to bruteBits bits mean the same modulo both.
	brutePrime = 1<<61 - 1
	bruteBits  = 59

	smallCells  = 1 << 12 // entries of a circuit that is searched whole
	smallTuples = 1 << 14 // index tuples of all its relations
	searchTries = 1 << 19 // values tried for one input
	samples     = 24      // inputs of a search
	giveUp      = 3       // searches that end without a result, after which the slice is too large
)

// Slice is what enumeration found about one kind of step, or about the whole circuit.
type Slice struct {
	Name    string   `json:"name"`
	Rule    string   `json:"rule"` // of the certificate; "circuit" for the whole
	Steps   int      `json:"steps"`
	Proved  bool     `json:"proved"` // for all values, not only for the inputs tried
	Tried   int      `json:"tried"`
	Unique  int      `json:"unique"`  // exactly one witness
	Without int      `json:"without"` // none: outside of what the circuit covers
	Unknown int      `json:"unknown"` // too large to search
	Witness []string `json:"witness,omitempty"`
	Second  []string `json:"second,omitempty"` // differs from Witness for the same input
	circuit *circuit.Circuit
	digits  [][]determinism.Digit
}

// exhaustive searches for second witnesses with package brute, which knows nothing of the certificate's rules: in the whole
// circuit if it is small, and in each kind of step that is more than one linear equation or one table row.
func (r *Report) exhaustive(ctx context.Context, s *Subject) error {
	whole := whole(s, r.certificate)
	var list []*Slice
	if whole != nil {
		list = append(list, whole)
	}
	if r.certificate != nil && r.certificate.Intervals != nil {
		list = append(list, slicesOf(s.Circuit, r.certificate)...)
	}
	for i, x := range list {
		s.report("enumerate", i, len(list))
		if err := x.search(ctx, s); err != nil {
			return err
		}
		r.Uniqueness = append(r.Uniqueness, *x)
	}
	const title = "enumeration finds no second witness"
	proved, tried, unknown := 0, 0, 0
	for _, x := range list {
		if x.Second != nil {
			detail := fmt.Sprintf("two witnesses of one input: %v and %v", x.Witness, x.Second)
			r.add("unique", Fail, title, detail, []string{"C18"}, x.Name)
			return nil
		}
		if x.Proved {
			proved++
		}
		tried, unknown = tried+x.Tried, unknown+x.Unknown
	}
	if tried+proved == 0 {
		r.add("unique", Skipped, title, "no step is small enough", []string{"C18"})
		return nil
	}
	r.add("unique", Pass, title, fmt.Sprintf("%d kinds of steps: %d for all values, the others on %d inputs (%d of them too large to search)",
		len(list), proved, tried, unknown), []string{"C18"})
	return nil
}

// whole is the circuit itself, nil if it is too large to search.
func whole(s *Subject, cert *determinism.Certificate) *Slice {
	c := s.Circuit
	if s.Constants == nil {
		return nil
	}
	cells, tuples := 0, 0
	for i := range c.Blocks {
		if s.Constants[i] == nil {
			cells += circuit.Count(c.Blocks[i].Dims)
		}
	}
	for i := range c.Relations {
		r := &c.Relations[i]
		out := 1
		for _, l := range r.Out {
			out *= r.Letters[l].Len
		}
		tuples += out
		for j := range r.Sum {
			n := out
			for _, l := range r.Sum[j].Inner {
				if n *= r.Letters[l].Len; n > smallTuples {
					return nil
				}
			}
			tuples += n
		}
		if cert != nil && i < len(cert.Bits) && cert.Bits[i] > bruteBits {
			return nil
		}
	}
	if cells > smallCells || tuples > smallTuples {
		return nil
	}
	return &Slice{Name: "the whole circuit", Rule: "circuit", Steps: 1, circuit: c}
}

// slicesOf is one slice for each kind of step with several unknowns: its sums of digits, and, for a quotient, a small circuit
// at one output entry, with the known rest of the relation as an input x and the divisor as an input e.
func slicesOf(c *circuit.Circuit, cert *determinism.Certificate) []*Slice {
	var out []*Slice
	seen := map[string]*Slice{}
	add := func(st *determinism.Step, rule string, ds ...[]determinism.Digit) {
		key := rule
		for _, list := range ds {
			for _, d := range list {
				key += fmt.Sprintf(" %d*[%d, %d]", d.Coef, d.Lo, d.Hi)
			}
			key += ";"
		}
		if x := seen[key]; x != nil {
			x.Steps++
			return
		}
		x := &Slice{Name: c.Relations[st.Relation].Name, Rule: rule, Steps: 1, digits: ds}
		if len(ds) == 2 {
			x.circuit = division(ds[0], ds[1])
		}
		seen[key] = x
		out = append(out, x)
	}
	for i := range cert.Steps {
		st := &cert.Steps[i]
		switch st.Rule {
		case determinism.Digits:
			add(st, "digits", st.Digits)
		case determinism.Quotient:
			add(st, "digits", st.Division.Quotient)
			add(st, "digits", st.Division.Remainder)
			add(st, "quotient", st.Division.Quotient, st.Division.Remainder)
		case determinism.Largest: // that the maximum is attained is for the search of the whole circuit
			add(st, "digits", st.Maximum.Max)
			add(st, "digits", slices.Concat(st.Maximum.Entry, st.Maximum.Low))
		}
	}
	return out
}

// division is the circuit  e*y + r = x,  r + g + 1 = e  for y and r of the values that digits can have: nil if they are too
// many. Blocks: x, e, g, y, r; the range of g is set by search.
func division(quotient, remainder []determinism.Digit) *circuit.Circuit {
	ylo, yhi := reach(quotient)
	rlo, rhi := reach(remainder)
	if rhi -= rlo; yhi-ylo >= 1<<24 || rhi >= 1<<40 { // r is counted from its least value
		return nil
	}
	c := &circuit.Circuit{Inputs: []int{0, 1}}
	for _, name := range []string{"x", "e"} {
		c.Blocks = append(c.Blocks, circuit.Block{Name: name, Role: circuit.Public, Lo: -brutePrime / 2, Hi: brutePrime / 2, KeyTable: circuit.None})
	}
	for i, name := range []string{"g", "y", "r"} {
		c.Blocks = append(c.Blocks, circuit.Block{Name: name, Role: circuit.Column, KeyTable: circuit.None})
		c.Tables = append(c.Tables, circuit.Table{Lo: []int64{0, ylo, 0}[i], Size: []int{1, int(yhi - ylo + 1), int(rhi + 1)}[i], Out: circuit.None})
		c.Slots = append(c.Slots, circuit.Slot{Lookups: []circuit.Lookup{{In: i + 2, Out: circuit.None, Table: i}}})
	}
	sum := func(ts ...circuit.Term) circuit.Expr { return circuit.Expr{Terms: ts} }
	y := sum(circuit.Term{Coef: 1, Block: 3})
	c.Relations = []circuit.Relation{
		{Name: "x", LHS: sum(circuit.Term{Coef: -1, Block: 0}, circuit.Term{Coef: 1, Block: 4}),
			Sum: []circuit.Contraction{{A: sum(circuit.Term{Coef: -1, Block: 1}), B: &y}}},
		{Name: "e", LHS: sum(circuit.Term{Coef: -1, Block: 1}, circuit.Term{Coef: 1, Block: 2}, circuit.Term{Coef: 1, Block: 4}, circuit.Term{Coef: 1, Block: circuit.None})},
	}
	return c
}

// search looks for second witnesses of a slice.
func (x *Slice) search(ctx context.Context, s *Subject) error {
	switch {
	case x.Rule == "digits":
		x.differences()
		return nil
	case x.circuit == nil:
		x.Tried, x.Unknown = 1, 1
		return nil
	}
	rng := rand.New(rand.NewPCG(1, 1))
	c := x.circuit
	for i := range samples {
		if err := ctx.Err(); err != nil {
			return err
		}
		values := make([][]int64, len(c.Blocks))
		if x.Rule == "circuit" {
			sampleInputs(s, values, i, rng)
		} else {
			y, r := &c.Tables[1], &c.Tables[2]
			e := 1 + sample(0, int64(r.Size)-1, i/6, rng)
			c.Tables[0].Size = int(e)
			values[1] = []int64{e}
			values[0] = []int64{e*sample(y.Lo, y.Lo+int64(y.Size)-1, i, rng) + rng.Int64N(e)}
		}
		found, complete := brute.Search(c, brutePrime, values, 2, searchTries)
		x.Tried++
		switch {
		case len(found) == 2:
			x.Witness, x.Second = differ(c, found[0], found[1])
			return nil
		case !complete:
			if x.Unknown++; x.Unknown == giveUp {
				return nil
			}
		case len(found) == 1:
			x.Unique++
		default:
			x.Without++
		}
	}
	return nil
}

// differences looks for two tuples of digits with the same sum: for a tuple of differences that are not all 0, each of at
// most hi - lo, with sum 0. It tries every difference, the largest coefficient first, that the others could still make up
// for. So it decides for all values of the sum at once.
func (x *Slice) differences() {
	ds := x.digits[0]
	rest := make([]*big.Int, len(ds)+1) // largest sum of the digits from i on
	rest[len(ds)] = new(big.Int)
	for i := len(ds) - 1; i >= 0; i-- {
		c := big.NewInt(ds[i].Coef)
		rest[i] = new(big.Int).Add(rest[i+1], c.Abs(c).Mul(c, big.NewInt(ds[i].Hi-ds[i].Lo)))
	}
	delta := make([]int64, len(ds))
	var walk func(i int, sum *big.Int, zero bool) bool
	walk = func(i int, sum *big.Int, zero bool) bool {
		if i == len(ds) {
			return !zero && sum.Sign() == 0
		}
		c, span := big.NewInt(ds[i].Coef), big.NewInt(ds[i].Hi-ds[i].Lo)
		// |sum + c d| <= rest[i+1]: d lies in an interval around -sum/c
		var ends [2]*big.Int
		for k, sign := range []int64{-1, 1} {
			e := new(big.Int).Mul(rest[i+1], big.NewInt(sign))
			ends[k] = e.Sub(e, sum)
		}
		if c.Sign() < 0 {
			ends[0], ends[1] = ends[1].Neg(ends[1]), ends[0].Neg(ends[0])
			c.Neg(c)
		}
		lo := new(big.Int).Neg(new(big.Int).Div(new(big.Int).Neg(ends[0]), c)) // rounded up
		hi := new(big.Int).Div(ends[1], c)
		if minus := new(big.Int).Neg(span); lo.Cmp(minus) < 0 {
			lo = minus
		}
		if hi.Cmp(span) > 0 {
			hi = span
		}
		for d := lo; d.Cmp(hi) <= 0; d.Add(d, big.NewInt(1)) {
			if x.Tried++; x.Tried > searchTries {
				return false
			}
			delta[i] = d.Int64()
			next := new(big.Int).Mul(big.NewInt(ds[i].Coef), d)
			if walk(i+1, next.Add(next, sum), zero && d.Sign() == 0) {
				return true
			}
		}
		return false
	}
	switch {
	case walk(0, new(big.Int), true):
		for i, d := range ds {
			a, b := d.Lo+max(delta[i], 0), d.Lo+max(-delta[i], 0)
			x.Witness = append(x.Witness, fmt.Sprintf("digit %d (times %d) = %d", i, d.Coef, a))
			x.Second = append(x.Second, fmt.Sprintf("digit %d (times %d) = %d", i, d.Coef, b))
		}
	case x.Tried > searchTries:
		x.Tried, x.Unknown = 1, 1
	default:
		x.Proved = true
	}
}

// reach is the interval of a sum of digits.
func reach(ds []determinism.Digit) (lo, hi int64) {
	for _, d := range ds {
		lo, hi = lo+min(d.Coef*d.Lo, d.Coef*d.Hi), hi+max(d.Coef*d.Lo, d.Coef*d.Hi)
	}
	return lo, hi
}

// sample is one of the ends of an interval, one of the numbers beside 0, or random.
func sample(lo, hi int64, i int, rng *rand.Rand) int64 {
	edge := []int64{lo, hi, 0, 1, -1, lo + 1, hi - 1}
	if i < len(edge) && lo <= edge[i] && edge[i] <= hi {
		return edge[i]
	}
	return lo + int64(rng.Uint64N(uint64(hi-lo)+1))
}

// sampleInputs gives the circuit's inputs values inside their intervals, and the key's blocks theirs.
func sampleInputs(s *Subject, values [][]int64, i int, rng *rand.Rand) {
	copy(values, s.Constants)
	lo, hi := map[int]int64{}, map[int]int64{}
	for _, slot := range s.Circuit.Slots {
		for _, l := range slot.Lookups {
			t := &s.Circuit.Tables[l.Table]
			lo[l.In], hi[l.In] = t.Lo, t.Lo+int64(t.Size)-1
		}
	}
	for _, at := range s.Circuit.Inputs {
		b := &s.Circuit.Blocks[at]
		if b.Role == circuit.Public {
			lo[at], hi[at] = b.Lo, b.Hi
		}
		values[at] = make([]int64, circuit.Count(b.Dims))
		for j := range values[at] {
			k := i
			if i >= 5 { // a mixture of edges and random entries
				k = rng.IntN(12)
			}
			values[at][j] = sample(lo[at], hi[at], k, rng)
		}
	}
}

// differ lists the entries in which two witnesses differ.
func differ(c *circuit.Circuit, a, b [][]int64) (first, second []string) {
	for i := range a {
		for j := range a[i] {
			if a[i][j] != b[i][j] {
				name := fmt.Sprintf("%s[%d]", c.Blocks[i].Name, j)
				first = append(first, fmt.Sprintf("%s = %s", name, big.NewInt(a[i][j])))
				second = append(second, fmt.Sprintf("%s = %s", name, big.NewInt(b[i][j])))
			}
		}
	}
	return places(first), places(second)
}
