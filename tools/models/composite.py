"""Writes the cases of internal/onnx/testdata/composite.jsonl: operators that become simpler ones while the graph is built (package
graph, expand.go), with onnxruntime's outputs. The same format as make_models.py writes; also compiled and solved by package lower.

    python tools/models/composite.py
"""
import base64
import json

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import make_models as m
from make_models import add, i64, node, normal

ML = "ai.onnx.ml"
MS = "com.microsoft"
TARGET = m.ROOT / "internal/onnx/testdata/composite.jsonl"


def ml(name, kind, x, outputs=("y",), version=3, order=None, consts=None, **attrs):
    inputs = x if isinstance(x, dict) else {"x": x}
    n = helper.make_node(kind, order or [*inputs, *(consts or {})], list(outputs), domain=ML, **attrs)
    if not add(f"ml/{name}", [n], inputs, consts, outputs, opset=18, extra_opsets=[helper.make_opsetid(ML, version)]):
        print("left out", m.failed[-1])


def ms(name, kind, inputs, consts=None, order=None, outputs=("y",), **attrs):
    n = helper.make_node(kind, order or [*inputs, *(consts or {})], list(outputs), domain=MS, **attrs)
    if not add(f"microsoft/{name}", [n], inputs, consts, outputs, opset=18, extra_opsets=[helper.make_opsetid(MS, 1)]):
        print("left out", m.failed[-1])


def trees(count, depth, features, targets, kind, r, leaf="class", positive=False, per_leaf=1, mode=None, round_to=1):
    """Attributes of a random ensemble; leaves at different depths."""
    a = {k: [] for k in "treeids nodeids featureids values modes truenodeids falsenodeids hitrates missing_value_tracks_true".split()}
    l = {k: [] for k in "treeids nodeids ids weights".split()}
    for t in range(count):
        next_id = [0]

        def grow(d):
            i = next_id[0]
            next_id[0] += 1
            at = len(a["treeids"])
            is_leaf = d == depth or d > 0 and r.random() < .25
            for k, v in dict(treeids=t, nodeids=i, featureids=int(r.integers(features)), values=float(np.float32(np.round(r.normal(), round_to))),
                             modes="LEAF" if is_leaf else mode or str(r.choice(kind)), truenodeids=0, falsenodeids=0, hitrates=1.0, missing_value_tracks_true=0).items():
                a[k].append(v)
            if is_leaf:
                for c in r.permutation(targets)[:per_leaf]:
                    w = float(np.float32(r.normal()))
                    for k, v in dict(treeids=t, nodeids=i, ids=int(c), weights=abs(w) if positive else w).items():
                        l[k].append(v)
            else:
                a["truenodeids"][at] = grow(d + 1)
                a["falsenodeids"][at] = grow(d + 1)
            return i

        grow(0)
    return {f"nodes_{k}": v for k, v in a.items()} | {f"{leaf}_{k}": v for k, v in l.items()}


def forests():
    r = np.random.default_rng(11)
    x = np.round(normal(5, 4), 1)  # ties with thresholds occur
    every = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
    for mode in every:
        ml(f"TreeEnsembleRegressor {mode}", "TreeEnsembleRegressor", x, n_targets=1, **trees(3, 3, 4, 1, every, r, "target", mode=mode))
    for f in ("SUM", "AVERAGE", "MIN", "MAX"):
        ml(f"TreeEnsembleRegressor {f}", "TreeEnsembleRegressor", x, n_targets=1, aggregate_function=f, base_values=[.5], **trees(4, 3, 4, 1, every, r, "target"))
    ml("TreeEnsembleRegressor targets", "TreeEnsembleRegressor", x, n_targets=3, base_values=[.5, 0., -1.], **trees(4, 4, 4, 3, every, r, "target", per_leaf=2))
    ml("TreeEnsembleRegressor one leaf", "TreeEnsembleRegressor", x, n_targets=1, **trees(2, 0, 4, 1, every, r, "target"))
    ml("TreeEnsembleRegressor deep", "TreeEnsembleRegressor", x, n_targets=1, **trees(2, 9, 4, 1, every, r, "target"))
    for post in ("NONE", "LOGISTIC", "SOFTMAX"):
        for positive in (True, False):
            ml(f"TreeEnsembleClassifier two {post} {positive}", "TreeEnsembleClassifier", x, ("l", "y"), classlabels_int64s=[3, 8], post_transform=post,
               **trees(4, 3, 4, 1, every, r, positive=positive))
            ml(f"TreeEnsembleClassifier base {post} {positive}", "TreeEnsembleClassifier", x, ("l", "y"), classlabels_int64s=[0, 1], post_transform=post, base_values=[.3],
               **trees(4, 3, 4, 1, every, r, positive=positive))
        ml(f"TreeEnsembleClassifier both {post}", "TreeEnsembleClassifier", x, ("l", "y"), classlabels_int64s=[0, 1], post_transform=post,
           **trees(4, 3, 4, 2, every, r, per_leaf=2))
        ml(f"TreeEnsembleClassifier four {post}", "TreeEnsembleClassifier", x, ("l", "y"), classlabels_int64s=[0, 1, 2, 7], post_transform=post, base_values=[.1, .2, 0., .5],
           **trees(6, 3, 4, 4, every, r, per_leaf=4))
    second = trees(4, 3, 4, 1, every, r)
    second["class_ids"] = [1] * len(second["class_ids"])
    ml("TreeEnsembleClassifier second", "TreeEnsembleClassifier", x, ("l", "y"), classlabels_int64s=[0, 1], post_transform="LOGISTIC", **second)
    ml("TreeEnsembleRegressor float64", "TreeEnsembleRegressor", x.astype(np.float64), n_targets=1, **trees(3, 3, 4, 1, every, r, "target"))
    splits = helper.make_tensor("s", TensorProto.FLOAT, [3], [.3, -.2, .5])
    modes = lambda *v: helper.make_tensor("m", TensorProto.UINT8, [len(v)], list(v))  # noqa: E731
    weights = helper.make_tensor("w", TensorProto.FLOAT, [4], [1., -2., 3.5, 4.])
    for agg in (0, 1, 2, 3):
        ml(f"TreeEnsemble {agg}", "TreeEnsemble", x, version=5, n_targets=1, tree_roots=[0, 2], nodes_featureids=[0, 1, 2], nodes_splits=splits, nodes_modes=modes(0, 3, 1),
           nodes_truenodeids=[1, 0, 2], nodes_falsenodeids=[1, 0, 3], nodes_trueleafs=[0, 1, 1], nodes_falseleafs=[1, 1, 1],
           leaf_targetids=[0, 0, 0, 0], leaf_weights=weights, aggregate_function=agg, post_transform=0)


