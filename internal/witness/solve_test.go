package witness

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// given is a copy of values without what Solve computes.
func given(cert *determinism.Certificate, values [][]int64) [][]int64 {
	out := make([][]int64, len(values))
	for i, v := range values {
		if cert.By[i] == circuit.None {
			out[i] = slices.Clone(v)
		}
	}
	return out
}

func toyNet(t testing.TB, seed int64) *toynet.Net {
	net, err := toynet.New(seed, func(c *circuit.Circuit, lookups []circuit.Lookup) error {
		c.LogRow = circuit.MinLogRow
		for i, l := range lookups {
			c.Slots = append(c.Slots, circuit.Slot{Lookups: []circuit.Lookup{l}})
			c.Groups = append(c.Groups, []int{i})
		}
		return c.Check()
	})
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// The toy network's certificate reproduces the values that plain loops computed.
func TestToyNet(t *testing.T) {
	for seed := range int64(20) {
		net := toyNet(t, seed)
		cert, err := determinism.Certify(net.C)
		if err != nil {
			t.Fatal(err)
		}
		if seed == 0 {
			t.Log("\n" + cert.Text())
		}
		values := given(cert, net.Values)
		if err := Solve(context.Background(), net.C, cert, values); err != nil {
			t.Fatal(err)
		}
		for i := range values {
			if !slices.Equal(values[i], net.Values[i]) {
				t.Errorf("seed %d: block %s is %d, not %d", seed, net.C.Blocks[i].Name, values[i], net.Values[i])
			}
		}
		if f := Mock(net.C, values); f != nil {
			t.Errorf("seed %d: %v", seed, f)
		}
	}
}

// Every single wrong entry of every block is seen by Mock.
func TestMockSeesEveryEntry(t *testing.T) {
	net := toyNet(t, 3)
	for i := range net.Values {
		if b := net.C.Blocks[i].Name; b == "relu" || b == "W3" || b == "W1" {
			continue // constants of the key: a wrong one may not be read
		}
		for j := range net.Values[i] {
			net.Values[i][j]++
			if f := Mock(net.C, net.Values); f == nil {
				t.Errorf("%s[%d] + 1 is accepted", net.C.Blocks[i].Name, j)
			}
			net.Values[i][j]--
		}
	}
	if f := Mock(net.C, net.Values); f != nil {
		t.Error(f)
	}
}

// solve parses, certifies and solves; values names the given blocks.
func solve(t *testing.T, text string, values map[string][]int64) (map[string][]int64, error) {
	t.Helper()
	c, err := circuit.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := determinism.Certify(c)
	if err != nil {
		t.Fatal(err)
	}
	v := make([][]int64, len(c.Blocks))
	for i := range c.Blocks {
		v[i] = values[c.Blocks[i].Name]
	}
	if err := Solve(context.Background(), c, cert, v); err != nil {
		return nil, err
	}
	if f := Mock(c, v); f != nil {
		t.Errorf("solved, but %v", f)
	}
	out := map[string][]int64{}
	for i := range c.Blocks {
		out[c.Blocks[i].Name] = v[i]
	}
	return out, nil
}

const requantise = `
circuit row 8
block x column [2]
block q column [2]
block v column [2]
table wide [-1048576, 1048575]
table s16 [-32768, 32767]
slot (x) wide
slot (q) s16
slot (v) s16
group 0 1 2
relation conv1 {i=2} i
    65536*q[i] + v[i] - 65536*x[i] = 0
inputs x
`

func TestRangeError(t *testing.T) {
	_, err := solve(t, requantise, map[string][]int64{"x": {5, 70000}})
	var e *RangeError
	if !errors.As(err, &e) || e.Node != "conv1" || e.Block != "q" || e.Index[0] != 1 || e.Value != 70000 || e.Hi != 32767 {
		t.Fatalf("%v", err)
	}
	const want = `gen-witness: node "conv1": value 70000 outside [-32768, 32767]: recalibrate with data that covers this input, or a larger --lookup-safety-margin`
	if err.Error() != want {
		t.Errorf("%v", err)
	}
	if _, err = solve(t, requantise, map[string][]int64{"x": {5, 1 << 20}}); !errors.As(err, &e) || e.Node != "x" {
		t.Errorf("%v", err)
	}
	if _, err = solve(t, requantise, map[string][]int64{"x": {5}}); err == nil || !strings.Contains(err.Error(), "1 values, its shape has 2") {
		t.Errorf("%v", err)
	}
}

// Signed and unsigned digits, of either sign, in mixed radix, in any order.
func TestDigits(t *testing.T) {
	const text = `
circuit row 8
block x column []
block a column []
block b column []
block c column []
table wide [-4096, 4095]
table s [-4, 3]
table u [0, 7]
table neg [-8, -1]
slot (x) wide
slot (a) s
slot (b) u
slot (c) neg
group 0 1 2 3
relation d {}
    8*a[] + b[] - x[] - 100*c[] = 0
inputs x
`
	seen := 0
	for x := int64(-4096); x < 4096; x++ {
		v, err := solve(t, text, map[string][]int64{"x": {x}})
		if err != nil {
			continue
		}
		seen++
		if got := 8*v["a"][0] + v["b"][0] - 100*v["c"][0]; got != x {
			t.Fatalf("%d became %d", x, got)
		}
	}
	if seen != 8*8*8 {
		t.Errorf("%d sums of digits, not 512", seen)
	}
	var rest *RelationError
	if _, err := solve(t, text, map[string][]int64{"x": {50}}); err == nil || errors.As(err, &rest) {
		t.Errorf("%v", err)
	}
	if _, err := solve(t, text, map[string][]int64{"x": {133}}); !errors.As(err, &rest) {
		t.Errorf("%v", err)
	}
}

// Values beyond 62 bits work as long as each entry fits into 63, and are refused beyond.
func TestWide(t *testing.T) {
	const text = `
circuit row 8
block x column [1]
block y free [1]
block z free [1]
table s [-32768, 32767]
slot (x) s
group 0
relation grow {i=1} i
    y[i] - 281474976710656*x[i] = 0
relation square {i=1 j=1} i
    z[i] - 1 = sum j: (y[j]) * (x[j]) same(i,j)
inputs x
`
	if v, err := solve(t, text, map[string][]int64{"x": {181}}); err != nil || v["z"][0] != 181*181<<48+1 {
		t.Errorf("%v %v", v, err)
	}
	var e *OverflowError
	if _, err := solve(t, text, map[string][]int64{"x": {182}}); !errors.As(err, &e) || e.Node != "square" {
		t.Errorf("%v", err)
	}
}

// A relation that determines nothing is checked, and so is a lookup whose sides are both determined.
func TestChecks(t *testing.T) {
	const text = `
circuit row 8
block x column [3]
block y column [3]
block f fixed [16] [0, 64]
table square [-8, 7] f
slot (x, y) square
group 0
relation copy {i=3} i
    y[i] - x[i] = 0
inputs x
`
	f := make([]int64, 16)
	for i := range f {
		f[i] = int64((i - 8) * (i - 8))
	}
	if _, err := solve(t, text, map[string][]int64{"x": {0, 1, 0}, "f": f}); err != nil {
		t.Error(err)
	}
	var e *RelationError
	_, err := solve(t, text, map[string][]int64{"x": {0, 1, 2}, "f": f})
	if !errors.As(err, &e) || e.Node != "copy" && e.Node != "x" || e.Index[0] != 2 {
		t.Errorf("%v", err)
	}
	t.Log(err)
	dup := strings.Replace(text, "relation copy {i=3} i\n    y[i] - x[i] = 0\n", "relation copy {i=3} i\n    y[i] - x[i] = 0\nrelation again {i=3} i\n    2*y[i] - x[i] = 0\n", 1)
	_, err = solve(t, dup, map[string][]int64{"x": {0, 1, 0}, "f": f})
	if !errors.As(err, &e) {
		t.Errorf("%v", err)
	}
	t.Log(err)
}

func TestQuotient(t *testing.T) {
	for x := int64(0); x < 64; x++ {
		for d := int64(-3); d < 16; d++ {
			v, err := solve(t, division, map[string][]int64{"x": {x, x}, "d": {d}})
			if ok := d > 0 && x/d < 16; ok != (err == nil) {
				t.Fatalf("%d / %d: %v", x, d, err)
			}
			if err == nil && (v["y"][1] != x/d || v["r"][1] != x%d || v["g"][1] != d-1-x%d) {
				t.Fatalf("%d / %d: %v", x, d, v)
			}
		}
	}
}

const division = `
circuit row 8
block x column [2]
block d column []
block y column [2]
block r column [2]
block g column [2]
table x [0, 63]
table d [-16, 15]
table u [0, 15]
slot (x) x
slot (d) d
slot (y) u
slot (r) u
slot (g) u
group 0 1 2 3 4
relation divide {i=2 j=2} i
    x[i] - r[i] = sum j: (d[]) * (y[j]) same(i,j)
relation below {i=2} i
    g[i] + r[i] + 1 - d[] = 0
inputs x d
`
