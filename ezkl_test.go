package ezkl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/formats"
)

func TestIntegers(t *testing.T) {
	real := formats.IO{Name: "x", Type: "F32", Scale: 7, Lo: -1 << 15, Hi: 1<<15 - 1}
	integer := formats.IO{Name: "x", Type: "Int", Lo: -100, Hi: math.MaxInt64}
	boolean := formats.IO{Name: "x", Type: "Bool", Hi: 1}
	for _, c := range []struct {
		in   string
		io   formats.IO
		want int64
		err  string
	}{
		{"1.5417295", real, 197, ""}, // as ezkl: 0xc5
		{"0.00390625", real, 1, ""},  // half a step: up
		{"-0.00390625", real, 0, ""},
		{"3", real, 384, ""},
		{`"` + formats.IntHex(-5) + `"`, real, -5, ""},
		{"300", real, 0, "d: input_data[0][0]: 300 is outside [-256, 255.9921875], what input x may be (calibrate with such values, or with a larger --lookup-safety-margin)"},
		{"1e300", real, 0, "d: input_data[0][0]: 1e+300 is too large for input x"},
		{"true", real, 0, "d: input_data[0][0]: a boolean, but input x has numbers (write 1 or 0)"},
		{"9007199254740993", integer, 9007199254740993, ""},
		{"2.0", integer, 2, ""},
		{"1.7", integer, 0, "d: input_data[0][0]: 1.7 is no integer, and input x has integers"},
		{"true", boolean, 1, ""},
		{"0", boolean, 0, ""},
		{"2", boolean, 0, "d: input_data[0][0]: 2 is no boolean, and input x has booleans (true, false, 1, 0)"},
	} {
		d, err := formats.ParseData("d", []byte(`{"input_data": [[`+c.in+`]]}`))
		if err != nil {
			t.Fatal(err)
		}
		got, err := integers(d, &d.Arrays[0], &c.io, "")
		switch {
		case err != nil && err.Error() != c.err, err == nil && c.err != "":
			t.Errorf("%s: %v\nwant %s", c.in, err, c.err)
		case err == nil && got[0] != c.want:
			t.Errorf("%s: %d, want %d", c.in, got[0], c.want)
		}
	}
}

func TestDigits(t *testing.T) {
	parts := []formats.Part{{Coef: 1, Block: 0}, {Coef: 256, Block: 1}}
	ints := []int64{0, 255, 256, -1, -32768, 32767}
	low, high := digits(ints, parts, 0), digits(ints, parts, 1)
	for i, v := range ints {
		if low[i] < 0 || low[i] > 255 || low[i]+256*high[i] != v {
			t.Errorf("%d = %d + 256 * %d", v, low[i], high[i])
		}
	}
}

