// Package ezkl proves in zero knowledge that a public output is what a committed neural network computes on an input.
//
// The workflow, each step a function, each artefact a value that can be written (Save, WriteTo) and read (LoadX, ReadX):
//
//	model, err := ezkl.LoadModel("network.onnx", ezkl.ModelOptions{})
//	settings, err := ezkl.GenSettings(ctx, model, ezkl.DefaultRunArgs())
//	report, err := ezkl.Calibrate(ctx, model, settings, calibration, ezkl.CalibrateOptions{})
//	circuit, err := ezkl.Compile(ctx, model, settings, ezkl.CompileOptions{})
//	srs, err := ezkl.LoadSRS("kzg17.srs")
//	pk, vk, err := ezkl.Setup(ctx, circuit, srs, ezkl.SetupOptions{})
//	witness, err := ezkl.GenWitness(ctx, circuit, input)
//	proof, err := ezkl.Prove(ctx, circuit, pk, srs, witness, ezkl.ProveOptions{})
//	report, err := ezkl.Verify(vk, proof, ezkl.VerifyOptions{})
//
// The prover runs the first eight steps; a verifier needs vk and proof only. Command-line tool, files and names are those of
// the Rust tool ezkl 23, apart from what docs/differences.md lists.
//
// What a verified proof says: whoever made it knows an input (and, where they are private, the weights that the key
// commits to) such that the network's integer arithmetic gives exactly the public outputs. It says nothing about who made
// the key: a verifier who did not run Setup recomputes the key's public part with CheckKey. Nor does it say that the secret
// of the SRS is unknown: a key made with UnsafeSRS is marked, Verify reports it, and VerifyOptions.RequireCeremony
// refuses it.
//
// Functions are safe for concurrent use on different values. Long ones honour their context and return its error.
// Errors about input are one line: where, what, what to do; several defects are joined (errors.Join), one line each.
package ezkl
