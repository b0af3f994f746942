package determinism_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/determinism/brute"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// build parses a circuit given as blocks, tables, lookups and relations: slots and groups are added.
func build(t testing.TB, body string) *circuit.Circuit {
	t.Helper()
	var out []string
	slots := 0
	for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
		out = append(out, line)
		if strings.HasPrefix(line, "slot") {
			out = append(out, fmt.Sprintf("group %d", slots))
			slots++
		}
	}
	c, err := circuit.Parse("circuit row 8\n" + strings.Join(out, "\n"))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return c
}

const prime = 10007

// ranges declares the blocks of the tests below: x an input in [-32, 31], the others in [-8, 7], [0, 7] or [0, 15].
const ranges = `
block x column [2]
block s column [2]
block s2 column [2]
block u column [2]
block u2 column [2]
block f column [2]
block n free [2]
block m free [2]
block sq fixed [16] [0, 64]
table x [-32, 31]
table s [-8, 7]
table u [0, 7]
table f [-8, 7] sq
slot (x) x
slot (s) s
slot (u) u
slot (s2, f) f
slot (u2) u
inputs x
`

// rest determines the blocks that a case does not speak of.
func rest(names ...string) string {
	s := ""
	for _, n := range names {
		s += fmt.Sprintf("relation \"rest %s\" {i=2} i\n    %s[i] = 0\n", n, n)
	}
	return s
}

// Each case says which blocks stay undetermined, and whether exhaustive search agrees: a refused circuit that has two
// witnesses shows that the refusal is needed.
var rules = []struct {
	name         string
	relations    string
	undetermined string // names; "": certified
	why          string // what the certificate says of a block
}{
	{"alone", "relation r {i=2} i\n    n[i] - 3*x[i] + 7 = 0\n" + rest("s", "s2", "u", "u2", "m"), "", `n: alone in "r"`},
	{"alone, minus", "relation r {i=2} i\n    3*x[i] - n[i] = 0\n" + rest("s", "s2", "u", "u2", "m"), "", `n: alone in "r"`},
	{"alone, coefficient 2", "relation r {i=2} i\n    2*n[i] - 2*x[i] = 0\n" + rest("s", "s2", "u", "u2", "m"), "n", ""},
	{"alone, not all letters", "relation r {i=2 j=2} i j\n    n[i] - x[i] = 0\n" + rest("s", "s2", "u", "u2", "m"), "n", ""},
	{"bit", "relation r {i=2 j=2} i\n    n[i] = sum j: (n[j]) * (n[j]) same(i,j)\n" + rest("s", "s2", "u", "u2", "m"), "n", ""},
	{"twice", "relation r {i=2} i\n    n[i] - n[i] = 0\n" + rest("s", "s2", "u", "u2", "m"), "n", ""},
	{"circle", "relation r {i=2} i\n    n[i] - m[i] = 0\nrelation q {i=2} i\n    m[i] - n[i] = 0\n" + rest("s", "s2", "u", "u2"), "n m", ""},
	{"reversal", "relation r {i=2 j=2} i\n    n[i] = sum j: (n[j]) affine(i,j; 1,-1)\n" + rest("s", "s2", "u", "u2", "m"), "n", ""},
	{"chain", "relation r {i=2 j=2} i\n    n[i] = sum j: (x[j]) * (x[j]) same(i,j)\nrelation q {i=2 j=2} i\n    m[i] = sum j: (n[j]) * (x[j]) same(i,j)\n" +
		rest("s", "s2", "u", "u2"), "", `m: alone in "q"`},
	{"table", rest("s", "s2", "u", "u2", "n", "m"), "", `f: table "f" at "s2"`},
	{"requantise", "relation r {i=2} i\n    16*s[i] + s2[i] - 2*x[i] = 0\n" + rest("u", "u2", "n", "m"), "", `s: digits in "r": 16*"s" + 1*"s2"`},
	{"requantise, minus", "relation r {i=2} i\n    2*x[i] - 16*s[i] + s2[i] = 0\n" + rest("u", "u2", "n", "m"), "", `s2: digits in "r": -16*"s" + 1*"s2"`},
	{"digits overlap", "relation r {i=2} i\n    15*s[i] + s2[i] - 2*x[i] = 0\n" + rest("u", "u2", "n", "m"), "s s2 f", ""},
	{"three digits", "relation r {i=2} i\n    u[i] + 8*u2[i] + 64*s[i] - 2*x[i] = 0\n" + rest("s2", "n", "m"), "", `u: digits in "r": 64*"s" + 8*"u2" + 1*"u"`},
	{"three digits overlap", "relation r {i=2} i\n    u[i] + 8*u2[i] + 63*s[i] - 2*x[i] = 0\n" + rest("s2", "n", "m"), "s u u2", ""},
	{"a digit without range", "relation r {i=2} i\n    16*n[i] + s[i] - 2*x[i] = 0\n" + rest("s2", "u", "u2", "m"), "s n", ""},
	{"digits, not all letters", "relation r {i=2 j=2} i j\n    16*s[i] + s2[j] = 0\n" + rest("u", "u2", "n", "m"), "s s2 f", ""},
	{"a digit twice", "relation r {i=2} i\n    16*s[i] + s[i] - 17*x[i] = 0\n" + rest("s2", "u", "u2", "n", "m"), "s", ""},
	{"a digit in a product", "relation r {i=2 j=2} i\n    16*s[i] + u[i] = sum j: (s[j]) * (x[j]) same(i,j)\n" + rest("s2", "u2", "n", "m"), "s u", ""},
	{"one digit", "relation r {i=2} i\n    3*s[i] - 3*x[i] = 0\n" + rest("s2", "u", "u2", "n", "m"), "", `s: digits in "r": 3*"s"`},
	{"coefficient 0", "relation r {i=2} i\n    0*s[i] + x[i] - x[i] = 0\n" + rest("s2", "u", "u2", "n", "m"), "s", ""},
}

