package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover"
	"github.com/ezkl-go/ezkl/internal/srs/unsafesrs"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// subject is a circuit given as text: slots and groups are those written, constants of fixed blocks are 0.
func subject(t testing.TB, body string) *Subject {
	t.Helper()
	var out []string
	slots := 0
	for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
		out = append(out, line)
		if strings.HasPrefix(line, "slot") {
			out = append(out, "group "+string(rune('0'+slots)))
			slots++
		}
	}
	c, err := circuit.Parse("circuit row 8\n" + strings.Join(out, "\n"))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	s := &Subject{Version: "test", Circuit: c, File: &formats.Compiled{Key: make([][]int64, len(c.Blocks))}}
	for i := range c.Blocks {
		if r := c.Blocks[i].Role; r == circuit.Fixed || r == circuit.Private {
			s.File.Key[i] = make([]int64, circuit.Count(c.Blocks[i].Dims))
		}
	}
	s.Constants = s.File.Key
	return s
}

func audited(t testing.TB, s *Subject) *Report {
	t.Helper()
	r, err := New(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// find is a report's check by ID.
func find(t testing.TB, r *Report, id string) *Check {
	t.Helper()
	for i := range r.Checks {
		if r.Checks[i].ID == id {
			return &r.Checks[i]
		}
	}
	t.Fatalf("no check %s", id)
	return nil
}

const inputs = `
block x column [2]
table x [-8, 7]
slot (x) x
`

// planted are circuits with one defect each, named after its class; the check with that ID must not pass.
var planted = []struct {
	class, name, text, check string
	verdict                  Verdict
	where                    string
	witnesses                bool // enumeration finds two witnesses
}{
	{"C1", "sorted entries are entries", inputs + "block i column [2]\nblock y column [2]\ntable rows [0, 1] x dynamic\nslot (i, y) rows\ninputs x", "determined", Fail, "y", true},
	{"C1", "the maximum is some entry", inputs + "block i column []\nblock y column []\ntable rows [0, 1] x dynamic\nslot (i, y) rows\ninputs x\nrelation low {} \n    i[] - i[] = 0", "determined", Fail, "y", true},
	{"C2", "sign times magnitude", inputs + "block s column [2]\nblock m column [2]\ntable s [-1, 0]\ntable m [0, 7]\nslot (s) s\nslot (m) m\ninputs x\nrelation sign {i=2 j=2} i\n    x[i] - m[i] = sum j: (2*s[j]) * (m[j]) same(i,j)", "determined", Fail, "s", true},
	{"C2", "a sign digit of both signs", inputs + "block s column [2]\nblock m column [2]\ntable s [-1, 0]\ntable m [-8, 7]\nslot (s) s\nslot (m) m\ninputs x\nrelation digits {i=2} i\n    x[i] - m[i] - 8*s[i] = 0", "determined", Fail, "s", true},
	{"C3", "quotient without a range", inputs + "block d public [] [1, 4]\nblock q free [2]\nblock r column [2]\ntable r [0, 3]\nslot (r) r\ninputs x d\nrelation divide {i=2 j=2} i\n    x[i] - r[i] = sum j: (d[]) * (q[j]) same(i,j)", "determined", Fail, "q", true},
	{"C3", "remainder beyond the divisor", inputs + "block q column [2]\nblock r column [2]\ntable r [0, 7]\ntable q [-8, 7]\nslot (q) q\nslot (r) r\ninputs x\nrelation divide {i=2} i\n    x[i] - 4*q[i] - r[i] = 0", "determined", Fail, "q", true},
	{"C4", "both neighbours of a tie", inputs + "block q column [2]\nblock r column [2]\ntable r [-1, 2]\ntable q [-8, 7]\nslot (q) q\nslot (r) r\ninputs x\nrelation halve {i=2} i\n    x[i] - 2*q[i] - r[i] = 0", "determined", Fail, "q", true},
	{"C4", "a tolerance of one unit", inputs + "block y column [2]\nblock e column [2]\ntable y [-16, 15]\ntable e [0, 1]\nslot (y) y\nslot (e) e\ninputs x\nrelation about {i=2} i\n    2*x[i] - y[i] - e[i] = 0", "determined", Fail, "y", true},
	{"C6", "products that wrap", "block x column [2]\ntable x [-32768, 32767]\nslot (x) x\nblock a free [2]\nblock b free [2]\nblock c free [2]\nblock d free [2]\ninputs x\n" +
		"relation a {i=2 j=2} i\n    a[i] = sum j: (x[j]) * (x[j]) same(i,j)\nrelation b {i=2 j=2} i\n    b[i] = sum j: (a[j]) * (a[j]) same(i,j)\n" +
		"relation c {i=2 j=2} i\n    c[i] = sum j: (b[j]) * (b[j]) same(i,j)\nrelation d {i=2 j=2} i\n    d[i] = sum j: (c[j]) * (c[j]) same(i,j)\n" +
		"relation e {i=2 j=2} i\n    0 = sum j: (d[j]) * (c[j]) same(i,j)", "no-wrap", Fail, "e", false},
	{"C6", "a digit without a range", inputs + "block q free [2]\nblock r column [2]\ntable r [0, 3]\nslot (r) r\ninputs x\nrelation digits {i=2} i\n    x[i] - 4*q[i] - r[i] = 0", "determined", Fail, "q", true},
	{"C7", "the position of the maximum", inputs + "block m public [] [-8, 7]\nblock i column []\nblock y column []\ntable rows [0, 1] x dynamic\nslot (i, y) rows\ninputs x m\nrelation equal {}\n    y[] - m[] = 0", "determined", Fail, "i", true},
	{"C7", "a one-hot vector", inputs + "block h column [2]\nblock m public [] [-8, 7]\ntable bit [0, 1]\nslot (h) bit\ninputs x m\nrelation one {i=2}\n    1 = sum i: (h[i])\nrelation pick {i=2}\n    m[] = sum i: (h[i]) * (x[i])", "determined", Fail, "h", true},
	{"C8", "a result in range", inputs + "block y column [2]\ntable y [0, 15]\nslot (y) y\ninputs x", "determined", Fail, "y", true},
	{"C8", "a result in a product only", inputs + "block y column [2]\ntable y [-8, 7]\nslot (y) y\ninputs x\nrelation product {i=2 j=2} i\n    0 = sum j: (x[j]) * (y[j]) same(i,j)", "determined", Fail, "y", true},
	{"C10", "a table that does not reach", inputs + "block y column [2]\ntable y [0, 3]\nslot (y) y\ninputs x\nrelation same {i=2} i\n    x[i] - y[i] = 0", "coverage", Note, "same", false},
	{"C10", "digits that do not reach", inputs + "block q column [2]\nblock r column [2]\ntable q [-1, 0]\ntable r [0, 3]\nslot (q) q\nslot (r) r\ninputs x\nrelation digits {i=2} i\n    x[i] - 4*q[i] - r[i] = 0", "coverage", Note, "digits", false},
	{"C14", "a block that nothing reads", inputs + "block y free [2]\ninputs x", "determined", Fail, "y", true},
	{"C14", "an input that nothing reads", inputs + "block z column [2]\nslot (z) x\nblock y free [2]\ninputs x z\nrelation y {i=2} i\n    y[i] - x[i] = 0", "unused-blocks", Note, "z", false},
	{"C17", "an instance that nothing reads", inputs + "block p public [2] [0, 3]\ninputs x p", "public-used", Warning, "p", false},
	{"C17", "an output that nothing computes", inputs + "block p public [2] [0, 3]\ninputs x p\nrelation y {i=2} i\n    x[i] - x[i] = 0", "public-used", Warning, "p", false},
}

func TestPlanted(t *testing.T) {
	for _, k := range planted {
		s := subject(t, k.text)
		s.Exhaustive = true
		r := audited(t, s)
		c := find(t, r, k.check)
		if c.Verdict != k.verdict || !slices.Contains(c.Where, k.where) {
			t.Errorf("%s: %s: %s: %s: %s %v", k.class, k.name, k.check, c.Verdict, c.Detail, c.Where)
		}
		u := find(t, r, "unique")
		if got := u.Verdict == Fail; got != k.witnesses {
			t.Errorf("%s: %s: enumeration: %s: %s", k.class, k.name, u.Verdict, u.Detail)
		}
		if k.witnesses && (r.Uniqueness[0].Witness == nil || len(r.Uniqueness[0].Witness) != len(r.Uniqueness[0].Second)) {
			t.Errorf("%s: %s: witnesses %v and %v", k.class, k.name, r.Uniqueness[0].Witness, r.Uniqueness[0].Second)
		}
		if r.Failed() != (k.verdict == Fail) {
			t.Errorf("%s: %s: failed: %v", k.class, k.name, r.Failed())
		}
	}
}

// C10: covered and reachable intervals of all three rules that compute looked-up blocks.
func TestC10_Coverage(t *testing.T) {
	for _, k := range []struct{ text, covered, reachable string }{
		{"block y column [2]\ntable y [0, 3]\nslot (y) y\ninputs x\nrelation y {i=2} i\n    3*x[i] + 1 + y[i] = 0", "[0, 3]", "[-22, 23]"},
		{"block y column [2]\ntable y [0, 3]\nslot (y) y\ninputs x\nrelation y {i=2} i\n    3*x[i] + 1 - y[i] = 0", "[0, 3]", "[-23, 22]"},
		{"block q column [2]\nblock r column [2]\ntable q [-1, 0]\ntable r [0, 3]\nslot (q) q\nslot (r) r\ninputs x\nrelation y {i=2 j=2} i\n    4*q[i] + r[i] = sum j: (x[j]) * (x[j]) same(i,j)", "[-4, 3]", "[-56, 64]"},
		{"block d public [] [1, 4]\nblock q column [2]\nblock r column [2]\nblock g column [2]\ntable q [-1, 0]\ntable r [0, 3]\nslot (q) q\nslot (r) r\nslot (g) r\ninputs x d\n" +
			"relation y {i=2 j=2} i\n    x[i] - r[i] = sum j: (d[]) * (q[j]) same(i,j)\nrelation below {i=2} i\n    g[i] + r[i] + 1 - d[] = 0", "[-4, 3]", "[-8, 7]"},
	} {
		r := audited(t, subject(t, inputs+k.text))
		found := false
		for _, x := range r.Tables {
			found = found || x.Worst == "y" && x.Covered == k.covered && x.Reachable == k.reachable
		}
		if !found || find(t, r, "coverage").Verdict != Note {
			t.Errorf("%s: %+v", k.text, r.Tables)
		}
	}
	r := audited(t, subject(t, inputs+"block y column [2]\ntable y [-32, 31]\nslot (y) y\ninputs x\nrelation y {i=2} i\n    3*x[i] + 1 - y[i] = 0"))
	if c := find(t, r, "coverage"); c.Verdict != Pass {
		t.Errorf("%+v", c)
	}
}

// P14: the bits that a report states are those of its terms, and fewer than 200 statistical bits fail.
func TestP14_Bits(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	r := audited(t, &Subject{Circuit: n.C, File: &formats.Compiled{}})
	s := r.Security
	if s.Bits != 100 || s.Proof.Bits < 200 || s.Proof.Bits > 250 || s.KeyProof == nil || s.KeyProof.Bits < 200 {
		t.Errorf("%+v", s)
	}
	lay, err := layout.New(n.C)
	if err != nil {
		t.Fatal(err)
	}
	if x := soundness(lay, len(n.C.Relations)); len(x.Terms) != 10 || x.Bits != s.Proof.Bits {
		t.Errorf("%+v", x)
	}
	lay.Degrees = []int{1 << 60} // an absurd round
	if x := soundness(lay, 0); x.Bits > 194 {
		t.Errorf("%.1f bits with a round of degree 2^60", x.Bits)
	}
}

// toy is the toy network's subject with a key, and the SRS of the key.
func toy(t testing.TB) *Subject {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	s, err := unsafesrs.New(n.C.LogRow + 1)
	if err != nil {
		t.Fatal(err)
	}
	constants := make([][]int64, len(n.C.Blocks))
	for i := range n.C.Blocks {
		if r := n.C.Blocks[i].Role; r == circuit.Fixed || r == circuit.Private {
			constants[i] = n.Values[i]
		}
	}
	pk, err := prover.Setup(context.Background(), n.C, constants, s, prover.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &Subject{Circuit: n.C, File: &formats.Compiled{}, Constants: constants, Key: pk.VK.Encode(), SRS: s, NotCeremony: errors.New("it is not")}
}

// M4: every block says what binds it, every constant is in the key, and what nothing binds fails.
func TestM4_EveryTensorIsBound(t *testing.T) {
	r := audited(t, toy(t))
	if r.Failed() {
		t.Error(r.Verdict())
	}
	for _, b := range r.Blocks {
		if b.Rule == "none" || b.Binding == "" || b.Margin <= 0 {
			t.Errorf("%+v", b)
		}
	}
	for _, k := range planted {
		if k.check == "determined" {
			x := audited(t, subject(t, k.text))
			if !slices.ContainsFunc(x.Blocks, func(b Block) bool { return b.Name == k.where && b.Rule == "none" }) || !x.Failed() {
				t.Errorf("%s: nothing unbound", k.name)
			}
		}
	}
}

// M5: a weakening is in the report: an unsafe SRS, by its mark in the key too, and settings that ask for fewer checks.
func TestM5_Weakenings(t *testing.T) {
	s := toy(t)
	if c := find(t, audited(t, s), "srs-origin"); c.Verdict != Warning || !strings.Contains(c.Detail, "UNSAFE") {
		t.Errorf("%+v", c)
	}
	s.SRS = nil
	if c := find(t, audited(t, s), "srs-origin"); c.Verdict != Warning || !strings.Contains(c.Detail, "UNSAFE") {
		t.Errorf("%+v", c)
	}
	a := formats.DefaultRunArgs()
	s.Settings = &formats.Settings{RunArgs: a}
	if c := find(t, audited(t, s), "weak-settings"); c.Verdict != Pass {
		t.Errorf("%+v", c)
	}
	s.Settings.RunArgs.IgnoreRangeCheckIO = true
	if c := find(t, audited(t, s), "weak-settings"); c.Verdict != Note {
		t.Errorf("%+v", c)
	}
	s.Settings.EzklGo = &formats.Own{Scales: formats.ScalesAuto}
	if c := find(t, audited(t, s), "calibration"); c.Verdict != Warning {
		t.Errorf("%+v", c)
	}
}

// TestKey: every way in which a key can be another's, or not be one.
func TestKey(t *testing.T) {
	good := toy(t)
	other := toy(t)
	n, err := toynet.New(2, layout.Arrange) // the same circuit, other weights
	if err != nil {
		t.Fatal(err)
	}
	changed := *good.Circuit
	changed.Relations = slices.Clone(changed.Relations)
	changed.Relations[0].Name += "2"
	fixed := slices.Clone(good.Constants)
	for i := range n.C.Blocks {
		if n.C.Blocks[i].Role == circuit.Fixed {
			fixed[i] = slices.Clone(fixed[i])
			fixed[i][0] = min(fixed[i][0]+1, n.C.Blocks[i].Hi)
			if fixed[i][0] == good.Constants[i][0] {
				fixed[i][0]--
			}
		}
	}
	unmarked := slices.Clone(good.Key)
	unmarked[8] = 0 // the mark is in the digest, to which the key proof is bound
	for _, k := range []struct {
		name string
		edit func(s *Subject)
		fail []string
		skip []string
	}{
		{"good", func(*Subject) {}, nil, nil},
		{"no key", func(s *Subject) { s.Key = nil }, nil, []string{"key-encoding"}},
		{"empty key", func(s *Subject) { s.Key = []byte{} }, []string{"key-encoding"}, nil},
		{"a byte more", func(s *Subject) { s.Key = append(slices.Clone(s.Key), 0) }, []string{"key-encoding"}, nil},
		{"a byte altered in the key proof", func(s *Subject) {
			s.Key = slices.Clone(s.Key)
			s.Key[len(s.Key)-700] ^= 1
		}, []string{"key-proof"}, nil},
		{"the mark removed", func(s *Subject) { s.Key = unmarked }, []string{"key-proof", "key-mark"}, []string{"key-constants"}},
		{"another SRS", func(s *Subject) { s.SRS = other.SRS }, []string{"key-srs"}, []string{"key-constants"}},
		{"another circuit", func(s *Subject) { s.Circuit = &changed }, []string{"key-circuit"}, nil},
		{"other public constants", func(s *Subject) { s.Constants = fixed }, []string{"key-constants"}, nil},
		{"unknown fixed inputs", func(s *Subject) { s.Constants = nil }, nil, []string{"key-constants"}},
		{"no SRS", func(s *Subject) { s.SRS = nil }, nil, []string{"key-srs", "key-constants", "srs-powers"}},
		{"no circuit", func(s *Subject) { s.Circuit, s.File = nil, nil }, nil, []string{"key-circuit"}},
		{"a ceremony's is wanted", func(s *Subject) { s.RequireCeremony = true }, []string{"srs-origin"}, nil},
		{"an SRS of other powers", func(s *Subject) {
			wrong := *s.SRS
			wrong.G1 = slices.Clone(wrong.G1)
			wrong.G1[len(wrong.G1)-1] = wrong.G1[1]
			s.SRS = &wrong
		}, []string{"srs-powers"}, nil},
	} {
		s := *good
		k.edit(&s)
		r, err := NewKey(context.Background(), &s)
		if err != nil {
			t.Fatal(err)
		}
		var fail, skip []string
		for _, c := range r.Checks {
			switch c.Verdict {
			case Fail:
				fail = append(fail, c.ID)
			case Skipped:
				skip = append(skip, c.ID)
			}
		}
		if !slices.Equal(fail, k.fail) || !slices.Equal(skip, k.skip) || r.Failed() != (k.fail != nil) {
			t.Errorf("%s: failed %v, skipped %v", k.name, fail, skip)
		}
		if !strings.Contains(r.Text(), "checks pass") {
			t.Errorf("%s: %s", k.name, r.Text())
		}
	}
}

// TestWriters: the four forms hold every check; JSON has no undefined number; the page needs nothing from outside.
func TestWriters(t *testing.T) {
	s := subject(t, planted[0].text)
	s.Exhaustive, s.CircuitPath = true, "model.compiled"
	s.File.Inputs = []formats.IO{{Name: "<script>", Dims: []int{2}, Type: "F32", Parts: []formats.Part{{Coef: 1, Block: 0}}, Lo: -8, Hi: 7}}
	r := audited(t, s)
	var text, page, log bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteSARIF(&log); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		for form, b := range map[string][]byte{"text": text.Bytes(), "html": page.Bytes(), "sarif": log.Bytes(), "json": raw} {
			if !bytes.Contains(b, []byte(c.ID)) {
				t.Errorf("%s lacks %s", form, c.ID)
			}
		}
	}
	for _, bad := range []string{"<script", "http://", "https://", "src="} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if !strings.Contains(text.String(), "TWO WITNESSES") || !strings.Contains(text.String(), "FAILED: ") || !strings.Contains(text.String(), "witness 2") {
		t.Error(text.String())
	}
	var sarif struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID, Kind, Level string
				Message             struct{ Text string }
			}
		}
	}
	if err := json.Unmarshal(log.Bytes(), &sarif); err != nil {
		t.Fatal(err)
	}
	if sarif.Version != "2.1.0" || len(sarif.Runs) != 1 || len(sarif.Runs[0].Results) != len(r.Checks) {
		t.Fatalf("%+v", sarif)
	}
	for _, x := range sarif.Runs[0].Results { // SARIF 2.1.0, 3.27.10: a level other than none needs the kind fail
		if (x.Level != "none") != (x.Kind == "fail") || x.Message.Text == "" {
			t.Errorf("%+v", x)
		}
	}
}
