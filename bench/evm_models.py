#!/usr/bin/env python3
"""Two networks for gas figures that are not in the shared folder: an XGBoost classifier and an LSTM of two layers.

    python3 bench/evm_models.py DIR          # DIR/xgboost_classifier, DIR/lstm_two_layers: network.onnx and input.json
    EZKL_EVM_MODELS=DIR go test -tags full -run TestEVMModels -v .

needs: pip install onnx numpy scikit-learn onnxmltools skl2onnx xgboost
"""
import json
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper


def write(folder, model, rows):
    os.makedirs(folder, exist_ok=True)
    onnx.save(model, os.path.join(folder, "network.onnx"))
    with open(os.path.join(folder, "input.json"), "w") as f:
        json.dump({"input_data": rows}, f)


def xgboost_classifier():
    """Ten rounds for each of three classes, depth 4, as XGBClassifier fits the wines."""
    import onnxmltools
    import xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    from sklearn.datasets import load_wine
    x, y = load_wine(return_X_y=True)
    x = x.astype(np.float32)
    m = xgboost.XGBClassifier(n_estimators=10, max_depth=4).fit(x, y)
    model = onnxmltools.convert_xgboost(m, initial_types=[("x", FloatTensorType([1, x.shape[1]]))])
    return model, [x[len(x) // 2].tolist()]


def lstm_two_layers(steps=5, inputs=5, hidden=50):
    """Two ONNX LSTM nodes in a row, weights from sines."""
    def weights(name, *shape):
        n = int(np.prod(shape))
        v = np.sin(np.arange(n) * 0.7 + len(name)) * 0.4
        return helper.make_tensor(name, TensorProto.FLOAT, shape, v.astype(np.float32).reshape(-1).tolist())
    nodes, init, x, width = [], [], "x", inputs
    for layer in range(2):
        names = [f"{k}{layer}" for k in "WRB"]
        init += [weights(names[0], 1, 4 * hidden, width), weights(names[1], 1, 4 * hidden, hidden), weights(names[2], 1, 8 * hidden)]
        nodes.append(helper.make_node("LSTM", [x, *names], [f"y{layer}"], hidden_size=hidden))
        nodes.append(helper.make_node("Squeeze", [f"y{layer}", "axis"], [f"h{layer}"]))
        x, width = f"h{layer}", hidden
    init.append(helper.make_tensor("axis", TensorProto.INT64, [1], [1]))
    init.append(helper.make_tensor("last", TensorProto.INT64, [], [steps - 1]))
    nodes.append(helper.make_node("Gather", [x, "last"], ["y"], axis=0))
    graph = helper.make_graph(nodes, "lstm", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [steps, 1, inputs])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, hidden])], init)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model, [np.cos(np.arange(steps * inputs) * 0.9).round(4).tolist()]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(os.path.join(sys.argv[1], "xgboost_classifier"), *xgboost_classifier())
    write(os.path.join(sys.argv[1], "lstm_two_layers"), *lstm_two_layers())
