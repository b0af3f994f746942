"""Networks as exporters write them: every operator in scope with its forms, the usual architectures, and odd settings.

bench/sweep.py runs them all against onnxruntime; make.py here writes a few as test data of the Go tests.
"""
import math, os, zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import probe

F, I64, I32 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32
NP = {F: np.float32, I64: np.int64, I32: np.int32, TensorProto.FLOAT16: np.float16, TensorProto.DOUBLE: np.float64,
      TensorProto.INT8: np.int8, TensorProto.UINT8: np.uint8, TensorProto.BOOL: np.bool_}


class Net:
    """A graph under construction: calls make nodes and return the names of their outputs."""

    def __init__(self, name, opset=17, seed=1):
        self.name, self.opset, self.r = name, opset, np.random.default_rng(seed)
        self.nodes, self.inits, self.inputs, self.outputs = [], [], [], []
        self.feeds, self.samples, self.also, self.outside = {}, [], [], []
        self.flags, self.calibrate_flags, self.calibrate, self.fixed = [], [], True, False
        self.tolerance, self.external, self.maybe, self.known, self.n = 5e-4, False, None, None, 0
        self.definition = False  # outputs are compared with those of ONNX's definition, not onnxruntime's
        self.refused = None  # texts of the one line with which the network is refused

    def fresh(self, what):
        self.n += 1
        return f"/{what}_{self.n}"

    def input(self, name, shape, lo=None, hi=None, k=1.0, m=0.0, dtype=F, dims=None, optional=False):
        """An input with a random value: normal (k, m), or uniform in [lo, hi]."""
        if lo is None:
            v = self.r.normal(m, k, shape)
        elif dtype in (I64, I32, TensorProto.INT8, TensorProto.UINT8, TensorProto.BOOL):
            v = self.r.integers(lo, hi + 1, shape)
        else:
            v = self.r.uniform(lo, hi, shape)
        self.feeds[name] = np.asarray(v).astype(NP[dtype])
        self.inputs.append(helper.make_tensor_value_info(name, dtype, dims or list(shape)))
        return name

    def const(self, v, name=None, dtype=None):
        v = np.asarray(v, dtype=dtype)
        if v.dtype == np.float64 and dtype is None:
            v = v.astype(np.float32)
        name = name or self.fresh("const")
        self.inits.append(numpy_helper.from_array(np.ascontiguousarray(v) if v.ndim else v, name))
        return name

    def w(self, *shape, k=None, m=0.0):
        """Weights of the usual size: 1/sqrt(fan in)."""
        fan = math.prod(shape[1:]) if len(shape) > 1 else 10
        return self.const(self.r.normal(m, k if k is not None else 1 / math.sqrt(fan), shape).astype(np.float32))

    def ints(self, *x):
        return self.const(np.array(x, dtype=np.int64))

    def scalar(self, x):
        return self.const(np.float32(x))

    def __call__(self, op, *ins, outs=1, **attrs):
        names = [self.fresh(op) for _ in range(outs)]
        self.nodes.append(helper.make_node(op, [i or "" for i in ins], names, name=names[0] + "/node", **attrs))
        return names[0] if outs == 1 else names

    def out(self, *names, dtype=F):
        """Outputs; without a dtype, that of shape inference."""
        for i, n in enumerate(names):
            self.outputs.append((n, dtype))
        return self

    # layers
    def linear(self, x, n, m, bias=True):
        return self("Gemm", x, self.w(m, n), *([self.w(m)] if bias else []), transB=1)

    def conv(self, x, n, m, k, stride=1, pad=None, group=1, bias=True, dilation=1, dims=2):
        if pad is None:
            pad = k // 2
        return self("Conv", x, self.w(m, n // group, *[k] * dims), *([self.w(m)] if bias else []), kernel_shape=[k] * dims,
                    strides=[stride] * dims, pads=[pad] * 2 * dims, dilations=[dilation] * dims, group=group)

    def bn(self, x, n, **attrs):
        r = self.r
        return self("BatchNormalization", x, self.const(r.uniform(.5, 1.5, n)), self.const(r.normal(0, .3, n)),
                    self.const(r.normal(0, .3, n)), self.const(r.uniform(.3, 2, n)), **attrs)

    def cbr(self, x, n, m, k, act="Relu", **o):
        x = self.bn(self.conv(x, n, m, k, bias=False, **o), m)
        return self.relu6(x) if act == "relu6" else self(act, x)

    def relu6(self, x):
        return self("Clip", x, self.scalar(0), self.scalar(6))

    def maxpool(self, x, k=2, s=2, **attrs):
        return self("MaxPool", x, kernel_shape=[k, k], strides=[s, s], **attrs)

    def sample(self, k=.1, f=None):
        """One more calibration sample near the first."""
        self.samples.append({n: (f(v) if f else v + (k * self.r.normal(size=v.shape)).astype(v.dtype)) for n, v in self.feeds.items()})

    def model(self):
        outs = []
        types = {}
        imports = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(d, 3) for d in sorted({n.domain for n in self.nodes} - {""})]
        if any(t is None for _, t in self.outputs):
            g = helper.make_graph(self.nodes, "types", self.inputs, [], self.inits)
            m = onnx.shape_inference.infer_shapes(helper.make_model(g, opset_imports=imports))
            types = {v.name: v.type.tensor_type.elem_type for v in m.graph.value_info}
        for n, t in self.outputs:
            v = helper.make_empty_tensor_value_info(n)
            v.type.tensor_type.elem_type = t or types.get(n, F)
            outs.append(v)
        g = helper.make_graph(self.nodes, "main_graph", self.inputs, outs, self.inits)
        m = helper.make_model(g, opset_imports=imports, producer_name="pytorch", producer_version="2.5.0")
        m.ir_version = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}[self.opset]
        if m.ir_version < 4:  # initialisers are inputs too
            for t in self.inits:
                g2 = m.graph.input.add()
                g2.CopyFrom(helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)))
        return m

    def save(self, folder):
        m = self.model()
        path = os.path.join(folder, "network.onnx")
        if self.external:
            onnx.save_model(m, path, save_as_external_data=True, all_tensors_to_one_file=self.external == "one",
                            location="network.onnx.data" if self.external == "one" else None, size_threshold=0)
        else:
            onnx.save(m, path)


class Case:
    def __init__(self, name, f, opset, seed):
        self.name, self.f, self.opset, self.seed = name, f, opset, seed

    def build(self):
        g = Net(self.name, self.opset, self.seed)
        self.f(g)
        return g


CASES = []


def add(name, f, opset=17):
    assert all(c.name != name for c in CASES), name
    CASES.append(Case(name, f, opset, zlib.crc32(name.encode())))


def case(f):
    add(f.__name__.replace("_", " "), f)
    return f


def all_cases():
    return CASES


# --- one operator -------------------------------------------------------------------------------------------------------

def unary(op, opset=17, shape=(2, 9), label=None, consts=(), tol=None, lo=None, hi=None, k=1.0, **attrs):
    def f(g):
        x = g.input("x", shape, lo, hi, k)
        g.out(g(op, x, *[None if c is None else g.const(np.asarray(c)) for c in consts], **attrs))
        if tol:
            g.tolerance = tol

    def after(g):
        x = g.input("x", shape, -1, 1)
        y = g("MatMul", x, g.w(shape[-1], 6))
        if lo is not None and lo >= 0:
            y = g("Add", g("Abs", y), g.scalar(lo + .1))
        z = g(op, y, *[None if c is None else g.const(np.asarray(c)) for c in consts], **attrs)
        g.out(g("MatMul", z, g.w(6, 3)))
        if tol:
            g.tolerance = tol

    name = label or op
    add(f"op {name}", f, opset)
    if len(shape) == 2:
        add(f"op dense {name} dense", after, opset)


for op in "Relu Sigmoid Tanh Elu Abs Neg Erf HardSigmoid LeakyRelu Identity".split():
    unary(op)
unary("Exp", k=1)
unary("Sqrt", lo=0.05, hi=4)
unary("Sqrt", lo=0, hi=1, label="Sqrt 0 to 1", tol=5e-3)
unary("Log", lo=0.1, hi=6, tol=5e-3)
unary("LeakyRelu", alpha=.3, label="LeakyRelu 0.3")
unary("LeakyRelu", alpha=0., label="LeakyRelu 0")
unary("LeakyRelu", alpha=1.5, label="LeakyRelu 1.5")
unary("LeakyRelu", alpha=-.5, label="LeakyRelu negative")
unary("Elu", alpha=.5, label="Elu 0.5")
unary("HardSigmoid", alpha=1 / 6, beta=.5, label="HardSigmoid torch", k=4)
unary("Clip", consts=(np.float32(0), np.float32(6)), label="Clip relu6", k=5)
unary("Clip", consts=(np.float32(-.5),), label="Clip low only")
unary("Clip", consts=(None, np.float32(.5)), label="Clip high only")
unary("Clip", label="Clip none")
unary("Clip", consts=(np.float32(.2), np.float32(.3)), label="Clip narrow")
unary("Clip", opset=6 + 4, min=0., max=6., label="Clip attributes", k=5)
unary("Clip", opset=10, min=0., label="Clip attributes one-sided", k=5)
unary("Clip", opset=10, max=1., label="Clip attributes high", k=5)
unary("Clip", consts=(np.float32(-3.4028235e38), np.float32(3.4028235e38)), label="Clip huge")
unary("Clip", consts=(np.float32(0), np.float32(np.inf)), label="Clip infinity")
for c in (0, 1, 2, 3, 4):
    unary("Pow", consts=(np.float32(c),), label=f"Pow {c}")
unary("Pow", consts=(np.int64(2),), label="Pow int64 2")
unary("Pow", consts=(np.float32([2]),), label="Pow vector 2")
unary("Pow", consts=(np.float32(.5),), label="Pow 0.5", lo=.1, hi=4)
unary("Pow", consts=(np.float32(-1),), label="Pow -1", lo=.5, hi=4)
unary("Dropout", opset=11, label="Dropout 11", ratio=.5)
unary("Dropout", consts=(np.float32(.5), np.bool_(False)), label="Dropout 13")
unary("Relu", opset=13, shape=(7,), label="Relu vector")
unary("Relu", opset=13, shape=(2, 1, 3, 1, 2), label="Relu 5d")
unary("Relu", opset=13, shape=(1,), label="Relu one")
unary("Tanh", k=20, label="Tanh saturated")
unary("Sigmoid", k=40, label="Sigmoid saturated")
unary("Erf", k=10, label="Erf saturated")
unary("Elu", k=10, label="Elu wide")
unary("Exp", lo=-12, hi=0, label="Exp negative")
unary("Exp", lo=-3, hi=5, label="Exp to 148")