func TestRandomData(t *testing.T) {
	m, err := LoadModel("quickstart/network.onnx", ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := RandomOptions{Seed: 5, Min: -2, Max: 3}
	a, err := RandomData(m, o)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := RandomData(m, o)
	if !slices.Equal(a.Arrays[0].Values, b.Arrays[0].Values) {
		t.Error("one seed, two results")
	}
	for _, v := range a.Arrays[0].Values {
		if f := v.Float(); f < -2 || f >= 3 || f != float64(float32(f)) {
			t.Fatalf("%v", f)
		}
	}
	for _, o := range []RandomOptions{{Min: 1, Max: 1}, {Min: 2, Max: 1}, {Min: math.Inf(-1), Max: 0}, {Min: math.NaN(), Max: 1}} {
		if _, err := RandomData(m, o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

// Artefacts are the same after writing and reading; what has been read works like what was made.
func TestRoundTrips(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if _, err := Quickstart(ctx, QuickstartOptions{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	again := func(name string, read func(string, io.Reader) (io.WriterTo, error)) io.WriterTo {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		v, err := read(name, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if n, err := v.WriteTo(&out); err != nil || n != int64(out.Len()) || !bytes.Equal(out.Bytes(), b) {
			t.Errorf("%s: another file after reading and writing (%v)", name, err)
		}
		return v
	}
	again(DefaultSettings, func(n string, r io.Reader) (io.WriterTo, error) { return ReadSettings(n, r) })
	again(DefaultWitness, func(n string, r io.Reader) (io.WriterTo, error) { return ReadWitness(n, r) })
	c := again(DefaultCompiled, func(n string, r io.Reader) (io.WriterTo, error) { return ReadCircuit(n, r) }).(*Circuit)
	pk := again(DefaultPK, func(n string, r io.Reader) (io.WriterTo, error) { return ReadProvingKey(n, r) }).(*ProvingKey)
	vk := again(DefaultVK, func(n string, r io.Reader) (io.WriterTo, error) { return ReadVerifyingKey(n, r) }).(*VerifyingKey)
	p := again(DefaultProof, func(n string, r io.Reader) (io.WriterTo, error) { return ReadProof(n, r) }).(*Proof)
	if err := Verify(vk, p, VerifyOptions{}); err != nil {
		t.Error(err)
	}
	s, err := LoadSRS(filepath.Join(dir, "kzg.srs"), c.LogRows())
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckKey(ctx, vk, c, s, nil); err != nil {
		t.Error(err)
	}
	w, err := LoadWitness(filepath.Join(dir, DefaultWitness))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Prove(ctx, c, pk, s, w, ProveOptions{}); err != nil {
		t.Error(err)
	}

	// what does not belong together
	other, err := UnsafeSRS(ctx, c.LogRows())
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckKey(ctx, vk, c, other, nil); err == nil {
		t.Error("a key passes for one of another SRS")
	}
	if _, err := Prove(ctx, c, pk, other, w, ProveOptions{}); err == nil || !strings.Contains(err.Error(), "another SRS") {
		t.Error(err)
	}
	file := *c.file
	file.Key = slices.Clone(file.Key)
	for i := range file.Key { // another weight: the same circuit, not the same model
		if len(file.Key[i]) > 0 && c.circuit.Blocks[i].KeyTable >= 0 {
			file.Key[i] = slices.Clone(file.Key[i])
			file.Key[i][0] ^= 1
			break
		}
	}
	changed := &Circuit{file: &file, circuit: c.circuit, settings: c.settings}
	d, err := LoadData(filepath.Join(dir, DefaultData))
	if err != nil {
		t.Fatal(err)
	}
	w2, err := GenWitness(ctx, changed, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Prove(ctx, changed, pk, s, w2, ProveOptions{}); RejectionCode(err) == "" {
		t.Errorf("a proof of other weights: %v", err)
	}

	// settings of another network
	settings, err := LoadSettings(filepath.Join(dir, DefaultSettings))
	if err != nil {
		t.Fatal(err)
	}
	m, err := LoadModel("quickstart/network.onnx", ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	settings.EzklGo.ModelSHA256 = strings.Repeat("0", 64)
	if _, err := Compile(ctx, m, settings, CompileOptions{}); err == nil || !strings.Contains(err.Error(), "another network") {
		t.Error(err)
	}
}

// Every long function returns the error of a context that has ended.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, err := LoadModel("quickstart/network.onnx", ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := SettingsOptions{RunArgs: DefaultRunArgs()}
	s, err := GenSettings(ctx, m, o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := LoadData("quickstart/input.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Calibrate(ctx, m, s, d, CalibrateOptions{}); err != nil {
		t.Fatal(err)
	}
	c, err := Compile(ctx, m, s, CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	srs, err := UnsafeSRS(ctx, c.LogRows())
	if err != nil {
		t.Fatal(err)
	}
	pk, _, err := Setup(ctx, c, srs, SetupOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := GenWitness(ctx, c, d)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	before := *s
	for name, f := range map[string]func() error{
		"GenSettings": func() error { _, err := GenSettings(ctx, m, o); return err },
		"Calibrate":   func() error { _, err := Calibrate(ctx, m, s, d, CalibrateOptions{}); return err },
		"Compile":     func() error { _, err := Compile(ctx, m, s, CompileOptions{}); return err },
		"UnsafeSRS":   func() error { _, err := UnsafeSRS(ctx, 10); return err },
		"Setup":       func() error { _, _, err := Setup(ctx, c, srs, SetupOptions{}); return err },
		"GenWitness":  func() error { _, err := GenWitness(ctx, c, d); return err },
		"Mock":        func() error { _, err := Mock(ctx, c, w); return err },
		"Prove":       func() error { _, err := Prove(ctx, c, pk, srs, w, ProveOptions{}); return err },
		"Quickstart":  func() error { _, err := Quickstart(ctx, QuickstartOptions{}); return err },
	} {
		if err := f(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !bytes.Equal(before.EzklGo.Calibration, s.EzklGo.Calibration) {
		t.Error("Calibrate changed the settings")
	}
}
