package onnx

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// Opset versions of ONNX's own operator set that this package reads. Older ones too, of operators that have not changed since.
const (
	MinOpset = 7
	MaxOpset = 28
)

// unchanged are operators whose definition in operator set 7 is older: from the given version on.
var unchanged = map[string]int{
	"Abs": 6, "ArgMax": 1, "ArgMin": 1, "Cast": 6, "Ceil": 6, "Clip": 6, "Concat": 4, "Constant": 1, "Conv": 1, "ConvTranspose": 1,
	"DepthToSpace": 1, "Elu": 6, "Exp": 6, "Flatten": 1, "Floor": 6, "Gather": 1, "GlobalAveragePool": 1, "GlobalLpPool": 2,
	"GlobalMaxPool": 1, "HardSigmoid": 6, "Hardmax": 1, "Identity": 1, "InstanceNormalization": 6, "LRN": 1, "LeakyRelu": 6, "Log": 6,
	"LogSoftmax": 1, "LpNormalization": 1, "LpPool": 2, "MatMul": 1, "Max": 6, "MaxPool": 1, "Mean": 6, "Min": 6, "Neg": 6, "Not": 1,
	"Pad": 2, "Reciprocal": 6, "ReduceL1": 1, "ReduceL2": 1, "ReduceLogSum": 1, "ReduceLogSumExp": 1, "ReduceMax": 1, "ReduceMean": 1,
	"ReduceMin": 1, "ReduceProd": 1, "ReduceSum": 1, "ReduceSumSquare": 1, "Relu": 6, "Reshape": 5, "Selu": 6, "Shape": 1,
	"Sigmoid": 6, "Size": 1, "Slice": 1, "Softmax": 1, "Softplus": 1, "Softsign": 1, "SpaceToDepth": 1, "Split": 2, "Sqrt": 6,
	"Squeeze": 1, "Sum": 6, "Tanh": 6, "Tile": 6, "TopK": 1, "Transpose": 1, "Unsqueeze": 1,
}

// readable says whether a model of some version of ONNX's operator set can be read.
func readable(version int, nodes []graph.SourceNode) error {
	refused := fmt.Errorf("operator set %d: versions %d to %d are supported; export the model again", version, MinOpset, MaxOpset)
	switch {
	case version > MaxOpset:
		return refused
	case version >= MinOpset || version == 0:
		return nil
	}
	for i := range nodes {
		if since, ok := unchanged[nodes[i].Op]; !ok || version < since {
			return refused
		}
	}
	return nil
}
