package circuit_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/tamper"
)

func TestTextRoundTrip(t *testing.T) {
	c := tamper.Toy()
	// names that need quotes, repeat, are empty, or look like syntax
	c.Blocks[1].Name, c.Blocks[2].Name, c.Blocks[3].Name, c.Blocks[4].Name = "a b\"#\n", "", "", "sum"
	c.Blocks[5].Name, c.Blocks[6].Name = "x", "x"
	c.Tables[0].Name, c.Relations[0].Name = "@1", "inputs"
	c.Relations[0].Letters[0].Name, c.Relations[0].Letters[1].Name = "\xff", "=0"
	for range 2 {
		text := c.Text()
		d, err := circuit.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !bytes.Equal(d.Encode(), c.Encode()) {
			t.Fatalf("text loses something:\n%s", text)
		}
		c = tamper.Toy()
	}
	t.Log("\n" + c.Text())
}

const small = `
# y = w.x by hand
circuit row 8
keytable k4 [-8, 7]
block x column [3]
block w private [2, 3] k4
block y public [2] [-1000, 1000]
table s4 [-8, 7]
slot (x) s4
group 0
relation matmul {o=2 k=3} o
   y[o] - 7 = sum k: (x[k]) * (w[o,k])
inputs x
`

func TestParse(t *testing.T) {
	c, err := circuit.Parse(small)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Relations) != 1 || c.Relations[0].LHS.Terms[1].Coef != -7 || c.Blocks[1].Lo != -8 || c.Inputs[0] != 0 {
		t.Fatalf("read as\n%s", c.Text())
	}
}

func TestParseErrors(t *testing.T) {
	for _, e := range []struct{ old, new, want string }{
		{"circuit row", "circuit column", `line 3: "column" where row`},
		{"[-8, 7]", "[-8 7]", `line 4: "7" where ","`},
		{"[-8, 7]", "[8, 7]", "line 4: a table over"},
		{"x column", "x cloumn", "is no role"},
		{"slot (x) s4", "slot (z) s4", `block "z" does not exist`},
		{"slot (x) s4", "slot (@9) s4", "block @9 does not exist"},
		{"inputs x", "outputs x", `"outputs" is no statement`},
		{"(x[k])", "(x[k)", `line 12: ")" where a name`},
		{"(x[k])", "(2 x[k])", "where"},
		{"(x[k])", "()", "empty expression"},
		{"sum k", "prod k", "where sum"},
		{"(w[o,k])", "(w[o,k]) tied(o,k)", "is no axis relation"},
		{"relation matmul", `relation "matmul`, "does not end"},
		{"block x column [3]", "block x column [4]", "circuit: relation 0 (matmul): contraction 0: block x: axis 0"},
	} {
		text := strings.Replace(small, e.old, e.new, 1)
		if _, err := circuit.Parse(text); err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%q for %q: %v, not %q", e.new, e.old, err, e.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add(tamper.Toy().Text())
	f.Fuzz(func(t *testing.T, text string) {
		c, err := circuit.Parse(text)
		if err != nil {
			return
		}
		d, err := circuit.Parse(c.Text())
		if err != nil || !bytes.Equal(c.Encode(), d.Encode()) {
			t.Fatalf("%v\n%s", err, c.Text())
		}
	})
}