def linear():
    x = normal(5, 4)
    for post in ("NONE", "LOGISTIC", "SOFTMAX"):
        ml(f"LinearClassifier one {post}", "LinearClassifier", x, ("l", "y"), coefficients=[.5, -1.2, .3, .8], intercepts=[.1], classlabels_ints=[3, 4], post_transform=post)
        ml(f"LinearClassifier three {post}", "LinearClassifier", x, ("l", "y"), coefficients=normal(12).tolist(), intercepts=[.1, .2, -.4], classlabels_ints=[0, 1, 2], post_transform=post, multi_class=1)
        ml(f"LinearRegressor {post}", "LinearRegressor", x, coefficients=normal(8).tolist(), intercepts=[.1, 2.], targets=2, post_transform=post)
    sv = dict(support_vectors=normal(7 * 4).tolist(), kernel_params=[.5, .1, 3.])
    for kernel in ("LINEAR", "POLY", "RBF", "SIGMOID"):
        ml(f"SVMRegressor {kernel}", "SVMRegressor", .5 * x, kernel_type=kernel, coefficients=normal(7).tolist(), rho=[.12], n_supports=7, **sv)
        ml(f"SVMClassifier {kernel}", "SVMClassifier", .5 * x, ("l", "y"), kernel_type=kernel, coefficients=normal(7).tolist(), rho=[.12], vectors_per_class=[3, 4], classlabels_ints=[3, 4], **sv)
    ml("SVMRegressor one class", "SVMRegressor", x, kernel_type="RBF", coefficients=normal(7).tolist(), rho=[.12], n_supports=7, one_class=1, **sv)
    ml("SVMClassifier probability", "SVMClassifier", x, ("l", "y"), kernel_type="RBF", coefficients=normal(7).tolist(), rho=[.12], vectors_per_class=[3, 4], classlabels_ints=[0, 1],
       prob_a=[-1.3], prob_b=[.2], **sv)
    ml("SVMClassifier logistic", "SVMClassifier", x, ("l", "y"), kernel_type="RBF", coefficients=normal(7).tolist(), rho=[.12], vectors_per_class=[3, 4], classlabels_ints=[0, 1], post_transform="LOGISTIC", **sv)
    ml("SVMClassifier three", "SVMClassifier", x, ("l", "y"), kernel_type="RBF", coefficients=normal(14).tolist(), rho=[.12, -.3, .2], vectors_per_class=[2, 2, 3], classlabels_ints=[5, 6, 9], **sv)


