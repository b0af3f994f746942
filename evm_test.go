package ezkl_test

import (
	"context"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl"
	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/evm/machine"
)

// evmModels are networks of the shared folder with the gas that ezkl 23.0.5 takes for a proof (0: not measured), with
// public (+) or private inputs, and the largest share of it that we allow ourselves. Those that bench/evm_models.py makes are of the kind that
// ezkl's figure was measured on.
var evmModels = []struct {
	name          string
	public        bool
	peer          uint64
	words, packed float64
}{
	{"1l_relu", false, 536_080, 0.54, 0.54}, {"1l_softmax", false, 779_871, 0.39, 0.39},
	{"4l_relu_conv_fc", false, 540_569, 0.69, 0.69}, {"4l_relu_conv_fc", true, 1_252_079, 0.48, 0.4},
	{"lenet_5", true, 1_660_482, 0.54, 0.35}, {"trig", false, 1_125_774, 0.3, 0.3}, {"variable_cnn", false, 1_498_280, 0.28, 0.27},
	{"xgboost_classifier", false, 843_860, 0.41, 0.41}, {"xgboost_traversal", false, 843_860, 0.43, 0.43},
	{"lstm_two_layers", false, 993_530, 0.43, 0.41},
	{"1l_conv", false, 0, 0, 0}, {"1l_average", true, 0, 0, 0}, {"1l_pad", true, 0, 0, 0}, {"1l_slice", true, 0, 0, 0},
	{"1l_reshape", true, 0, 0, 0}, {"1l_concat", true, 0, 0, 0}, {"1l_max_pool", false, 0, 0, 0}, {"1l_mlp", false, 0, 0, 0},
	{"2l_relu_sigmoid_small", true, 0, 0, 0}, {"gather_elements", false, 0, 0, 0}, {"layernorm", false, 0, 0, 0},
	{"lstm", false, 0, 0, 0}, {"gru", true, 0, 0, 0}, {"oh_decision_tree", false, 0, 0, 0}, {"xgboost_reg", false, 0, 0, 0},
	{"lstm_large", false, 0, 0, 0},
}

// TestEVMModels: contracts of real networks verify their proofs, give package verify's verdict on altered ones, and take
// the gas that the table allows. Without tag full, the first network only.
func TestEVMModels(t *testing.T) {
	shared := os.Getenv("EZKL_SHARED")
	if shared == "" {
		shared = "../shared"
	}
	if _, err := os.Stat(filepath.Join(shared, "models")); err != nil {
		t.Skip("no folder of models: ", shared)
	}
	models, logRows := evmModels[:1], 14
	if full {
		models, logRows = evmModels, 20
	}
	dirs := []string{filepath.Join(shared, "models"), os.Getenv("EZKL_EVM_MODELS")} // the latter: bench/evm_models.py
	srs := must(ezkl.UnsafeSRS(context.Background(), logRows))
	for _, m := range models {
		name := m.name
		if m.public {
			name += "+"
		}
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(dirs[0], m.name)
			if _, err := os.Stat(dir); err != nil {
				if dir = filepath.Join(dirs[1], m.name); dirs[1] == "" {
					t.Skip("EZKL_EVM_MODELS is not set")
				}
			}
			vk, proof := evmProof(t, dir, m.public, srs)
			v := must(ezkl.NewEVMVerifier(vk))
			c := must(machine.New())
			at, _, deployment, err := c.Deploy(v.Creation())
			if err != nil {
				t.Fatal(err)
			}
			words := must(c.Verify(at, must(v.Calldata(proof))))
			packed := must(c.Verify(at, must(v.PackedCalldata(proof, false))))
			t.Logf("%d instances: %d gas, %d B; packed %d gas, %d B; deployment %d gas, VKA %d B", len(proof.Instances),
				words, len(must(v.Calldata(proof))), packed, len(must(v.PackedCalldata(proof, false))), deployment, len(v.VKA()))
			osaka := must(machine.NewOsaka())
			there, _, _, err := osaka.Deploy(v.Creation())
			if err != nil {
				t.Fatal(err)
			}
			for name, call := range map[string][]byte{"words": must(v.Calldata(proof)), "packed": must(v.PackedCalldata(proof, false))} {
				t.Logf("Osaka, %s: %d gas, floor %d", name, must(osaka.Verify(there, call)), evm.FloorGas(call))
			}
			batch := []*ezkl.Proof{proof, proof, proof, proof}
			four := must(c.Verify(at, must(v.PackedBatchCalldata(batch, false))))
			if _, err := c.Verify(at, must(ezkl.EVMBatchCalldata(batch, nil))); err != nil {
				t.Error(err)
			}
			t.Logf("four in a batch: %d gas each, packed", four/4)
			if m.peer > 0 {
				r, q := float64(words)/float64(m.peer), float64(packed)/float64(m.peer)
				t.Logf("%.3f and %.3f of ezkl's %d", r, q, m.peer)
				if r > m.words || q > m.packed {
					t.Errorf("more than %g or %g of ezkl's", m.words, m.packed)
				}
			}
			rng := rand.New(rand.NewSource(1))
			for range 40 {
				changed := *proof
				changed.Bytes = append([]byte{}, proof.Bytes...)
				changed.Bytes[rng.Intn(len(changed.Bytes))] ^= 1 << rng.Intn(8)
				want := ezkl.Verify(vk, &changed, ezkl.VerifyOptions{})
				_, got := c.Verify(at, must(v.Calldata(&changed)))
				if want == nil || got == nil {
					t.Errorf("an altered proof: Go says %v, the contract %v", want, got)
				}
			}
		})
	}
}

// evmProof proves a network for contracts, on the input in its folder.
func evmProof(t *testing.T, dir string, public bool, srs *ezkl.SRS) (*ezkl.VerifyingKey, *ezkl.Proof) {
	ctx := context.Background()
	m := must(ezkl.LoadModel(filepath.Join(dir, "network.onnx"), ezkl.ModelOptions{}))
	args := ezkl.DefaultRunArgs()
	if public {
		args.InputVisibility = ezkl.Public
	}
	settings := must(ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: args}))
	input := must(ezkl.LoadData(filepath.Join(dir, "input.json")))
	must(ezkl.Calibrate(ctx, m, settings, input, ezkl.CalibrateOptions{}))
	compiled := must(ezkl.Compile(ctx, m, settings, ezkl.CompileOptions{}))
	c := must(compiled.ForEVM())
	w := must(ezkl.GenWitness(ctx, compiled, input))
	pk, vk, err := ezkl.Setup(ctx, c, srs, ezkl.SetupOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return vk, must(ezkl.Prove(ctx, compiled, pk, srs, w, ezkl.ProveOptions{SkipCheck: true}))
}

// TestEVMBatchCalldata: a batch has a proof, and proofs of one key.
func TestEVMBatchCalldata(t *testing.T) {
	of := func(bytes, instances int) *ezkl.Proof {
		return &ezkl.Proof{Transcript: "evm", Bytes: make([]byte, bytes), Instances: make([]fr.Element, instances)}
	}
	for name, list := range map[string][]*ezkl.Proof{
		"none": nil, "other lengths": {of(64, 1), of(96, 1)}, "other instances": {of(64, 1), of(64, 2)},
		"another transcript": {of(64, 1), {Transcript: "poseidon", Bytes: make([]byte, 64), Instances: make([]fr.Element, 1)}},
	} {
		if _, err := ezkl.EVMBatchCalldata(list, nil); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
	if _, err := ezkl.EVMBatchCalldata([]*ezkl.Proof{of(64, 1), of(64, 1)}, nil); err != nil {
		t.Error(err)
	}
}
