package ezkl_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/ezkl-go/ezkl"
)

// TestCheckModel wants the report's exact figures to be those of the circuit and of a proof.
func TestCheckModel(t *testing.T) {
	ctx := context.Background()
	c := digits()
	r := must(ezkl.CheckModel(ctx, "quickstart/network.onnx", ezkl.CheckOptions{Settings: c.Settings()}))
	info := c.Info()
	if k := r.Cost; !r.Supported || k.LogRows != info.LogRows || k.Lookups != info.Lookups || k.Committed != info.Committed || k.Instances != info.Instances {
		t.Errorf("%+v, the circuit has %+v", r.Cost, info)
	}
	w := must(ezkl.GenWitness(ctx, c, must(ezkl.LoadData("quickstart/input.json"))))
	srs := must(ezkl.UnsafeSRS(ctx, c.LogRows()))
	pk, _, err := ezkl.Setup(ctx, c, srs, ezkl.SetupOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := must(ezkl.Prove(ctx, c, pk, srs, w, ezkl.ProveOptions{}))
	if len(p.Bytes) != r.Cost.ProofBytes {
		t.Errorf("a proof of %d bytes, reported %d", len(p.Bytes), r.Cost.ProofBytes)
	}
}

func ExampleCheckModel() {
	r := must(ezkl.CheckModel(context.Background(), "quickstart/network.onnx", ezkl.CheckOptions{
		SettingsOptions: ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}}))
	fmt.Println(r.Supported, r.Nodes[0].Op)
	// Output: true Conv
}
