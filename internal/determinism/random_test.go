package determinism_test

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/determinism/brute"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// Whatever random circuit the rules certify, exhaustive search finds at most one witness, and Solve finds it or says that
// there is none.
func TestRandomCircuits(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	certified, solved := 0, 0
	rulesSeen := map[determinism.Rule]int{}
	for n := range 60000 {
		text := randomText(rng)
		c, err := circuit.Parse(text)
		if err != nil {
			continue
		}
		cert, err := determinism.Certify(c)
		if err != nil || slices.Max(cert.Bits) > 12 { // the small field must hold twice the bounds
			continue
		}
		certified++
		for _, s := range cert.Steps {
			rulesSeen[s.Rule]++
		}
		for range 4 {
			values := make([][]int64, len(c.Blocks))
			for i := range c.Blocks {
				if cert.By[i] != circuit.None {
					continue
				}
				for range circuit.Count(c.Blocks[i].Dims) {
					values[i] = append(values[i], rng.Int63n(8)-2)
				}
				if c.Blocks[i].Role == circuit.Fixed {
					values[i] = []int64{0, 3, 1, 3, 0, 2, 1, 2}
				}
			}
			w := brute.Witnesses(c, prime, values, 2)
			err := witness.Solve(context.Background(), c, cert, values)
			if len(w) > 1 || (len(w) == 1) != (err == nil) {
				t.Fatalf("case %d: %d witnesses, Solve says %v, inputs %v\n%s\n%s", n, len(w), err, values, text, cert.Text())
			}
			if err == nil {
				solved++
				for i := range values {
					if !slices.Equal(values[i], w[0][i]) {
						t.Fatalf("case %d: block %s is %v, not %v\n%s", n, c.Blocks[i].Name, values[i], w[0][i], text)
					}
				}
				if f := witness.Mock(c, values); f != nil {
					t.Fatalf("case %d: %v\n%s", n, f, text)
				}
			}
		}
	}
	t.Logf("%d certified, %d solved, steps %v", certified, solved, rulesSeen)
	if certified < 1000 || solved < 500 || rulesSeen[determinism.Quotient] < 20 || rulesSeen[determinism.Digits] < 200 {
		t.Errorf("too few circuits certified")
	}
}

// randomText is a circuit over a few blocks with a few random relations; some follow the shape of a division.
func randomText(rng *rand.Rand) string {
	var out strings.Builder
	out.WriteString("circuit row 8\nblock x column []\nblock z column []\nblock tab fixed [8] [0, 3]\n")
	names := []string{"x", "z"}
	n := 2 + rng.Intn(4)
	for i := range n {
		name := fmt.Sprintf("b%d", i)
		names = append(names, name)
		fmt.Fprintf(&out, "block %s %s []\n", name, []string{"free", "column", "column"}[rng.Intn(3)])
	}
	text := out.String()
	out.Reset()
	out.WriteString("table x [-4, 11]\ntable u2 [0, 1]\ntable u4 [0, 3]\ntable s4 [-2, 1]\ntable u8 [0, 7]\ntable f [-2, 5] tab\nslot (x) x, (z) x\n")
	var columns []string
	for _, name := range names[2:] {
		if strings.Contains(text, "block "+name+" column") {
			columns = append(columns, name)
		}
	}
	slots := 1
	for len(columns) > 0 {
		name := columns[0]
		columns = columns[1:]
		if len(columns) > 0 && rng.Intn(4) == 0 {
			fmt.Fprintf(&out, "slot (%s, %s) f\n", name, columns[0])
			columns = columns[1:]
		} else {
			fmt.Fprintf(&out, "slot (%s) %s\n", name, []string{"u2", "u4", "s4", "u8", "u8", "f"}[rng.Intn(6)])
		}
		slots++
	}
	for i := range slots {
		fmt.Fprintf(&out, "group %d\n", i)
	}
	pick := func() string { return names[rng.Intn(len(names))] }
	coefs := []string{"1", "1", "-1", "2", "4", "8", "-4", "-8", "3", "5", "0"}
	sum := func(terms int) string {
		var s []string
		for range terms {
			s = append(s, fmt.Sprintf("%s*%s[]", coefs[rng.Intn(len(coefs))], pick()))
		}
		if rng.Intn(3) == 0 {
			s = append(s, fmt.Sprint(rng.Intn(3)))
		}
		return strings.ReplaceAll(strings.Join(s, " + "), "+ -", "- ")
	}
	for i := range 1 + rng.Intn(n) {
		switch rng.Intn(4) {
		case 0, 1:
			fmt.Fprintf(&out, "relation r%d {}\n  %s = 0\n", i, sum(1+rng.Intn(4)))
		case 2:
			fmt.Fprintf(&out, "relation r%d {}\n  %s = sum: (%s) * (%s)\n", i, sum(1+rng.Intn(3)), sum(1), sum(1))
		case 3: // E*y + r = X, r + g + 1 = E, now and then a little wrong
			q := rng.Perm(len(names) - 2) // y and r are unknown, the others mostly given
			y, r, g, e, x := names[2+q[0]], names[2+q[1]], pick(), names[rng.Intn(2)], names[rng.Intn(2)]
			fmt.Fprintf(&out, "relation r%d {}\n  %s[] + %d*%s[] = sum: (%s[]) * (%s[])\n", i, x, []int{-1, -1, -1, -1, 1, -2}[rng.Intn(6)], r, e, y)
			fmt.Fprintf(&out, "relation q%d {}\n  %s[] + %s[] + %d - %s[] = 0\n", i, r, g, []int{1, 1, 1, 1, 0, 2}[rng.Intn(6)], e)
		}
	}
	return text + strings.ReplaceAll(out.String(), "+ -", "- ") + "inputs x z\n"
}
