package ezkl_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/ezkl-go/ezkl"
)

// must is for examples: programs report their errors.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// digits is the compiled network of the examples: it reads handwritten digits of 28 x 28 pixels.
func digits() *ezkl.Circuit {
	ctx := context.Background()
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	s := must(ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}))
	must(ezkl.Calibrate(ctx, m, s, must(ezkl.LoadData("quickstart/calibration.json")), ezkl.CalibrateOptions{}))
	return must(ezkl.Compile(ctx, m, s, ezkl.CompileOptions{}))
}

// The whole workflow, from a network to a verified proof.
func Example() {
	ctx := context.Background()

	// Once for a network: choose scales on sample inputs, compile, commit to the weights.
	model := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	settings := must(ezkl.GenSettings(ctx, model, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}))
	samples := must(ezkl.LoadData("quickstart/calibration.json"))
	must(ezkl.Calibrate(ctx, model, settings, samples, ezkl.CalibrateOptions{}))
	circuit := must(ezkl.Compile(ctx, model, settings, ezkl.CompileOptions{}))
	srs := must(ezkl.UnsafeSRS(ctx, circuit.LogRows())) // for tests; use GetSRS and LoadSRS
	pk, vk, err := ezkl.Setup(ctx, circuit, srs, ezkl.SetupOptions{})
	if err != nil {
		log.Fatal(err)
	}

	// For every input.
	input := must(ezkl.LoadData("quickstart/input.json"))
	witness := must(ezkl.GenWitness(ctx, circuit, input))
	proof := must(ezkl.Prove(ctx, circuit, pk, srs, witness, ezkl.ProveOptions{}))

	// The verifier has vk and proof.
	fmt.Println(ezkl.Verify(vk, proof, ezkl.VerifyOptions{}))
	// Output: <nil>
}

func ExampleLoadModel() {
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{
		Variables: []ezkl.Variable{{Name: "batch_size", Len: 1}},
	}))
	fmt.Println(m.Inputs()[0], "->", m.Outputs()[0])
	// Output: image F32[1 1 28 28] -> scores F32[1 10]
}

func ExampleModel_Table() {
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	for _, row := range m.Table() {
		fmt.Println(row.Index, row.Op, row.Shape)
	}
	// Output:
	// 0 Conv [1 6 12 12]
	// 1 Relu [1 6 12 12]
	// 2 Conv [1 12 10 10]
	// 3 Relu [1 12 10 10]
	// 4 MaxPool [1 12 5 5]
	// 5 Flatten [1 300]
	// 6 Gemm [1 10]
}

func ExampleRandomData() {
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	d := must(ezkl.RandomData(m, ezkl.RandomOptions{Seed: 21242, Min: -1, Max: 1}))
	fmt.Println(len(d.Arrays[0].Values))
	// Output: 784
}

func ExampleGenSettings() {
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	args := ezkl.DefaultRunArgs()
	args.ParamVisibility = ezkl.Fixed
	s := must(ezkl.GenSettings(context.Background(), m, ezkl.SettingsOptions{RunArgs: args}))
	fmt.Println(s.RunArgs.InputVisibility, s.RunArgs.ParamVisibility, s.ModelInstanceShapes)
	// Output: private fixed [[1 10]]
}

func ExampleCalibrate() {
	ctx := context.Background()
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	s := must(ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}))
	samples := must(ezkl.LoadData("quickstart/calibration.json"))
	r := must(ezkl.Calibrate(ctx, m, s, samples, ezkl.CalibrateOptions{LookupSafetyMargin: 2}))
	fmt.Println(r.Samples, "samples, labels that differ:", r.LabelFlips)
	// Output: 8 samples, labels that differ: 0
}

func ExampleCompile() {
	ctx := context.Background()
	m := must(ezkl.LoadModel("quickstart/network.onnx", ezkl.ModelOptions{}))
	s := must(ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}))
	c := must(ezkl.Compile(ctx, m, s, ezkl.CompileOptions{}))
	fmt.Println(c.Info().Instances)
	// Output: 10
}

func ExampleGetSRS() {
	ctx := context.Background()
	dir := must(os.MkdirTemp("", "ezkl"))
	defer os.RemoveAll(dir)
	from := filepath.Join(dir, "any.srs") // or a URL; empty: the public ceremony's
	if err := must(ezkl.UnsafeSRS(ctx, 8)).Save(from); err != nil {
		log.Fatal(err)
	}
	r := must(ezkl.GetSRS(ctx, ezkl.GetSRSOptions{LogRows: 6, From: from, Path: filepath.Join(dir, "kzg6.srs")}))
	fmt.Println(r.LogRows, r.Origin)
	// Output: 6 unsafe (made locally)
}

