"""Writes the operator cases of internal/onnx/testdata/operators.jsonl: one model for each line, with inputs and onnxruntime's outputs.

    python tools/models/make_models.py                     the committed cases (seeded: the same file every time)
    python tools/models/make_models.py --random 2000 FILE  random convolutions and poolings into FILE; compare with
                                                           EZKL_OPERATOR_CASES=FILE go test ./internal/onnx -run Operators

Needs numpy, onnx and onnxruntime.
"""

import base64
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "internal/onnx/testdata/operators.jsonl"
rng = np.random.default_rng(7)
lines = []
failed = []


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


def positive(*shape):
    return rng.uniform(0.1, 3, size=shape).astype(np.float32)


def i64(*v):
    return np.array(v, dtype=np.int64)


def as_json(name, a):
    data = a.ravel().astype(np.int64) if a.dtype == bool else a.ravel()
    if np.issubdtype(a.dtype, np.floating):
        data = [("nan" if np.isnan(v) else "inf" if v > 0 else "-inf") if not np.isfinite(v) else float(repr(v.item())) for v in data]
    else:
        data = [int(v) for v in data]
    return {"name": name, "type": str(a.dtype), "shape": list(a.shape), "data": data}


def add(name, nodes, inputs, consts=None, outputs=("y",), opset=17, extra_opsets=(), functions=(), dims=None):
    """One case: nodes over named inputs (arrays) and constants (initialisers)."""
    infos = [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), (dims or {}).get(k, v.shape)) for k, v in inputs.items()]
    graph = helper.make_graph(nodes, name, infos, [helper.make_empty_tensor_value_info(o) for o in outputs],
                              [numpy_helper.from_array(v, k) for k, v in (consts or {}).items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *extra_opsets], ir_version=8, functions=list(functions))
    blob = model.SerializeToString()
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        got = ort.InferenceSession(blob, options, providers=["CPUExecutionProvider"]).run(None, inputs)
    except Exception as e:  # noqa: BLE001
        failed.append((name, str(e).splitlines()[0][:150]))
        return False
    lines.append(json.dumps({"case": name, "model": base64.b64encode(blob).decode(),
                             "inputs": [as_json(k, v) for k, v in inputs.items()],
                             "outputs": [as_json(k, np.asarray(v)) for k, v in zip(outputs, got)]}, separators=(",", ":")))
    return True


def op(name, kind, inputs, consts=None, opset=17, outputs=("y",), order=None, domain="", **attrs):
    """A case with one node: inputs, then constants, in order (or as `order` says, "" for absent)."""
    names = order if order is not None else [*inputs, *(consts or {})]
    return add(name, [helper.make_node(kind, names, list(outputs), domain=domain, **attrs)], inputs, consts, outputs, opset)


def node(kind, ins, outs, **attrs):
    return helper.make_node(kind, ins, outs, **attrs)


def unary():
    edge = np.array([-3, -2.5, -1.5, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 1.5, 2.5, 3, 7], dtype=np.float32)
    for kind in "Abs Ceil Cos Erf Exp Floor Neg Relu Round Sigmoid Sign Sin Sinh Cosh Softplus Softsign Tan Tanh Atan Asinh HardSwish Mish Elu Selu Celu Gelu HardSigmoid LeakyRelu ThresholdedRelu Shrink Identity".split():
        op(f"unary/{kind}", kind, {"x": edge}, opset=20 if kind == "Gelu" else 18)
    for kind in "Log Sqrt Reciprocal Acosh".split():
        op(f"unary/{kind}", kind, {"x": (positive(2, 5) + 1)})
    for kind in "Acos Asin Atanh".split():
        op(f"unary/{kind}", kind, {"x": np.linspace(-0.9, 0.9, 9, dtype=np.float32)})
    op("unary/LeakyRelu alpha", "LeakyRelu", {"x": edge}, alpha=0.3)
    op("unary/Elu alpha", "Elu", {"x": edge}, alpha=0.3)
    op("unary/Celu alpha", "Celu", {"x": edge}, alpha=0.3)
    op("unary/Selu alpha", "Selu", {"x": edge}, alpha=1.5, gamma=2.0)
    op("unary/HardSigmoid alpha", "HardSigmoid", {"x": edge}, alpha=0.4, beta=0.3)
    op("unary/ThresholdedRelu alpha", "ThresholdedRelu", {"x": edge}, alpha=0.7)
    op("unary/Shrink bias", "Shrink", {"x": edge}, bias=0.3, lambd=1.2)
    op("unary/Gelu tanh", "Gelu", {"x": edge}, opset=20, approximate="tanh")
    for dtype in (np.int32, np.int64, np.int8):
        op(f"unary/Abs {np.dtype(dtype)}", "Abs", {"x": np.array([-5, 0, 7], dtype)})
        op(f"unary/Neg {np.dtype(dtype)}", "Neg", {"x": np.array([-5, 0, 7], dtype)})
        op(f"unary/Sign {np.dtype(dtype)}", "Sign", {"x": np.array([-5, 0, 7], dtype)})
    op("unary/Relu int32", "Relu", {"x": np.array([-5, 0, 7], np.int32)})
    op("unary/Exp float64", "Exp", {"x": rng.normal(size=6)})
    op("unary/Sqrt float64", "Sqrt", {"x": rng.uniform(size=6)})
    op("unary/Abs float16", "Abs", {"x": normal(5).astype(np.float16)})
    op("unary/Not", "Not", {"x": np.array([True, False])})
    op("unary/BitwiseNot", "BitwiseNot", {"x": np.array([5, -3, 0], np.int32)}, opset=18)
    op("unary/IsNaN", "IsNaN", {"x": edge})
    add("unary/IsInf", [node("Log", ["x"], ["t"]), node("IsInf", ["t"], ["y"], detect_positive=0)], {"x": np.array([0, 1, 2], np.float32)}, opset=20)
    op("unary/Swish", "Swish", {"x": edge}, opset=24, alpha=1.5)
    op("clip/attributes", "Clip", {"x": edge}, opset=10, min=-1.0, max=1.25)
    op("clip/attribute max", "Clip", {"x": edge}, opset=7, max=1.25)
    op("clip/inputs", "Clip", {"x": edge}, {"lo": np.float32(-0.3), "hi": np.float32(2)}, opset=13)
    op("clip/max only", "Clip", {"x": edge}, {"hi": np.float32(2)}, order=["x", "", "hi"])
    op("clip/none", "Clip", {"x": edge}, order=["x"])
    op("clip/int64", "Clip", {"x": i64(-9, 0, 3, 12)}, {"lo": np.int64(-2), "hi": np.int64(5)})