func TestRules(t *testing.T) {
	for _, k := range rules {
		c := build(t, ranges+k.relations)
		checkCase(t, k.name, c, k.undetermined, k.why)
	}
}

// needless lists the cases that the rules refuse although no input has two witnesses: they do not look that far.
var needless = []string{"alone, coefficient 2", "alone, not all letters", "a digit twice", "rounding", "remainder not tied",
	"digits, not all letters", "quotient is remainder", "known part of the quotient", "reversed quotient", "divisor summed",
	"divisor repeated", "large coefficients", "large negative coefficients", "many terms"}

// checkCase certifies a circuit and searches it exhaustively.
func checkCase(t *testing.T, name string, c *circuit.Circuit, undetermined, why string) {
	t.Helper()
	cert, err := determinism.Certify(c)
	var e *determinism.Undetermined
	switch {
	case undetermined == "" && err != nil:
		t.Errorf("%s: %v", name, err)
		return
	case undetermined != "" && !errors.As(err, &e):
		t.Errorf("%s: certified", name)
		return
	case undetermined != "":
		var names []string
		for _, b := range e.Blocks {
			names = append(names, c.Blocks[b].Name)
			if !strings.Contains(err.Error(), `"`+c.Blocks[b].Name+`"`) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := strings.Join(names, " "); got != undetermined {
			t.Errorf("%s: undetermined are %s, not %s", name, got, undetermined)
		}
		if one := unique(t, c, nil); one != slices.Contains(needless, name) {
			t.Errorf("%s: refused; every input has at most one witness: %v", name, one)
		}
		return
	}
	if why != "" && !strings.Contains(reasons(c, cert), why+"\n") {
		t.Errorf("%s: %q is not in\n%s", name, why, reasons(c, cert))
	}
	if !unique(t, c, cert) {
		t.Errorf("%s: certified, but an input has several witnesses", name)
	}
}

func reasons(c *circuit.Circuit, cert *determinism.Certificate) string {
	s := ""
	for i := range c.Blocks {
		s += c.Blocks[i].Name + ": " + cert.Reason(i) + "\n"
	}
	return s
}

// unique searches all witnesses for some inputs and compares them with Solve's if there is a certificate. It reports whether
// no input has two.
func unique(t *testing.T, c *circuit.Circuit, cert *determinism.Certificate) bool {
	t.Helper()
	found, one := 0, true
	for trial := range int64(24) {
		values := make([][]int64, len(c.Blocks))
		for i := range c.Blocks {
			b := &c.Blocks[i]
			if b.Role == circuit.Fixed { // the square table
				for j := range circuit.Count(b.Dims) {
					values[i] = append(values[i], min(b.Hi, int64((j-8)*(j-8))))
				}
			}
		}
		for n, i := range c.Inputs {
			for j := range circuit.Count(c.Blocks[i].Dims) {
				values[i] = append(values[i], (trial*(5+2*int64(n))+11*int64(j))%16-4*int64(1-min(n, 1)))
			}
		}
		w := brute.Witnesses(c, prime, values, 2)
		if len(w) > 1 {
			one = false
		}
		found += len(w)
		if cert == nil {
			continue
		}
		err := witness.Solve(context.Background(), c, cert, values)
		if (err == nil) != (len(w) > 0) {
			t.Errorf("inputs %v: %d witnesses, but Solve says %v", values[c.Inputs[0]], len(w), err)
		}
		if err != nil || len(w) == 0 {
			continue
		}
		for i := range values {
			if !slices.Equal(values[i], w[0][i]) {
				t.Errorf("block %s is %v, the only witness has %v", c.Blocks[i].Name, values[i], w[0][i])
			}
		}
	}
	if found == 0 {
		t.Errorf("no input has a witness: the case shows nothing")
	}
	return one
}

const division = `
block x column [2]
block d column []
block y column [2]
block r column [2]
block g column [2]
table x [-16, 15]
table d [-16, 15]
table u [0, 15]
table s [-8, 7]
slot (x) x
slot (d) d
slot (y) s
slot (r) u
slot (g) u
inputs x d
relation divide {i=2 j=2} i
    x[i] - r[i] = sum j: (d[]) * (y[j]) same(i,j)
relation below {i=2} i
    g[i] + r[i] + 1 - d[] = 0
`

// h is a further digit.
const h = "block h column [2]\ntable h [0, 7]\nslot (h) h\n"

func TestC3_QuotientRule(t *testing.T) {
	for _, k := range []struct{ name, old, new, undetermined, extra string }{
		{"as it is", "", "", "", ""},
		{"signs turned", "x[i] - r[i] = sum j: (d[])", "r[i] - x[i] = sum j: (-d[])", "", ""},
		{"second relation turned", "g[i] + r[i] + 1 - d[] = 0", "-g[i] - r[i] - 1 + d[] = 0", "", ""},
		{"quotient in A", "(d[]) * (y[j])", "(y[j]) * (d[])", "", ""},
		{"rounding", "x[i] - r[i] = sum j: (d[])", "2*x[i] + d[] - r[i] = sum j: (2*d[])", "y r g", ""}, // the bound speaks of d, not 2d
		{"rounding, right bound", "DIVISOR", "", "", ""},
		{"remainder below d - 1", "+ 1 - d[]", "+ 2 - d[]", "", ""},
		{"no bound", "relation below {i=2} i\n    g[i] + r[i] + 1 - d[] = 0", "relation below {i=2} i\n    g[i] = 0", "y r", ""},
		{"bound too weak", "+ r[i] + 1 - d[]", "+ r[i] - d[]", "y r g", ""},
		{"bound of the other sign", "g[i] + r[i] + 1", "-g[i] + r[i] + 1", "y r g", ""},
		{"signed remainder", "slot (r) u", "slot (r) s", "y r g", ""},
		{"signed gap", "slot (g) u", "slot (g) s", "y r g", ""},
		{"signed remainder and its least value", "DIVISION", "x[i] - r[i] - 8 = sum j: (d[])/g[i] + r[i] + 9", "", "SIGNED r"},
		{"signed remainder, bound without its least value", "DIVISION", "x[i] - r[i] - 8 = sum j: (d[])/g[i] + r[i] + 1", "y r g", "SIGNED r"},
		{"signed remainder, bound too weak", "DIVISION", "x[i] - r[i] - 8 = sum j: (d[])/g[i] + r[i] + 8", "y r g", "SIGNED r"},
		{"signed gap and its least value", "g[i] + r[i] + 1 - d", "g[i] + r[i] + 9 - d", "", "SIGNED g"},
		{"signed gap, too little", "g[i] + r[i] + 1 - d", "g[i] + r[i] + 8 - d", "y r g", "SIGNED g"},
		{"remainder not tied", "- r[i] =", "- r[i] + r[i] - r[i] =", "y r g", ""},
		{"quotient unbounded", "block y column [2]", "block y free [2]", "y r g", ""},
		{"quotient digits", "(y[j])", "(4*y[j])", "", ""}, // one digit of coefficient 4
		{"remainder of two signs", "DIVISION", "x[i] - r[i] + 16*h[i] = sum j: (-d[])/g[i] - r[i] + 16*h[i] + 1", "y r g h", h},
		{"remainder of two digits", "DIVISION", "x[i] - r[i] - 16*h[i] = sum j: (d[])/g[i] + r[i] + 16*h[i] + 1", "", h},
		{"remainder digits overlap", "DIVISION", "x[i] - r[i] - 4*h[i] = sum j: (d[])/g[i] + r[i] + 4*h[i] + 1", "y r g h", h},
		{"quotient of two digits", "(y[j])", "(y[j] + 16*h[j])", "", h},
		{"quotient digits overlap", "(y[j])", "(y[j] + 4*h[j])", "y r g h", h},
		{"quotient is remainder", "(y[j])", "(r[j])", "r g", "relation y {i=2} i\n    y[i] = 0\n"},
		{"known part of the quotient", "(y[j])", "(y[j] + 16*zero[j])", "y r g", "block zero fixed [2] [0, 0]\n"},
		{"reversed quotient", "same(i,j)", "affine(i,j; 1,-1)", "y r g", ""},
		{"unknown divisor", "DIVISION", "x[i] - r[i] = sum j: (g[j])/h[i] + r[i] + 1 - g[i] + d[]", "y r g h", h},
		{"divisor summed", "sum j: (d[]) * (y[j])", "sum j l k: ({k} d[]) * (y[j]) same(k,l)", "y r g", "LETTERS"},
		{"divisor repeated", "sum j: (d[]) * (y[j])", "sum j k: ({k} d[]) * (y[j])", "y r g", "LETTERS"},
		{"two quotients", "sum j: (d[]) * (y[j]) same(i,j)", "sum j: (d[]) * (y[j]) same(i,j)\n    + sum j: (d[]) * (h[j]) same(i,j)", "y r g h", h},
		{"a quotient of 1", "sum j: (d[]) * (y[j])", "sum j: (y[j])", "y r g", ""},
		{"one quotient for all", "(y[j]) same(i,j)", "(z[])", "y r g z", "block z column []\ntable z [-8, 7]\nslot (z) z\n"},
		{"large coefficients", "+ 1 - d[]", "+ 1 - d[] + 144115188075855872*zero[]", "y r g", "block zero fixed [] [0, 0]\n"},
		{"large negative coefficients", "g[i] + r[i] + 1 - d[]", "-g[i] - r[i] - 1 + d[] - 144115188075855872*zero[]", "y r g", "block zero fixed [] [0, 0]\n"},
		{"many terms", "+ 1 - d[]", "+ 1 - d[]" + strings.Repeat(" + zero[]", 40), "y r g", "block zero fixed [] [0, 0]\n"},
	} {
		text := strings.Replace(division, k.old, k.new, 1)
		text = strings.Replace(text, "inputs x d\n", "inputs x d\n"+k.extra, 1)
		if k.name == "quotient unbounded" {
			text = strings.Replace(text, "slot (y) s\n", "", 1)
		}
		if k.old == "DIVISION" {
			first, second, _ := strings.Cut(k.new, "/")
			text = strings.Replace(text, "x[i] - r[i] = sum j: (d[])", first, 1)
			text = strings.Replace(text, "g[i] + r[i] + 1", second, 1)
		}
		if k.name == "one quotient for all" {
			text = strings.Replace(text, "sum j: (d[]) * (z[])", "sum: (d[]) * (z[])", 1)
		}
		if block, ok := strings.CutPrefix(k.extra, "SIGNED "); ok {
			text = strings.Replace(strings.Replace(text, k.extra, "", 1), "slot ("+block+") u", "slot ("+block+") s", 1)
		}
		if k.extra == "LETTERS" {
			text = strings.Replace(strings.Replace(text, "LETTERS", "", 1), "{i=2 j=2}", "{i=2 j=2 k=3 l=3}", 1)
		}
		if k.name == "quotient is remainder" { // (d+1) r = 0
			text = strings.Replace(text, "x[i] - r[i]", "-r[i]", 1)
		}
		if k.name == "rounding, right bound" {
			text = strings.Replace(division, "x[i] - r[i] = sum j: (d[])", "2*x[i] + d[] - r[i] = sum j: (2*d[])", 1)
			text = strings.Replace(text, "+ 1 - d[]", "+ 1 - 2*d[]", 1)
		}
		checkCase(t, k.name, build(t, text), k.undetermined, "")
	}
}

// A dynamic table: rows exist inside the bounds only; its block must be determined.
func TestC5_DynamicTable(t *testing.T) {
	const text = `
block x column [3]
block i column [2]
block y column [2]
table x [-16, 15]
table x3 [0, 3] x dynamic
slot (x) x
slot (i, y) x3
inputs x i
`
	c := build(t, text)
	cert, err := determinism.Certify(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		i  []int64
		ok bool
	}{{[]int64{0, 2}, true}, {[]int64{3, 0}, false}, {[]int64{4, 0}, false}, {[]int64{1, -1}, false}} {
		values := [][]int64{{7, 8, 9}, k.i, nil}
		w := brute.Witnesses(c, prime, values, 2)
		err := witness.Solve(context.Background(), c, cert, values)
		if (err == nil) != k.ok || (len(w) == 1) != k.ok {
			t.Errorf("indices %v: %d witnesses, %v", k.i, len(w), err)
		}
	}
	if _, err := determinism.Certify(build(t, strings.Replace(text, "inputs x i", "inputs i", 1))); err == nil ||
		!strings.Contains(err.Error(), `2 blocks that inputs and key do not determine: "x" (in no relation); "y"`) {
		t.Error(err)
	}
}

// Conditions of the rule quotient whose cases have no witnesses that brute could count.
func TestQuotientGuards(t *testing.T) {
	for name, edits := range map[string][]string{
		"gap without a range": {"slot (g) u\n", "", "block g column", "block g free"},
		"remainder from below int64": {"x[i] - r[i]", "x[i] - 4*r[i]", "g[i] + r[i]", "g[i] + 4*r[i]", "slot (r) u", "slot (r) far",
			"slot (x) x\n", "table far [-4611686018427387904, -4611686018427387889]\nslot (x) x\n"},
	} {
		var e *determinism.Undetermined
		if _, err := determinism.Certify(build(t, strings.NewReplacer(edits...).Replace(division))); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A pair in a range table has the output 0, which may be a digit.
func TestPairInRangeTable(t *testing.T) {
	const text = `
block x column [2]
block s column [2]
block o column [2]
block z column [2]
table x [-8, 7]
slot (x, z) x
slot (s, o) x
inputs x
relation r {i=2} i
    o[i] + 2*s[i] - 2*x[i] = 0
`
	checkCase(t, "pair in a range table", build(t, text), "", `o: digits in "r": 2*"s" + 1*"o"`)
	if c := build(t, text); reasonsOf(t, c)["z"] != `table "x" at "x"` {
		t.Error(reasonsOf(t, c))
	}
}

func reasonsOf(t *testing.T, c *circuit.Circuit) map[string]string {
	cert, err := determinism.Certify(c)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for i := range c.Blocks {
		out[c.Blocks[i].Name] = cert.Reason(i)
	}
	return out
}

// The rows of a dynamic table over a block with a declared interval bound a digit.
func TestDynamicDigit(t *testing.T) {
	c := build(t, `
block x column [2]
block rows fixed [4] [0, 3]
block i column [2]
block y column [2]
table x [-8, 7]
table rows [0, 3] rows dynamic
slot (x) x
slot (i, y) rows
inputs x
relation r {i=2} i
    4*i[i] + y[i] - x[i] = 0
`)
	if got := reasonsOf(t, c)["y"]; got != `digits in "r": 4*"i" + 1*"y"` {
		t.Error(got)
	}
}

// A table of its own outputs bounds nothing.
func TestOwnTable(t *testing.T) {
	const text = `
block x column [2]
block i column [2]
block y column [2]
table x [-8, 7]
table rows [0, 1] y dynamic
slot (x) x
slot (i, y) rows
inputs x i y
`
	for what, c := range map[string]string{
		"given":    text,
		"computed": strings.Replace(text, "inputs x i y\n", "inputs x i\nrelation r {i=2} i\n    y[i] - x[i] = 0\n", 1),
	} {
		if _, err := determinism.Certify(build(t, c)); err == nil || !strings.Contains(err.Error(), `"y": a dynamic table of its own outputs leaves it without an interval`) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestIntervals(t *testing.T) {
	c := build(t, `
block x column [3]
block y column []
block n free [3]
block m free []
table x [-8, 7]
table u [1, 4]
slot (x) x
slot (y) u
inputs x y
relation n {i=3 j=3} i
    2*y[] - n[i] + 5 = sum j: (3*x[j]) same(i,j)
relation m {j=3}
    m[] = sum j: (x[j]) * (y[] + 1)
relation cut {i=3 j=3} i
    0 = sum j: (x[j]) * (y[]) affine(i,j; 2,1)
`)
	cert, err := determinism.Certify(c)
	if err != nil {
		t.Fatal(err)
	}
	want := "[[-8, 7] [1, 4] [-14, 37] [-120, 105]] [5 7 6] [2]"
	if got := fmt.Sprint(cert.Intervals, cert.Bits, cert.Checks); got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// A public output in its declared interval may be a digit.
func TestPublicDigit(t *testing.T) {
	c := build(t, `
block x column [2]
block y public [2] [-8, 7]
block v column [2]
table x [-32, 31]
table v [-8, 7]
slot (x) x
slot (v) v
inputs x
relation r {i=2} i
    16*y[i] + v[i] - 2*x[i] = 0
`)
	checkCase(t, "public digit", c, "", `y: digits in "r": 16*"y" + 1*"v"`)
}

func TestC6_Overflow(t *testing.T) {
	body := "block x column [2]\ntable x [-32768, 32767]\nslot (x) x\ninputs x\n"
	rel := ""
	last := "x"
	for i := range 5 {
		name := fmt.Sprintf("p%d", i)
		body += fmt.Sprintf("block %s free [2]\n", name)
		rel += fmt.Sprintf("relation %s {i=2 j=2} i\n    %s[i] = sum j: (%s[j]) * (%s[j]) same(i,j)\n", name, name, last, last)
		last = name
	}
	c := build(t, body+rel)
	_, err := determinism.Certify(c)
	var e *determinism.Overflow
	if !errors.As(err, &e) || e.Name != "p4" || e.Bits != 481 {
		t.Fatal(err)
	}
	if want := `circuit: relation "p4": values of up to 481 bits, the field holds 252: use smaller scales`; err.Error() != want {
		t.Error(err)
	}
	c.Relations = c.Relations[:4]
	c.Blocks = c.Blocks[:5]
	cert, err := determinism.Certify(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(cert.Wide, cert.Bits); got != "[3 4] [31 61 121 241]" {
		t.Error(got)
	}
	if text := cert.Text(); !strings.Contains(text, "[-1073709056, 1073741824]") || !strings.Contains(text, "2^241") ||
		strings.Count(text, "beyond the solver's") != 2 || strings.Count(text, "\n") != 5 {
		t.Error(text)
	}
}
