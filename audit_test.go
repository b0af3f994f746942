package ezkl_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ezkl-go/ezkl"
)

// TestAuditModels audits the circuit of every network of the shared folder: no integer is left undetermined, nothing wraps,
// no check fails.
func TestAuditModels(t *testing.T) {
	shared := os.Getenv("EZKL_SHARED")
	if shared == "" {
		shared = "../shared"
	}
	folders, _ := filepath.Glob(filepath.Join(shared, "models", "*", "network.onnx"))
	if len(folders) == 0 {
		t.Skip("no folder of models: ", shared)
	}
	ctx := context.Background()
	for _, path := range folders {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			m, err := ezkl.LoadModel(path, ezkl.ModelOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := must(ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()}))
			c, err := ezkl.Compile(ctx, m, s, ezkl.CompileOptions{})
			if err != nil {
				t.Fatal(err)
			}
			r := must(ezkl.Audit(ctx, c, ezkl.AuditOptions{}))
			for _, x := range r.Checks {
				if x.Verdict == "fail" {
					t.Errorf("%s: %s: %v", x.ID, x.Detail, x.Where)
				}
			}
			for _, b := range r.Blocks {
				if b.Rule == "none" || b.Margin <= 0 {
					t.Errorf("block %s: rule %s, %d bits left", b.Name, b.Rule, b.Margin)
				}
			}
		})
	}
}