def binary():
    pairs = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 2)), ((4,), (2, 3, 4)), ((3, 1, 2), (2, 1)), ((1,), (1, 1, 1)), ((0, 3), (1, 3))]
    for kind in "Add Sub Mul Div".split():
        for k, (a, b) in enumerate(pairs):
            op(f"binary/{kind} {k}", kind, {"a": normal(*a), "b": positive(*b)})
        for dtype in (np.int32, np.int64, np.float64):
            op(f"binary/{kind} {np.dtype(dtype)}", kind, {"a": np.array([7, -7, 9, -9], dtype), "b": np.array([2, 2, -4, -4], dtype)})
        op(f"binary/{kind} opset 7", kind, {"a": normal(2, 3), "b": positive(3)}, opset=7)
    op("binary/Mul int32 wraps", "Mul", {"a": np.array([2**30, -2**31], np.int32), "b": np.array([4, 3], np.int32)})
    for k, (a, b) in enumerate(pairs[:4]):
        op(f"binary/Pow {k}", "Pow", {"a": positive(*a), "b": normal(*b)}, opset=15)
    for e in (2, 3, -1, 0, 0.5, 2.5):
        op(f"binary/Pow {e}", "Pow", {"a": positive(4)}, {"e": np.float32(e)}, opset=15)
    op("binary/Pow negative base", "Pow", {"a": normal(4)}, {"e": np.float32(3)})
    op("binary/Pow int exponent", "Pow", {"a": normal(4)}, {"e": np.int64(2)})
    op("binary/Pow int", "Pow", {"a": i64(3, -2, 5)}, {"e": np.int64(3)})
    op("binary/PRelu scalar", "PRelu", {"x": normal(1, 3, 2, 2)}, {"s": normal(1)}, opset=9)
    op("binary/PRelu channel", "PRelu", {"x": normal(1, 3, 2, 2)}, {"s": normal(3, 1, 1)})
    op("binary/Mod", "Mod", {"a": i64(7, -7, 7, -7), "b": i64(3, 3, -3, -3)}, opset=13)
    op("binary/Mod fmod", "Mod", {"a": i64(7, -7, 7, -7), "b": i64(3, 3, -3, -3)}, opset=13, fmod=1)
    op("binary/Mod float", "Mod", {"a": normal(4) * 5, "b": normal(4)}, opset=13, fmod=1)
    for d in ("LEFT", "RIGHT"):
        op(f"binary/BitShift {d}", "BitShift", {"a": np.array([1, 200, 77], np.uint8), "b": np.array([1, 2, 3], np.uint8)}, direction=d)
    for kind in "BitwiseAnd BitwiseOr BitwiseXor".split():
        op(f"binary/{kind}", kind, {"a": np.array([12, -7], np.int32), "b": np.array([10, 3], np.int32)}, opset=18)
    for kind in "Max Min Sum Mean".split():
        op(f"nary/{kind} 1", kind, {"a": normal(2, 3)}, opset=13)
        op(f"nary/{kind} 2", kind, {"a": normal(2, 3), "b": normal(3)}, opset=13)
        op(f"nary/{kind} 3", kind, {"a": normal(2, 1), "b": normal(3), "c": normal(2, 2, 1)}, opset=13)
        op(f"nary/{kind} opset 8", kind, {"a": normal(2, 3), "b": normal(2, 3)}, opset=8)
    op("nary/Max int64", "Max", {"a": i64(1, -5), "b": i64(0, 3)})
    op("nary/Min int32", "Min", {"a": np.array([1, -5], np.int32), "b": np.array([0, 3], np.int32)})
    for kind in "Equal Greater GreaterOrEqual Less LessOrEqual".split():
        op(f"compare/{kind}", kind, {"a": np.array([1, 2, 3], np.float32), "b": np.array([[2, 2, 2], [1, 5, 3]], np.float32)}, opset=16)
        op(f"compare/{kind} int", kind, {"a": i64(1, 2, 3), "b": i64(2)}, opset=16)
    a, b = np.array([True, True, False, False]), np.array([True, False, True, False])
    for kind in "And Or Xor".split():
        op(f"logic/{kind}", kind, {"a": a, "b": b})
    op("compare/Equal bool", "Equal", {"a": a, "b": b})
    op("where/same", "Where", {"c": a, "x": normal(4), "y": normal(4)}, outputs=("z",))
    op("where/broadcast", "Where", {"c": np.array([[True], [False]]), "x": normal(1, 3), "y": normal(2, 1, 1)}, outputs=("z",))
    op("where/int", "Where", {"c": a, "x": i64(1, 2, 3, 4), "y": i64(-1)}, outputs=("z",))


def conv_case(name, x, w, bias=True, opset=17, **attrs):
    consts = {"w": w}
    if bias:
        consts["b"] = normal(w.shape[0])
    return op(name, "Conv", {"x": x}, consts, opset, **attrs)