def scalar_input(g):
    x = g.input("x", ())
    g.out(g("Relu", x))


add("op Relu scalar", scalar_input)


def prelu(name, xs, ss, opset=17):
    def f(g):
        x = g.input("x", xs)
        g.out(g("PRelu", x, g.const(g.r.uniform(-.5, .5, ss))))
    add(f"op PRelu {name}", f, opset)


prelu("scalar", (2, 3, 4), (1,))
prelu("per channel", (2, 3, 4, 4), (3, 1, 1))
prelu("per channel 16", (2, 3, 4, 4), (3, 1, 1), 16)
prelu("full", (2, 3), (2, 3))
prelu("rank 0", (2, 3), ())
prelu("opset 7", (2, 3, 4, 4), (3, 1, 1), 7)


def conv(name, xs, ws, opset=17, bias=True, relu=True, **attrs):
    def f(g):
        x = g.input("x", xs)
        y = g("Conv", x, g.w(*ws), *([g.w(ws[0])] if bias else []), **attrs)
        g.out(g("Relu", y) if relu else y)
    add(f"op Conv {name}", f, opset)


conv("1d", (1, 3, 20), (4, 3, 5))
conv("1d stride pads", (2, 3, 21), (4, 3, 5), strides=[3], pads=[2, 1])
conv("1d dilation", (1, 3, 21), (4, 3, 3), dilations=[4])
conv("1d causal", (1, 2, 16), (3, 2, 3), pads=[4, 0], dilations=[2])
conv("2d no bias", (1, 3, 8, 8), (4, 3, 3, 3), bias=False)
conv("2d linear", (1, 3, 8, 8), (4, 3, 3, 3), relu=False)
conv("2d asymmetric pads", (1, 3, 8, 7), (4, 3, 3, 2), pads=[0, 1, 2, 3], strides=[2, 3])
conv("2d dilation", (1, 3, 11, 11), (4, 3, 3, 3), dilations=[2, 3], pads=[2, 3, 2, 3])
conv("2d groups", (2, 6, 7, 7), (4, 3, 3, 3), group=2)
conv("2d depthwise", (1, 6, 7, 7), (6, 1, 3, 3), group=6, pads=[1, 1, 1, 1])
conv("2d depthwise multiplier", (1, 3, 7, 7), (6, 1, 3, 3), group=3, strides=[2, 2])
conv("2d 1x1", (1, 5, 6, 6), (3, 5, 1, 1))
conv("2d 1x1 stride 2", (1, 5, 7, 7), (3, 5, 1, 1), strides=[2, 2])
conv("2d 7x7 stride 2", (1, 3, 15, 15), (4, 3, 7, 7), strides=[2, 2], pads=[3, 3, 3, 3])
conv("2d stride above kernel", (1, 2, 11, 11), (3, 2, 2, 2), strides=[4, 3])
conv("2d kernel of whole input", (1, 3, 5, 5), (7, 3, 5, 5))
conv("2d pad above kernel", (1, 2, 4, 4), (3, 2, 2, 2), pads=[3, 3, 3, 3])
conv("2d one channel", (1, 1, 6, 6), (1, 1, 3, 3))
for a in ("SAME_UPPER", "SAME_LOWER"):
    conv(f"{a} even", (1, 2, 9, 8), (3, 2, 4, 2), auto_pad=a, strides=[2, 3])
    conv(f"{a} odd", (1, 2, 9, 8), (3, 2, 3, 5), auto_pad=a)
conv("VALID", (1, 2, 9, 8), (3, 2, 3, 3), auto_pad="VALID", strides=[2, 2])
conv("NOTSET", (1, 2, 9, 8), (3, 2, 3, 3), auto_pad="NOTSET", pads=[1, 1, 1, 1])
conv("3d", (1, 2, 5, 6, 4), (3, 2, 3, 2, 3), pads=[1, 0, 1, 1, 0, 1])
conv("3d stride dilation groups", (1, 4, 7, 7, 7), (4, 2, 2, 2, 2), strides=[2, 1, 2], dilations=[1, 2, 3], group=2)
conv("3d SAME_UPPER", (1, 2, 5, 5, 5), (2, 2, 2, 3, 4), auto_pad="SAME_UPPER", strides=[2, 2, 2])
conv("batch 3", (3, 2, 6, 6), (4, 2, 3, 3))
conv("opset 1 form", (1, 2, 6, 6), (4, 2, 3, 3), opset=7, kernel_shape=[3, 3], dilations=[1, 1], group=1)


def gemm(name, xs, ws, bs=None, opset=17, **attrs):
    def f(g):
        x = g.input("x", xs)
        g.out(g("Gemm", x, g.w(*ws), *([g.w(*bs)] if bs is not None else []), **attrs))
    add(f"op Gemm {name}", f, opset)


gemm("plain", (3, 7), (7, 5), (5,))
gemm("no bias", (3, 7), (7, 5))
gemm("transB", (3, 7), (5, 7), (5,), transB=1)
gemm("transA", (7, 3), (7, 5), (3, 5), transA=1)
gemm("alpha beta", (7, 3), (5, 7), (1, 5), transA=1, transB=1, alpha=.25, beta=-1.5)
gemm("bias column", (3, 7), (7, 5), (3, 1))
gemm("bias scalar", (3, 7), (7, 5), ())
gemm("beta 0", (3, 7), (7, 5), (5,), beta=0.)
gemm("opset 7", (3, 7), (7, 5), (5,), opset=7)
gemm("opset 10 no trans", (3, 7), (7, 5), (5,), opset=10)


@case
def op_Gemm_weights_first(g):
    x = g.input("x", (7, 2))
    g.out(g("Gemm", g.w(5, 7), x, g.w(2)))


@case
def op_Gemm_data_bias(g):
    x, b = g.input("x", (3, 7)), g.input("b", (3, 5))
    g.out(g("Gemm", x, g.w(7, 5), b, alpha=.5, beta=2.))


@case
def op_Gemm_all_data(g):
    x, y, b = g.input("x", (3, 7)), g.input("y", (5, 7)), g.input("b", (5,))
    g.out(g("Gemm", x, y, b, transB=1, alpha=.5))


def matmul(name, xs, ys, data=False):
    def f(g):
        x = g.input("x", xs)
        y = g.input("y", ys) if data else g.w(*ys, k=.4)
        g.out(g("MatMul", x, y))
    add(f"op MatMul {name}", f)


for kind in (False, True):
    d = "data " if kind else ""
    matmul(d + "2d", (3, 5), (5, 4), kind)
    matmul(d + "batch", (2, 3, 5), (2, 5, 4), kind)
    matmul(d + "broadcast left", (3, 5), (2, 5, 4), kind)
    matmul(d + "broadcast right", (2, 2, 3, 5), (5, 4), kind)
    matmul(d + "broadcast both", (2, 1, 3, 5), (1, 3, 5, 2), kind)
    matmul(d + "vector right", (2, 3, 5), (5,), kind)
    matmul(d + "vector left", (5,), (2, 5, 3), kind)
    matmul(d + "vectors", (5,), (5,), kind)


@case
def op_MatMul_weights_first(g):
    x = g.input("x", (2, 5, 3))
    g.out(g("MatMul", g.w(4, 5), x))


@case
def op_MatMul_self(g):
    x = g.input("x", (4, 4))
    g.out(g("MatMul", x, x))


@case
def op_MatMul_self_transposed(g):
    x = g.input("x", (2, 4, 3))
    g.out(g("MatMul", x, g("Transpose", x, perm=[0, 2, 1])))


def bn(name, xs, opset=17, **attrs):
    def f(g):
        x = g.input("x", xs)
        g.out(g.bn(x, xs[1], **attrs))
    add(f"op BatchNormalization {name}", f, opset)


bn("2d", (3, 4))
bn("3d", (2, 4, 5))
bn("4d", (2, 3, 4, 4))
bn("epsilon", (2, 3, 4, 4), epsilon=.1, momentum=.9)
bn("opset 7", (2, 3, 4, 4), 7)
bn("opset 9", (2, 3, 4, 4), 9)
bn("opset 14", (2, 3, 4, 4), 14, training_mode=0)


@case
def op_BatchNormalization_after_conv(g):
    x = g.input("x", (1, 2, 6, 6))
    g.out(g.bn(g.conv(x, 2, 4, 3), 4))


@case
def op_BatchNormalization_twice(g):
    x = g.input("x", (1, 2, 6, 6))
    y = g.conv(x, 2, 4, 3)
    g.out(g("Add", g.bn(y, 4), g("Relu", y)))


@case
def op_BatchNormalization_small_variance(g):
    x = g.input("x", (1, 2, 4, 4), k=.01)
    g.out(g("BatchNormalization", x, g.const([1., .5]), g.const([0., .1]), g.const([0., .001]), g.const([1e-4, 2e-5])))


@case
def op_BatchNormalization_then_conv(g):
    x = g.input("x", (1, 2, 6, 6))
    g.out(g.conv(g.bn(x, 2), 2, 3, 3))


def pool(op, name, xs, opset=17, pre=None, dense=False, **attrs):
    def f(g):
        x = g.input("x", xs)
        if pre == "conv":
            x = g("Conv", x, g.w(3, xs[1], *[3] * (len(xs) - 2)), g.w(3), pads=[1] * 2 * (len(xs) - 2))
        elif pre:
            x = g(pre, x)
        g.out(g(op, x, **attrs))
    add(f"op {op} {name}", f, opset)


