package formats

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/field"
)

func golden(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "ezkl", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func text(t testing.TB, v io.WriterTo) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := v.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The files in testdata/ezkl were written by ezkl 23.0.5. Reading and writing them gives the same bytes.
func TestEzklFiles(t *testing.T) {
	for _, name := range []string{"settings.json", "settings_hashed.json"} {
		s, err := ParseSettings(name, golden(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := text(t, s); got != string(golden(t, name)) {
			t.Errorf("%s: written as\n%s", name, got)
		}
	}
	w, err := ParseWitness("witness.json", golden(t, "witness.json"))
	if err != nil {
		t.Fatal(err)
	}
	w.Pretty = Pretty(w.Inputs, []int{7}, w.Outputs, []int{7})
	if got := text(t, w); got != string(golden(t, "witness.json")) {
		t.Errorf("witness.json: written as\n%s", got)
	}
	p, err := ParseProof("proof.json", golden(t, "proof.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, p); got != string(golden(t, "proof.json")) {
		t.Errorf("proof.json: written as\n%.200s", got)
	}
}

func TestFelts(t *testing.T) {
	for v, want := range map[int64]string{
		-1:  "000000f093f5e1439170b97948e833285d588181b64550b829a031e1724e6430",
		197: "c5" + strings.Repeat("0", 62),
		// float_to_felt(-1.5, 7) of ezkl
		-192: "41ffffef93f5e1439170b97948e833285d588181b64550b829a031e1724e6430",
	} {
		if got := IntHex(v); got != want {
			t.Errorf("%d: %s, want %s", v, got, want)
		}
		if got, err := ParseFeltInt(strings.ToUpper(want)); err != nil || got != v {
			t.Errorf("%s: %d, %v", want, got, err)
		}
	}
	e := field.FromInt(-1)
	if got := PrettyHex(&e); got != "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000" {
		t.Error(got)
	}
	for _, bad := range []string{"", "0x" + strings.Repeat("0", 64), strings.Repeat("0", 63), strings.Repeat("g", 64),
		"010000f093f5e1439170b97948e833285d588181b64550b829a031e1724e6430"} {
		if _, err := ParseFelt(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	if _, err := ParseFeltInt("90bbb9c2adeaf0b1cc6c34ed80f11266193aef9e5cfd18a6a1ca283261695608"); err == nil {
		t.Error("a hash was taken for an integer")
	}
}

func TestC13_DataErrors(t *testing.T) {
	felt := IntHex(-5)
	for _, c := range []struct{ in, want string }{
		{`{"input_data": [[0.5, -1, 3e2], [true, false], ["` + felt + `"]], "output_data": [[9, 7]]}`, ""},
		{`{"input_data": [[1, NaN]]}`, `input.json: input_data[0][1]: found NaN, want a finite number`},
		{`{"input_data": [[1, -Infinity]]}`, `input.json: input_data[0][1]: found -Infinity, want a finite number`},
		{`{"input_data": [[1], [2, null]]}`, `input.json: input_data[1][1]: found null, want a finite number`},
		{`{"input_data": [[[1]]]}`, `input.json: input_data[0][0]: found a list: each input is one flat list of numbers, row-major (reshape([-1]).tolist())`},
		{`{"input_data": [[1,]]}`, `input.json: input_data[0][1]: found ']', want a finite number`},
		{`{"input_data": [[1 2]]}`, `input.json: input_data[0]: found 2, want a comma or the end of the list`},
		{`{"input_data": [[01]]}`, `input.json: input_data[0][0]: found 01, want a finite number`},
		{`{"input_data": [[1e999]]}`, `input.json: input_data[0][0]: 1e999 is too large for a 64-bit number`},
		{`{"input_data": [["12"]]}`, `input.json: input_data[0][0]: found the string "12": a field element has 64 hexadecimal digits, not 2`},
		{`{"input_data": [["0x12"]]}`, `input.json: input_data[0][0]: found the string "0x12": field elements are little-endian without 0x`},
		{`{"input_data": [1, 2]}`, `input.json: input_data[0]: found 1, want a list`},
		{`{"input_data": 7}`, `input.json: input_data: found 7, want a list`},
		{`{"inputs": []}`, `input.json is a witness, an input data file is needed (run gen-random-data, or write {"input_data": [[..]]})`},
		{`{"x": []}`, `input.json: no "input_data" in it, want {"input_data": [[numbers of the first input], ..]}`},
		{`{"input_data": [[1]`, `input.json: input_data: the file ends here, want a comma or the end of the list`},
		{`{"input_data": [[1]]} x`, `input.json: found x after the end of the JSON text`},
		{`{"input_data": [], "input_data": []}`, `input.json: the key "input_data" occurs twice`},
		{`[1]`, `input.json: found a list, want an input data file (a JSON object)`},
		{strings.Repeat(`{"a":`, 100), `input.json: ` + strings.Repeat("a.", 63) + `a: nested more than 64 deep`},
	} {
		_, err := ParseData("input.json", []byte(c.in))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%.60s:\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	parse := func(in string) *Data {
		d, err := ParseData("input.json", []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one := []InputShape{{"x", []int{1, 3}}}
	for _, c := range []struct {
		in      string
		inputs  []InputShape
		samples int
		want    string
	}{
		{`{"input_data": [[1,2,3]]}`, one, 1, ""},
		{`{"input_data": [[1,2]]}`, one, 1, "input.json: input 0 (x) has 2 values, the model wants 3 ([1 3])"},
		{`{"input_data": [[1]]}`, one, 1, "input.json: input 0 (x) has 1 value, the model wants 3 ([1 3])"},
		{`{"input_data": []}`, one, 1, "input.json: 0 inputs, the model wants 1 (x [1 3])"},
		{`{"input_data": [[1,2],[4]]}`, one, 1, "input.json: input 0 (x) has 2 values, the model wants 3 ([1 3])"},
		{`{"input_data": [[]]}`, nil, 1, ""},
		{`{"input_data": [[1,2,3,4,5,6]]}`, one, 0, ""},
		{`{"input_data": [[1,2,3,4]]}`, one, 0, "input.json: input 0 (x) has 4 values, not a multiple of the model's 3 ([1 3])"},
	} {
		_, _, err := parse(c.in).Match(c.inputs, c.samples)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.in, got, c.want)
		}
	}
	surplus := parse(`{"input_data": [[1,2,3],[4],[]]}`)
	if a, _, err := surplus.Match(one, 1); err != nil || len(a) != 1 || surplus.Surplus(1) != 2 || surplus.Surplus(3) != 0 {
		t.Errorf("surplus arrays: %v, %v", a, err)
	}
	if _, n, _ := parse(`{"input_data": [[1,2,3,4,5,6]]}`).Match(one, 0); n != 2 {
		t.Errorf("%d samples", n)
	}
}

func TestNumPy(t *testing.T) {
	read := func(name string) *Data {
		b, err := os.ReadFile(filepath.Join("testdata", "numpy", name))
		if err != nil {
			t.Fatal(err)
		}
		d, err := ParseData(name, b)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	// all hold arange(6).reshape(2, 3), some divided by 4
	for name, scale := range map[string]float64{"f2.npy": 0.25, "f4.npy": 0.25, "f8_big.npy": 0.25, "f4_fortran.npy": 0.25,
		"i1.npy": 1, "i8.npy": 1, "u2.npy": 1, "u8.npy": 1} {
		a := read(name).Arrays[0]
		if len(a.Shape) != 2 || a.Shape[0] != 2 || a.Shape[1] != 3 {
			t.Errorf("%s: shape %v", name, a.Shape)
		}
		for i, v := range a.Values {
			if v.Float() != float64(i)*scale {
				t.Errorf("%s: entry %d is %v", name, i, v.Float())
			}
		}
	}
	if v := read("bool.npy").Arrays[0].Values; len(v) != 2 || v[0].Kind != Boolean || v[0].Int() != 1 || v[1].Int() != 0 {
		t.Errorf("bool: %v", v)
	}
	named := read("named.npz")
	arrays, _, err := named.Match([]InputShape{{"b", []int{1, 2}}, {"a", []int{2, 3}}}, 1)
	if err != nil || len(arrays[0].Values) != 2 || arrays[1].Values[5].Int() != 5 {
		t.Errorf("%v %v", arrays, err)
	}
	for _, c := range []struct {
		inputs []InputShape
		want   string
	}{
		{[]InputShape{{"b", []int{2}}, {"c", []int{2}}}, `named.npz: no array "c", it has: a, b`},
		{[]InputShape{{"b", []int{2}}}, `named.npz: 2 arrays, the model wants 1 (b [2])`},
		{[]InputShape{{"a", []int{3, 2}}, {"b", []int{2}}}, `named.npz: input 0 (a) has shape [2 3], the model wants [3 2]`},
	} {
		if _, _, err := named.Match(c.inputs, 1); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	d := read("positional.npz")
	if d.ByName || len(d.Arrays) != 2 || len(d.Arrays[0].Values) != 1 {
		t.Errorf("%+v", d)
	}
	for name, want := range map[string]string{
		"nan.npy":    "nan.npy: entry 1 is NaN, want a finite number",
		"string.npy": `string.npy: element type "<U1": want float16, float32, float64, an integer type or bool`,
		"record.npy": "record.npy: a structured array: want plain numbers",
	} {
		b, err := os.ReadFile(filepath.Join("testdata", "numpy", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseData(name, b); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestFloat16(t *testing.T) {
	for bits, want := range map[uint16]float64{0: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 1: math.Ldexp(1, -24), 0x3555: 0.333251953125} {
		if got := float16(bits); got != want {
			t.Errorf("%#x: %v, want %v", bits, got, want)
		}
	}
	if !math.IsInf(float16(0xfc00), -1) || !math.IsNaN(float16(0x7c01)) {
		t.Error("inf or NaN")
	}
}

func sampleCompiled() *Compiled {
	return &Compiled{ModelDigest: [32]byte{1, 2}, Settings: []byte("{}"), Circuit: []byte("circuit"),
		Inputs:  []IO{{Name: "x", Dims: []int{1, 3}, Type: "F32", Scale: 13, Parts: []Part{{1, 0}, {-256, 2}}, Lo: -4, Hi: 9}},
		Outputs: []IO{{Name: "y", Dims: nil, Type: "Int", Visibility: Public, Lo: math.MinInt64, Hi: math.MaxInt64}},
		Key:     [][]int64{nil, {}, {1, -2, math.MaxInt64, math.MinInt64}}}
}

func TestCompiled(t *testing.T) {
	b := []byte(text(t, sampleCompiled()))
	c, err := ParseCompiled("m", b)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, c); got != string(b) {
		t.Error("decoding and encoding gives other bytes")
	}
	if c.Key[0] != nil || c.Key[1] == nil || c.Key[2][3] != math.MinInt64 || c.Outputs[0].Visibility != Public {
		t.Errorf("%+v", c)
	}
	for i := range b {
		d := bytes.Clone(b)
		d[i] ^= 1
		if _, err := ParseCompiled("m", d); err == nil {
			t.Errorf("byte %d changed: accepted", i)
		}
		if _, err := ParseCompiled("m", b[:i]); err == nil {
			t.Errorf("cut after %d bytes: accepted", i)
		}
	}
	if _, err := ParseCompiled("network.onnx", []byte{8, 7, 18}); err == nil ||
		err.Error() != "network.onnx is an ONNX file, a compiled circuit is needed (run compile-circuit)" {
		t.Error(err)
	}
}

func TestSettingsErrors(t *testing.T) {
	good := string(golden(t, "settings.json"))
	for _, c := range []struct{ old, new, want string }{
		{`"num_rows":272`, `"num_rows":272,"tolerance":1`, "s.json: tolerance: unknown key"},
		{`"num_rows":272,`, ``, "s.json: missing: num_rows"},
		{`,"disable_freivalds":false`, ``, "s.json: run_args: missing: disable_freivalds"},
		{`"disable_freivalds":false`, `"disable_freivalds":false,"tolerance":7`, ""},
		{`"logrows":10`, `"logrows":1.5`, "s.json: run_args.logrows: found 1.5, want an integer"},
		{`"logrows":10`, `"logrows":-1`, "s.json: run_args.logrows: -1 is outside 0..4294967295"},
		{`"Fixed"`, `"fixd"`, `s.json: run_args.param_visibility: unknown visibility "fixd", want "Private", "Public" or "Fixed"`},
		{`"input_types":["F32"]`, `"input_types":["f32"]`, `s.json: input_types[0]: unknown element type "f32"`},
		{`"lookup_range":[-32768,32768]`, `"lookup_range":[1]`, "s.json: run_args.lookup_range: a range has two ends, not 1"},
	} {
		changed := strings.Replace(good, c.old, c.new, 1)
		if changed == good {
			t.Fatalf("%s is not in the file", c.old)
		}
		_, err := ParseSettings("s.json", []byte(changed))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.new, got, c.want)
		}
	}
	if _, err := ParseSettings("proof.json", golden(t, "proof.json")); err == nil ||
		err.Error() != "proof.json is a proof, a settings file is needed (run gen-settings)" {
		t.Error(err)
	}
	if _, err := ParseWitness("input.json", []byte(`{"input_data":[]}`)); err == nil ||
		err.Error() != "input.json is an input data file, a witness is needed (run gen-witness)" {
		t.Error(err)
	}
}

func TestRunArgsCheck(t *testing.T) {
	a := DefaultRunArgs()
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	a.ParamVisibility = Visibility{Kind: Public}
	a.InputVisibility = Visibility{Kind: Hashed, HashIsPublic: true}
	a.LookupRange, a.LogRows, a.NumInnerCols, a.ScaleRebaseMultiplier = [2]int64{2, 1}, 0, 0, 0
	a.DecompBase = 1 << 20
	a.DecompLegs = 7
	a.Variables = []Variable{{"batch_size", 0}}
	const want = `scale_rebase_multiplier is 0, it must be at least 1
lookup_range 2->1: the minimum is above the maximum
logrows is 0, it must be 1..28
num_inner_cols is 0, it must be at least 1
variables: batch_size is 0, it must be 1..268435456
decomp_base 1048576 to the power of decomp_legs 7 is above 2^127
input visibility hashed/public: not there yet (use private, public or fixed)
param visibility public: parameters cannot be instances (use fixed)`
	if err := a.Check(); err == nil || err.Error() != want {
		t.Error(err)
	}
	b := DefaultRunArgs()
	b.OutputVisibility = Visibility{}
	if err := b.Check(); err == nil {
		t.Error("all private was accepted")
	}
}

func TestFlags(t *testing.T) {
	for _, s := range []string{"private", "public", "fixed", "polycommit", "hashed/public", "hashed/private/0,2"} {
		if v, err := ParseVisibility(s); err != nil || v.String() != s {
			t.Errorf("%s: %v %v", s, v, err)
		}
	}
	for _, s := range []string{"", "pubic", "hashed/private", "hashed/private/x", "kzgcommit"} {
		if v, err := ParseVisibility(s); err == nil {
			t.Errorf("%s: %v", s, v)
		}
	}
	if v, err := ParseVariables("batch_size->4,<Sym1>->1"); err != nil || len(v) != 2 || v[1] != (Variable{"<Sym1>", 1}) {
		t.Error(v, err)
	}
	if _, err := ParseVariables("batch_size=4"); err == nil {
		t.Error("= was accepted")
	}
	if r, err := ParseRange("-5->5"); err != nil || r != [2]int64{-5, 5} {
		t.Error(r, err)
	}
}

func TestProofErrors(t *testing.T) {
	good := string(golden(t, "proof.json"))
	for _, c := range []struct{ old, new, want string }{
		{`"proof":[`, `"proof":[256,`, "p.json: proof[0]: 256 is outside 0..255"},
		{`"hex_proof":"0x`, `"hex_proof":"0x00`, "p.json: hex_proof and proof are not the same bytes"},
		{`"instances":[["c5`, `"instances":[["c6`, "p.json: pretty_public_inputs and instances are not the same values"},
		{`"instances":[["c50000000000000000000000000000000000000000000000000000000000000`, `"instances":[["010000f093f5e1439170b97948e833285d588181b64550b829a031e1724e643`,
			"p.json: instances[0][0]: the field element is not below the modulus"},
	} {
		changed := strings.Replace(good, c.old, c.new, 1)
		if _, err := ParseProof("p.json", []byte(changed)); changed == good || err == nil || err.Error() != c.want {
			t.Errorf("%.40s: %v\nwant %s", c.new, err, c.want)
		}
	}
	if p, err := ParseProof("p.json", []byte(`{"instances":[[]],"proof":[1,2]}`)); err != nil || len(p.Bytes) != 2 {
		t.Error(err)
	}
	if _, err := ParseProof("p.json", []byte(`{"instances":[[]],"proof":"0x12"}`)); err == nil {
		t.Error("a hex proof was accepted")
	}
}

func TestFilesAppearWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	p, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(p, "x")
	p.Abort()
	p, _ = Create(path)
	io.WriteString(p, "whole")
	if _, err := os.Stat(path); err == nil {
		t.Error("the file exists before Commit")
	}
	if err := p.Commit(); err != nil {
		t.Fatal(err)
	}
	p.Abort()
	if b, _ := os.ReadFile(path); string(b) != "whole" {
		t.Errorf("%q", b)
	}
	if e, _ := os.ReadDir(dir); len(e) != 1 {
		t.Errorf("%d files are left", len(e))
	}
	if _, err := Create(filepath.Join(dir, "no", "such")); err == nil || !strings.HasSuffix(err.Error(), "no such file or folder") {
		t.Error(err)
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"network.onnx": "\x08\x07\x12", "settings.json": `{"run_args": {`, "empty": "", "vk.key": "EZKLVK04"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, c := range []struct {
		path string
		kind Kind
		want string
	}{
		{"network.onnx", CompiledFile, "network.onnx is an ONNX file, a compiled circuit is needed (run compile-circuit)"},
		{"network.onnx", DataFile, "network.onnx is an ONNX file, an input data file is needed (run gen-random-data, or write {\"input_data\": [[..]]})"},
		{"settings.json", PKFile, "settings.json is a settings file, a proving key is needed (run setup)"},
		{"empty", ONNX, "empty is empty, an ONNX file is needed"},
		{"nothing", WitnessFile, "nothing: no such file, a witness is needed (run gen-witness)"},
		{".", ONNX, ". is a folder, an ONNX file is needed"},
		{"vk.key", PKFile, "vk.key is a verifying key, a proving key is needed (run setup)"},
	} {
		if _, err := ReadFile(c.path, c.kind); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v\nwant %s", c.path, err, c.want)
		}
	}
}