def conv():
    conv_case("conv/1d", normal(2, 3, 9), normal(4, 3, 3))
    conv_case("conv/1d strided", normal(1, 2, 10), normal(3, 2, 4), strides=[3], pads=[1, 2], dilations=[2])
    conv_case("conv/2d", normal(1, 2, 6, 5), normal(3, 2, 3, 3), kernel_shape=[3, 3])
    conv_case("conv/2d no bias", normal(1, 2, 6, 5), normal(3, 2, 3, 2), bias=False, pads=[1, 0, 2, 1])
    conv_case("conv/2d strides", normal(2, 2, 7, 8), normal(2, 2, 3, 3), strides=[2, 3], pads=[1, 1, 1, 1])
    conv_case("conv/2d groups", normal(1, 4, 5, 5), normal(6, 2, 3, 3), group=2)
    conv_case("conv/2d depthwise", normal(1, 3, 5, 5), normal(3, 1, 3, 3), group=3, pads=[1, 1, 1, 1])
    conv_case("conv/2d dilations", normal(1, 1, 8, 9), normal(2, 1, 3, 2), dilations=[2, 3])
    conv_case("conv/1x1", normal(1, 3, 1, 1), normal(1, 3, 1, 1), pads=[1, 1, 1, 1])
    conv_case("conv/3d", normal(1, 2, 4, 5, 4), normal(2, 2, 2, 3, 2), strides=[1, 2, 1], pads=[0, 1, 0, 1, 0, 1])
    conv_case("conv/3d groups", normal(1, 2, 3, 3, 3), normal(2, 1, 2, 2, 2), group=2)
    for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        conv_case(f"conv/{auto}", normal(1, 2, 7, 6), normal(2, 2, 4, 3), auto_pad=auto, strides=[2, 1])
        conv_case(f"conv/{auto} dilated 1d", normal(1, 2, 11), normal(2, 2, 3), auto_pad=auto, strides=[2], dilations=[2])
    op("conv/variable kernel", "Conv", {"x": normal(1, 2, 5, 5), "w": normal(2, 2, 3, 3)})

    def transposed(name, x, w, **attrs):
        group = attrs.get("group", 1)
        op(name, "ConvTranspose", {"x": x}, {"w": w, "b": normal(w.shape[1] * group)}, **attrs)

    transposed("convtranspose/1d", normal(1, 2, 5), normal(2, 3, 3), strides=[2])
    transposed("convtranspose/2d", normal(1, 2, 3, 4), normal(2, 3, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    transposed("convtranspose/groups", normal(2, 4, 3, 3), normal(4, 2, 2, 3), group=2, dilations=[2, 1])
    transposed("convtranspose/output_shape", normal(1, 1, 3, 3), normal(1, 1, 3, 3), strides=[3, 2], output_shape=[10, 8])
    for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        transposed(f"convtranspose/{auto}", normal(1, 1, 3, 4), normal(1, 2, 4, 3), strides=[2, 3], auto_pad=auto)
    transposed("convtranspose/3d", normal(1, 1, 2, 3, 2), normal(1, 2, 2, 2, 2), strides=[2, 1, 2])


def pool():
    for kind in ("MaxPool", "AveragePool"):
        op(f"pool/{kind} 1d", kind, {"x": normal(1, 2, 9)}, kernel_shape=[3], strides=[2], pads=[1, 1])
        op(f"pool/{kind} no strides", kind, {"x": normal(1, 2, 5, 5)}, kernel_shape=[2, 3])
        op(f"pool/{kind} opset 7", kind, {"x": normal(1, 2, 6, 6)}, opset=7, kernel_shape=[2, 2], strides=[2, 2])
        op(f"pool/{kind} pads", kind, {"x": normal(2, 2, 5, 6)}, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 2])
        op(f"pool/{kind} ceil", kind, {"x": normal(1, 2, 6, 7)}, opset=19, kernel_shape=[3, 2], strides=[2, 3], ceil_mode=1)
        op(f"pool/{kind} ceil pads", kind, {"x": normal(1, 1, 7, 6)}, opset=19, kernel_shape=[3, 3], strides=[3, 2], pads=[1, 1, 1, 1], ceil_mode=1)
        op(f"pool/{kind} dilations", kind, {"x": normal(1, 1, 8, 8)}, opset=19, kernel_shape=[2, 3], dilations=[3, 2], pads=[1, 0, 1, 1])
        op(f"pool/{kind} 3d", kind, {"x": normal(1, 1, 4, 4, 5)}, kernel_shape=[2, 2, 3], strides=[2, 1, 2])
        for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
            op(f"pool/{kind} {auto}", kind, {"x": normal(1, 2, 7, 6)}, kernel_shape=[3, 2], strides=[2, 2], auto_pad=auto)
    op("pool/AveragePool include", "AveragePool", {"x": normal(1, 2, 5, 6)}, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 2], count_include_pad=1)
    op("pool/AveragePool include ceil", "AveragePool", {"x": normal(1, 1, 7, 6)}, opset=19, kernel_shape=[3, 3], strides=[3, 2], pads=[1, 1, 1, 1], ceil_mode=1, count_include_pad=1)
    op("pool/AveragePool include dilated", "AveragePool", {"x": normal(1, 1, 7, 6)}, opset=19, kernel_shape=[3, 2], dilations=[2, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    op("pool/AveragePool include same", "AveragePool", {"x": normal(1, 1, 7, 6)}, kernel_shape=[3, 2], auto_pad="SAME_UPPER", count_include_pad=1)
    op("pool/MaxPool negative", "MaxPool", {"x": -positive(1, 1, 4, 4)}, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    op("pool/MaxPool indices", "MaxPool", {"x": normal(2, 2, 5, 5)}, outputs=("y", "i"), kernel_shape=[2, 2], strides=[2, 2])
    op("pool/MaxPool indices column", "MaxPool", {"x": normal(1, 2, 4, 5)}, outputs=("y", "i"), kernel_shape=[2, 2], storage_order=1)
    op("pool/MaxPool int8", "MaxPool", {"x": rng.integers(-99, 99, (1, 1, 4, 4)).astype(np.int8)}, kernel_shape=[2, 2])
    for kind in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        op(f"pool/{kind}", kind, {"x": normal(2, 3, 4, 5)})
        op(f"pool/{kind} 1d", kind, {"x": normal(2, 3, 4)})
    op("pool/LpPool", "LpPool", {"x": normal(1, 2, 5, 5)}, kernel_shape=[2, 2], p=3, pads=[1, 0, 0, 0])


def matmul():
    shapes = [((2, 3), (3, 4)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (3,)), ((2, 2, 3), (3, 4)), ((2, 1, 2, 3), (4, 3, 2)), ((1, 3), (5, 3, 1)), ((2, 2, 3), (2, 3, 1))]
    for k, (a, b) in enumerate(shapes):
        op(f"matmul/{k}", "MatMul", {"a": normal(*a), "b": normal(*b)})
    op("matmul/int32", "MatMul", {"a": np.array([[1, -2]], np.int32), "b": np.array([[3], [4]], np.int32)})
    op("matmul/float64", "MatMul", {"a": rng.normal(size=(2, 3)), "b": rng.normal(size=(3, 2))})
    op("matmul/MatMulInteger", "MatMulInteger", {"a": np.array([[1, 200]], np.uint8), "b": np.array([[3], [4]], np.uint8)}, {"za": np.uint8(5), "zb": np.uint8(1)})
    for ta in (0, 1):
        for tb in (0, 1):
            a, b = normal(*((3, 2) if ta else (2, 3))), normal(*((4, 3) if tb else (3, 4)))
            op(f"gemm/{ta}{tb}", "Gemm", {"a": a}, {"b": b, "c": normal(4)}, transA=ta, transB=tb)
            op(f"gemm/{ta}{tb} factors", "Gemm", {"a": a}, {"b": b, "c": normal(2, 1)}, transA=ta, transB=tb, alpha=0.5, beta=2.0)
    op("gemm/no bias", "Gemm", {"a": normal(2, 3)}, {"b": normal(3, 4)}, alpha=2.0)
    op("gemm/scalar bias", "Gemm", {"a": normal(2, 3)}, {"b": normal(3, 4), "c": np.float32(0.7)}, opset=7)
    op("gemm/variable", "Gemm", {"a": normal(2, 3), "b": normal(4, 3), "c": normal(2, 4)}, transB=1, beta=0.5)
    for k, (eq, *shapes) in enumerate([("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)), ("i,j->ij", (3,), (2,)), ("ij->ji", (2, 3)),
                                       ("ii->i", (3, 3)), ("ij->", (2, 3)), ("...ij,...jk->...ik", (2, 2, 3), (2, 3, 1)), ("ij,kj", (2, 3), (4, 3)),
                                       ("bhid,bhjd->bhij", (1, 2, 3, 2), (1, 2, 4, 2)), ("ij,jk,kl->il", (2, 2), (2, 3), (3, 2))]):
        op(f"einsum/{k}", "Einsum", {f"a{i}": normal(*s) for i, s in enumerate(shapes)}, equation=eq)


def reduce():
    for kind in "Sum Mean Max Min Prod L1 L2 SumSquare LogSumExp".split():
        full = "Reduce" + kind
        x = normal(2, 3, 4)
        op(f"reduce/{kind} all", full, {"x": x}, opset=11)
        op(f"reduce/{kind} axes", full, {"x": x}, opset=11, axes=[0, -1])
        op(f"reduce/{kind} no keep", full, {"x": x}, opset=11, axes=[1], keepdims=0)
        op(f"reduce/{kind} input", full, {"x": x}, {"axes": i64(2, 0)}, opset=18, keepdims=0)
        op(f"reduce/{kind} empty axes", full, {"x": x}, {"axes": i64()}, opset=18)
        op(f"reduce/{kind} noop", full, {"x": x}, {"axes": i64()}, opset=18, noop_with_empty_axes=1)
        op(f"reduce/{kind} absent noop", full, {"x": x}, opset=18, noop_with_empty_axes=1)
    op("reduce/LogSum", "ReduceLogSum", {"x": positive(2, 3)}, opset=11, axes=[1])
    op("reduce/Sum 13", "ReduceSum", {"x": normal(2, 3)}, {"axes": i64(1)}, opset=13)
    for dtype in (np.int32, np.int64):
        for kind in "Sum Mean Max Min Prod".split():
            op(f"reduce/{kind} {np.dtype(dtype)}", "Reduce" + kind, {"x": np.array([[1, -2, 4], [5, 3, -7]], dtype)}, opset=12, axes=[1])
    for kind in ("ArgMax", "ArgMin"):
        x = np.array([[1, 3, 3, 0], [0, -2, -2, 0]], np.float32)
        op(f"reduce/{kind}", kind, {"x": x}, axis=1)
        op(f"reduce/{kind} last", kind, {"x": x}, axis=-1, keepdims=0, select_last_index=1)
        op(f"reduce/{kind} 0", kind, {"x": x}, opset=11, keepdims=0)
    for k, attrs in enumerate([{}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}]):
        op(f"reduce/CumSum {k}", "CumSum", {"x": normal(2, 4)}, {"axis": np.int64(1 if k % 2 else -2)}, **attrs)


def shape():
    x = normal(2, 3, 4)
    for k, s in enumerate([(6, 4), (-1,), (0, -1), (4, 0, 2), (2, 3, 2, 2), (0, 0, 0), (1, -1, 1)]):
        if k != 3:
            op(f"reshape/{k}", "Reshape", {"x": x}, {"s": i64(*s)})
    op("reshape/allowzero", "Reshape", {"x": np.zeros((0, 3), np.float32)}, {"s": i64(3, 0)}, allowzero=1)
    op("reshape/scalar", "Reshape", {"x": normal(1, 1)}, {"s": i64()})
    for a in (0, 1, 2, 3, -1):
        op(f"flatten/{a}", "Flatten", {"x": x}, axis=a)
    y = normal(1, 3, 1, 2)
    op("squeeze/all", "Squeeze", {"x": y}, opset=11)
    op("squeeze/attribute", "Squeeze", {"x": y}, opset=11, axes=[-2])
    op("squeeze/input", "Squeeze", {"x": y}, {"a": i64(0, 2)}, opset=13)
    op("unsqueeze/attribute", "Unsqueeze", {"x": x}, opset=11, axes=[0, 4])
    op("unsqueeze/input", "Unsqueeze", {"x": x}, {"a": i64(-1, 1)}, opset=13)
    op("transpose/default", "Transpose", {"x": x})
    for p in ([0, 2, 1], [2, 0, 1], [1, 2, 0]):
        op(f"transpose/{p}", "Transpose", {"x": x}, perm=p)
    op("shape/Shape", "Shape", {"x": x})
    op("shape/Shape part", "Shape", {"x": x}, opset=15, start=-2, end=9)
    op("shape/Size", "Size", {"x": x})
    op("dropout/7", "Dropout", {"x": x}, opset=7, ratio=0.5)
    op("dropout/13", "Dropout", {"x": x}, {"r": np.float32(0.5), "t": np.bool_(False)}, opset=13)
    op("dropout/mask", "Dropout", {"x": x}, outputs=("y", "m"), opset=13)
    op("constantofshape/float", "ConstantOfShape", {}, {"s": i64(2, 3)}, value=helper.make_tensor("v", TensorProto.FLOAT, [1], [1.5]))
    op("constantofshape/int", "ConstantOfShape", {}, {"s": i64(2)}, value=helper.make_tensor("v", TensorProto.INT64, [1], [-7]))
    op("constantofshape/default", "ConstantOfShape", {}, {"s": i64()})
    op("range/int", "Range", {}, {"a": np.int64(10), "b": np.int64(-3), "c": np.int64(-4)})
    op("range/float", "Range", {}, {"a": np.float32(0), "b": np.float32(1), "c": np.float32(0.3)})
    op("eyelike", "EyeLike", {"x": normal(3, 4)}, k=1)
    op("eyelike/int", "EyeLike", {"x": normal(3, 2)}, k=-1, dtype=TensorProto.INT64)
    op("expand/wider", "Expand", {"x": normal(3, 1)}, {"s": i64(2, 1, 4)})
    op("expand/narrower", "Expand", {"x": normal(3, 4)}, {"s": i64(1, 4)})
    op("tile", "Tile", {"x": normal(2, 3)}, {"r": i64(2, 3)})
    for k, d in enumerate([(2, 0), (1, 1)]):
        op(f"concat/{k}", "Concat", {"a": normal(2, 3), "b": normal(2, 3) if k else normal(4, 3), "c": normal(2, 1) if k else normal(1, 3)}, axis=d[1])
    op("concat/negative", "Concat", {"a": i64(1, 2), "b": i64(3)}, axis=-1)
    op("split/attribute", "Split", {"x": normal(2, 6)}, opset=11, outputs=("a", "b", "c"), axis=1, split=[1, 2, 3])
    op("split/input", "Split", {"x": normal(6, 2)}, {"s": i64(4, 2)}, opset=13, outputs=("a", "b"))
    op("split/equal", "Split", {"x": normal(6, 2)}, opset=11, outputs=("a", "b"))
    op("split/num_outputs", "Split", {"x": normal(7, 2)}, opset=18, outputs=("a", "b", "c"), num_outputs=3)
    v = normal(5, 6)
    op("slice/attributes", "Slice", {"x": v}, opset=9, starts=[1, -3], ends=[4, 1000])
    op("slice/attribute axes", "Slice", {"x": v}, opset=9, axes=[1], starts=[2], ends=[-1])
    for k, (s, e, a, st) in enumerate([((1,), (4,), None, None), ((0, 5), (5, 0), (0, 1), (2, -2)), ((-1,), (-100,), (0,), (-1,)), ((3,), (1,), (1,), (1,)),
                                       ((-2, 0), (2**62, 2**62), (-1, 0), (1, 3)), ((100,), (-(2**63),), (1,), (-4,))]):
        consts = {"s": i64(*s), "e": i64(*e)}
        if a is not None:
            consts["a"] = i64(*a)
            consts["t"] = i64(*st)
        op(f"slice/{k}", "Slice", {"x": v}, consts, opset=13)
    op("pad/attributes", "Pad", {"x": normal(1, 2, 3)}, opset=10, pads=[0, 1, 2, 0, 0, 1], value=1.5)
    for mode in ("constant", "reflect", "edge", "wrap"):
        op(f"pad/{mode}", "Pad", {"x": normal(2, 3, 4)}, {"p": i64(0, 2, 1, 1, 1, 3)}, opset=19, mode=mode)
    op("pad/value", "Pad", {"x": normal(2, 3)}, {"p": i64(0, 2, 1, 1), "v": np.float32(-2)}, opset=13)
    op("pad/axes", "Pad", {"x": normal(2, 3)}, {"p": i64(2, 1), "v": np.float32(0), "a": i64(-1)}, opset=18)
    op("pad/negative", "Pad", {"x": normal(4, 5)}, {"p": i64(-1, 2, 1, -3)}, opset=13)
    op("pad/int", "Pad", {"x": i64(1, 2)}, {"p": i64(1, 1), "v": np.int64(9)}, opset=13)
    for kind, attrs in (("DepthToSpace", {}), ("DepthToSpace", {"mode": "CRD"}), ("SpaceToDepth", {})):
        op(f"{kind} {attrs.get('mode', '')}", kind, {"x": normal(1, 8, 2, 4)}, blocksize=2, **attrs)
    for upper in (0, 1):
        for k in (-1, 0, 2):
            op(f"trilu/{upper} {k}", "Trilu", {"x": normal(2, 3, 4)}, {"k": np.int64(k)}, upper=upper)
    for to in (TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.UINT8):
        nodes = [node("Cast", ["x"], ["t"], to=to), node("Cast", ["t"], ["y"], to=TensorProto.FLOAT)]
        add(f"cast/{to}", nodes, {"x": np.array([0, 0.4, 1.7, 2.5, 99.99, 3.14159], np.float32)})
    op("cast/negative", "Cast", {"x": np.array([-1.7, -0.2, -3], np.float32)}, to=TensorProto.INT32)
    op("cast/int", "Cast", {"x": i64(-3, 300)}, to=TensorProto.INT8)
    op("cast/bool", "Cast", {"x": np.array([True, False])}, to=TensorProto.FLOAT)
    op("castlike", "CastLike", {"x": normal(3), "y": i64(1)}, opset=15, outputs=("z",))


def gather():
    x = normal(3, 4, 2)
    op("gather/0", "Gather", {"x": x}, {"i": i64(2, 0, -1)})
    op("gather/1", "Gather", {"x": x}, {"i": np.array([[0, 3], [1, 1]], np.int32)}, axis=1)
    op("gather/scalar", "Gather", {"x": x}, {"i": np.int64(1)}, axis=-1)
    op("gather/data", "Gather", {"x": x, "i": i64(2, 2)}, axis=1)
    op("gatherelements", "GatherElements", {"x": normal(3, 3), "i": np.array([[1, 2, 0], [2, 0, -1]], np.int64)})
    op("gatherelements/1", "GatherElements", {"x": normal(2, 3), "i": np.array([[1, 2], [2, 0]], np.int64)}, axis=1)
    op("gathernd", "GatherND", {"x": normal(2, 2, 3), "i": np.array([[0, 1], [1, 0]], np.int64)})
    op("gathernd/batch", "GatherND", {"x": normal(2, 2, 3), "i": np.array([[1], [0]], np.int64)}, batch_dims=1)
    d, i, u = normal(3, 3), np.array([[1, 0, 2], [0, 2, 1]], np.int64), normal(2, 3)
    op("scatterelements", "ScatterElements", {"d": d, "i": i, "u": u})
    op("scatterelements/1", "ScatterElements", {"d": d, "i": np.array([[1, -1]], np.int64), "u": normal(1, 2)}, axis=1)
    for r in ("add", "mul", "max", "min"):
        op(f"scatterelements/{r}", "ScatterElements", {"d": d, "i": np.array([[1, 1, 2], [1, 2, 1]], np.int64), "u": u}, opset=18, axis=1, reduction=r)
        op(f"scatternd/{r}", "ScatterND", {"d": d, "i": np.array([[1], [1]], np.int64), "u": u}, opset=18, reduction=r)
    op("scatternd", "ScatterND", {"d": d, "i": np.array([[0, 1], [2, 2]], np.int64), "u": normal(2)})
    op("onehot", "OneHot", {"i": i64(0, 2, -1, 7)}, {"d": i64(3), "v": np.array([0.5, 2], np.float32)})
    op("onehot/axis", "OneHot", {"i": np.array([[0, 2]], np.int64)}, {"d": np.int64(3), "v": i64(0, 1)}, axis=0)
    op("nonzero", "NonZero", {}, {"x": np.array([[1, 0, 2], [0, 0, 3]], np.float32)})
    op("compress", "Compress", {"x": normal(3, 2)}, {"c": np.array([False, True, True])}, axis=0)
    op("compress/flat", "Compress", {"x": normal(3, 2)}, {"c": np.array([False, True, False, False, True])})
    steps = np.arange(12, dtype=np.float32).reshape(4, 3)
    op("reversesequence", "ReverseSequence", {"x": steps}, {"s": i64(1, 3, 4)})
    op("reversesequence/batch", "ReverseSequence", {"x": steps}, {"s": i64(2, 3, 1, 2)}, batch_axis=0, time_axis=1)
    op("det", "Det", {"x": np.array([[[2, 1, 0.5], [-1, 3, 2], [0.25, -2, 1]], [[1, 0, 0], [4, 2, 1], [0, 1, 2]]], np.float32)})
    t = np.array([[3, 1, 3, 2], [0, 5, 5, -1]], np.float32)
    op("topk", "TopK", {"x": t}, {"k": i64(3)}, opset=11, outputs=("v", "i"))
    op("topk/smallest", "TopK", {"x": t}, {"k": i64(2)}, opset=11, outputs=("v", "i"), largest=0, axis=0)
    op("topk/int", "TopK", {"x": i64(3, 9, 1)}, {"k": i64(2)}, opset=11, outputs=("v", "i"))


def norm():
    c = {"s": positive(3), "b": normal(3), "m": normal(3), "v": positive(3)}
    op("norm/Batch", "BatchNormalization", {"x": normal(2, 3, 4, 2)}, c, opset=9)
    op("norm/Batch 15", "BatchNormalization", {"x": normal(2, 3)}, c, opset=15, epsilon=0.1)
    op("norm/Batch 7", "BatchNormalization", {"x": normal(1, 3, 4)}, c, opset=7)
    op("norm/Instance", "InstanceNormalization", {"x": normal(2, 3, 4, 3)}, {"s": positive(3), "b": normal(3)}, epsilon=0.01)
    op("norm/Group", "GroupNormalization", {"x": normal(2, 4, 3, 3)}, {"s": positive(4), "b": normal(4)}, opset=21, num_groups=2)
    op("norm/Layer", "LayerNormalization", {"x": normal(2, 3, 4)}, {"s": positive(4), "b": normal(4)})
    op("norm/Layer axis", "LayerNormalization", {"x": normal(2, 3, 4)}, {"s": positive(3, 4)}, axis=1, outputs=("y", "m", "i"))
    op("norm/RMS", "RMSNormalization", {"x": normal(2, 3, 4)}, {"s": positive(4)}, opset=23)
    for p in (1, 2):
        op(f"norm/Lp {p}", "LpNormalization", {"x": normal(2, 3)}, p=p)
    op("norm/MVN", "MeanVarianceNormalization", {"x": normal(2, 3, 2, 2)}, opset=13)
    op("norm/LRN", "LRN", {"x": normal(1, 7, 2, 2)}, size=3, alpha=0.5, beta=0.6, bias=1.5)
    op("norm/LRN even", "LRN", {"x": normal(1, 7, 2)}, size=4)
    for kind in ("Softmax", "LogSoftmax", "Hardmax"):
        x = normal(2, 3, 4)
        op(f"softmax/{kind}", kind, {"x": x}, opset=13)
        op(f"softmax/{kind} axis", kind, {"x": x}, opset=13, axis=1)
        op(f"softmax/{kind} 11", kind, {"x": x}, opset=11)
        op(f"softmax/{kind} 11 axis", kind, {"x": x}, opset=11, axis=2)
    op("softmax/large", "Softmax", {"x": np.array([[1000, 999, -1000]], np.float32)})


def recurrent():
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}
    for kind, g in gates.items():
        for direction, d in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
            outs = ("y", "h", "c") if kind == "LSTM" else ("y", "h")
            consts = {"w": normal(d, g * 3, 2), "r": normal(d, g * 3, 3), "b": normal(d, 2 * g * 3)}
            op(f"rnn/{kind} {direction}", kind, {"x": normal(4, 2, 2)}, consts, outputs=outs, hidden_size=3, direction=direction)
        state = {"h0": normal(1, 2, 3)}
        order = ["x", "w", "r", "", "", "h0"]
        if kind == "LSTM":
            state["c0"] = normal(1, 2, 3)
            order.append("c0")
        op(f"rnn/{kind} state", kind, {"x": normal(4, 2, 2)}, {"w": normal(1, g * 3, 2), "r": normal(1, g * 3, 3), **state}, order=order, outputs=("y",), hidden_size=3)
    op("rnn/GRU linear", "GRU", {"x": normal(4, 2, 2)}, {"w": normal(1, 9, 2), "r": normal(1, 9, 3), "b": normal(1, 18)}, outputs=("y",), hidden_size=3, linear_before_reset=1)
    op("rnn/RNN relu", "RNN", {"x": normal(4, 2, 2)}, {"w": normal(1, 3, 2), "r": normal(1, 3, 3)}, outputs=("y",), hidden_size=3, activations=["Relu"])
    op("rnn/LSTM peephole", "LSTM", {"x": normal(4, 2, 2)}, {"w": normal(1, 12, 2), "r": normal(1, 12, 3), "b": normal(1, 24), "p": normal(1, 9)},
       order=["x", "w", "r", "b", "", "", "", "p"], outputs=("y",), hidden_size=3)
    op("rnn/LSTM clip", "LSTM", {"x": normal(4, 2, 2)}, {"w": normal(1, 12, 2), "r": normal(1, 12, 3)}, outputs=("y",), hidden_size=3, clip=0.5)


def resize():
    x = normal(1, 2, 3, 4)
    op("resize/upsample", "Upsample", {"x": x}, {"s": np.array([1, 1, 2, 2], np.float32)}, opset=9, mode="nearest")
    op("resize/upsample linear", "Upsample", {"x": x}, {"s": np.array([1, 1, 2, 2], np.float32)}, opset=9, mode="linear")
    op("resize/10", "Resize", {"x": x}, {"s": np.array([1, 1, 2, 0.5], np.float32)}, opset=10)
    for mode in ("nearest", "linear"):
        for coord in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
            for k, s in enumerate([(2, 2), (1.5, 0.6), (0.4, 3)]):
                op(f"resize/{mode} {coord} {k}", "Resize", {"x": x}, {"s": np.array([1, 1, *s], np.float32)}, order=["x", "", "s"],
                   opset=13, mode=mode, coordinate_transformation_mode=coord)
        op(f"resize/{mode} sizes", "Resize", {"x": x}, {"s": i64(1, 2, 5, 7)}, order=["x", "", "", "s"], opset=13, mode=mode)
    for rounding in ("floor", "ceil", "round_prefer_ceil"):
        op(f"resize/{rounding}", "Resize", {"x": x}, {"s": np.array([1, 1, 1.7, 2.5], np.float32)}, order=["x", "", "s"], opset=13, nearest_mode=rounding)
    op("resize/axes", "Resize", {"x": x}, {"s": np.array([2, 2], np.float32)}, order=["x", "", "s"], opset=18, axes=[2, 3])


def quantize():
    x = np.array([[-3, -0.26, 0.25, 0.75], [1.5, 2.1, 40, 0]], np.float32)
    op("quantize/uint8", "QuantizeLinear", {"x": x}, {"s": np.float32(0.1), "z": np.uint8(128)})
    op("quantize/int8 axis", "QuantizeLinear", {"x": x}, {"s": np.array([0.5, 0.1], np.float32), "z": np.array([0, 3], np.int8)}, axis=0)
    op("quantize/no zero", "QuantizeLinear", {"x": x}, {"s": np.float32(0.5)})
    op("dequantize", "DequantizeLinear", {"x": np.array([[1, 255, 3]], np.uint8)}, {"s": np.float32(0.1), "z": np.uint8(128)})
    op("dequantize/axis", "DequantizeLinear", {"x": np.array([[1, -2, 3]], np.int8)}, {"s": np.array([0.1, 0.2, 0.3], np.float32)}, axis=1)
    op("quantize/dynamic", "DynamicQuantizeLinear", {"x": x}, outputs=("y", "s", "z"))


def networks():
    """Several nodes: chains that fold, passes, names."""
    x = normal(2, 3, 4)
    add("net/flatten by shape", [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"]), node("Unsqueeze", ["n", "axis"], ["u"]),
                                 node("Concat", ["u", "m1"], ["t"], axis=0), node("Reshape", ["x", "t"], ["y"])],
        {"x": x}, {"zero": np.int64(0), "axis": i64(0), "m1": i64(-1)}, opset=13)
    add("net/constants", [node("Constant", [], ["a"], value_float=2.5), node("Constant", [], ["b"], value_floats=[1.0, 2.0, 3.0, 4.0]),
                          node("Constant", [], ["i"], value_ints=[0, 2]), node("Constant", [], ["k"], value_int=1),
                          node("Constant", [], ["t"], value=numpy_helper.from_array(normal(4))), node("Mul", ["x", "a"], ["p"]), node("Add", ["p", "b"], ["q"]),
                          node("Add", ["q", "t"], ["r"]), node("Gather", ["r", "i"], ["g"], axis=2), node("Gather", ["g", "k"], ["y"], axis=1)], {"x": x})
    bn = {"s": positive(4), "b": normal(4), "m": normal(4), "v": positive(4)}
    add("net/conv batchnorm", [node("Conv", ["x", "w"], ["c"]), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["d"]), node("Relu", ["d"], ["y"])],
        {"x": normal(1, 2, 5, 5)}, {"w": normal(4, 2, 3, 3), **bn})
    add("net/conv bias batchnorm", [node("Conv", ["x", "w", "cb"], ["c"], group=2), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["y"])],
        {"x": normal(1, 2, 5, 5)}, {"w": normal(4, 1, 3, 3), "cb": normal(4), **bn})
    add("net/convtranspose batchnorm", [node("ConvTranspose", ["x", "w"], ["c"], group=2), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["y"])],
        {"x": normal(1, 4, 3, 3)}, {"w": normal(4, 2, 2, 2), **bn})
    add("net/gemm batchnorm", [node("Gemm", ["x", "w", "c"], ["g"], transB=1, alpha=0.5, beta=3.0), node("BatchNormalization", ["g", "s", "b", "m", "v"], ["y"])],
        {"x": normal(2, 3)}, {"w": normal(4, 3), "c": normal(2, 4), **bn})
    add("net/batchnorm read twice", [node("Conv", ["x", "w"], ["c"]), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["d"]), node("Add", ["c", "d"], ["y"])],
        {"x": normal(1, 2, 4, 4)}, {"w": normal(4, 2, 3, 3), **bn})
    add("net/two batchnorms", [node("Conv", ["x", "w"], ["c"]), node("BatchNormalization", ["c", "s", "b", "m", "v"], ["d"]),
                               node("BatchNormalization", ["d", "s", "b", "m", "v"], ["e"]), node("Add", ["e", "d"], ["y"])], {"x": normal(1, 2, 4, 4)}, {"w": normal(4, 2, 3, 3), **bn})
    add("net/views", [node("Transpose", ["x"], ["a"], perm=[0, 2, 1]), node("Transpose", ["a"], ["b"], perm=[2, 0, 1]), node("Reshape", ["b", "s"], ["c"]),
                      node("Flatten", ["c"], ["d"]), node("Identity", ["d"], ["e"]), node("Unsqueeze", ["e", "i"], ["y"])],
        {"x": x}, {"s": i64(4, 3, 2), "i": i64(0)})
    add("net/noops", [node("Pad", ["x", "p"], ["a"]), node("Concat", ["a"], ["b"], axis=0), node("Slice", ["b", "st", "en"], ["c"]), node("Sum", ["c"], ["d"]),
                      node("Transpose", ["d"], ["e"], perm=[0, 1, 2]), node("Add", ["e", "e"], ["y"])], {"x": x}, {"p": i64(0, 0, 0, 0, 0, 0), "st": i64(0), "en": i64(99)})
    add("net/output is input", [node("Identity", ["x"], ["y"]), node("Relu", ["x"], ["z"])], {"x": x}, outputs=("y", "z"))
    add("net/unused input", [node("Relu", ["x"], ["y"])], {"x": x, "w": x})
    add("net/symbolic", [node("Shape", ["x"], ["s"]), node("ConstantOfShape", ["s"], ["z"]), node("Add", ["x", "z"], ["y"])], {"x": normal(1, 1)}, dims={"x": ["batch_size", None]})
    branch = lambda n, k: helper.make_graph([node(k, ["x"], [n + "y"])], n, [], [helper.make_empty_tensor_value_info(n + "y")])  # noqa: E731
    for c in (True, False):
        add(f"net/if {c}", [node("If", ["c"], ["t"], then_branch=branch("a", "Relu"), else_branch=branch("b", "Neg")), node("Exp", ["t"], ["y"])], {"x": x}, {"c": np.bool_(c)})
    f = helper.make_function("own", "Scaled", ["a", "b"], ["r"], [node("Mul", ["a", "b"], ["t"]), helper.make_node("LeakyRelu", ["t"], ["r"])], [helper.make_opsetid("", 17)], ["alpha"])
    f.node[1].attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="alpha", type=onnx.AttributeProto.FLOAT))
    add("net/function", [helper.make_node("Scaled", ["x", "x"], ["t"], domain="own", alpha=0.5), helper.make_node("Scaled", ["t", "x"], ["y"], domain="own", alpha=0.25)],
        {"x": x}, extra_opsets=[helper.make_opsetid("own", 1)], functions=[f])


