#!/usr/bin/env python3
"""Networks for gas figures that are not in the shared folder: XGBoost classifiers in two forms and an LSTM of two layers.

    python3 bench/evm_models.py DIR          # DIR/xgboost_classifier, xgboost_traversal, lstm_two_layers: network.onnx and input.json
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


def xgboost_traversal(rounds=12):
    """Twelve rounds for each of three classes of irises, the trees filled up to one depth and walked level by level with gathers: the
    form of exporters that go by tensors (a position is twice the one above, plus 1 where the condition holds)."""
    import xgboost
    from sklearn.datasets import load_iris
    x, y = load_iris(return_X_y=True)
    x = x.astype(np.float32)
    m = xgboost.XGBClassifier(n_estimators=rounds).fit(x, y)
    trees = [json.loads(t) for t in m.get_booster().get_dump(dump_format="json")]
    trees = [t for c in range(3) for t in trees[c::3]]
    depth = lambda n: 1 + max(map(depth, n["children"])) if "children" in n else 0
    levels, count = max(map(depth, trees)), len(trees)
    features, thresholds, leaves = [[[] for _ in range(levels)] for _ in range(2)] + [[]]

    def fill(n, level):
        if level == levels:
            leaves.append(n["leaf"])
            return
        features[level].append(int(n["split"][1:]) if "split" in n else 0)
        thresholds[level].append(n.get("split_condition", 0))
        by_id = {c["nodeid"]: c for c in n.get("children", [])}
        for side in ("no", "yes"):
            fill(by_id[n[side]] if by_id else n, level + 1)

    for t in trees:
        fill(t, 0)
    nodes, init = [], []

    def constant(name, array):
        init.append(onnx.numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    flat, two = constant("flat", [-1]), constant("two", np.int64(2))
    for k in range(levels):
        f, t = constant(f"feature{k}", features[k]), constant(f"threshold{k}", np.asarray(thresholds[k], np.float32))
        if k == 0:
            bit = node("Less", [node("Gather", ["x", f], "value0", axis=1), t], "less0")
            at = node("Add", [node("Cast", [bit], "bit0", to=TensorProto.INT64), constant("first", 2 * np.arange(count))], "place0")
            at = node("Reshape", [at, flat], "at0")
            continue
        wanted = node("Reshape", [node("Gather", [f, at], f"wanted{k}", axis=0), constant(f"row{k}", [-1, count])], f"wanted_row{k}")
        value = node("Reshape", [node("GatherElements", ["x", wanted], f"value{k}", axis=1), flat], f"value_flat{k}")
        bit = node("Less", [value, node("Gather", [t, at], f"limit{k}", axis=0)], f"less{k}")
        at = node("Add", [node("Mul", [at, two], f"double{k}"), node("Cast", [bit], f"bit{k}", to=TensorProto.INT64)], f"at{k}")
    leaf = node("Gather", [constant("leaves", np.asarray(leaves, np.float32).reshape(-1, 1)), at], "leaf", axis=0)
    scores = node("ReduceSum", [node("Reshape", [leaf, constant("classes", [-1, 3, rounds])], "by_class"), constant("axis", [2])], "scores", keepdims=0)
    node("ArgMax", [node("Softmax", [scores], "probabilities", axis=1)], "label", axis=1, keepdims=0)
    graph = helper.make_graph(nodes, "trees", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
                              [helper.make_tensor_value_info("label", TensorProto.INT64, [1]), helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 3])], init)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
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
    write(os.path.join(sys.argv[1], "xgboost_traversal"), *xgboost_traversal())
    write(os.path.join(sys.argv[1], "lstm_two_layers"), *lstm_two_layers())