def transforms():
    """Rarer post_transforms and node modes; constants only."""
    x = np.float32([[.2, .3, .1], [.5, 0, 0], [.05, .7, .3], [.9, .4, .6], [.4, .35, .02]])
    for post in ("SOFTMAX_ZERO", "PROBIT"):
        ml(f"LinearRegressor {post}", "LinearRegressor", x, coefficients=[.7, .1, .1, .1, .8, .05], intercepts=[.02, .03], targets=2, post_transform=post)
        ml(f"LinearClassifier three {post}", "LinearClassifier", x, ("l", "y"), coefficients=[.6, .1, .2, 0., .5, .1, .2, .2, .2], intercepts=[.05, .1, .02],
           classlabels_ints=[0, 1, 2], post_transform=post)
    for post in ("SOFTMAX", "SOFTMAX_ZERO", "PROBIT"):
        ml(f"LinearRegressor one {post}", "LinearRegressor", x, coefficients=[.7, .1, .1], intercepts=[.02], post_transform=post)
    for post in ("SOFTMAX", "SOFTMAX_ZERO"):
        ml(f"LinearClassifier a score {post}", "LinearClassifier", x, ("l", "y"), coefficients=[.5, -.7, .3], intercepts=[.1], classlabels_ints=[3, 4], post_transform=post)
    tree = dict(nodes_treeids=[0] * 5, nodes_nodeids=[0, 1, 2, 3, 4], nodes_featureids=[0, 0, 1, 0, 0], nodes_values=[.3, 0., .5, 0., 0.],
                nodes_modes=["BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 3, 0, 0], nodes_falsenodeids=[2, 0, 4, 0, 0])
    ml("TreeEnsembleClassifier SOFTMAX_ZERO", "TreeEnsembleClassifier", x, ("l", "y"), class_treeids=[0] * 5, class_nodeids=[1, 1, 3, 3, 4], class_ids=[0, 1, 1, 2, 2],
       class_weights=[.3, .7, .2, .8, .95], classlabels_int64s=[0, 1, 2], post_transform="SOFTMAX_ZERO", **tree)
    ml("TreeEnsembleClassifier PROBIT", "TreeEnsembleClassifier", x, ("l", "y"), class_treeids=[0] * 6, class_nodeids=[1, 1, 3, 3, 4, 4], class_ids=[0, 1, 0, 1, 0, 1],
       class_weights=[.3, .7, .2, .8, .95, .05], classlabels_int64s=[0, 1], post_transform="PROBIT", **tree)
    for post in ("SOFTMAX", "PROBIT"):
        ml(f"TreeEnsembleRegressor {post}", "TreeEnsembleRegressor", x, target_treeids=[0] * 3, target_nodeids=[1, 3, 4], target_ids=[0, 0, 0],
           target_weights=[.3, .6, .95], n_targets=1, post_transform=post, **tree)
    table = np.float32([[1.2, 3.4], [8, 7], [12, 9], [7, 3.5], [9, 12], [-.12, 7]])
    floats = lambda name, *v: helper.make_tensor(name, TensorProto.FLOAT, [len(v)], list(v))  # noqa: E731
    nan = float("nan")
    for name, members in (("", (1.2, 8, 9, nan, 12, 7, nan)), (" equal sets", (12, 7, nan, 7, 12, 7)), (" one", (8, nan, 12))):
        ml(f"TreeEnsemble member{name}", "TreeEnsemble", table, version=5, n_targets=2, tree_roots=[0], nodes_featureids=[0, 1, 1], nodes_splits=floats("s", 0, 0, 5),
           nodes_modes=helper.make_tensor("m", TensorProto.UINT8, [3], [6, 6, 1]), membership_values=floats("v", *members), nodes_truenodeids=[0, 1, 2], nodes_falsenodeids=[1, 2, 3],
           nodes_trueleafs=[1, 1, 1], nodes_falseleafs=[0, 0, 1], leaf_targetids=[0, 1, 0, 1], leaf_weights=floats("w", 1., -2., 3.5, 4.), aggregate_function=1, post_transform=0)


def tables():
    x = normal(3, 4)
    ml("Scaler", "Scaler", x, offset=[.5, 1., -2., 0.], scale=[2., .5, 1.5, 1.])
    ml("Scaler one", "Scaler", x, offset=[.5], scale=[2.])
    wide = np.array([[4000, .002, 3, 70], [100, .009, -2, 10], [2500, .004, 1, 30]], np.float32)
    ml("Scaler spread", "Scaler", wide, offset=[1000., .005, 0., 40.], scale=[.001, 300., .5, .02])
    ml("LinearRegressor spread", "LinearRegressor", wide, coefficients=[.001, 200., .5, .02], intercepts=[.3], targets=1)
    for kind in ("MAX", "L1", "L2"):
        ml(f"Normalizer {kind}", "Normalizer", np.abs(x) + .5, norm=kind)
    ml("Binarizer", "Binarizer", x, threshold=.3)
    ml("Imputer", "Imputer", np.array([[1, 2, 0], [2, 0, 5]], np.float32), imputed_value_floats=[7., 8., 9.], replaced_value_float=2.)
    ml("Imputer integers", "Imputer", np.array([[1, 2, 0], [2, 0, 5]]), imputed_value_int64s=[7], replaced_value_int64=2)
    ml("FeatureVectorizer", "FeatureVectorizer", {"a": normal(3, 2), "b": normal(3, 1)}, inputdimensions=[2, 1])
    ml("ArrayFeatureExtractor", "ArrayFeatureExtractor", {"x": x}, consts={"i": i64(3, 0, 0)})
    ml("ArrayFeatureExtractor row", "ArrayFeatureExtractor", {"x": x[0]}, consts={"i": i64(2, 1)})
    ml("LabelEncoder", "LabelEncoder", np.array([4, 1, 9, -3]), keys_int64s=[1, 4, 7], values_int64s=[10, 20, 30], default_int64=-5)
    ml("LabelEncoder floats", "LabelEncoder", np.array([4, 1, 9]), keys_int64s=[1, 4, 7], values_floats=[1.5, 2.5, -3.], default_float=.25)
    ml("OneHotEncoder", "OneHotEncoder", np.array([[2, 0], [5, 2]]), cats_int64s=[0, 2, 3])
    zip_map = [helper.make_node("LinearClassifier", ["x"], ["l", "p"], domain=ML, coefficients=[.5, -1.2, .3, .8], intercepts=[.1], classlabels_ints=[3, 4]),
               helper.make_node("ZipMap", ["p"], ["z"], domain=ML, classlabels_int64s=[3, 4]), node("Cast", ["l"], ["y"], to=TensorProto.INT64)]
    add("ml/ZipMap", zip_map, {"x": x}, outputs=("y",), opset=18, extra_opsets=[helper.make_opsetid(ML, 3)])


def recurrent():
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}
    x = normal(4, 3, 2)
    for kind, g in gates.items():
        for direction, d in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
            k = {"w": .6 * normal(d, g * 3, 2), "r": .6 * normal(d, g * 3, 3), "b": .4 * normal(d, 2 * g * 3)}
            outs = ("y", "h", "c") if kind == "LSTM" else ("y", "h")
            m.op(f"rnn/{kind} {direction} lengths", kind, {"x": x}, {**k, "n": np.array([4, 1, 3], np.int32)}, outputs=outs, hidden_size=3, direction=direction)
        if kind != "RNN":
            m.op(f"rnn/{kind} clip", kind, {"x": 3 * x}, k | {"w": k["w"][:1], "r": k["r"][:1], "b": k["b"][:1]}, outputs=("y",), hidden_size=3, clip=.7)
    k = {"w": .6 * normal(1, 12, 2), "r": .6 * normal(1, 12, 3), "b": .4 * normal(1, 24)}
    for acts in (["HardSigmoid", "Softsign", "Relu"], ["Sigmoid", "Affine", "ScaledTanh"], ["Sigmoid", "LeakyRelu", "Elu"]):
        m.op(f"rnn/LSTM {' '.join(acts)}", "LSTM", {"x": x}, k, outputs=("y",), hidden_size=3, activations=acts, activation_alpha=[.3, .6, .8], activation_beta=[.4, .2, .7])
    state = {"h0": normal(1, 3, 3), "c0": normal(1, 3, 3)}
    m.op("rnn/LSTM private state", "LSTM", {"x": x, **state}, k, order=["x", "w", "r", "b", "", "h0", "c0"], outputs=("y", "h", "c"), hidden_size=3)
    m.op("rnn/LSTM peepholes and state", "LSTM", {"x": x}, {**k, **state, "p": normal(1, 9)}, order=["x", "w", "r", "b", "", "h0", "c0", "p"], outputs=("y", "h", "c"), hidden_size=3)
    m.op("rnn/LSTM coupled", "LSTM", {"x": x}, {**k, **state}, order=["x", "w", "r", "b", "", "h0", "c0"], outputs=("y",), hidden_size=3, input_forget=1)
    m.op("rnn/GRU private state", "GRU", {"x": x, "h0": state["h0"]}, {"w": .6 * normal(1, 9, 2), "r": .6 * normal(1, 9, 3)}, order=["x", "w", "r", "", "", "h0"], outputs=("y",), hidden_size=3)
    two = [helper.make_node("LSTM", ["x", "w1", "r1", "b1"], ["y1"], hidden_size=5, direction="bidirectional"), node("Transpose", ["y1"], ["t"], perm=[0, 2, 1, 3]),
           node("Reshape", ["t", "s"], ["u"]), helper.make_node("LSTM", ["u", "w2", "r2", "b2"], ["v", "h"], hidden_size=4), node("Squeeze", ["h", "z"], ["q"]), node("Gemm", ["q", "o"], ["y"])]
    add("rnn/LSTM two layers", two, {"x": normal(6, 2, 3)}, {"w1": .5 * normal(2, 20, 3), "r1": .5 * normal(2, 20, 5), "b1": .3 * normal(2, 40), "w2": .4 * normal(1, 16, 10),
        "r2": .4 * normal(1, 16, 4), "b2": .3 * normal(1, 32), "s": i64(6, 2, 10), "z": i64(0), "o": normal(4, 2)}, opset=18)


def graph(nodes, name, ins, outs):
    return helper.make_graph(nodes, name, [helper.make_tensor_value_info(n, t, s) for n, t, s in ins], [helper.make_tensor_value_info(n, t, s) for n, t, s in outs])


def control():
    F, I, B = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
    x = normal(2, 3)
    yes = graph([node("Mul", ["x", "k"], ["a"])], "yes", [], [("a", F, [2, 3])])
    no = graph([node("Relu", ["x"], ["b"])], "no", [], [("b", F, [2, 3])])
    for c in (2., -50.):
        add(f"control/If data {c}", [node("ReduceSum", ["x"], ["s"], keepdims=0), node("Greater", ["s", "c"], ["t"]), node("If", ["t"], ["y"], then_branch=yes, else_branch=no)],
            {"x": x}, {"k": np.float32(1.5), "c": np.float32(c)}, opset=18)
    body = graph([node("Cast", ["i"], ["f"], to=F), node("Add", ["f", "k"], ["g"]), node("MatMul", ["s", "w"], ["p"]), node("Tanh", ["p"], ["q"]), node("Add", ["q", "x"], ["o"]),
                  node("Mul", ["o", "g"], ["e"]), node("Identity", ["c"], ["d"])], "body", [("i", I, []), ("c", B, []), ("s", F, [2, 3])], [("d", B, []), ("o", F, [2, 3]), ("e", F, [2, 3])])
    loop = [node("Loop", ["n", "", "x"], ["y", "z"], body=body)]
    add("control/Loop", loop, {"x": x}, {"n": np.int64(4), "w": .5 * normal(3, 3), "k": np.float32(.5)}, outputs=("y", "z"), opset=18)
    stop = graph([node("Add", ["s", "x"], ["o"]), node("Less", ["i", "two"], ["d"])], "stop", [("i", I, []), ("c", B, []), ("s", F, [2, 3])], [("d", B, []), ("o", F, [2, 3])])
    add("control/Loop condition", [node("Loop", ["", "t", "x"], ["y"], body=stop)], {"x": x}, {"two": np.int64(2), "t": np.bool_(True)}, opset=18)
    scan = graph([node("Add", ["s", "v"], ["a"]), node("Mul", ["v", "k"], ["b"])], "scan", [("s", F, [3]), ("v", F, [3])], [("a", F, [3]), ("b", F, [3])])
    for back in (0, 1):
        add(f"control/Scan {back}", [node("Scan", ["s0", "x"], ["y", "z"], body=scan, num_scan_inputs=1, scan_input_directions=[back], scan_output_directions=[1 - back], scan_output_axes=[1])],
            {"x": normal(5, 3)}, {"s0": normal(3), "k": np.float32(2)}, outputs=("y", "z"), opset=18)
    add("control/Scan axis", [node("Scan", ["s0", "x"], ["y", "z"], body=scan, num_scan_inputs=1, scan_input_axes=[1])], {"x": normal(3, 4)}, {"s0": normal(3), "k": np.float32(2)}, outputs=("y", "z"), opset=18)
    add("sequence/at", [node("SequenceConstruct", ["x", "w", "x"], ["s"]), node("SequenceErase", ["s", "o"], ["t"]), node("SequenceInsert", ["t", "w", "o"], ["u"]), node("SequenceAt", ["u", "m"], ["a"]),
                        node("SequenceLength", ["u"], ["n"]), node("Cast", ["n"], ["f"], to=F), node("Mul", ["a", "f"], ["y"])], {"x": x}, {"w": normal(2, 3), "o": np.int64(0), "m": np.int64(-1)}, opset=18)
    add("sequence/split", [node("SplitToSequence", ["x"], ["s"], axis=1, keepdims=0), node("ConcatFromSequence", ["s"], ["t"], axis=0, new_axis=1), node("Relu", ["t"], ["y"])], {"x": x}, opset=18)
    add("sequence/split lengths", [node("SplitToSequence", ["x", "l"], ["s"], axis=1), node("SequenceEmpty", [], ["e"]), node("SequenceAt", ["s", "o"], ["a"]), node("SequenceInsert", ["e", "a"], ["u"]),
                                   node("SequenceInsert", ["u", "x"], ["v"]), node("ConcatFromSequence", ["v"], ["y"], axis=1)], {"x": x}, {"l": i64(1, 2), "o": np.int64(1)}, opset=18)
    gather = graph([node("SequenceInsert", ["s", "x"], ["o"]), node("Identity", ["c"], ["d"])], "gather", [("i", I, []), ("c", B, [])], [("d", B, [])])
    gather.input.append(helper.make_tensor_sequence_value_info("s", F, [2, 3]))
    gather.output.append(helper.make_tensor_sequence_value_info("o", F, [2, 3]))
    add("sequence/loop", [node("SequenceConstruct", ["x"], ["s0"]), node("Loop", ["n", "", "s0"], ["l"], body=gather), node("ConcatFromSequence", ["l"], ["t"], axis=0), node("Neg", ["t"], ["y"])],
        {"x": x}, {"n": np.int64(2)}, opset=18)


def attention():
    def case(name, q, k, v, extra=None, consts=None, order=None, outputs=("y",), opset=23, **attrs):
        inputs = {"q": normal(*q), "k": normal(*k), "v": normal(*v), **(extra or {})}
        m.op(f"attention/{name}", "Attention", inputs, consts, opset=opset, outputs=outputs, order=order, **attrs) or print("left out", m.failed[-1])
    four = ([2, 3, 4, 8], [2, 3, 6, 8], [2, 3, 6, 5])
    case("plain", *four)
    case("causal", [1, 2, 5, 8], [1, 2, 5, 8], [1, 2, 5, 8], is_causal=1)
    case("scale", *four, scale=.2)
    case("softcap", *four, softcap=2.)
    case("three axes", [2, 4, 24], [2, 6, 24], [2, 6, 24], q_num_heads=3, kv_num_heads=3)
    case("grouped", [1, 6, 4, 8], [1, 2, 6, 8], [1, 2, 6, 8])
    case("grouped three axes", [2, 4, 32], [2, 6, 16], [2, 6, 16], q_num_heads=4, kv_num_heads=2, is_causal=1)
    case("mask", *four, consts={"m": m.rng.integers(0, 2, (4, 6)).astype(bool) | (np.arange(6) == 2)})
    case("mask numbers", *four, consts={"m": normal(2, 1, 4, 6)})
    case("mask input", *four, extra={"m": m.rng.integers(0, 2, (2, 1, 4, 6)).astype(bool) | (np.arange(6) == 2)})
    case("mask numbers input", *four, extra={"m": normal(4, 6)})
    case("past", [1, 2, 3, 8], [1, 2, 3, 8], [1, 2, 3, 8], extra={"p": normal(1, 2, 4, 8), "r": normal(1, 2, 4, 8)}, order=["q", "k", "v", "", "p", "r"], outputs=("y", "pk", "pv"), is_causal=1)
    case("scores", *four, outputs=("y", "a", "b", "s"), order=["q", "k", "v"], qk_matmul_output_mode=0)
    case("probabilities", *four, outputs=("y", "a", "b", "s"), order=["q", "k", "v"], qk_matmul_output_mode=3)
    cache = lambda n, d: {"c": np.cos(normal(n, d)), "s": np.sin(normal(n, d))}  # noqa: E731
    for inter in (0, 1):
        m.op(f"attention/rotary {inter}", "RotaryEmbedding", {"x": normal(2, 3, 4, 8)}, {**cache(10, 4), "p": np.array([[0, 1, 2, 3], [5, 4, 3, 9]])}, opset=23, interleaved=inter)
        m.op(f"attention/rotary part {inter}", "RotaryEmbedding", {"x": normal(2, 3, 4, 8)}, {"c": normal(2, 4, 2), "s": normal(2, 4, 2)}, opset=23, interleaved=inter, rotary_embedding_dim=4)
        ms(f"rotary {inter}", "RotaryEmbedding", {"x": normal(2, 3, 16)}, {"p": i64(2), **cache(10, 4)}, interleaved=inter)
    m.op("attention/rotary three axes", "RotaryEmbedding", {"x": normal(2, 4, 24)}, {**cache(10, 4), "p": np.array([[0, 1, 2, 3], [5, 4, 3, 9]])}, opset=23, num_heads=3)
    x, h = normal(2, 4, 12), 12
    ms("Attention", "Attention", {"x": x}, {"w": .3 * normal(12, 36), "b": normal(36)}, num_heads=3)
    ms("Attention causal", "Attention", {"x": x}, {"w": .3 * normal(12, 36), "b": normal(36)}, num_heads=3, unidirectional=1)
    ms("Attention mask", "Attention", {"x": x}, {"w": .3 * normal(12, 36), "b": normal(36), "m": np.array([[1, 1, 0, 1], [1, 1, 1, 0]], np.int32)}, num_heads=3)
    ms("MultiHeadAttention", "MultiHeadAttention", {"q": x, "k": normal(2, 5, h), "v": normal(2, 5, h)}, {"b": normal(36)}, num_heads=2)
    ms("MultiHeadAttention bias", "MultiHeadAttention", {"q": x, "k": normal(2, 5, h), "v": normal(2, 5, h)}, {"b": normal(36), "a": normal(1, 2, 4, 5)}, order=["q", "k", "v", "b", "", "a"], num_heads=2)


def fused():
    x, s = normal(2, 3, 8), normal(2, 3, 8)
    ms("BiasGelu", "BiasGelu", {"x": x}, {"b": normal(8)})
    ms("FastGelu", "FastGelu", {"x": x}, {"b": normal(8)})
    ms("FastGelu plain", "FastGelu", {"x": x})
    ms("Gelu", "Gelu", {"x": x})
    ms("QuickGelu", "QuickGelu", {"x": x}, alpha=1.702)
    ms("FusedMatMul", "FusedMatMul", {"x": normal(2, 4, 3)}, {"w": normal(5, 4)}, transA=1, transB=1, alpha=.5)
    ms("FusedGemm", "FusedGemm", {"x": normal(3, 4)}, {"w": normal(4, 5), "c": normal(5)}, activation="Relu", alpha=.5)
    ms("FusedConv", "FusedConv", {"x": normal(1, 2, 5, 5)}, {"w": normal(3, 2, 3, 3), "b": normal(3)}, activation="Relu", pads=[1, 1, 1, 1])
    skip = helper.make_node("SkipLayerNormalization", ["x", "s", "g", "b", "c"], ["y", "", "", "t"], domain=MS)
    add("microsoft/SkipLayerNormalization", [skip], {"x": x, "s": s}, {"g": normal(8), "b": normal(8), "c": normal(8)}, ("y", "t"), opset=18, extra_opsets=[helper.make_opsetid(MS, 1)])
    ms("SkipSimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization", {"x": x, "s": s}, {"g": normal(8)}, outputs=("y",))
    m.op("fused/SimplifiedLayerNormalization", "SimplifiedLayerNormalization", {"x": x}, {"g": normal(8)}, opset=18, axis=-1, epsilon=1e-5)


def quantised():
    u, i = lambda *s: m.rng.integers(0, 255, s).astype(np.uint8), lambda *s: m.rng.integers(-127, 127, s).astype(np.int8)  # noqa: E731
    f, z = np.float32, np.uint8
    m.op("quantised/ConvInteger", "ConvInteger", {"x": u(1, 2, 5, 5)}, {"w": i(3, 2, 3, 3), "xz": z(120)}, pads=[1, 1, 1, 1])
    m.op("quantised/QLinearConv", "QLinearConv", {"x": u(1, 2, 5, 5)}, {"xs": f(.02), "xz": z(120), "w": u(3, 2, 3, 3), "ws": f(.01), "wz": z(125), "ys": f(.07), "yz": z(110), "b": m.rng.integers(-900, 900, 3).astype(np.int32)})
    m.op("quantised/QLinearMatMul", "QLinearMatMul", {"x": u(4, 6)}, {"xs": f(.02), "xz": z(120), "w": u(6, 3), "ws": f(.01), "wz": z(125), "ys": f(.07), "yz": z(110)})


def losses():
    x, t, w = normal(3, 5, 2), m.rng.integers(0, 5, (3, 2)).astype(np.int64), np.abs(normal(5))
    for kind in ("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"):
        for reduction in ("none", "sum", "mean"):
            m.op(f"losses/{kind} {reduction}", kind, {"x": x, "t": t}, opset=13, reduction=reduction)
        m.op(f"losses/{kind} weights", kind, {"x": x, "t": t}, {"w": w}, opset=13, ignore_index=1)
    m.op("losses/LayerNormalization moments", "LayerNormalization", {"x": normal(2, 3, 8)}, {"g": normal(8), "b": normal(8)}, outputs=("y", "mean", "inverse"))


def newer():
    """Operators that onnxruntime does not have, and what it computes differently: with the outputs of onnx's own evaluator."""
    r = np.random.default_rng(31)
    normal = lambda *s: r.normal(size=s).astype(np.float32)  # noqa: E731

    def case(name, nodes, inputs, consts=None, outputs=("y",), opset=27, extra=()):
        infos = [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for k, v in inputs.items()]
        g = helper.make_graph(nodes, name, infos, [helper.make_empty_tensor_value_info(o) for o in outputs],
                              [numpy_helper.from_array(v, k) for k, v in (consts or {}).items()])
        model = helper.make_model(g, opset_imports=[helper.make_opsetid("", opset), *extra], ir_version=8)
        got = ReferenceEvaluator(model).run(None, inputs)
        m.lines.append(json.dumps({"case": f"newer/{name}", "model": base64.b64encode(model.SerializeToString()).decode(),
                                   "inputs": [m.as_json(k, v) for k, v in inputs.items()],
                                   "outputs": [m.as_json(k, np.asarray(v)) for k, v in zip(outputs, got)]}, separators=(",", ":")))

    x, w, b = normal(2, 3, 5), normal(3, 1, 4), normal(3)
    conv = lambda ins, **a: [node("CausalConvWithState", ins, ["y", "s"], **a)]  # noqa: E731
    case("CausalConvWithState", conv(["x", "w"]), {"x": x}, {"w": w}, ("y", "s"))
    case("CausalConvWithState past", conv(["x", "w", "b", "p"], activation="silu"), {"x": x, "p": normal(2, 3, 3)}, {"w": w, "b": b}, ("y", "s"))
    q, k, v = normal(2, 3, 8), .5 * normal(2, 3, 4), normal(2, 3, 6)
    for rule, gates in {"linear": [], "gated": ["d"], "delta": ["", "b"], "gated_delta": ["d", "b"]}.items():
        ins = {"d": -np.abs(normal(2, 3, 4)), "b": np.abs(normal(2, 3, 2))}
        case(f"LinearAttention {rule}", [node("LinearAttention", ["q", "k", "v", "s", *gates], ["y", "t"], q_num_heads=4, kv_num_heads=2, update_rule=rule)],
             {"q": q, "k": k, "v": v, "s": normal(2, 2, 2, 3), **{g: ins[g] for g in gates if g}}, outputs=("y", "t"))
    case("TensorScatter", [node("TensorScatter", ["x", "u", "i"], ["y"], mode="circular")], {"x": normal(2, 1, 4, 3), "u": normal(2, 1, 2, 3)}, {"i": i64(1, 3)})
    inf = np.float32(-np.inf)
    body = helper.make_graph([node("Where", ["c", "a", "l"], ["z"])], "score", [helper.make_tensor_value_info("a", TensorProto.FLOAT, [1, 2, 3, 3])],
                             [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 2, 3, 3])],
                             [numpy_helper.from_array(np.tri(3, dtype=bool), "c"), numpy_helper.from_array(inf, "l")])
    case("FlexAttention", [helper.make_node("FlexAttention", ["q", "k", "v"], ["y"], domain="ai.onnx.preview", score_mod=body)],
         {"q": normal(1, 2, 3, 4), "k": normal(1, 1, 3, 4), "v": normal(1, 1, 3, 5)}, extra=[helper.make_opsetid("ai.onnx.preview", 1)])
    masked = {"q": normal(1, 2, 3, 4), "k": normal(1, 2, 3, 4), "v": normal(1, 2, 3, 5), "m": np.array([[1, 0, 1], [0, 0, 0], [0, 1, 1]], bool)}
    case("Attention, a row masked", [node("Attention", ["q", "k", "v", "m"], ["y"])], masked, opset=24)
    zero = np.zeros(1, np.float32)
    case("Softmax, a row masked", [node("Where", ["m", "x", "l"], ["a"]), node("Add", ["a", "c"], ["s"]), node("Softmax", ["s"], ["p"]), node("ReduceMax", ["s", "n"], ["r"]),
                                   node("Equal", ["r", "l"], ["e"]), node("Where", ["e", "z", "p"], ["y"])],
         {"x": normal(3, 3), "m": masked["m"]}, {"l": inf, "c": np.array([0, 1, inf], np.float32), "n": i64(-1), "z": zero}, opset=18)
    for kind, t in {"QuantizeLinear": np.float32, "DequantizeLinear": np.uint8}.items():
        data = (normal(3, 5) * 2).astype(np.float32) if t == np.float32 else r.integers(0, 255, (3, 5)).astype(t)
        case(f"{kind} blocks", [node(kind, ["x", "s", "z"], ["y"], axis=1, block_size=2)], {"x": data},
             {"s": np.array([[.5, .25, 1], [.1, 1, 2], [3, .2, .3]], np.float32), "z": r.integers(100, 140, (3, 3)).astype(np.uint8)}, opset=21)
    case("Split, a part empty", [node("Split", ["x", "n"], ["a", "b"], axis=1), node("Neg", ["a"], ["c"]), node("Concat", ["c", "b"], ["y"], axis=1)],
         {"x": normal(2, 4)}, {"n": i64(4, 0)}, opset=18)

    for kind in ("causal", "masked"):
        block(case, kind, np.random.default_rng(32))