def random_windows(count):
    """Random convolutions and poolings; combinations that onnxruntime refuses are left out."""
    while len(lines) < count:
        rank = int(rng.integers(1, 4))
        x = normal(int(rng.integers(1, 3)), int(rng.integers(1, 4)), *rng.integers(1, 9, rank))
        kernel = [int(v) for v in rng.integers(1, 5, rank)]
        attrs = {}
        if rng.random() < 0.8:
            attrs["strides"] = [int(v) for v in rng.integers(1, 4, rank)]
        if rng.random() < 0.5:
            attrs["dilations"] = [int(v) for v in rng.integers(1, 4, rank)]
        pick = rng.random()
        if pick < 0.5:
            attrs["pads"] = [int(v) for v in rng.integers(0, 3, 2 * rank)]
        elif pick < 0.8:
            attrs["auto_pad"] = str(rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
        kind = str(rng.choice(["Conv", "MaxPool", "AveragePool", "ConvTranspose"]))
        name = f"random/{kind} {len(lines)} {x.shape} {kernel} {attrs}"
        if kind == "Conv":
            conv_case(name, x, normal(2, x.shape[1], *kernel), **attrs)
        elif kind == "ConvTranspose":
            if rng.random() < 0.3:
                attrs["output_padding"] = [int(v) for v in rng.integers(0, 2, rank)]
            op(name + str(attrs), kind, {"x": x}, {"w": normal(x.shape[1], 2, *kernel)}, **attrs)
        else:
            if rng.random() < 0.5:
                attrs["ceil_mode"] = 1
            if kind == "AveragePool" and rng.random() < 0.5:
                attrs["count_include_pad"] = 1
            op(name + str(attrs), kind, {"x": x}, opset=int(rng.choice([19, 22])), kernel_shape=kernel, **attrs)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--random":
        random_windows(int(sys.argv[2]))
        target = pathlib.Path(sys.argv[3])
    else:
        for part in (unary, binary, conv, pool, matmul, reduce, shape, gather, norm, recurrent, resize, quantize, networks):
            part()
        for name, why in failed:
            print(f"left out {name}: {why}")
        target = TARGET
    target.write_text("\n".join(lines) + "\n")
    print(f"{target}: {len(lines)} cases, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