for op in ("MaxPool", "AveragePool"):
    pool(op, "2x2", (1, 2, 8, 8), kernel_shape=[2, 2], strides=[2, 2])
    pool(op, "2x2 odd input", (1, 2, 7, 9), kernel_shape=[2, 2], strides=[2, 2])
    pool(op, "3x3 stride 2 pads", (1, 2, 9, 8), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    pool(op, "asymmetric pads", (2, 2, 7, 7), kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 2, 1])
    pool(op, "ceil", (1, 2, 7, 8), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    pool(op, "ceil pads", (1, 2, 8, 8), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    pool(op, "ceil stride 3", (1, 1, 8, 8), kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1)
    pool(op, "default strides", (1, 2, 5, 5), kernel_shape=[2, 2])
    pool(op, "SAME_UPPER", (1, 2, 7, 8), kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER")
    pool(op, "SAME_LOWER", (1, 2, 7, 8), kernel_shape=[2, 4], strides=[2, 3], auto_pad="SAME_LOWER")
    pool(op, "VALID", (1, 2, 7, 8), kernel_shape=[2, 3], strides=[2, 2], auto_pad="VALID")
    pool(op, "1d", (1, 3, 11), kernel_shape=[3], strides=[2])
    pool(op, "3d", (1, 2, 5, 4, 6), kernel_shape=[2, 2, 3], strides=[2, 1, 2], pads=[0, 0, 1, 1, 0, 1])
    pool(op, "after conv", (1, 2, 8, 8), pre="conv", kernel_shape=[2, 2], strides=[2, 2])
    pool(op, "after conv overlapping", (1, 2, 8, 8), pre="conv", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    pool(op, "after relu pads", (1, 2, 8, 8), pre="Relu", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    pool(op, "1x1 stride 2", (1, 2, 6, 6), kernel_shape=[1, 1], strides=[2, 2])
    pool(op, "dilations", (1, 2, 9, 9), opset=19, kernel_shape=[3, 2], dilations=[2, 3])
    pool(op, "dilations pads ceil", (1, 2, 9, 9), opset=19, kernel_shape=[3, 2], dilations=[2, 3], pads=[1, 1, 1, 1], strides=[2, 2], ceil_mode=1)
    pool(op, "opset 7", (1, 2, 7, 7), opset=7, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
for o in (10, 17, 19, 22):
    pool("AveragePool", f"include pads opset {o}", (1, 2, 7, 8), opset=o, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
    pool("AveragePool", f"include pads ceil opset {o}", (1, 2, 8, 8), opset=o, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1, ceil_mode=1)
for op in ("GlobalAveragePool", "GlobalMaxPool"):
    pool(op, "2d", (2, 3, 5, 4))
    pool(op, "1d", (1, 3, 7))
    pool(op, "3d", (1, 3, 3, 2, 4))
    pool(op, "after conv", (1, 2, 5, 5), pre="conv")


def reduce(op, name, xs, axes=None, opset=17, keep=None, const=None, pre=None, **attrs):
    def f(g):
        x = g.input("x", xs)
        if pre:
            x = g("MatMul", x, g.w(xs[-1], 5))
        a = dict(attrs)
        ins = []
        if axes is not None:
            if opset >= (13 if op == "ReduceSum" else 18):
                ins = [g.ints(*axes)]
            else:
                a["axes"] = list(axes)
        if keep is not None:
            a["keepdims"] = keep
        g.out(g(op, x, *ins, **a))
    add(f"op {op} {name}", f, opset)


for op in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"):
    for o in (11, 17, 18):
        reduce(op, f"one axis opset {o}", (2, 3, 4), [1], o)
    reduce(op, "no keep", (2, 3, 4), [1], keep=0)
    reduce(op, "negative axis", (2, 3, 4), [-1], keep=1)
    reduce(op, "two axes", (2, 3, 4, 5), [2, 3], keep=0)
    reduce(op, "split axes", (2, 3, 4), [0, -1], 18, keep=0)
    reduce(op, "all", (2, 3, 4))
    reduce(op, "all no keep", (2, 3, 4), keep=0)
    reduce(op, "all opset 18 no keep", (3, 4), None, 18, keep=0)
    reduce(op, "noop", (3, 4), None, 18, noop_with_empty_axes=1)
    reduce(op, "after matmul", (3, 4), [1], pre=True)


def binary(op, name, xs, ys, const=False, swap=False, opset=17):
    def f(g):
        x = g.input("x", xs)
        y = g.const(g.r.normal(0, 1, ys)) if const else g.input("y", ys)
        if op == "Div":
            y = g.const(g.r.uniform(.5, 3, ys) * g.r.choice([-1, 1], ys))
        g.out(g(op, *((y, x) if swap else (x, y))))
    add(f"op {op} {name}", f, opset)


for op in ("Add", "Sub", "Mul"):
    binary(op, "data", (2, 3), (2, 3))
    binary(op, "data broadcast", (2, 1, 3), (4, 1))
    binary(op, "data broadcast left", (3,), (2, 4, 3))
    binary(op, "constant", (2, 3), (2, 3), True)
    binary(op, "constant scalar", (2, 3), (), True)
    binary(op, "constant channel", (2, 3, 4, 4), (3, 1, 1), True)
    binary(op, "constant enlarges", (3,), (2, 3), True)
    binary(op, "constant first", (2, 3), (3,), True, True)
    binary(op, "opset 7", (2, 3), (3,), True, opset=7)
binary("Div", "scalar", (2, 3), (), True)
binary("Div", "vector", (2, 3), (3,), True)
binary("Div", "channel", (2, 3, 4, 4), (3, 1, 1), True)
binary("Div", "enlarges", (3,), (2, 3), True)


@case
def op_Mul_self(g):
    x = g.input("x", (2, 3))
    g.out(g("Mul", x, x))


@case
def op_Add_self(g):
    x = g.input("x", (2, 3))
    g.out(g("Add", x, x))


@case
def op_Sub_self(g):
    x = g.input("x", (2, 3))
    g.out(g("Sub", x, x), g("Relu", x))


@case
def op_Mul_zero(g):
    x = g.input("x", (2, 3))
    g.out(g("Mul", x, g.const(np.zeros((2, 3)))))


@case
def op_Mul_three(g):
    x, y, z = g.input("x", (2, 3)), g.input("y", (3,)), g.input("z", (2, 1))
    g.out(g("Mul", g("Mul", x, y), z))


def shape_op(name, xs, f, opset=17):
    def plain(g):
        g.out(f(g, g.input("x", xs)))

    def inside(g):
        x = g.input("x", xs)
        y = f(g, g("Relu", g("Add", x, g.const(g.r.normal(0, 1, xs)))))
        g.out(g("Mul", y, g.scalar(.7)))
    add(f"op {name}", plain, opset)
    add(f"op inside {name}", inside, opset)


shape_op("Flatten 1", (2, 3, 4), lambda g, x: g("Flatten", x))
shape_op("Flatten 0", (2, 3, 4), lambda g, x: g("Flatten", x, axis=0))
shape_op("Flatten 2", (2, 3, 4), lambda g, x: g("Flatten", x, axis=2))
shape_op("Flatten -1", (2, 3, 4), lambda g, x: g("Flatten", x, axis=-1))
shape_op("Flatten 3", (2, 3, 4), lambda g, x: g("Flatten", x, axis=3))
shape_op("Reshape -1", (2, 3, 4), lambda g, x: g("Reshape", x, g.ints(2, -1)))
shape_op("Reshape 0", (2, 3, 4), lambda g, x: g("Reshape", x, g.ints(0, 4, 3)))
shape_op("Reshape odd", (2, 3, 5), lambda g, x: g("Reshape", x, g.ints(5, 6)))
shape_op("Reshape 1", (6,), lambda g, x: g("Reshape", x, g.ints(1, 2, 1, 3)))
shape_op("Reshape to vector", (2, 3), lambda g, x: g("Reshape", x, g.ints(-1)))
shape_op("Reshape to scalar", (1, 1), lambda g, x: g("Reshape", x, g.const(np.zeros((0,), np.int64))))
shape_op("Transpose", (2, 3, 4), lambda g, x: g("Transpose", x, perm=[2, 0, 1]))
shape_op("Transpose default", (2, 3, 4), lambda g, x: g("Transpose", x))
shape_op("Transpose Reshape", (2, 3, 4), lambda g, x: g("Reshape", g("Transpose", x, perm=[0, 2, 1]), g.ints(2, 12)))
shape_op("Transpose Reshape odd", (2, 3, 5), lambda g, x: g("Reshape", g("Transpose", x, perm=[2, 1, 0]), g.ints(10, 3)))
shape_op("Squeeze 11", (1, 3, 1, 4), lambda g, x: g("Squeeze", x, axes=[0, 2]), 11)
shape_op("Squeeze 13", (1, 3, 1, 4), lambda g, x: g("Squeeze", x, g.ints(0, -2)))
shape_op("Squeeze all", (1, 3, 1, 4), lambda g, x: g("Squeeze", x))
shape_op("Unsqueeze 11", (3, 4), lambda g, x: g("Unsqueeze", x, axes=[0, 3]), 11)
shape_op("Unsqueeze 13", (3, 4), lambda g, x: g("Unsqueeze", x, g.ints(-1, 0)))
shape_op("Concat constant", (2, 3), lambda g, x: g("Concat", x, g.const(g.r.normal(0, 1, (2, 2))), x, axis=1))
shape_op("Concat self", (2, 3), lambda g, x: g("Concat", x, g("Relu", x), axis=-1))
shape_op("Concat axis 0", (2, 3), lambda g, x: g("Concat", x, g("Neg", x), g("Sigmoid", x), axis=0))
shape_op("Concat one", (2, 3), lambda g, x: g("Concat", x, axis=0))
shape_op("Slice", (4, 6), lambda g, x: g("Slice", x, g.ints(1, 0), g.ints(3, 5)))
shape_op("Slice axes steps", (4, 9), lambda g, x: g("Slice", x, g.ints(1), g.ints(9), g.ints(1), g.ints(3)))
shape_op("Slice negative", (4, 6), lambda g, x: g("Slice", x, g.ints(-3), g.ints(-1), g.ints(-1)))
shape_op("Slice reverse", (4, 6), lambda g, x: g("Slice", x, g.ints(-1), g.ints(-9223372036854775807), g.ints(1), g.ints(-1)))
shape_op("Slice to the end", (4, 6), lambda g, x: g("Slice", x, g.ints(2), g.ints(9223372036854775807), g.ints(0)))
shape_op("Slice attributes", (4, 6), lambda g, x: g("Slice", x, starts=[1], ends=[100], axes=[1]), 9)
shape_op("Slice int32", (4, 6), lambda g, x: g("Slice", x, g.const(np.int32([1])), g.const(np.int32([3])), g.const(np.int32([1])), g.const(np.int32([1]))))
shape_op("Pad 11", (2, 3), lambda g, x: g("Pad", x, g.ints(1, 0, 0, 2)))
shape_op("Pad value", (2, 3), lambda g, x: g("Pad", x, g.ints(1, 0, 0, 2), g.scalar(-2.5)))
shape_op("Pad attributes", (2, 3), lambda g, x: g("Pad", x, pads=[1, 0, 0, 2], value=.5, mode="constant"), 10)
shape_op("Pad axes", (2, 3), lambda g, x: g("Pad", x, g.ints(1, 2), g.scalar(0), g.ints(1)), 18)
shape_op("Pad axes negative", (2, 3), lambda g, x: g("Pad", x, g.ints(1, 2), g.scalar(.25), g.ints(-2)), 19)
shape_op("Pad reflect", (1, 1, 4, 5), lambda g, x: g("Pad", x, g.ints(0, 0, 2, 1, 0, 0, 1, 2), mode="reflect"))
shape_op("Pad edge", (1, 1, 4, 5), lambda g, x: g("Pad", x, g.ints(0, 0, 2, 1, 0, 0, 1, 2), mode="edge"))
shape_op("Pad negative", (4, 5), lambda g, x: g("Pad", x, g.ints(-1, 0, 1, -2)))
shape_op("Cast float", (2, 3), lambda g, x: g("Cast", x, to=F))
shape_op("Cast double and back", (2, 3), lambda g, x: g("Cast", g("Cast", x, to=TensorProto.DOUBLE), to=F))
shape_op("Split", (2, 6), lambda g, x: g("Sub", *g("Split", x, outs=2, axis=1)), 11)
shape_op("Gather row", (5, 3), lambda g, x: g("Gather", x, g.const(np.int64(2)), axis=0))
shape_op("Gather list", (2, 5), lambda g, x: g("Gather", x, g.ints(4, 0, -2, 0), axis=1))
shape_op("Expand", (1, 3), lambda g, x: g("Expand", x, g.ints(2, 4, 3)))


@case
def op_fold_shape_chain(g):
    """What PyTorch writes for x.view(x.size(0), -1)."""
    x = g.input("x", (2, 3, 4), dims=["batch_size", 3, 4])
    g.flags = ["--variables", "batch_size->2"]
    b = g("Gather", g("Shape", x), g.const(np.int64(0)), axis=0)
    s = g("Concat", g("Unsqueeze", b, g.ints(0)), g.ints(-1), axis=0)
    g.out(g.linear(g("Reshape", x, s), 12, 5))


@case
def op_fold_shape_arithmetic(g):
    x = g.input("x", (2, 6, 4))
    s = g("Shape", x)
    take = lambda i: g("Slice", s, g.ints(i), g.ints(i + 1), g.ints(0))
    h = g("Div", take(1), g.ints(2))
    y = g("Reshape", x, g("Concat", take(0), g.ints(2), h, take(2), axis=0))
    p = g("Mul", g("Cast", g("Cast", h, to=F), to=I64), take(2))
    g.out(g("Reshape", g("Relu", y), g("Concat", take(0), g("Mul", p, g.ints(2)), axis=0)))


@case
def op_fold_constant_node(g):
    x = g.input("x", (2, 6))
    c = g("Constant", value=numpy_helper.from_array(np.float32([[1, 2, 3, 4, 5, 6]])))
    d = g("Constant", value_float=.5)
    e = g("Constant", value_floats=[.5, 1., -1., 0., 2., 3.])
    s = g("Constant", value_ints=[3, 4])
    g.out(g("Reshape", g("Add", g("Mul", g("Mul", x, c), d), e), s))


@case
def op_fold_constant_of_shape(g):
    x = g.input("x", (2, 6))
    z = g("ConstantOfShape", g("Shape", x), value=numpy_helper.from_array(np.float32([.5])))
    r = g("Range", g.const(np.float32(0)), g.const(np.float32(6)), g.const(np.float32(1)))
    g.out(g("Add", g("Add", x, z), r))


@case
def op_fold_weights_transposed(g):
    x = g.input("x", (2, 6))
    g.out(g("MatMul", x, g("Transpose", g("Mul", g.w(4, 6), g.scalar(2)), perm=[1, 0])))


@case
def op_fold_weight_norm(g):
    x = g.input("x", (2, 6))
    v, k = g.w(4, 6), g.w(4, 1)
    n = g("Sqrt", g("ReduceSum", g("Mul", v, v), g.ints(1), keepdims=1))
    g.out(g("Gemm", x, g("Div", g("Mul", v, k), n), transB=1))


# --- architectures ------------------------------------------------------------------------------------------------------

@case
def arch_mlp(g):
    x = g.input("x", (1, 20))
    for n, m in ((20, 32), (32, 32), (32, 10)):
        x = g.linear(g("Relu", x) if n == 32 else x, n, m)
    g.out(x)


for act in ("Tanh", "Sigmoid", "Elu", "LeakyRelu", "Erf", "HardSigmoid", "Abs"):
    def deep(g, act=act):
        x = g.input("x", (1, 16))
        for _ in range(8):
            x = g(act, g.linear(x, 16, 16))
        g.out(g.linear(x, 16, 3))
    add(f"arch deep mlp {act}", deep)


@case
def arch_lenet(g):
    x = g.input("x", (1, 1, 28, 28), 0, 1)
    x = g.maxpool(g("Relu", g.conv(x, 1, 6, 5, pad=2)))
    x = g.maxpool(g("Relu", g.conv(x, 6, 16, 5, pad=0)))
    x = g("Flatten", x)
    x = g("Relu", g.linear(x, 400, 120))
    x = g("Relu", g.linear(x, 120, 84))
    g.out(g.linear(x, 84, 10))


@case
def arch_lenet_tanh_average(g):
    x = g.input("x", (1, 1, 20, 20), 0, 1)
    x = g("AveragePool", g("Tanh", g.conv(x, 1, 6, 5, pad=2)), kernel_shape=[2, 2], strides=[2, 2])
    x = g("AveragePool", g("Tanh", g.conv(x, 6, 8, 3, pad=0)), kernel_shape=[2, 2], strides=[2, 2])
    g.out(g.linear(g("Tanh", g.linear(g("Flatten", x), 128, 32)), 32, 10))


@case
def arch_vgg(g):
    x, n = g.input("x", (1, 3, 16, 16)), 3
    for m in (8, 16):
        x = g("Relu", g.conv(x, n, m, 3))
        x = g.maxpool(g("Relu", g.conv(x, m, m, 3)))
        n = m
    x = g("Flatten", x)
    x = g("Dropout", g("Relu", g.linear(x, 256, 32)))
    g.out(g.linear(x, 32, 10))


def block(g, x, n, m, stride, act="Relu"):
    y = g.bn(g.conv(g.cbr(x, n, m, 3, stride=stride, act=act), m, m, 3, bias=False), m)
    if stride != 1 or n != m:
        x = g.bn(g.conv(x, n, m, 1, stride=stride, bias=False, pad=0), m)
    return g(act, g("Add", y, x))


@case
def arch_resnet(g):
    x = g.input("x", (1, 3, 16, 16))
    x = g.maxpool(g.cbr(x, 3, 8, 3), 3, 2, pads=[1, 1, 1, 1])
    x = block(g, x, 8, 8, 1)
    x = block(g, x, 8, 16, 2)
    x = block(g, x, 16, 16, 1)
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", x)), 16, 10))


@case
def arch_resnet_deep(g):
    x = g.input("x", (1, 3, 8, 8))
    x = g.cbr(x, 3, 6, 3)
    for _ in range(8):
        x = block(g, x, 6, 6, 1)
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", x)), 6, 10))


@case
def arch_resnet_preactivation(g):
    x = g.conv(g.input("x", (1, 3, 8, 8)), 3, 6, 3)
    for _ in range(4):
        y = g.conv(g("Relu", g.bn(x, 6)), 6, 6, 3)
        x = g("Add", x, g.conv(g("Relu", g.bn(y, 6)), 6, 6, 3))
    g.out(g.linear(g("ReduceMean", g("Relu", g.bn(x, 6)), axes=[2, 3], keepdims=0), 6, 10))


def inverted(g, x, n, m, e, stride):
    y = g.cbr(x, n, n * e, 1, act="relu6", pad=0)
    y = g.cbr(y, n * e, n * e, 3, act="relu6", group=n * e, stride=stride)
    y = g.bn(g.conv(y, n * e, m, 1, bias=False, pad=0), m)
    return g("Add", x, y) if stride == 1 and n == m else y


@case
def arch_mobilenet_v1(g):
    x = g.cbr(g.input("x", (1, 3, 16, 16)), 3, 8, 3, stride=2)
    for n, m, s in ((8, 16, 1), (16, 16, 2), (16, 24, 1)):
        x = g.cbr(g.cbr(x, n, n, 3, group=n, stride=s), n, m, 1, pad=0)
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", x)), 24, 10))


@case
def arch_mobilenet_v2(g):
    x = g.cbr(g.input("x", (1, 3, 16, 16)), 3, 8, 3, act="relu6", stride=2)
    for n, m, s in ((8, 8, 1), (8, 12, 2), (12, 12, 1)):
        x = inverted(g, x, n, m, 3, s)
    g.out(g.linear(g("ReduceMean", x, axes=[2, 3], keepdims=0), 12, 10))


def squeeze_excite(g, x, n, gate="Sigmoid"):
    s = g("GlobalAveragePool", x)
    s = g("Relu", g.conv(s, n, n // 2, 1, pad=0))
    return g("Mul", x, g(gate, g.conv(s, n // 2, n, 1, pad=0)))


@case
def arch_squeeze_excite(g):
    x = g.cbr(g.input("x", (1, 3, 10, 10)), 3, 8, 3)
    x = squeeze_excite(g, x, 8)
    x = squeeze_excite(g, g.cbr(x, 8, 8, 3, stride=2), 8, "HardSigmoid")
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", x)), 8, 10))


@case
def arch_squeeze_excite_linear(g):
    """As torchvision writes it: pool, flatten, two Gemm, reshape."""
    x = g.cbr(g.input("x", (1, 3, 10, 10)), 3, 8, 3)
    s = g("Reshape", g("GlobalAveragePool", x), g.ints(1, 8))
    s = g("Sigmoid", g.linear(g("Relu", g.linear(s, 8, 4)), 4, 8))
    g.out(g("Mul", x, g("Expand", g("Reshape", s, g.ints(1, 8, 1, 1)), g("Shape", x))))


@case
def arch_inception(g):
    x = g("Relu", g.conv(g.input("x", (1, 3, 12, 12)), 3, 6, 3))
    for n in (6, 14):
        a = g("Relu", g.conv(x, n, 4, 1, pad=0))
        b = g("Relu", g.conv(g("Relu", g.conv(x, n, 3, 1, pad=0)), 3, 4, 3))
        c = g("Relu", g.conv(g("Relu", g.conv(x, n, 2, 1, pad=0)), 2, 3, 5))
        d = g("Relu", g.conv(g.maxpool(x, 3, 1, pads=[1, 1, 1, 1]), n, 3, 1, pad=0))
        x = g("Concat", a, b, c, d, axis=1)
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", x)), 14, 5))


@case
def arch_unet_without_upsampling(g):
    x = g.input("x", (1, 1, 12, 12))
    a = g.cbr(x, 1, 4, 3)
    b = g.cbr(a, 4, 8, 3)
    c = g.cbr(g.cbr(b, 8, 8, 3, dilation=2, pad=2), 8, 8, 3)
    y = g.cbr(g("Concat", c, b, axis=1), 16, 4, 3)
    y = g.cbr(g("Concat", y, a, axis=1), 8, 4, 3)
    g.out(g("Sigmoid", g.conv(y, 4, 1, 1, pad=0)))


@case
def arch_cnn_1d(g):
    x, n = g.input("x", (1, 2, 64)), 2
    for m in (8, 8):
        x = g("Conv", x, g.w(m, n, 5), g.w(m), pads=[2, 2])
        x = g("MaxPool", g("Relu", g.bn(x, m)), kernel_shape=[2], strides=[2])
        n = m
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", x)), 8, 3))


@case
def arch_tcn(g):
    """Dilated causal convolutions: pad, convolve, chomp by Slice, residual."""
    x, n = g.input("x", (1, 2, 32)), 2
    for d in (1, 2, 4):
        y = g("Conv", x, g.w(6, n, 3), g.w(6), pads=[2 * d, 2 * d], dilations=[d])
        y = g("Relu", g("Slice", y, g.ints(0), g.ints(-2 * d), g.ints(2)))
        r = x if n == 6 else g("Conv", x, g.w(6, n, 1), g.w(6))
        x = g("Relu", g("Add", y, r))
        n = 6
    last = g("Gather", x, g.const(np.int64(-1)), axis=2)
    g.out(g.linear(last, 6, 2))


@case
def arch_autoencoder(g):
    x = g.input("x", (1, 40), 0, 1)
    for n, m in ((40, 16), (16, 4)):
        x = g("Relu", g.linear(x, n, m))
    x = g("Relu", g.linear(x, 4, 16))
    g.out(g("Sigmoid", g.linear(x, 16, 40)))


@case
def arch_autoencoder_latent(g):
    """Reconstruction error beside the latent code."""
    x = g.input("x", (1, 24), 0, 1)
    z = g.linear(g("Relu", g.linear(x, 24, 12)), 12, 3)
    y = g("Sigmoid", g.linear(g("Relu", g.linear(z, 3, 12)), 12, 24))
    d = g("Sub", y, x)
    g.out(g("ReduceMean", g("Pow", d, g.scalar(2)), axes=[1], keepdims=0), z)


@case
def arch_densenet(g):
    x, n = g.conv(g.input("x", (1, 3, 12, 12)), 3, 8, 3, bias=False), 8
    for b in range(2):
        for _ in range(3):
            y = g.conv(g("Relu", g.bn(x, n)), n, 8, 1, pad=0, bias=False)
            y = g.conv(g("Relu", g.bn(y, 8)), 8, 4, 3, bias=False)
            x, n = g("Concat", x, y, axis=1), n + 4
        if b == 0:
            x = g.conv(g("Relu", g.bn(x, n)), n, n // 2, 1, pad=0, bias=False)
            x, n = g("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]), n // 2
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", g("Relu", g.bn(x, n)))), n, 5))


def tower(g, x, ws):
    return g("Gemm", g("Relu", g("Gemm", x, ws[0], ws[1], transB=1)), ws[2], ws[3], transB=1)


@case
def arch_siamese(g):
    a, b = g.input("a", (1, 12)), g.input("b", (1, 12))
    ws = [g.w(16, 12), g.w(16), g.w(6, 16), g.w(6)]
    d = g("Sub", tower(g, a, ws), tower(g, b, ws))
    g.out(g("Sigmoid", g.linear(g("Abs", d), 6, 1)))


@case
def arch_siamese_euclid(g):
    a, b = g.input("a", (1, 12)), g.input("b", (1, 12))
    ws = [g.w(16, 12), g.w(16), g.w(6, 16), g.w(6)]
    d = g("Sub", tower(g, a, ws), tower(g, b, ws))
    g.out(g("Sqrt", g("Add", g("ReduceSum", g("Pow", d, g.scalar(2)), g.ints(1), keepdims=1), g.scalar(1e-3))))


@case
def arch_multi_output(g):
    x = g("Relu", g.linear(g.input("x", (1, 12)), 12, 16))
    g.out(g.linear(x, 16, 3), g("Tanh", g.linear(x, 16, 1)), x)


@case
def arch_two_heads_conv(g):
    x = g.cbr(g.input("x", (1, 3, 8, 8)), 3, 6, 3)
    g.out(g("Sigmoid", g.conv(x, 6, 2, 1, pad=0)), g.conv(x, 6, 4, 3), g("GlobalMaxPool", x))


@case
def arch_attention_free_mixer(g):
    x = g.input("x", (1, 6, 8))
    for _ in range(2):
        y = g("Transpose", x, perm=[0, 2, 1])
        y = g("MatMul", g("Relu", g("MatMul", y, g.w(6, 10))), g.w(10, 6))
        x = g("Add", x, g("Transpose", y, perm=[0, 2, 1]))
        x = g("Add", x, g("Add", g("MatMul", g("Relu", g("Add", g("MatMul", x, g.w(8, 12)), g.w(12))), g.w(12, 8)), g.w(8)))
    g.out(g("ReduceMean", x, axes=[1], keepdims=0))


@case
def arch_shufflenet(g):
    x = g.cbr(g.input("x", (1, 4, 8, 8)), 4, 8, 3)
    for _ in range(2):
        a, b = g("Split", x, g.ints(4, 4), outs=2, axis=1)
        b = g.cbr(g.bn(g.conv(g.cbr(b, 4, 4, 1, pad=0), 4, 4, 3, group=4), 4), 4, 4, 1, pad=0)
        x = g("Concat", a, b, axis=1)
        x = g("Reshape", x, g.ints(1, 2, 4, 8, 8))
        x = g("Reshape", g("Transpose", x, perm=[0, 2, 1, 3, 4]), g.ints(1, 8, 8, 8))
    g.out(g.linear(g("ReduceMean", x, axes=[2, 3], keepdims=0), 8, 5))


@case
def arch_pixel_unshuffle(g):
    x = g.input("x", (1, 2, 8, 8))
    x = g("Reshape", x, g.ints(1, 2, 4, 2, 4, 2))
    x = g("Reshape", g("Transpose", x, perm=[0, 1, 3, 5, 2, 4]), g.ints(1, 8, 4, 4))
    g.out(g("Relu", g.conv(x, 8, 4, 3)))


@case
def arch_keras_nhwc(g):
    """tf2onnx: NHWC input, a transpose on each side of the convolutions."""
    x = g("Transpose", g.input("x", (1, 10, 10, 3), dims=["unk__6", 10, 10, 3]), perm=[0, 3, 1, 2])
    g.flags = ["--variables", "unk__6->1"]
    x = g.maxpool(g("Relu", g.conv(x, 3, 6, 3, pad=0)))
    x = g("Relu", g("Conv", x, g.w(8, 6, 3, 3), g.w(8), auto_pad="SAME_UPPER", strides=[2, 2]))
    x = g("Reshape", g("Transpose", x, perm=[0, 2, 3, 1]), g.ints(-1, 32))
    x = g("Add", g("MatMul", x, g.w(32, 10)), g.w(10))
    g.out(g("Identity", x))


@case
def arch_normalised_input(g):
    """Mean and deviation of ImageNet as part of the network; pixels 0 to 255."""
    x = g.input("x", (1, 3, 10, 10), 0, 255)
    x = g("Div", x, g.scalar(255))
    x = g("Div", g("Sub", x, g.const([[[.485]], [[.456]], [[.406]]])), g.const([[[.229]], [[.224]], [[.225]]]))
    g.out(g.linear(g("Flatten", g.maxpool(g("Relu", g.conv(x, 3, 4, 3)))), 100, 5))


@case
def arch_gated(g):
    """Gated linear unit and swish, as products of data."""
    x = g.input("x", (2, 10))
    a = g("Mul", g.linear(x, 10, 8), g("Sigmoid", g.linear(x, 10, 8)))
    b = g.linear(a, 8, 8)
    g.out(g.linear(g("Mul", b, g("Sigmoid", b)), 8, 2))


@case
def arch_gelu_tanh(g):
    x = g.linear(g.input("x", (2, 10)), 10, 8)
    c = g("Mul", g("Add", x, g("Mul", g("Pow", x, g.scalar(3)), g.scalar(.044715))), g.scalar(.7978845))
    y = g("Mul", g("Mul", x, g.scalar(.5)), g("Add", g("Tanh", c), g.scalar(1)))
    g.out(g.linear(y, 8, 2))


@case
def arch_gelu_erf(g):
    x = g.linear(g.input("x", (2, 10)), 10, 8)
    y = g("Mul", g("Mul", x, g("Add", g("Erf", g("Div", x, g.scalar(1.4142135))), g.scalar(1))), g.scalar(.5))
    g.out(g.linear(y, 8, 2))


@case
def arch_hardswish(g):
    x = g.linear(g.input("x", (2, 10), k=3), 10, 8)
    y = g("Div", g("Mul", x, g("Clip", g("Add", x, g.scalar(3)), g.scalar(0), g.scalar(6))), g.scalar(6))
    g.out(g.linear(y, 8, 2))


@case
def arch_prelu_cnn(g):
    x = g.conv(g.input("x", (1, 1, 12, 12)), 1, 6, 3, stride=2)
    x = g("PRelu", x, g.const(g.r.uniform(0, .4, (6, 1, 1))))
    x = g("PRelu", g.conv(x, 6, 4, 3), g.const(g.r.uniform(0, .4, (1, 1, 1))))
    g.out(g.linear(g("Flatten", x), 144, 3))


@case
def arch_conv3d(g):
    x = g("Relu", g("Conv", g.input("x", (1, 1, 6, 8, 8)), g.w(4, 1, 3, 3, 3), g.w(4), pads=[1] * 6))
    x = g("MaxPool", x, kernel_shape=[2, 2, 2], strides=[2, 2, 2])
    x = g("Relu", g("Conv", x, g.w(4, 4, 3, 3, 3), g.w(4), pads=[1] * 6))
    g.out(g.linear(g("Flatten", g("GlobalAveragePool", x)), 4, 2))


@case
def arch_regression(g):
    g.out(g.linear(g.input("x", (5, 8)), 8, 1))


@case
def arch_logistic_regression(g):
    g.out(g("Sigmoid", g.linear(g.input("x", (1, 8)), 8, 1)))


@case
def arch_mlp_256(g):
    x = g.input("x", (1, 256), 0, 1)
    x = g("Relu", g.linear(x, 256, 300))
    g.out(g.linear(g("Relu", g.linear(x, 300, 100)), 100, 10))


@case
def arch_tiny_1_1(g):
    g.out(g("Relu", g.linear(g.input("x", (1, 1)), 1, 1)))


@case
def arch_positional(g):
    """Weights of very different sizes in one layer."""
    x = g.input("x", (1, 8))
    w = g.r.normal(0, 1, (6, 8)) * np.array([[1e-3], [1], [10], [1e-2], [5], [.1]])
    g.out(g("Gemm", x, g.const(w), transB=1))


# --- settings, types, ranges ----------------------------------------------------------------------------------------------

def small_cnn(g, k=1.0, batch=1, dims=None):
    x = g.input("x", (batch, 2, 6, 6), k=k, dims=dims)
    x = g.maxpool(g("Relu", g.conv(x, 2, 4, 3)))
    g.out(g.linear(g("Flatten", x), 36, 3))


def small_mlp(g, k=1.0, batch=1, dims=None):
    x = g.input("x", (batch, 6), k=k, dims=dims)
    g.out(g.linear(g("Relu", g.linear(x, 6, 8)), 8, 3))


for inp in ("private", "public"):
    for outp in ("private", "public"):
        for par in ("private", "fixed"):
            def vis(g, inp=inp, outp=outp, par=par):
                small_cnn(g)
                g.flags = ["--input-visibility", inp, "--output-visibility", outp, "--param-visibility", par]
            if (inp, outp, par) != ("private",) * 3:  # an error, of badfiles.py
                add(f"set visibility {inp} {outp} {par}", vis)

for s, p in ((7, 7), (12, 12), (10, 14), (14, 10), (4, 4), (16, 16)):
    def scales(g, s=s, p=p):
        small_mlp(g)
        g.flags = ["--input-scale", str(s), "--param-scale", str(p)]
        g.tolerance = max(5e-4, 8 * 2.0 ** -min(s, p))
    add(f"set scales {s} {p}", scales)
    if s > 4:
        def scales_cnn(g, s=s, p=p):
            small_cnn(g)
            g.flags = ["--input-scale", str(s), "--param-scale", str(p)]
            g.tolerance = max(5e-4, 8 * 2.0 ** -min(s, p))
        add(f"set scales cnn {s} {p}", scales_cnn)


@case
def set_scales_tried(g):
    small_mlp(g)
    g.calibrate_flags = ["--scales", "8,10,12", "--target", "accuracy"]
    g.tolerance = 5e-3


@case
def set_scales_rebase(g):
    small_mlp(g)
    g.flags = ["--input-scale", "12", "--param-scale", "12", "--scale-rebase-multiplier", "2", "--rebase-scale", "13"]
    g.tolerance = 5e-3


@case
def set_no_calibration(g):
    small_mlp(g, k=.3)
    g.calibrate = False
    g.tolerance = 2e-3


@case
def set_margin_4(g):
    small_cnn(g)
    g.calibrate_flags = ["--lookup-safety-margin", "4"]
    g.tolerance = 1e-3


@case
def set_samples_5(g):
    small_cnn(g)
    for _ in range(4):
        g.sample(.5)
    g.also = g.samples[:2]


@case
def set_batch_4(g):
    small_cnn(g, batch=4, dims=["batch_size", 2, 6, 6])
    g.flags = ["--variables", "batch_size->4"]


@case
def set_batch_4_mlp(g):
    small_mlp(g, batch=4, dims=["batch_size", 6])
    g.flags = ["--variables", "batch_size->4"]


@case
def set_batch_dynamic_1(g):
    small_mlp(g, batch=1, dims=["batch_size", 6])


@case
def set_two_variables(g):
    x = g.input("x", (2, 5, 6), dims=["n", "length", 6])
    g.flags = ["--variables", "n->2,length->5"]
    g.out(g("ReduceMean", g("Relu", g("MatMul", x, g.w(6, 4))), axes=[1], keepdims=0))


@case
def set_logrows(g):
    small_mlp(g)
    g.flags = ["--logrows", "15"]


for e in (-6, -4, -3, -2, 2, 3, 4, 6):
    def ranges(g, e=e):
        small_mlp(g, k=10.0 ** e)
        g.tolerance = 1e-3 if e > 0 else 5e-4  # layers of 16 bits cancel: relative to the largest output, not to the layers
    add(f"range input 1e{e}", ranges)

    def range_out(g, e=e):
        x = g.input("x", (1, 6))
        g.out(g("Mul", g.linear(g("Relu", g.linear(x, 6, 8)), 8, 3), g.scalar(10.0 ** e)))
    add(f"range output 1e{e}", range_out)

    def range_weights(g, e=e):
        x = g.input("x", (1, 6))
        x = g("Relu", g("Gemm", x, g.w(8, 6, k=.3 * 10.0 ** e), transB=1))
        g.out(g("Gemm", x, g.w(3, 8, k=.3 * 10.0 ** -e), g.w(3), transB=1))
    add(f"range weights 1e{e} and back", range_weights)


@case
def range_mixed_features(g):
    """A tabular network without normalised inputs: columns of 1e-3, 1, 100, 1e4."""
    g.known = "one scale for all columns of an input: columns 1e7 apart cannot share 16 bits"
    x = g.input("x", (4, 4))
    g.feeds["x"] = (g.feeds["x"] * np.float32([1e-3, 1, 100, 1e4])).astype(np.float32)
    y = g("Div", g("Sub", x, g.const([0., .1, 10., 500.])), g.const([1e-3, 1., 100., 1e4]))
    g.out(g.linear(g("Relu", g.linear(y, 4, 8)), 8, 1))


@case
def range_bias_only(g):
    x = g.input("x", (1, 6))
    g.out(g("Add", g("Mul", x, g.scalar(1e-4)), g.scalar(1000)))


@case
def range_zero_input(g):
    x = g.input("x", (1, 6), 0, 0)
    g.out(g.linear(g("Relu", g.linear(x, 6, 8)), 8, 3))


@case
def range_zero_weights(g):
    x = g.input("x", (1, 6))
    g.out(g("Gemm", g("Relu", g("Gemm", x, g.const(np.zeros((6, 8))))), g.w(8, 3), g.w(3)))


@case
def range_dead_relu(g):
    x = g.input("x", (1, 6), 0, 1)
    y = g("Relu", g("Sub", g.linear(x, 6, 8), g.scalar(100)))
    g.out(g.linear(y, 8, 3))


@case
def range_constant_output(g):
    x = g.input("x", (1, 6))
    g.out(g("Relu", x), g("Add", g.const([1., 2.5]), g.const([3., 4.])))


@case
def range_outside(g):
    small_mlp(g)
    big = {"x": g.feeds["x"].copy()}
    big["x"][0, 3] = 1e6
    g.outside = [("input", big, ("input x", "1e+06", "[-4, "))]


@case
def range_outside_inside(g):
    """The input is in its range, a layer's value is not: each kind of layer names itself."""
    x = g.input("x", (1, 4))
    g.feeds["x"] = np.float32([[1, -1, 1, -.99]])
    g.out(g("Sqrt", g("Add", g("Relu", g("Gemm", x, g.const(np.float32([[1, 1, 1, 1]])), transB=1)), g.scalar(1e-2))))
    g.outside = [("layer", {"x": np.float32([[1.9, 1.9, 1.9, 1.9]])}, ("outside", "/node"))]


for kind in ("Relu", "Exp", "Sigmoid", "MaxPool", "Abs", "Mul", "Identity", "ReduceMax", "Clip"):
    def outside(g, kind=kind):
        x = g.input("x", (1, 4))
        g.feeds["x"] = np.float32([[1, -1, 1, -.999]])
        y = g("Gemm", x, g.const(np.float32([[1, 1, 1, 1], [.5, .5, .5, .5]])), transB=1)
        z = {"MaxPool": lambda: g("MaxPool", g("Unsqueeze", y, g.ints(0)), kernel_shape=[2]), "Mul": lambda: g("Mul", y, y),
             "ReduceMax": lambda: g("ReduceMax", y, axes=[1]), "Clip": lambda: g("Clip", y, g.scalar(-1), g.scalar(1))}
        z = z[kind]() if kind in z else g(kind, y)
        g.out(g("Gemm", g("Reshape", z, g.ints(1, -1)), g.w(1 if kind in ("MaxPool", "ReduceMax") else 2, 2)))
        g.maybe = {"x": np.float32([[1.9, 1.9, 1.9, 1.9]])}  # a right answer or an error, never a wrong one
    add(f"range far inside {kind}", outside)


@case
def type_int_input_cast(g):
    x = g.input("x", (1, 6), -9, 9, dtype=I64)
    g.out(g.linear(g("Relu", g.linear(g("Cast", x, to=F), 6, 8)), 8, 3))


@case
def type_int32_image(g):
    x = g.input("x", (1, 1, 6, 6), 0, 255, dtype=I32)
    x = g("Div", g("Cast", x, to=F), g.scalar(255))
    g.out(g.linear(g("Flatten", g("Relu", g.conv(x, 1, 2, 3))), 72, 3))


@case
def type_uint8_image(g):
    x = g.input("x", (1, 1, 6, 6), 0, 255, dtype=TensorProto.UINT8)
    x = g("Mul", g("Cast", x, to=F), g.scalar(1 / 255))
    g.out(g.linear(g("Flatten", g("Relu", g.conv(x, 1, 2, 3))), 72, 3))


@case
def type_bool_input(g):
    x = g.input("x", (1, 6), 0, 1, dtype=TensorProto.BOOL)
    g.out(g.linear(g("Cast", x, to=F), 6, 3))


@case
def type_int_arithmetic(g):
    x = g.input("x", (2, 3), -50, 50, dtype=I64)
    y = g("Mul", g("Add", x, g.const(np.int64([1, 2, 3]))), g.const(np.int64(3)))
    g.out(y, dtype=I64)


@case
def type_float16_network(g):
    f16 = TensorProto.FLOAT16
    x = g.input("x", (1, 6), dtype=f16)
    w = lambda *s: g.const(g.r.normal(0, .4, s).astype(np.float16))
    g.out(g("Gemm", g("Relu", g("Gemm", x, w(8, 6), w(8), transB=1)), w(3, 8), w(3), transB=1), dtype=f16)
    g.tolerance = 5e-3


@case
def type_float16_weights(g):
    x = g.input("x", (1, 6))
    w = lambda *s: g("Cast", g.const(g.r.normal(0, .4, s).astype(np.float16)), to=F)
    g.out(g("Gemm", g("Relu", g("Gemm", x, w(8, 6), w(8), transB=1)), w(3, 8), w(3), transB=1))


@case
def type_double_network(g):
    x = g.input("x", (1, 6), dtype=TensorProto.DOUBLE)
    w = lambda *s: g.const(g.r.normal(0, .4, s), dtype=np.float64)
    g.out(g("Gemm", g("Relu", g("Gemm", x, w(8, 6), w(8), transB=1)), w(3, 8), w(3), transB=1), dtype=TensorProto.DOUBLE)


@case
def type_external_data(g):
    small_cnn(g)
    g.external = "one"


@case
def type_external_data_files(g):
    small_cnn(g)
    g.external = "many"


@case
def odd_unused_input(g):
    small_mlp(g)
    g.input("unused", (2, 3))


@case
def odd_unused_first_input(g):
    g.input("unused", (2, 3))
    small_mlp(g)


@case
def odd_output_is_input(g):
    x = g.input("x", (1, 6))
    g.out(x, g("Relu", x))


@case
def odd_output_twice_used(g):
    x = g.input("x", (1, 6))
    y = g("Relu", g.linear(x, 6, 8))
    g.out(y, g("Relu", g.linear(y, 8, 3)))


@case
def odd_output_view_of_output(g):
    x = g.input("x", (2, 6))
    y = g.linear(x, 6, 8)
    g.out(y, g("Transpose", y, perm=[1, 0]), g("Slice", y, g.ints(0), g.ints(2), g.ints(1)))


@case
def odd_dead_nodes(g):
    x = g.input("x", (1, 6))
    g("Sin", x)
    g("Softmax", g.linear(x, 6, 3))
    g.out(g.linear(x, 6, 3))


@case
def odd_input_used_often(g):
    x = g.input("x", (2, 6))
    y = g("Add", g("Add", g("Relu", x), g("Sigmoid", x)), g("Add", g("Mul", x, x), g("Abs", x)))
    g.out(g("Sub", y, g("ReduceMean", x, axes=[1], keepdims=1)))


@case
def odd_long_chain(g):
    x = g.input("x", (1, 4))
    for i in range(40):
        x = g("Mul", g("Add", x, g.scalar(.01 * i)), g.scalar(1 - .02 * (i % 3)))
    g.out(x)


@case
def odd_names(g):
    x = g.input("input.1", (1, 6))
    y = g("Relu", g.linear(x, 6, 3))
    g.nodes[-1].name = ""
    g.nodes[-2].name = 'a "quoted" name / \u00e9'
    g.out(y)


@case
def odd_long_names(g):
    x = g.input("input" * 500, (1, 6))
    y = g("Relu", g.linear(x, 6, 3))
    g.nodes[-1].name = "node" * 500
    g.nodes[-1].output[0] = "output" * 500
    g.out("output" * 500)


@case
def odd_many_terms(g):
    """A private output that is a sum of many blocks."""
    g.flags = ["--output-visibility", "private", "--input-visibility", "public"]
    x = g.input("x", (1, 6), k=.01)
    y = x
    for i in range(70):
        y = g("Add", y, g("Relu", g("Sub", x, g.scalar(.0002 * i))))
    g.out(y)


@case
def odd_reshape_of_output(g):
    x = g.input("x", (2, 3, 5))
    g.out(g("Reshape", g("Transpose", x, perm=[1, 0, 2]), g.ints(5, 6)))


@case
def odd_max_of_outputs(g):
    x = g.input("x", (2, 6))
    a, b = g.linear(x, 6, 4), g.linear(x, 6, 4)
    g.out(g("Max", a, b, g.scalar(0)), g("Min", a, b))


@case
def odd_concat_scales(g):
    """Parts of very different sizes."""
    x = g.input("x", (1, 6))
    a, b = g.linear(x, 6, 4), g("Mul", g.linear(x, 6, 4), g.scalar(100))
    g.out(g.linear(g("Concat", a, b, axis=1), 8, 3))


@case
def odd_residual_scales(g):
    x = g.input("x", (1, 6))
    y = g("Mul", g("Relu", g.linear(x, 6, 6)), g.scalar(50))
    g.out(g.linear(g("Add", x, y), 6, 3))


@case
def odd_variance(g):
    x = g.input("x", (2, 12))
    d = g("Sub", x, g("ReduceMean", x, axes=[-1]))
    v = g("ReduceMean", g("Mul", d, d), axes=[-1])
    g.out(g("Sqrt", g("Add", v, g.scalar(1e-5))))


@case
def odd_product_of_layers(g):
    x = g.input("x", (1, 6))
    a, b, c = (g.linear(x, 6, 5) for _ in range(3))
    g.out(g("Mul", g("Mul", a, b), c))


for o in range(7, 24):
    def opset(g, o=o):
        x = g.input("x", (1, 2, 8, 8))
        x = g.bn(g.conv(x, 2, 4, 3), 4)
        x = g.maxpool(g("Relu", x))
        x = g("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
        x = g("Flatten", x)
        if o >= 13:
            x = g("Squeeze", g("Unsqueeze", x, g.ints(1)), g.ints(1))
        else:
            x = g("Squeeze", g("Unsqueeze", x, axes=[1]), axes=[1])
        x = g("Clip", x, g.scalar(-1), g.scalar(1)) if o >= 11 else g("Clip", x, min=-1., max=1.)
        x = g("Dropout", x)
        x = g("Reshape", x, g.ints(1, 4, 4))
        x = g("ReduceMean", x, g.ints(2), keepdims=0) if o >= 18 else g("ReduceMean", x, axes=[2], keepdims=0)
        x = g.linear(x, 4, 6)
        x = g("Pad", x, g.ints(0, 1, 0, 1)) if o >= 11 else g("Pad", x, pads=[0, 1, 0, 1])
        x = g("Slice", x, g.ints(1), g.ints(7), g.ints(1)) if o >= 10 else g("Slice", x, starts=[1], ends=[7], axes=[1])
        x = g("ReduceSum", x, g.ints(1)) if o >= 13 else g("ReduceSum", x, axes=[1])
        g.out(g("Tanh", x))
    add(f"opset {o:02d}", opset, o)


# --- views of joined axes -------------------------------------------------------------------------------------------------

def joined_axis(name, f, shape=(2, 3, 4), pre=None):
    def plain(g):
        x = g.input("x", shape)
        if pre:
            x = g(pre, x)
        g.out(f(g, x))
    add(f"view {name}", plain)


joined_axis("flatten slice", lambda g, x: g("Slice", g("Flatten", x), g.ints(1), g.ints(8), g.ints(1)))
joined_axis("flatten slice stride", lambda g, x: g("Slice", g("Flatten", x), g.ints(1), g.ints(12), g.ints(1), g.ints(5)))
joined_axis("flatten concat", lambda g, x: g("Concat", g("Flatten", x), g("Flatten", x), axis=1))
joined_axis("flatten pad", lambda g, x: g("Pad", g("Flatten", x), g.ints(0, 1, 0, 2)))
joined_axis("flatten gather", lambda g, x: g("Gather", g("Flatten", x), g.ints(11, 3, 4), axis=1))
joined_axis("flatten reducemax", lambda g, x: g("ReduceMax", g("Flatten", x), axes=[1]))
joined_axis("flatten conv", lambda g, x: g("Conv", g("Unsqueeze", g("Flatten", x), g.ints(1)), g.w(2, 1, 3)))
joined_axis("flatten maxpool", lambda g, x: g("MaxPool", g("Unsqueeze", g("Flatten", x), g.ints(1)), kernel_shape=[2]))
joined_axis("flatten averagepool", lambda g, x: g("AveragePool", g("Unsqueeze", g("Flatten", x), g.ints(1)), kernel_shape=[2]))
joined_axis("flatten odd reshape", lambda g, x: g("Reshape", g("Flatten", x), g.ints(3, 8)))
joined_axis("flatten and back", lambda g, x: g("Mul", g("Reshape", g("Flatten", x), g.ints(2, 4, 3)), g.scalar(2)))
joined_axis("flatten grouped conv", lambda g, x: g("Conv", g("Reshape", g("Transpose", x, perm=[0, 2, 1]), g.ints(1, 8, 3)), g.w(4, 4, 2), group=2))
joined_axis("transposed grouped conv", lambda g, x: g("Conv", g("Reshape", g("Transpose", x, perm=[2, 0, 1]), g.ints(1, 8, 3)), g.w(4, 2, 2), group=4))
joined_axis("transposed concat", lambda g, x: g("Concat", g("Reshape", g("Transpose", x, perm=[1, 0, 2]), g.ints(6, 4)), g("Reshape", x, g.ints(6, 4)), axis=1))
joined_axis("transposed concat same axis", lambda g, x: g("Concat", g("Reshape", g("Transpose", x, perm=[1, 0, 2]), g.ints(6, 4)), g("Reshape", x, g.ints(6, 4)), axis=0))
joined_axis("transposed add", lambda g, x: g("Add", g("Reshape", g("Transpose", x, perm=[1, 0, 2]), g.ints(6, 4)), g("Reshape", x, g.ints(6, 4))))
joined_axis("transposed matmul", lambda g, x: g("MatMul", g("Reshape", g("Transpose", x, perm=[0, 2, 1]), g.ints(2, 12)), g("Reshape", x, g.ints(12, 2))))
joined_axis("batched matmul of joined batch", lambda g, x: g("MatMul", g("Reshape", g("Transpose", x, perm=[1, 0, 2]), g.ints(6, 1, 4)), g("Reshape", x, g.ints(6, 4, 1))))
joined_axis("split", lambda g, x: g("Mul", *g("Split", g("Flatten", x), g.ints(6, 6), outs=2, axis=1)))
joined_axis("strided twice", lambda g, x: g("Slice", g("Slice", x, g.ints(0), g.ints(4), g.ints(2), g.ints(2)), g.ints(-1), g.ints(-9), g.ints(1), g.ints(-2)))
joined_axis("pad of slice", lambda g, x: g("Pad", g("Slice", x, g.ints(1), g.ints(3), g.ints(2)), g.ints(0, 1, 1, 0, 0, 2)))
joined_axis("slice of pad", lambda g, x: g("Slice", g("Pad", x, g.ints(0, 1, 1, 0, 0, 2), g.scalar(.5)), g.ints(0, 1), g.ints(3, 6), g.ints(1, 2)))
joined_axis("slice of concat", lambda g, x: g("Slice", g("Concat", x, g("Relu", x), axis=2), g.ints(2), g.ints(7), g.ints(2), g.ints(2)))
joined_axis("transpose of reshape of transpose", lambda g, x: g("Transpose", g("Reshape", g("Transpose", x, perm=[2, 0, 1]), g.ints(2, 12)), perm=[1, 0]))
for act in ("Relu", "Sigmoid"):
    joined_axis(f"{act} odd reshape twice", lambda g, x: g("Reshape", g("Relu", g("Reshape", x, g.ints(8, 3))), g.ints(3, 2, 4)), pre=act)


# --- quantised networks -------------------------------------------------------------------------------------------------

def qdq(g, x, scale, zero=128):
    """Quantised to uint8 and back, as a quantiser inserts it behind every tensor."""
    s, z = g.scalar(scale), g.const(np.uint8(zero))
    return g("DequantizeLinear", g("QuantizeLinear", x, s, z), s, z)


def int8_weights(g, *shape, channels=False):
    """Weights as int8 constants of 7 bits with one scale, or one for each output channel."""
    q = g.const(g.r.integers(-64, 65, shape).astype(np.int8))
    scales = np.float32(g.r.uniform(.004, .01, shape[0])) if channels else np.float32(.006)
    zero = np.zeros(shape[0], np.int8) if channels else np.int8(0)
    return g("DequantizeLinear", q, g.const(scales), g.const(zero), **({"axis": 0} if channels else {}))


def qdq_cnn(channels):
    def f(g):
        x = qdq(g, g.input("x", (1, 3, 8, 8), 0, 1), 1 / 255, 0)
        b = g("DequantizeLinear", g.const(g.r.integers(-9000, 9000, 6).astype(np.int32)), g.scalar(.006 / 255))
        y = g("Relu", g("Conv", x, int8_weights(g, 6, 3, 3, 3, channels=channels), b, pads=[1, 1, 1, 1]))
        y = g.maxpool(qdq(g, y, .02, 0))
        y = qdq(g, g("Conv", y, int8_weights(g, 8, 6, 3, 3, channels=channels)), .02)
        y = g("Flatten", g("GlobalAveragePool", y))
        g.out(g("Gemm", qdq(g, y, .01), int8_weights(g, 5, 8), g.w(5), transB=1))
        g.tolerance = 1e-2  # an average of 36 entries is often a tie, which float32 decides by its rounding: a step now and then
    return f


add("arch qdq cnn", qdq_cnn(False))
add("arch qdq cnn channels", qdq_cnn(True))


@case
def arch_dynamic_quantised_mlp(g):
    """What onnxruntime's quantize_dynamic makes of two linear layers."""
    x = g.input("x", (2, 8))
    for n, m in ((8, 16), (16, 4)):
        q, s, z = g("DynamicQuantizeLinear", x, outs=3)
        w = g.const(g.r.integers(-64, 65, (n, m)).astype(np.int8))
        y = g("Cast", g("MatMulInteger", q, w, z, g.const(np.int8(0))), to=F)
        x = g("Add", g("Mul", y, g("Mul", s, g.scalar(.006))), g.w(m))
        if m == 16:
            x = g("Relu", x)
    g.out(x)
    g.tolerance = 1e-2  # the second layer's input is on the other side of a step now and then


def eight_bits(shape):
    """Weights over all of int8: onnxruntime's kernels saturate sums of two products of such on processors without VNNI."""
    def f(g):
        w = g.r.integers(-128, 128, shape).astype(np.int8)
        w.reshape(-1)[:4] = (-128, 127, -128, 127)
        return g.const(w)
    return f


def quantised_image(g):
    x = g.input("x", (1, 4, 6, 6), 0, 255, dtype=TensorProto.UINT8)
    g.feeds["x"][0, :, :3] = 255
    return x


@case
def op_qlinear_conv_eight_bits(g):
    g.out(g("QLinearConv", quantised_image(g), g.scalar(.02), g.const(np.uint8(3)), eight_bits((5, 4, 3, 3))(g), g.const(g.r.uniform(.004, .01, 5)),
            g.const(np.zeros(5, np.int8)), g.scalar(.6), g.const(np.uint8(130)), g.const(g.r.integers(-5000, 5000, 5).astype(np.int32))), dtype=TensorProto.UINT8)
    g.definition = True


@case
def op_qlinear_matmul_eight_bits(g):
    x = g.input("x", (3, 40), 0, 255, dtype=TensorProto.UINT8)
    g.feeds["x"][0] = 255
    g.out(g("QLinearMatMul", x, g.scalar(.02), g.const(np.uint8(0)), eight_bits((40, 6))(g), g.scalar(.01), g.const(np.int8(-7)), g.scalar(.9), g.const(np.uint8(128))),
          dtype=TensorProto.UINT8)
    g.definition = True


@case
def op_integer_products_eight_bits(g):
    x = quantised_image(g)
    g.out(g("ConvInteger", x, eight_bits((5, 4, 3, 3))(g), g.const(np.uint8(200))), dtype=I32)
    g.out(g("MatMulInteger", g("Reshape", x, g.ints(4, 36)), eight_bits((36, 3))(g), g.const(np.uint8(0)), g.const(np.int8(5))), dtype=I32)
    g.definition = True


def qdq_cnn_eight_bits(g):
    x = qdq(g, g.input("x", (1, 3, 8, 8), 0, 1), 1 / 255, 0)
    weights = lambda *shape: g("DequantizeLinear", eight_bits(shape)(g), g.scalar(.003), g.const(np.int8(0)))  # noqa: E731
    y = g("Relu", g("Conv", x, weights(6, 3, 3, 3), pads=[1, 1, 1, 1]))
    y = qdq(g, g.maxpool(qdq(g, y, .0213, 0)), .0213, 0)
    g.out(g("Gemm", g("Flatten", y), weights(5, 96), transB=1))
    g.definition = True


add("arch qdq cnn eight bits", qdq_cnn_eight_bits, 19)  # the first version that onnx itself evaluates


# --- roots, norms and places -----------------------------------------------------------------------------------------------

def normalised(floor):
    """x over its norm as PyTorch exports it, a row of zeros among the others."""
    def f(g):
        x = g.input("x", (4, 8), k=3)
        g.feeds["x"][2] = 0
        x = g("Floor", x) if floor else x
        g.out(g("Div", x, g("Expand", g("Clip", g("ReduceL2", x, axes=[1], keepdims=1), g.scalar(1e-12)), g.ints(4, 8))), g("ReduceL2", x, axes=[1]))
    return f


add("op normalised rows, zeros", normalised(False))
add("op normalised rows, integers, zeros", normalised(True))
for p in (3, 4, 6):
    add(f"op LpPool p {p}", lambda g, p=p: g.out(g("LpPool", g.input("x", (1, 3, 8, 8)), kernel_shape=[2, 2], p=p), g("GlobalLpPool", "x", p=p)))


def places(size, scale):
    def f(g):
        x, r = g.input("x", (1, 2, size, size)), g.input("r", (3, 4))
        lo = g.r.uniform(0, size * .4, (3, 2))
        g.feeds["r"] = (np.concatenate([lo, lo + g.r.uniform(size * .3, size * .55, (3, 2))], 1) / scale).astype(np.float32)
        g.out(g("RoiAlign", x, r, g.ints(0, 0, 0), output_height=3, output_width=3, sampling_ratio=2, spatial_scale=scale))
    return f


add("op RoiAlign places 64", places(64, 1.), 16)
add("op RoiAlign places of a larger image", places(50, 1 / 16), 16)


# --- the operator cases of another prover's measurement -----------------------------------------------------------------

probe.cases(add)
