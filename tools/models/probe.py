"""One network for each of the 241 operator cases in which another ONNX prover was measured: the usual forms of an operator, with
private data and constants. bench/sweep.py runs them as "probe ..". A case that cannot be proved (its output's shape depends on
data, or it draws random numbers) must be refused in one line that names the node: `refused`.
"""
import numpy as np
from onnx import TensorProto, helper

BOOL, I8, U8 = TensorProto.BOOL, TensorProto.INT8, TensorProto.UINT8
I64, I32, F = TensorProto.INT64, TensorProto.INT32, TensorProto.FLOAT
DYNAMIC = "depends on data"


def cases(add):
    def probe(name, f, opset=17):
        add("probe " + name, f, opset)

    def one(name, op, opset=17, shape=(2, 6), lo=-2, hi=2, consts=(), dtype=F, tol=None, domain=None, outs=1, refused=None, **attrs):
        """op(x, constants..)"""
        def f(g):
            x = g.input("x", shape, lo, hi, dtype=dtype)
            y = g(op, x, *[None if c is None else g.const(c) for c in consts], outs=outs, **attrs)
            if domain:
                g.nodes[-1].domain = domain
            g.out(*([y] if outs == 1 else y), dtype=None)
            g.tolerance = tol or g.tolerance
            g.refused = refused
        probe(name, f, opset)

    # functions of one number
    for op in "Abs Asinh Atan Ceil Cos Cosh Elu Erf Exp Floor HardSigmoid HardSwish Identity LeakyRelu Neg Relu Round Selu Sigmoid Sign Sin Sinh " \
            "Softplus Softsign Tanh ThresholdedRelu Celu".split():
        one(op, op)
    one("Mish", "Mish", 18)
    one("Gelu", "Gelu", 20)
    one("Acos", "Acos", lo=-.9, hi=.9)
    one("Asin", "Asin", lo=-.9, hi=.9)
    one("Atanh", "Atanh", lo=-.8, hi=.8)
    one("Acosh", "Acosh", lo=1.1, hi=4)
    one("Tan", "Tan", lo=-1.2, hi=1.2, tol=2e-3)
    one("Log", "Log", lo=.1, hi=4, tol=2e-3)
    one("Sqrt", "Sqrt", lo=.1, hi=4)
    one("Reciprocal", "Reciprocal", lo=.5, hi=4)
    one("HardShrink/Shrink", "Shrink", lambd=.5)
    one("Hardmax", "Hardmax")
    for op in ("Softmax", "LogSoftmax"):
        one(op, op)
        one(op + " axis0", op, axis=0)

    # two operands
    positive = {"Div", "Pow", "Mod"}
    for op in ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Mod", "PRelu"):
        attrs = {"fmod": 1} if op == "Mod" else {}
        for form in ("var,var", "var,const", "var,scalar", "const,var"):
            def f(g, op=op, form=form, attrs=attrs):
                lo = .5 if op in positive else -2
                left, right = form.split(",")
                make = {"var": lambda n: g.input(n, (2, 3), lo, 2), "const": lambda n: g.const(g.r.uniform(lo, 2, (2, 3))),
                        "scalar": lambda n: g.const(np.float32(g.r.uniform(lo, 2)))}
                a, b = make[left]("a"), make[right]("b")
                g.out(g(op, a, b, **attrs))
                if op == "Mod":  # a multiple of the divisor jumps: onnxruntime's own float32 remainder of it is arbitrary
                    g.tolerance = 2e-3
                if op == "Pow":
                    g.tolerance = 1e-3
            probe(f"{op} {form}", f)
    for c in (2, -1, -2, .5, 0):
        one(f"Pow ^{c:g}", "Pow", lo=.5, hi=2, consts=(np.float32(c),))
    for c in (.25, -.5, 0):
        one(f"Mul by {c:g}", "Mul", consts=(np.float32(c),))

    def several(name, op, n=2, shapes=None, dtype=F, lo=-2, hi=2, opset=17, out=F, **attrs):
        def f(g):
            xs = [g.input(f"x{i}", (shapes or [(2, 3)] * n)[i], lo, hi, dtype=dtype) for i in range(n)]
            g.out(g(op, *xs, **attrs), dtype=out)
        probe(name, f, opset)

    several("Max 3 inputs", "Max", 3)
    several("Min 3 inputs", "Min", 3)
    several("Sum", "Sum", 2)
    several("Mean", "Mean", 2)
    several("Add broadcast", "Add", 2, [(2, 3, 4), (3, 1)])

    def equal(g):
        a = g.input("a", (2, 6), -2, 2)
        g.feeds["a"] = np.round(g.feeds["a"] * 2) / 2
        b = g.const(np.array(np.where(g.r.random((2, 6)) < .5, g.feeds["a"], 1)))
        g.out(g("Equal", a, b), dtype=BOOL)
    probe("Equal", equal)
    for op in ("Greater", "Less", "GreaterOrEqual", "LessOrEqual"):
        several(op, op, out=BOOL)
    for op in ("And", "Or", "Xor"):
        several(op, op, dtype=BOOL, lo=0, hi=1, out=BOOL)
    one("Not", "Not", dtype=BOOL, lo=0, hi=1)

    def where(g):
        c = g.input("c", (2, 3), 0, 1, dtype=BOOL)
        g.out(g("Where", c, g.input("a", (2, 3)), g.input("b", (2, 3))))
    probe("Where", where)

    def shift(g):
        x = g.input("x", (2, 3), 0, 200, dtype=U8)
        s = g.input("s", (2, 3), 0, 7, dtype=U8)
        g.out(g("BitShift", x, s, direction="RIGHT"), dtype=U8)
    probe("BitShift", shift)
    several("BitwiseAnd", "BitwiseAnd", dtype=I32, lo=-100, hi=100, opset=18, out=I32)

    # reductions
    for op in "L1 L2 LogSum LogSumExp Max Mean Min Prod SumSquare".split():
        one("Reduce" + op, "Reduce" + op, shape=(2, 3, 4), lo=.2 if "Log" in op or op == "Prod" else -2, axes=[1])
    one("ReduceSum", "ReduceSum", shape=(2, 3, 4), consts=(np.int64([1]),))
    one("ReduceMax int", "ReduceMax", shape=(2, 3, 4), lo=-50, hi=50, dtype=I32, axes=[1])
    one("ArgMax", "ArgMax", shape=(3, 5), axis=1)
    one("ArgMin", "ArgMin", shape=(3, 5), axis=1, keepdims=0)

    def last(g):
        x = g.input("x", (3, 5))
        g.feeds["x"] = np.round(g.feeds["x"])
        g.out(g("ArgMax", x, axis=1, select_last_index=1), dtype=I64)
    probe("ArgMax last", last)
    one("CumSum", "CumSum", shape=(2, 5), consts=(np.int64(1),))
    for i, what in enumerate(("values", "indices")):
        def topk(g, i=i):
            g.out(g("TopK", g.input("x", (2, 6)), g.ints(3), outs=2)[i], dtype=(F, I64)[i])
        probe("TopK " + what, topk)

    # linear
    several("MatMul var,var", "MatMul", shapes=[(3, 4), (4, 5)])

    def weights(name, op, xs, *ws, opset=17, **attrs):
        def f(g):
            g.out(g(op, g.input("x", xs), *[g.w(*w) for w in ws], **attrs))
        probe(name, f, opset)

    weights("MatMul const", "MatMul", (3, 4), (4, 5))
    several("MatMul 3D", "MatMul", shapes=[(2, 3, 4), (2, 4, 5)])
    weights("Gemm", "Gemm", (3, 4), (5, 4), (5,), transB=1, alpha=.5, beta=2.)
    several("Einsum", "Einsum", shapes=[(3, 4), (4, 5)], equation="ij,jk->ik")
    several("Einsum 3", "Einsum", 3, shapes=[(3, 4), (4, 5), (5,)], equation="ij,jk,k->i")

    def matmul_integer(g):
        a, b = g.input("a", (2, 4), 0, 255, dtype=U8), g.const(g.r.integers(-64, 64, (4, 3)).astype(np.int8))
        g.out(g("MatMulInteger", a, b, g.const(np.uint8(12)), g.const(np.int8(-3))), dtype=I32)
    probe("MatMulInteger", matmul_integer)
    weights("Conv 2d", "Conv", (1, 2, 6, 6), (3, 2, 3, 3), (3,))
    weights("Conv 1d", "Conv", (1, 2, 8), (3, 2, 3), (3,))
    weights("Conv 3d", "Conv", (1, 2, 4, 4, 4), (3, 2, 2, 2, 2), (3,))
    weights("Conv group", "Conv", (1, 4, 6, 6), (4, 2, 3, 3), group=2)
    weights("Conv depthwise", "Conv", (1, 4, 6, 6), (4, 1, 3, 3), group=4)
    weights("Conv dilation2", "Conv", (1, 2, 7, 7), (3, 2, 3, 3), dilations=[2, 2])
    weights("Conv stride2 SAME", "Conv", (1, 2, 6, 6), (3, 2, 3, 3), (3,), strides=[2, 2], auto_pad="SAME_UPPER")
    several("Conv var kernel", "Conv", shapes=[(1, 2, 5, 5), (3, 2, 3, 3)])
    weights("Conv 1x1", "Conv", (1, 3, 4, 4), (2, 3, 1, 1))
    weights("Conv batch2", "Conv", (2, 2, 6, 6), (3, 2, 3, 3))
    weights("ConvTranspose", "ConvTranspose", (1, 2, 4, 4), (2, 3, 3, 3), (3,), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    weights("ConvTranspose in==out ch", "ConvTranspose", (1, 2, 4, 4), (2, 2, 3, 3))
    weights("ConvTranspose group", "ConvTranspose", (1, 4, 4, 4), (4, 2, 3, 3), group=2)
    weights("ConvTranspose dilation", "ConvTranspose", (1, 2, 4, 4), (2, 2, 3, 3), dilations=[2, 2])

    # pooling
    two = dict(kernel_shape=[2, 2], strides=[2, 2])
    one("MaxPool", "MaxPool", shape=(1, 2, 6, 6), **two)
    one("MaxPool pad (neg data)", "MaxPool", shape=(1, 2, 6, 6), lo=-3, hi=-1, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    one("MaxPool dilation", "MaxPool", shape=(1, 2, 6, 6), kernel_shape=[2, 2], dilations=[2, 2])
    one("MaxPool ceil_mode", "MaxPool", shape=(1, 1, 5, 5), ceil_mode=1, **two)
    one("MaxPool 1d", "MaxPool", shape=(1, 2, 8), kernel_shape=[2], strides=[2])
    one("AveragePool", "AveragePool", shape=(1, 2, 6, 6), **two)
    pad = dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    one("AveragePool pad excl", "AveragePool", shape=(1, 2, 6, 6), **pad)
    one("AveragePool pad incl", "AveragePool", shape=(1, 2, 6, 6), count_include_pad=1, **pad)
    one("AveragePool batch2", "AveragePool", shape=(2, 2, 6, 6), **two)
    one("GlobalAveragePool", "GlobalAveragePool", shape=(1, 2, 4, 4))
    one("GlobalMaxPool", "GlobalMaxPool", shape=(1, 2, 4, 4))
    one("LpPool", "LpPool", shape=(1, 2, 4, 4), p=2, **two)
    one("GlobalLpPool", "GlobalLpPool", shape=(1, 2, 4, 4), p=2)

    # normalisation
    def batch(g):
        g.out(g.bn(g.input("x", (1, 3, 4, 4)), 3))
    probe("BatchNormalization", batch)
    weights("InstanceNormalization", "InstanceNormalization", (1, 3, 4, 4), (3,), (3,))
    weights("LayerNormalization", "LayerNormalization", (2, 8), (8,), (8,))
    weights("GroupNormalization", "GroupNormalization", (1, 4, 4, 4), (4,), (4,), opset=21, num_groups=2)
    one("LRN", "LRN", shape=(1, 5, 3, 3), size=3, alpha=.1)
    one("LpNormalization", "LpNormalization", shape=(2, 6), p=2)
    one("MeanVarianceNormalization", "MeanVarianceNormalization", shape=(2, 3, 4, 4))
    one("Dropout", "Dropout")
    one("Clip", "Clip", consts=(np.float32(-.5), np.float32(1)))
    one("Clip min only", "Clip", consts=(np.float32(-.5),))
    one("Cast f->i", "Cast", lo=-9, hi=9, to=I64)
    one("Cast i->f", "Cast", lo=-9, hi=9, dtype=I64, to=F)

    def truth(g):
        x = g.input("x", (2, 6))
        g.feeds["x"] = np.round(g.feeds["x"])
        g.out(g("Cast", x, to=BOOL), dtype=BOOL)
    probe("Cast f->bool", truth)
    one("Cast bool->f", "Cast", lo=0, hi=1, dtype=BOOL, to=F)
    one("CastLike", "CastLike", dtype=I64, lo=-5, hi=5, consts=(np.float32([1]),))

    # entries that move
    several("Concat", "Concat", shapes=[(2, 3), (2, 2)], axis=1)

    def split(g):
        g.out(*g("Split", g.input("x", (2, 6)), g.ints(2, 4), outs=2, axis=1))
    probe("Split", split)
    one("Slice", "Slice", consts=(np.int64([1]), np.int64([4]), np.int64([1])))
    one("Slice step2", "Slice", consts=(np.int64([0]), np.int64([6]), np.int64([1]), np.int64([2])))
    one("Slice neg step", "Slice", consts=(np.int64([5]), np.int64([-7]), np.int64([1]), np.int64([-1])))
    one("Transpose", "Transpose", perm=[1, 0])
    one("Reshape", "Reshape", consts=(np.int64([3, 4]),))
    one("Flatten", "Flatten", shape=(2, 3, 2))
    one("Squeeze", "Squeeze", shape=(2, 1, 3), consts=(np.int64([1]),))
    one("Unsqueeze", "Unsqueeze", consts=(np.int64([1]),))
    one("Expand", "Expand", shape=(2, 1), consts=(np.int64([2, 3]),))
    one("Tile", "Tile", consts=(np.int64([2, 1]),))
    pads = np.int64([1, 0, 0, 2])
    one("Pad 0", "Pad", consts=(pads,))
    one("Pad const 2.0", "Pad", consts=(pads, np.float32(2)))
    one("Pad reflect", "Pad", consts=(pads,), mode="reflect")
    one("Pad edge", "Pad", consts=(pads,), mode="edge")
    one("Pad negative", "Pad", consts=(np.int64([0, -1, 0, -2]),))
    for name, at in (("const idx", [0, 3, 1]), ("neg idx -2", [-2]), ("neg idx -1", [-1])):
        one("Gather " + name, "Gather", consts=(np.int64(at),), axis=1)

    def indexed(name, op, shape, index, high, updates=None, const=False, **attrs):
        def f(g):
            x = g.input("x", shape)
            i = g.const(np.int64(index)) if const else g.input("i", np.shape(index), 0, high, dtype=I64)
            if not const:
                g.feeds["i"] = np.int64(index)
            g.out(g(op, x, i, *([g.input("u", updates)] if updates else []), **attrs))
        probe(name, f)

    indexed("Gather var idx", "Gather", (5, 3), [3, 0], 4)

    def embedding(g):
        g.out(g("Gather", g.w(10, 4), g.input("i", (3,), 0, 9, dtype=I64)))
    probe("Gather embedding", embedding)
    indexed("GatherElements const", "GatherElements", (2, 4), [[0, 2], [3, 1]], 3, const=True, axis=1)
    indexed("GatherElements var", "GatherElements", (2, 4), [[0, 2], [3, 1]], 3, axis=1)
    indexed("GatherND const", "GatherND", (3, 4), [[0, 1], [2, 3]], 3, const=True)
    indexed("GatherND var", "GatherND", (3, 4), [[0, 1], [2, 3]], 2)
    indexed("ScatterElements const", "ScatterElements", (2, 4), [[0, 2], [3, 1]], 3, (2, 2), True, axis=1)
    indexed("ScatterElements var", "ScatterElements", (2, 4), [[0, 2, 1, 3], [3, 1, 0, 2]], 3, (2, 4), axis=1)
    indexed("ScatterElements add", "ScatterElements", (2, 4), [[0, 2], [3, 3]], 3, (2, 2), True, axis=1, reduction="add")
    indexed("ScatterND const", "ScatterND", (4, 3), [[1], [3]], 3, (2, 3), True)
    indexed("ScatterND var", "ScatterND", (4, 3), [[1], [3]], 3, (2, 3))
    for name, v in (("OneHot", [0, 1]), ("OneHot vals(-1,2)", [-1, 2])):
        def onehot(g, v=v):
            g.out(g("OneHot", g.input("i", (4,), 0, 4, dtype=I64), g.const(np.int64(5)), g.const(np.float32(v))))
        probe(name, onehot)

    # resizing
    image = (1, 2, 3, 3)
    scales = np.float32([1, 1, 2, 2])
    nearest = dict(mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    one("Resize nearest x2", "Resize", shape=image, consts=(None, scales), **nearest)
    one("Resize linear x2", "Resize", shape=image, consts=(None, scales), mode="linear")
    one("Resize sizes", "Resize", shape=image, consts=(None, None, np.int64([1, 2, 6, 6])), **nearest)
    one("Resize down", "Resize", shape=(1, 2, 6, 6), consts=(None, np.float32([1, 1, .5, .5])), **nearest)
    one("Upsample", "Upsample", 9, shape=image, consts=(scales,), mode="nearest")
    one("DepthToSpace", "DepthToSpace", shape=(1, 8, 2, 2), blocksize=2)
    one("SpaceToDepth", "SpaceToDepth", shape=(1, 2, 4, 4), blocksize=2)
    one("Trilu", "Trilu", shape=(4, 4), upper=0)

    # constants, and what depends on them
    def folded(name, f, opset=17, dtype=F):
        def build(g):
            x = g.input("x", (3, 3))
            g.out(g("Add", g("Cast", f(g, x), to=F), x))
        probe(name, build, opset)

    folded("EyeLike", lambda g, x: g("EyeLike", x))
    folded("Range const", lambda g, x: g("Range", g.const(np.int64(0)), g.const(np.int64(6)), g.const(np.int64(2))))
    folded("Shape", lambda g, x: g("ReduceSum", g("Shape", x), g.ints(0)))
    folded("Size", lambda g, x: g("Size", x))
    one("NonZero", "NonZero", refused=[DYNAMIC])
    one("Unique", "Unique", shape=(6,), refused=["Unique"])
    one("IsNaN", "IsNaN")
    one("IsInf", "IsInf")
    one("Det", "Det", shape=(3, 3))

    def reverse(g):
        g.out(g("ReverseSequence", g.input("x", (4, 3)), g.ints(2, 4, 1), batch_axis=1, time_axis=0))
    probe("ReverseSequence", reverse)
    one("RandomNormalLike", "RandomNormalLike", refused=["RandomNormalLike"])

    def suppression(g):
        g.refused = ["NonMaxSuppression"]
        g.out(g("NonMaxSuppression", g.input("b", (1, 6, 4), 0, 1), g.input("s", (1, 1, 6), 0, 1), g.ints(3)), dtype=I64)
    probe("NonMaxSuppression", suppression)

    def roi(g):
        g.out(g("RoiAlign", g.input("x", (1, 2, 6, 6)), g.const(np.float32([[0, 0, 4, 4], [1, 2, 5, 5]])), g.ints(0, 0), output_height=2, output_width=2,
                sampling_ratio=2))
    probe("RoiAlign", roi)

    def grid(g):
        g.out(g("GridSample", g.input("x", (1, 2, 4, 4)), g.const(g.r.uniform(-1, 1, (1, 3, 3, 2)))))
    probe("GridSample", grid)
    one("Compress", "Compress", consts=(np.array([True, False, True, True, False, True]),), axis=1)

    # recurrent
    for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4), ("LSTM bidirectional", 4)):
        def recurrent(g, op=op, gates=gates):
            d = 2 if "bi" in op else 1
            y = g(op.split()[0], g.input("x", (3, 1, 4)), g.w(d, 5 * gates, 4), g.w(d, 5 * gates, 5), g.w(d, 10 * gates), hidden_size=5,
                  direction="bidirectional" if d == 2 else "forward", outs=2)
            g.out(y[0])
        probe(op, recurrent)

    # quantised
    one("QuantizeLinear", "QuantizeLinear", lo=-4, hi=4, consts=(np.float32(.05), np.uint8(128)))
    one("DequantizeLinear", "DequantizeLinear", dtype=U8, lo=0, hi=255, consts=(np.float32(.05), np.uint8(128)))

    def qlinear(g):
        x = g.input("x", (1, 2, 5, 5), 0, 255, dtype=U8)
        w = g.const(g.r.integers(-64, 64, (3, 2, 3, 3)).astype(np.int8))  # onnxruntime's AVX kernels saturate products of more bits
        g.out(g("QLinearConv", x, g.const(np.float32(.02)), g.const(np.uint8(120)), w, g.const(np.float32(.01)), g.const(np.int8(0)),
                g.const(np.float32(.05)), g.const(np.uint8(130))), dtype=U8)
    probe("QLinearConv", qlinear)

    def dynamic(g):
        y = g("DynamicQuantizeLinear", g.input("x", (2, 6)), outs=3)
        g.out(g("Mul", g("Sub", g("Cast", y[0], to=F), g("Cast", y[2], to=F)), y[1]))
        g.tolerance = 1.1e-2  # a step of x / 255: an entry on the edge may fall on the other side
    probe("DynamicQuantizeLinear", dynamic)

    def constant(g):
        x = g.input("x", (2,))
        g.out(g("Identity", x), g("Constant", value=helper.make_tensor("v", F, [3], [1.5, -2, .1])))
    probe("Constant out", constant)
    one("Bernoulli", "Bernoulli", lo=0, hi=1, refused=["Bernoulli"])
    one("Multinomial", "Multinomial", refused=["Multinomial"])

    # ai.onnx.ml
    ml = "ai.onnx.ml"

    def trees(g):
        x = g.input("x", (1, 3))
        y = g("TreeEnsembleClassifier", x, outs=2, nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[1, 0, 0],
              nodes_values=[.25, 0., 0.], nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
              class_treeids=[0, 0], class_nodeids=[1, 2], class_ids=[0, 1], class_weights=[1., 1.], classlabels_int64s=[0, 1])
        g.nodes[-1].domain = ml
        g.out(y[1])
    probe("TreeEnsembleClassifier", trees)
    one("Normalizer", "Normalizer", domain=ml, norm="L2")
    one("Scaler", "Scaler", shape=(1, 3), domain=ml, offset=[.1, .2, .3], scale=[1., 2., .5])

    def classifier(g):
        y = g("LinearClassifier", g.input("x", (1, 3)), outs=2, coefficients=[.5, -1., 2., 1., .25, -.5], intercepts=[.1, -.2],
              classlabels_ints=[0, 1], post_transform="SOFTMAX")
        g.nodes[-1].domain = ml
        g.out(y[1])
    probe("LinearClassifier", classifier)