def block(case, kind, r, b=1, s=5, c=8, h=2):
    """A layer of a transformer: causal as GPT-2's, with minus infinity; or with a mask of integers as BERT's."""
    nodes, consts = [], {}

    def const(v):
        consts[f"c{len(consts)}"] = np.asarray(v)
        return f"c{len(consts) - 1}"

    def n(kind, *ins, outs=1, **a):
        names = [f"t{len(nodes)}_{i}" for i in range(outs)]
        nodes.append(node(kind, list(ins), names, **a))
        return names if outs > 1 else names[0]

    f32 = lambda x: const(np.float32(x))  # noqa: E731
    some = lambda *shape, k=1.: const((k * r.normal(size=shape)).astype(np.float32))  # noqa: E731
    linear = lambda x, i, o: n("Add", n("MatMul", x, some(i, o, k=i**-.5)), some(o, k=.1))  # noqa: E731
    norm = lambda x: n("LayerNormalization", x, const((1 + .1 * r.normal(size=c)).astype(np.float32)), some(c, k=.1))  # noqa: E731
    heads = lambda x: n("Transpose", n("Reshape", x, const(i64(b, s, h, c // h))), perm=[0, 2, 1, 3])  # noqa: E731
    x = norm("x") if kind == "causal" else "x"
    q, k, v = (heads(t) for t in n("Split", linear(x, c, 3 * c), outs=3, axis=2, num_outputs=3))
    scores = n("Div", n("MatMul", q, n("Transpose", k, perm=[0, 1, 3, 2])), f32((c // h)**.5))
    if kind == "causal":
        scores = n("Add", scores, const(np.where(np.tri(s, dtype=bool), 0, -np.inf).astype(np.float32)))
    else:
        hidden = n("Sub", f32(1), n("Cast", n("Unsqueeze", "m", const(i64(1, 2))), to=TensorProto.FLOAT))
        scores = n("Add", scores, n("Mul", hidden, f32(np.finfo(np.float32).min)))
    y = n("Reshape", n("Transpose", n("MatMul", n("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3]), const(i64(b, s, c)))
    y = n("Add", "x", linear(y, c, c))
    if kind == "masked":
        y = norm(y)
    z = n("Add", y, linear(n("Gelu", linear(norm(y) if kind == "causal" else y, c, 2 * c)), 2 * c, c))
    nodes.append(node("Identity", [z if kind == "causal" else norm(z)], ["y"]))
    inputs = {"x": r.normal(size=(b, s, c)).astype(np.float32)}
    if kind == "masked":
        inputs["m"] = np.array([[1, 1, 1, 0, 0]])
    case(f"transformer {kind}", nodes, inputs, consts, opset=20)


SIZES = np.array([3000, 40, 1, .3, .02, 700], np.float32)  # of a table's columns
SPREAD = np.array([900, 10, .3, .1, .005, 300], np.float32)


def standardised():
    """Tables of features that the network itself standardises."""
    x = SIZES + SPREAD * np.array([[1, -.5, .25, 2, -1, .75], [-1.5, .5, 1, -.25, .5, -2]], np.float32)
    w = {"w": (np.arange(18, dtype=np.float32) - 9).reshape(6, 3) / 16, "m": SIZES, "d": SPREAD}
    add("tables/divided", [node("Sub", ["x", "m"], ["c"]), node("Div", ["c", "d"], ["z"]), node("MatMul", ["z", "w"], ["y"])], {"x": x}, w)
    add("tables/divided doubles", [node("Sub", ["x", "m"], ["c"]), node("Div", ["c", "d"], ["z"]), node("MatMul", ["z", "w"], ["y"])],
        {"x": x.astype(np.float64)}, {k: v.astype(np.float64) for k, v in w.items()})
    norm = {"s": np.array([1, .5, 2, 1, 1, .25], np.float32), "b": np.array([0, 1, -1, .5, 0, 2], np.float32), "m": SIZES, "v": SPREAD ** 2, "w": w["w"]}
    add("tables/batch normalisation", [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["z"], epsilon=1e-6), node("MatMul", ["z", "w"], ["y"])], {"x": x}, norm)


def optimised():
    """What onnxruntime's quantiser and optimiser write."""
    x = ((np.arange(24) * 37) % 251).astype(np.uint8).reshape(2, 3, 4)
    u = ((np.arange(24) * 53) % 241).astype(np.uint8).reshape(2, 3, 4)
    f32 = lambda v: np.float32(v)  # noqa: E731
    scale = {"xs": f32(.02), "xz": np.uint8(120), "us": f32(.01), "uz": np.uint8(100), "ys": f32(.0311), "yz": np.uint8(128)}
    pair = ["x", "xs", "xz", "u", "us", "uz", "ys", "yz"]
    for kind in ("Add", "Mul"):
        ms(f"QLinear{kind}", f"QLinear{kind}", {"x": x, "u": u}, scale, order=pair)
    one = {"xs": f32(.02), "xz": np.uint8(120), "ys": f32(.0173), "yz": np.uint8(3)}
    for kind, attrs in {"Sigmoid": {}, "LeakyRelu": {"alpha": .1}}.items():
        ms(f"QLinear{kind}", f"QLinear{kind}", {"x": x}, one, order=["x", "xs", "xz", "ys", "yz"], **attrs)
    ms("QLinearSoftmax", "QLinearSoftmax", {"x": x}, {"xs": f32(.02), "xz": np.uint8(120), "ys": f32(1 / 256), "yz": np.uint8(0)}, order=["x", "xs", "xz", "ys", "yz"], axis=-1, opset=13)
    ms("QLinearSoftmax flat", "QLinearSoftmax", {"x": x}, {"xs": f32(.02), "xz": np.uint8(120), "ys": f32(1 / 256), "yz": np.uint8(0)}, order=["x", "xs", "xz", "ys", "yz"], axis=1, opset=12)
    image = ((np.arange(32) * 37) % 251).astype(np.uint8).reshape(1, 2, 4, 4)
    ms("QLinearAveragePool", "QLinearAveragePool", {"x": image}, one, order=["x", "xs", "xz", "ys", "yz"], kernel_shape=[2, 2], strides=[2, 2])
    ms("QLinearGlobalAveragePool", "QLinearGlobalAveragePool", {"x": image}, one, order=["x", "xs", "xz", "ys", "yz"])
    ms("QLinearConcat", "QLinearConcat", {"x": x, "u": u}, scale, order=["ys", "yz", *pair[:6]], axis=1)
    ms("QLinearWhere", "QLinearWhere", {"x": x, "u": u}, {**scale, "c": (np.arange(4) % 2).astype(bool)}, order=["c", *pair])
    w = ((np.arange(20) * 29) % 101 - 50).astype(np.int8).reshape(4, 5)
    gemm = {"xs": f32(.02), "xz": np.uint8(120), "w": w, "ws": (np.arange(5, dtype=np.float32) + 1) / 100, "wz": np.zeros(5, np.int8), "b": (np.arange(5) * 100 - 200).astype(np.int32)}
    order = ["x", "xs", "xz", "w", "ws", "wz", "b"]
    ms("QGemm", "QGemm", {"x": x[0]}, {**gemm, "ys": f32(.05), "yz": np.uint8(99)}, order=[*order, "ys", "yz"])
    ms("QGemm real", "QGemm", {"x": x[0]}, gemm, order=order)
    a, b = np.sin(np.arange(24, dtype=np.float32)).reshape(2, 3, 4), np.cos(np.arange(24, dtype=np.float32)).reshape(2, 3, 4)
    ms("FusedMatMul batches", "FusedMatMul", {"x": a, "y": b}, outputs=("z",), transBatchA=1, transBatchB=1, transB=1, alpha=.5)
    t, w = np.sin(np.arange(24, dtype=np.float32) * .7).reshape(1, 3, 8), np.cos(np.arange(192, dtype=np.float32) * .3).reshape(8, 24) / 2
    bias = np.zeros(24, np.float32)
    for name, lengths in {"length": [2], "length and start": [3, 1]}.items():
        ms(f"Attention {name}", "Attention", {"x": t, "n": np.array(lengths, np.int32)}, {"w": w, "b": bias}, order=["x", "w", "b", "n"], num_heads=2)
    ml("TreeEnsembleRegressor, a leaf with three weights", "TreeEnsembleRegressor", np.array([[0], [2]], np.float32), n_targets=1, nodes_treeids=[0] * 3, nodes_nodeids=[0, 1, 2],
       nodes_featureids=[0] * 3, nodes_values=[1., 0., 0.], nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], nodes_hitrates=[1.] * 3,
       nodes_missing_value_tracks_true=[0] * 3, target_treeids=[0] * 4, target_nodeids=[1, 1, 1, 2], target_ids=[0] * 4, target_weights=[3., 4., 5., 7.])
    guarded = [node("Mul", ["x", "x"], ["q"]), node("ReduceSum", ["q", "a"], ["s"], keepdims=1), node("Sqrt", ["s"], ["d"]), node("Reciprocal", ["d"], ["r"]), node("Min", ["r", "m"], ["k"]),
               node("Mul", ["x", "k"], ["z"]), node("MatMul", ["z", "w"], ["y"])]
    add("tables/reciprocal guarded by a minimum", guarded, {"x": np.cos(np.arange(12, dtype=np.float32)).reshape(3, 4)},
        {"a": i64(-1), "m": f32(1e12), "w": np.sin(np.arange(8, dtype=np.float32)).reshape(4, 2)}, opset=18)


if __name__ == "__main__":
    for part in (quantised, forests, linear, tables, recurrent, control, attention, fused, losses, newer, transforms, standardised, optimised):
        part()
    for name, why in m.failed:
        print(f"left out {name}: {why}")
    TARGET.write_text("\n".join(m.lines) + "\n")
    print(f"{TARGET.name}: {len(m.lines)} cases, {TARGET.stat().st_size} bytes")
