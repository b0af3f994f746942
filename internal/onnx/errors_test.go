package onnx

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
)

func relu(in, out string) []byte { return node("", "Relu", l(in), l(out)) }

// TestErrors holds the exact message that each kind of bad input gets.
func TestErrors(t *testing.T) {
	good := model17(input("x", 1, 2, 3), output("y"), relu("x", "y"))
	nan := float32(math.NaN())
	huge := int64(1) << 62
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "onnx: the file is empty"},
		{"text", []byte("hello, world"), "onnx: not an ONNX model, or a damaged one: damaged or truncated protobuf"},
		{"truncated", good[:len(good)-3], "onnx: not an ONNX model, or a damaged one: damaged or truncated protobuf"},
		{"no graph", num(1, 8), "onnx: not an ONNX model: it has no graph"},
		{"two graphs", append(append([]byte{}, good...), sub(7, output("y"))...), "onnx: two graphs"},
		{"old opset", modelOf(6, input("x", 1, 1), output("y"), node("", "Add", l("x", "x"), l("y"))), "onnx: operator set 6: versions 7 to 28 are supported; export the model again"},
		{"older opset", modelOf(5, input("x", 1, 1), output("y"), relu("x", "y")), "onnx: operator set 5: versions 7 to 28 are supported; export the model again"},
		{"new opset", modelOf(99, input("x", 1, 1), output("y"), relu("x", "y")), "onnx: operator set 99: versions 7 to 28 are supported; export the model again"},
		{"no outputs", model17(input("x", 1, 1), relu("x", "y")), "onnx: the model has no outputs"},
		{"output twice", model17(input("x", 1, 1), output("y"), output("y"), relu("x", "y")), `onnx: output "y" is listed twice`},
		{"unknown output", model17(input("x", 1, 1), output("z"), relu("x", "y")), `onnx: output "z": nothing produces it`},
		{"input twice", model17(input("x", 1, 1), input("x", 1, 1), output("x")), `onnx: input "x" is listed twice`},
		{"unknown input", model17(input("x", 1, 1), output("y"), node("a", "Add", l("x", "w"), l("y"))), `onnx: node "a" (Add): input "w" is produced by nothing`},
		{"produced twice", model17(input("x", 1, 1), output("y"), node("a", "Relu", l("x"), l("y")), node("b", "Relu", l("x"), l("y"))),
			`onnx: tensor "y" is produced twice, by node "a" (Relu) and node "b" (Relu)`},
		{"produces an input", model17(input("x", 1, 1), output("y"), node("a", "Relu", l("x"), l("x"))), `onnx: node "a" (Relu): output "x" is also an input or initialiser of the graph`},
		{"cycle", model17(input("x", 1, 1), output("y"), node("a", "Add", l("x", "z"), l("y")), node("b", "Relu", l("y"), l("z"))),
			`onnx: the model has a cycle through node "a" (Add)`},
		{"self", model17(input("x", 1, 1), output("y"), node("a", "Add", l("x", "y"), l("y"))), `onnx: the model has a cycle through node "a" (Add)`},
		{"unknown dimension", model17(sub(11, str(1, "x"), sub(2, sub(1, num(1, 1), sub(2, sub(1, str(2, "N")))))), output("y"), relu("x", "y")),
			`onnx: input "x": dimension 0 is "N", which has no value: give it with --variables N->1`},
		{"unknown dimension of tf2onnx", model17(sub(11, str(1, "x"), sub(2, sub(1, num(1, 1), sub(2, sub(1, str(2, "unk__7")), sub(1, str(2, "unk__8")))))), output("y"), relu("x", "y")),
			`onnx: input "x": dimension 0 is "unk__7", which has no value: give it with --variables unk__7->1`},
		{"operator of onnxruntime's layout", model17(input("x", 1, 1), output("y"), node("a", "Conv", l("x"), l("y"), str(7, "com.microsoft.nchwc"))),
			`onnx: 1 node is not supported: "a" (com.microsoft.nchwc.Conv): laid out for one processor (save onnxruntime's optimised model with ORT_ENABLE_EXTENDED or below)`},
		{"anonymous dimension", model17(input("x", 1, 3, -1), output("y"), relu("x", "y")),
			`onnx: input "x": dimension 1 is "batch_size", which has no value: give it with --variables batch_size->1`},
		{"no shape", model17(sub(11, str(1, "x"), sub(2, sub(1, num(1, 1)))), output("y"), relu("x", "y")),
			`onnx: input "x": it has no shape: export the model with fixed or named dimensions`},
		{"string input", model17(input("x", 8, 1), output("y"), relu("x", "y")), `onnx: input "x": its type is not a tensor of a supported element type`},
		{"sequence input", model17(sub(11, str(1, "x"), sub(2, sub(4))), output("y"), relu("x", "y")), `onnx: input "x": its type is not a tensor of a supported element type`},
		{"absurd input", model17(input("x", 1, 1<<20, 1<<20, 1<<20), output("y"), relu("x", "y")), `onnx: input "x": shape [1048576 1048576 1048576] has more than 268435456 entries`},
		{"absurd axis", model17(input("x", 1, huge), output("y"), relu("x", "y")), `onnx: input "x": axis of length 4611686018427387904`},
		{"absurd initialiser", model17(initialiser("w", 1, []int64{1 << 20, 1 << 20}, []byte{}), output("w")), `onnx: tensor "w": shape [1048576 1048576] has more than 268435456 entries`},
		{"short initialiser", model17(initialiser("w", 1, []int64{3}, rawFloats(1, 2)), output("w")), `onnx: tensor "w": 8 bytes of data, shape [3] of float32 has 12`},
		{"negative axis", model17(initialiser("w", 1, []int64{-3}, rawFloats(1, 2)), output("w")), `onnx: tensor "w": axis 0 has length -3`},
		{"string initialiser", model17(initialiser("w", 8, []int64{1}, nil), output("w")), `onnx: tensor "w": element type string is not supported`},
		{"NaN", model17(initialiser("w", 1, []int64{2}, rawFloats(1, nan)), output("w")), `onnx: tensor "w": entry 1 is NaN: only finite numbers, and masks of minus infinity, can be proven`},
		{"infinite", model17(initialiser("w", 1, []int64{2}, rawFloats(float32(math.Inf(1)), 0)), output("w")), `onnx: tensor "w": entry 0 is +Inf: only finite numbers, and masks of minus infinity, can be proven`},
		{"initialiser twice", model17(initialiser("w", 1, nil, rawFloats(1)), initialiser("w", 1, nil, rawFloats(1)), output("w")), `onnx: tensor "w" is listed twice`},
		{"external without folder", model17(initialiser("w", 1, []int64{2}, nil, num(14, 1), sub(13, str(1, "location"), str(2, "w.bin"))), output("w")),
			`onnx: tensor "w": its data lies in the file "w.bin": load the model from its folder`},
		{"computes NaN", model17(initialiser("w", 1, []int64{1}, rawFloats(0)), node("a", "Div", l("w", "w"), l("y")), output("y")),
			`onnx: node "a" (Div): its result is constant, and entry 0 is NaN`},
		{"bomb", model17(initialiser("s", 7, []int64{2}, rawInts(1<<13, 1<<14)), node("a", "ConstantOfShape", l("s"), l("y")), output("y")),
			`onnx: node "a" (ConstantOfShape): the constant of shape [8192 16384] is too large`},
		{"overflow bomb", model17(initialiser("s", 7, []int64{2}, rawInts(huge, 4)), node("a", "ConstantOfShape", l("s"), l("y")), output("y")),
			`onnx: node "a" (ConstantOfShape): number 4611686018427387904 is too large`},
		{"shapes", model17(input("x", 1, 2, 3), initialiser("w", 1, []int64{2}, rawFloats(1, 2)), node("a", "Add", l("x", "w"), l("y")), output("y")),
			`onnx: node "a" (Add): shapes [[2 3] [2]] do not broadcast`},
		{"matmul", model17(input("x", 1, 2, 3), initialiser("w", 1, []int64{2, 1}, rawFloats(1, 2)), node("a", "MatMul", l("x", "w"), l("y")), output("y")),
			`onnx: node "a" (MatMul): operands of shapes [2 3] and [2 1]`},
		{"window", model17(input("x", 1, 1, 1, 2), initialiser("w", 1, []int64{1, 1, 3}, rawFloats(1, 2, 3)), node("conv1", "Conv", l("x", "w"), l("y")), output("y")),
			`onnx: node "conv1" (Conv): window of length 3 does not fit axis 2 of length 2 with pads 0 and 0`},
		{"auto_pad", model17(input("x", 1, 1, 1, 3), initialiser("w", 1, []int64{1, 1, 3}, rawFloats(1, 2, 3)),
			node("conv1", "Conv", l("x", "w"), l("y"), attrOf("auto_pad", attrString, str(4, "UP"))), output("y")), `onnx: node "conv1" (Conv): auto_pad is "UP"`},
		{"arity", model17(input("x", 1, 2), node("a", "Add", l("x"), l("y")), output("y")), `onnx: node "a" (Add): 1 inputs, want 2`},
		{"missing", model17(input("x", 1, 2), node("a", "Add", l("", "x"), l("y")), output("y")), `onnx: node "a" (Add): input 0 is missing`},
		{"too many outputs", model17(input("x", 1, 2), node("a", "Relu", l("x"), l("y", "z")), output("y")), `onnx: node "a" (Relu): 2 outputs, want 1`},
		{"axis", model17(input("x", 1, 2), node("a", "Concat", l("x", "x"), l("y"), attrOf("axis", attrInt, num(3, 4))), output("y")), `onnx: node "a" (Concat): axis 4 of rank 1`},
		{"reshape", model17(input("x", 1, 2, 3), initialiser("s", 7, []int64{1}, rawInts(5)), node("a", "Reshape", l("x", "s"), l("y")), output("y")),
			`onnx: node "a" (Reshape): cannot reshape [2 3] to [5]`},
		{"type", model17(input("x", 9, 2), relu("x", "y"), output("y")), `onnx: node "Relu_0" (Relu): input is bool`},
		{"index", model17(initialiser("w", 1, []int64{1}, rawFloats(3)), initialiser("i", 7, nil, rawInts(9)), node("a", "Gather", l("w", "i"), l("y")), output("y")),
			`onnx: node "a" (Gather): index 9 of an axis of length 1`},
		{"NaN attribute", model17(input("x", 1, 2), node("a", "Elu", l("x"), l("y"), attrOf("alpha", attrFloat, flt(2, nan))), output("y")),
			`onnx: node "a" (Elu): attribute "alpha" is not a number`},
		{"unsupported", model17(input("x", 1, 2), node("a", "Foo", l("x"), l("p")), node("b", "NonZero", l("p"), l("q")), node("c", "Bar", l("x"), l("r")),
			node("d", "NonZero", l("x"), l("s")), node("e", "Concat", l("q", "r", "s"), l("y")), output("y")),
			`onnx: 3 nodes are not supported: "a" (Foo), "c" (Bar), "d" (NonZero): its output's shape depends on data`},
		{"operator name", model17(input("x", 1, 2), node("a", "Fo\no", l("x"), l("y")), output("y")), `onnx: node "a": operator "Fo\no"`},
		{"domain", model17(input("x", 1, 2), sub(1, str(1, "x"), str(2, "y"), str(4, "Nothing"), str(7, "com.microsoft")), output("y")),
			`onnx: 1 node is not supported: "com.microsoft.Nothing_0" (com.microsoft.Nothing)`},
		{"variable shape", model17(input("x", 1, 2), input("s", 7, 1), node("a", "Reshape", l("x", "s"), l("y")), output("y")),
			`onnx: 1 node is not supported: "a" (Reshape): input 1 "s" is not constant`},
		{"mode", model17(input("x", 1, 1, 1, 4, 4), initialiser("s", 1, []int64{4}, rawFloats(1, 1, 2, 2)), node("a", "Resize", l("x", "", "s"), l("y"), attrOf("mode", attrString, str(4, "lanczos"))), output("y")),
			`onnx: 1 node is not supported: "a" (Resize): mode is "lanczos"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(c.data, Options{})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := Decode(good, Options{}); err != nil {
		t.Error(err)
	}
	var u *graph.UnsupportedError
	_, err := Decode(model17(input("x", 1, 2), node("a", "Foo", l("x"), l("y")), output("y")), Options{})
	if !errors.As(err, &u) || len(u.Nodes) != 1 || u.Nodes[0] != (graph.Unsupported{Name: "a", Op: "Foo"}) {
		t.Errorf("got %#v", err)
	}
}

// TestDeadNodesAreNotEvaluated: what no output needs may be anything.
func TestDeadNodesAreNotEvaluated(t *testing.T) {
	g, err := Decode(model17(input("x", 1, 2), relu("x", "y"), node("a", "Foo", l("x"), l("z")), node("b", "Bar", l("nothing"), l("w")), output("y")), Options{})
	if err != nil || len(g.Nodes) != 1 {
		t.Fatal(g, err)
	}
}

// TestOldOperatorSets reads operator sets below MinOpset where the operator is that of today.
func TestOldOperatorSets(t *testing.T) {
	for op, version := range map[string]int64{"Relu": 6, "Transpose": 1, "Softplus": 2} {
		if _, err := Decode(modelOf(version, input("x", 1, 1, 2), output("y"), node("", op, l("x"), l("y"))), Options{}); err != nil {
			t.Errorf("%s of operator set %d: %v", op, version, err)
		}
	}
}

func TestExternalData(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "model")
	data := append([]byte("pad."), rawFloats(1, 2, 3)...)
	write := func(path string, b []byte) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write(filepath.Join(dir, "data", "w.bin"), data)
	write(filepath.Join(outside, "secret.bin"), data)
	if err := os.Symlink(filepath.Join(outside, "secret.bin"), filepath.Join(dir, "link.bin")); err != nil {
		t.Fatal(err)
	}
	load := func(location string, more ...string) error {
		t.Helper()
		parts := [][]byte{num(14, 1), sub(13, str(1, "location"), str(2, location))}
		for i := 0; i < len(more); i += 2 {
			parts = append(parts, sub(13, str(1, more[i]), str(2, more[i+1])))
		}
		path := write(filepath.Join(dir, "network.onnx"), model17(initialiser("w", 1, []int64{3}, nil, parts...), input("x", 1, 3), node("a", "Add", l("x", "w"), l("y")), output("y")))
		g, err := Load(path, Options{})
		if err == nil {
			if w := g.Nodes[0].Inputs[1].Const.Floats; w[0] != 1 || w[1] != 2 || w[2] != 3 {
				t.Errorf("data %v", w)
			}
		}
		return err
	}
	if err := load("data/w.bin", "offset", "4", "length", "12"); err != nil {
		t.Error(err)
	}
	if err := load("data/w.bin", "offset", "4"); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		location string
		more     []string
		want     string
	}{
		{"data/w.bin", nil, "16 bytes of data"},
		{"data/w.bin", []string{"offset", "8"}, "8 bytes of data"},
		{"data/w.bin", []string{"offset", "99"}, "does not fit the file"},
		{"data/w.bin", []string{"offset", "-4"}, "does not fit the file"},
		{"data/w.bin", []string{"offset", "4", "length", "13"}, "does not fit the file"},
		{"../secret.bin", nil, "leaves the model's folder"},
		{"/etc/hostname", nil, "leaves the model's folder"},
		{"", nil, "leaves the model's folder"},
		{"link.bin", []string{"offset", "4"}, "external data: "},
		{"data", nil, "no regular file"},
		{"none.bin", nil, "no such file"},
	} {
		if err := load(c.location, c.more...); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %v: got %v, want %s", c.location, c.more, err, c.want)
		}
	}
	if _, err := Load(filepath.Join(dir, "absent.onnx"), Options{}); err == nil {
		t.Error("a missing file loads")
	}
	if _, err := Load(dir, Options{}); err == nil {
		t.Error("a folder loads")
	}
}

// TestElementTypes reads every element type from raw data and from its typed field.
func TestElementTypes(t *testing.T) {
	packed := func(f ...[]byte) [][]byte { return f }
	dbl := func(v float64) []byte {
		bits := math.Float64bits(v)
		b := []byte{10<<3 | 1}
		for i := range 8 {
			b = append(b, byte(bits>>(8*i)))
		}
		return b
	}
	for _, c := range []struct {
		name  string
		typ   int64
		raw   []byte
		typed [][]byte
		want  []float64
	}{
		{"float32", 1, rawFloats(1.5, -2), packed(flt(4, 1.5), flt(4, -2)), []float64{1.5, -2}},
		{"float32 packed", 1, rawFloats(1.5, -2), packed(sub(4, rawFloats(1.5, -2))), []float64{1.5, -2}},
		{"uint8", 2, []byte{1, 255}, packed(num(5, 1), num(5, 255)), []float64{1, 255}},
		{"int8", 3, []byte{1, 255}, packed(num(5, 1), num(5, -1)), []float64{1, -1}},
		{"uint16", 4, []byte{1, 2, 255, 255}, packed(num(5, 513), num(5, 65535)), []float64{513, 65535}},
		{"int16", 5, []byte{1, 2, 255, 255}, packed(num(5, 513), num(5, -1)), []float64{513, -1}},
		{"int32", 6, []byte{1, 0, 0, 0, 254, 255, 255, 255}, packed(num(5, 1), num(5, -2)), []float64{1, -2}},
		{"int64", 7, rawInts(1, -2), packed(sub(7, []byte{1}), num(7, -2)), []float64{1, -2}},
		{"bool", 9, []byte{0, 1}, packed(num(5, 0), num(5, 1)), []float64{0, 1}},
		{"float16", 10, []byte{0x00, 0x3e, 0x01, 0x80}, packed(num(5, 0x3e00), num(5, 0x8001)), []float64{1.5, -0x1p-24}},
		{"float64", 11, rawInts(0x3ff8000000000000, 0x7fe0000000000000), packed(dbl(1.5), dbl(0x1p1023)), []float64{1.5, 0x1p1023}},
		{"uint32", 12, []byte{1, 0, 0, 0, 254, 255, 255, 255}, packed(num(11, 1), num(11, 1<<32-2)), []float64{1, 1<<32 - 2}},
		{"uint64", 13, rawInts(1, 1<<62), packed(num(11, 1), num(11, 1<<62)), []float64{1, 1 << 62}},
		{"bfloat16", 16, []byte{0xc0, 0x3f, 0x80, 0xbf}, packed(num(5, 0x3fc0), num(5, 0xbf80)), []float64{1.5, -1}},
		{"uint4", 21, []byte{0xf1}, packed(num(5, 0xf1)), []float64{1, 15}},
		{"int4", 22, []byte{0xf1}, packed(num(5, 0xf1)), []float64{1, -1}},
		{"uint2", 25, []byte{0x0d}, packed(num(5, 0x0d)), []float64{1, 3}},
		{"int2", 26, []byte{0x0d}, packed(num(5, 0x0d)), []float64{1, -1}},
	} {
		for form, w := range map[string][]byte{
			"raw":   initialiser("w", c.typ, []int64{2}, c.raw),
			"typed": initialiser("w", c.typ, []int64{2}, nil, c.typed...),
		} {
			g, err := Decode(model17(w, output("w")), Options{})
			if err != nil {
				t.Errorf("%s %s: %v", c.name, form, err)
				continue
			}
			got := g.Outputs[0].Const
			if got.Float(0) != c.want[0] || got.Float(1) != c.want[1] || !strings.HasPrefix(c.name, got.Type.String()) {
				t.Errorf("%s %s: %v %v %v, want %v", c.name, form, got.Type, got.Floats, got.Ints, c.want)
			}
		}
	}
}

func TestVariables(t *testing.T) {
	named := func(name string) []byte { return sub(1, str(2, name)) }
	data := model17(sub(11, str(1, "x"), sub(2, sub(1, num(1, 1), sub(2, named("batch_size"), sub(1), named("tokens"), sub(1, num(1, 3)))))), relu("x", "y"), output("y"))
	g, err := Decode(data, Options{Variables: map[string]int{"batch_size": 2, "tokens": 5}})
	if err != nil {
		t.Fatal(err)
	}
	if s := g.Outputs[0].Shape; len(s) != 4 || s[0] != 2 || s[1] != 2 || s[2] != 5 || s[3] != 3 {
		t.Error(s)
	}
}