func ExampleSetup() {
	ctx := context.Background()
	c := digits()
	srs := must(ezkl.UnsafeSRS(ctx, c.LogRows()))
	_, vk, err := ezkl.Setup(ctx, c, srs, ezkl.SetupOptions{})
	fmt.Println(vk.Unsafe(), err)
	_, _, err = ezkl.Setup(ctx, c, srs, ezkl.SetupOptions{RequireCeremony: true})
	fmt.Println(err)
	// Output:
	// true <nil>
	// the SRS is not shown to be the public ceremony's: it was made by gen-srs, so that its maker can forge proofs
}

func ExampleGenWitness() {
	input := must(ezkl.LoadData("quickstart/input.json")) // also .npy and .npz
	w := must(ezkl.GenWitness(context.Background(), digits(), input))
	scores := w.Outputs[0]
	fmt.Println("digit:", slices.Index(scores, slices.Max(scores)))
	// Output: digit: 4
}

func ExampleGenWitness_badInput() {
	input := must(ezkl.ReadData("input.json", bytes.NewReader([]byte(`{"input_data": [[1, 2]]}`))))
	_, err := ezkl.GenWitness(context.Background(), digits(), input)
	fmt.Println(err)
	// Output: input.json: input 0 (image) has 2 values, the model wants 784 ([1 1 28 28])
}

func ExampleMock() {
	ctx := context.Background()
	c := digits()
	w := must(ezkl.GenWitness(ctx, c, must(ezkl.LoadData("quickstart/input.json"))))
	r := must(ezkl.Mock(ctx, c, w))
	fmt.Println(r.OK)
	w.Outputs[0][3]++
	_, err := ezkl.Mock(ctx, c, w)
	fmt.Println(err)
	// Output:
	// true
	// the witness's output 0 (scores) is not what the circuit computes from its inputs: run gen-witness again
}

func ExampleProve() {
	ctx := context.Background()
	c := digits()
	srs := must(ezkl.UnsafeSRS(ctx, c.LogRows()))
	pk, vk, err := ezkl.Setup(ctx, c, srs, ezkl.SetupOptions{})
	if err != nil {
		log.Fatal(err)
	}
	w := must(ezkl.GenWitness(ctx, c, must(ezkl.LoadData("quickstart/input.json"))))
	last := ""
	p := must(ezkl.Prove(ctx, c, pk, srs, w, ezkl.ProveOptions{
		Transcript: "poseidon",
		Progress:   func(step string, done, total int64) { last = step },
	}))
	fmt.Println(last, len(p.Instances), ezkl.Verify(vk, p, ezkl.VerifyOptions{}))
	// Output: verify 10 <nil>
}

func ExampleVerify() {
	ctx := context.Background()
	c := digits()
	srs := must(ezkl.UnsafeSRS(ctx, c.LogRows()))
	pk, vk, err := ezkl.Setup(ctx, c, srs, ezkl.SetupOptions{})
	if err != nil {
		log.Fatal(err)
	}
	w := must(ezkl.GenWitness(ctx, c, must(ezkl.LoadData("quickstart/input.json"))))
	p := must(ezkl.Prove(ctx, c, pk, srs, w, ezkl.ProveOptions{}))

	fmt.Println(ezkl.Verify(vk, p, ezkl.VerifyOptions{}))
	p.Instances[4].SetZero() // another output
	fmt.Println(ezkl.RejectionCode(ezkl.Verify(vk, p, ezkl.VerifyOptions{})))

	// Whoever did not run Setup recomputes the public part of the key, once.
	fmt.Println(ezkl.CheckKey(ctx, vk, c, srs, nil))
	// Output:
	// <nil>
	// opening
	// <nil>
}

func ExampleSave() {
	dir := must(os.MkdirTemp("", "ezkl"))
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, ezkl.DefaultCompiled)
	if err := ezkl.Save(path, digits()); err != nil { // all of it, or no file
		log.Fatal(err)
	}
	fmt.Println(must(ezkl.LoadCircuit(path)).Outputs()[0])
	// Output: scores F32[1 10]
}

func ExampleQuickstart() {
	r := must(ezkl.Quickstart(context.Background(), ezkl.QuickstartOptions{}))
	fmt.Println(r.Digit, r.Steps[len(r.Steps)-1].Name)
	// Output: 4 a damaged proof
}
