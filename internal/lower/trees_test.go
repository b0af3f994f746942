package lower

import (
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/onnx/testdata"
	"github.com/ezkl-go/ezkl/internal/quant"
)

// TestTreesArePrivate has the features and paths of a small ensemble in private blocks of two bits, counted exactly, and no list of
// indices in the circuit.
func TestTreesArePrivate(t *testing.T) {
	cases, err := testdata.Composite()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, tc := range cases {
		if tc.Case != "ml/TreeEnsembleRegressor BRANCH_LEQ" && tc.Case != "ml/TreeEnsembleRegressor BRANCH_LT" {
			continue
		}
		found++
		g, err := onnx.Decode(tc.Model, onnx.Options{Variables: map[string]int{"batch_size": 1}})
		if err != nil {
			t.Fatal(err)
		}
		in := caseTensors(t, g.Inputs, tc.Inputs)
		c, err := Compile(g, calibratedOn(t, g, in, quant.DefaultMargin), Options{Output: Public})
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.Circuit.Relations {
			for _, k := range c.Circuit.Relations[i].Sum {
				for _, r := range k.R {
					if r.Kind == circuit.Index {
						t.Errorf("%s: relation %s lists indices", tc.Case, c.Circuit.Relations[i].Name)
					}
				}
			}
		}
		narrow := 0
		for i, b := range c.Circuit.Blocks {
			if strings.Contains(b.Name, "features") || strings.Contains(b.Name, "MatMulInteger") {
				if narrow++; b.Role != circuit.Private || b.Lo < -2 || b.Hi > 1 {
					t.Errorf("%s: block %d, %s, is %v in [%d, %d]", tc.Case, i, b.Name, b.Role, b.Lo, b.Hi)
				}
			}
		}
		if narrow != 2 {
			t.Errorf("%s: %d matrices of features and paths", tc.Case, narrow)
		}
	}
	if found != 2 {
		t.Errorf("%d cases", found)
	}
}
