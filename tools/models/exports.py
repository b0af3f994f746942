"""The forms in which one network reaches a user, for bench/zoo.py: number formats, opsets, external data, quantised, optimised, Keras.

CASES, by name, a function that gives (model bytes, list of samples).
"""
import os, tempfile

import numpy as np

from networks import export, images, series

CASES = {}
R = np.random.default_rng


def case(name):
    def register(make):
        CASES[name] = make
        return make
    return register


def small(torch, nn):
    return nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, 2, 1), nn.Hardswish(), nn.AdaptiveAvgPool2d(2),
                         nn.Flatten(), nn.Linear(64, 16), nn.Sigmoid(), nn.Linear(16, 5), nn.Softmax(1))


def encoder(torch, nn):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.f, self.g = nn.MultiheadAttention(16, 2, batch_first=True), nn.Linear(16, 32), nn.Linear(32, 16)
            self.n, self.m = nn.LayerNorm(16), nn.LayerNorm(16)

        def forward(self, x):
            x = self.n(x + self.a(x, x, x, need_weights=False)[0])
            return self.m(x + self.g(nn.functional.gelu(self.f(x))))
    return M()


def forecaster(torch, nn):
    class M(nn.Module):
        def __init__(self):
            super().__init__()
            self.r, self.out = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 1)

        def forward(self, x):
            return self.out(self.r(x)[0][:, -1])
    return M()


NETS = {"cnn": (small, lambda r: images(r, (1, 3, 16, 16))), "encoder": (encoder, lambda r: series(r, (1, 6, 16))), "lstm": (forecaster, lambda r: series(r, (1, 6, 3)))}


def build(kind, dynamo=False, change=lambda n: n, dtype=np.float32, **more):
    import torch
    torch.manual_seed(3)
    make, draw = NETS[kind]
    net, r = change(make(torch, torch.nn).eval()), R(4)
    xs = [draw(r).astype(dtype) for _ in range(12)]
    return export(torch, net, torch.from_numpy(xs[0]), dynamo, **more), [{"x": x} for x in xs]


for kind in NETS:
    for opset in (9, 11, 12, 13, 15, 17, 20) if kind != "encoder" else (14, 17, 20):
        CASES[f"{kind} opset {opset}"] = lambda k=kind, o=opset: build(k, opset_version=o)
    for opset in (18, 21, 23):
        CASES[f"{kind} opset {opset} dynamo"] = lambda k=kind, o=opset: build(k, True, opset_version=o)
    CASES[f"{kind} double"] = lambda k=kind: (*build(k, change=lambda n: n.double(), dtype=np.float64), build(k)[0])  # onnxruntime has no Conv or Erf of doubles
    CASES[f"{kind} half"] = lambda k=kind: build(k, change=lambda n: n.half(), dtype=np.float16)
    CASES[f"{kind} dynamic dynamo"] = lambda k=kind: build(k, True, dynamic_shapes=({0: "batch_size"},))
    CASES[f"{kind} unfolded"] = lambda k=kind: build(k, do_constant_folding=False, keep_initializers_as_inputs=True)

CASES["cnn training"] = lambda: build("cnn", training=__import__("torch").onnx.TrainingMode.PRESERVE)


def quantised(kind, form, per_channel=False, static=True, dynamo=False, types=("QUInt8", "QInt8")):
    def make():
        from onnxruntime import quantization as q
        from onnxruntime.quantization.shape_inference import quant_pre_process
        model, samples = build(kind, dynamo)

        class Reader(q.CalibrationDataReader):
            def __init__(self):
                self.i = iter(samples)

            def get_next(self):
                return next(self.i, None)
        with tempfile.TemporaryDirectory() as d:
            a, p, b = (os.path.join(d, n) for n in ("a.onnx", "p.onnx", "b.onnx"))
            open(a, "wb").write(model)
            quant_pre_process(a, p, skip_symbolic_shape=True)
            if static:
                q.quantize_static(p, b, Reader(), quant_format=getattr(q.QuantFormat, form), per_channel=per_channel, reduce_range="Int16" not in types[0],
                                  activation_type=getattr(q.QuantType, types[0]), weight_type=getattr(q.QuantType, types[1]))
            else:
                q.quantize_dynamic(p, b, weight_type=getattr(q.QuantType, types[1]), per_channel=per_channel, reduce_range=True)
            return open(b, "rb").read(), samples
    return make


CASES["cnn qdq"] = quantised("cnn", "QDQ")
CASES["cnn qdq channels"] = quantised("cnn", "QDQ", True)
CASES["cnn qdq signed"] = quantised("cnn", "QDQ", types=("QInt8", "QInt8"))
CASES["cnn qdq 16 bits"] = quantised("cnn", "QDQ", types=("QUInt16", "QInt8"))
CASES["cnn qoperator"] = quantised("cnn", "QOperator")
CASES["cnn dynamic quantised"] = quantised("cnn", "", static=False, types=("", "QUInt8"))
CASES["encoder qdq"] = quantised("encoder", "QDQ")
CASES["encoder qoperator"] = quantised("encoder", "QOperator")
CASES["encoder dynamic quantised"] = quantised("encoder", "", static=False)
CASES["lstm dynamic quantised"] = quantised("lstm", "", static=False)
CASES["lstm qdq"] = quantised("lstm", "QDQ")


def optimised(kind, level, **more):
    def make():
        import onnxruntime as ort
        model, samples = build(kind, **more)
        with tempfile.TemporaryDirectory() as d:
            o = ort.SessionOptions()
            o.optimized_model_filepath = os.path.join(d, "o.onnx")
            o.graph_optimization_level = getattr(ort.GraphOptimizationLevel, "ORT_ENABLE_" + level)
            ort.InferenceSession(model, o, providers=["CPUExecutionProvider"])
            return open(o.optimized_model_filepath, "rb").read(), samples
    return make


for kind in NETS:
    for level in ("BASIC", "EXTENDED"):
        CASES[f"{kind} onnxruntime {level.lower()}"] = optimised(kind, level)
    CASES[f"{kind} onnxruntime extended dynamo"] = optimised(kind, "EXTENDED", dynamo=True)

CASES["cnn onnxruntime all"] = optimised("cnn", "ALL")  # NCHWc: refused


def fused(model_type):
    def make():
        from onnxruntime.transformers import optimizer
        import torch
        import torch_nets
        torch.manual_seed(1)
        net = (torch_nets.bert if model_type == "bert" else torch_nets.gpt(True))(torch, torch.nn).eval()
        r = R(1)
        steps = lambda: torch.from_numpy(r.integers(0, 60, (1, 12)))  # noqa: E731
        one = lambda: (steps(), torch.ones(1, 12, dtype=torch.int64), torch.zeros(1, 12, dtype=torch.int64)) if model_type == "bert" else (steps(),)  # noqa: E731
        names = ["ids", "mask", "types"][:len(one())]
        with tempfile.TemporaryDirectory() as d:
            a, b = os.path.join(d, "a.onnx"), os.path.join(d, "b.onnx")
            open(a, "wb").write(export(torch, net, one(), False, names=names))
            optimizer.optimize_model(a, model_type, num_heads=4, hidden_size=32).save_model_to_file(b)
            return open(b, "rb").read(), [{k: v.numpy() for k, v in zip(names, one())} for _ in range(12)]
    return make


CASES["bert fused by onnxruntime"] = fused("bert")
CASES["gpt fused by onnxruntime"] = fused("gpt2")


def simplified(kind):
    def make():
        import onnx
        import onnxsim
        model, samples = build(kind)
        m, _ = onnxsim.simplify(onnx.load_from_string(model))
        return m.SerializeToString(), samples
    return make


for kind in NETS:
    CASES[f"{kind} onnxsim"] = simplified(kind)


def halved(kind):
    def make():
        import onnx
        from onnxconverter_common import float16
        model, samples = build(kind)
        m = float16.convert_float_to_float16(onnx.load_from_string(model), keep_io_types=True)
        return m.SerializeToString(), samples
    return make


for kind in NETS:
    CASES[f"{kind} half inside"] = halved(kind)


# what is refused, and what the message must hold
REFUSED = {"cnn onnxruntime all": "ORT_ENABLE_EXTENDED", "lstm dynamic quantised": "op_types_to_quantize"}


# Keras

def keras(name, shape, integers=0, opset=18, functional=True):
    """A Keras model by a function of its layers that gives a list of layers or a function of the input."""
    def register(layers):
        def make():
            os.environ["CUDA_VISIBLE_DEVICES"], os.environ["TF_CPP_MIN_LOG_LEVEL"] = "", "3"
            import keras as k
            import tensorflow as tf
            import tf2onnx
            k.utils.set_random_seed(2)
            L, r = k.layers, R(5)
            x = k.Input(shape, batch_size=None, name="x", dtype="int32" if integers else "float32")
            f = layers(L, k)
            y = x
            if isinstance(f, list):
                for layer in f:
                    y = layer(y)
            else:
                y = f(x)
            m = k.Model(x, y)
            draw = lambda: r.integers(0, integers, (1, *shape)).astype(np.int32) if integers else (images(r, (1, shape[2], *shape[:2])).transpose(0, 2, 3, 1) if len(shape) == 3 else series(r, (1, *shape)))  # noqa: E731
            if not integers:
                for _ in range(2):
                    m(np.concatenate([draw() for _ in range(8)]), training=True)
            f = tf.function(lambda x: m(x, training=False), input_signature=[tf.TensorSpec([None, *shape], tf.int32 if integers else tf.float32, name="x")])
            proto, _ = tf2onnx.convert.from_function(f, input_signature=f.input_signature, opset=opset)
            return proto.SerializeToString(), [{proto.graph.input[0].name: np.ascontiguousarray(draw())} for _ in range(12)]
        CASES["keras " + name] = make
        return layers
    return register


@keras("mlp", (12,))
def _(L, k):
    return [L.Dense(32, "relu"), L.BatchNormalization(), L.Dropout(.2), L.Dense(16, "selu"), L.Dense(3, "softmax")]


@keras("cnn", (16, 16, 3))
def _(L, k):
    return [L.Rescaling(1 / 4), L.Conv2D(8, 3, padding="same", activation="relu"), L.BatchNormalization(), L.MaxPooling2D(), L.Conv2D(16, 3, strides=2, padding="same"), L.LeakyReLU(), L.GlobalAveragePooling2D(), L.Dense(10, "softmax")]


@keras("mobile", (16, 16, 3))
def _(L, k):
    return [L.ZeroPadding2D(1), L.Conv2D(8, 3, 2, use_bias=False), L.BatchNormalization(), L.ReLU(6.), L.DepthwiseConv2D(3, padding="same"), L.BatchNormalization(), L.Activation("swish"),
            L.SeparableConv2D(16, 3, strides=2, padding="same"), L.Activation("hard_sigmoid"), L.AveragePooling2D(2), L.Flatten(), L.Dense(1, "sigmoid")]


@keras("unet", (16, 16, 3))
def _(L, k):
    def f(x):
        a = L.Conv2D(8, 3, padding="same", activation="relu")(x)
        b = L.Conv2D(16, 3, padding="same", activation="relu")(L.MaxPooling2D()(a))
        u = L.Conv2DTranspose(8, 2, strides=2, padding="same")(b)
        y = L.Conv2D(8, 3, padding="same", activation="relu")(L.Concatenate()([u, a]))
        z = L.UpSampling2D(interpolation="bilinear")(L.MaxPooling2D()(y))
        return L.Conv2D(1, 1, activation="sigmoid")(L.Add()([y, z]))
    return f


keras("lstm", (8, 3))(lambda L, k: [L.LSTM(16), L.Dense(1)])
keras("lstm stacked", (8, 3))(lambda L, k: [L.LSTM(8, return_sequences=True), L.LSTM(8), L.Dense(1)])
keras("lstm both ways", (8, 3))(lambda L, k: [L.Bidirectional(L.LSTM(8)), L.Dense(1)])
keras("lstm unrolled", (6, 3))(lambda L, k: [L.LSTM(8, unroll=True), L.Dense(1)])
keras("gru", (8, 3))(lambda L, k: [L.GRU(12, return_sequences=True), L.TimeDistributed(L.Dense(4, "tanh")), L.Flatten(), L.Dense(1)])
keras("simple rnn", (8, 3))(lambda L, k: [L.SimpleRNN(12), L.Dense(1)])
keras("words lstm", (8,), integers=40)(lambda L, k: [L.Embedding(40, 8), L.LSTM(8), L.Dense(1, "sigmoid")])
keras("words masked lstm", (8,), integers=40)(lambda L, k: [L.Embedding(40, 8, mask_zero=True), L.LSTM(8), L.Dense(1, "sigmoid")])
keras("words pooled", (10,), integers=40)(lambda L, k: [L.Embedding(40, 8), L.GlobalMaxPooling1D(), L.Dense(6, "silu"), L.Dense(1, "sigmoid")])
keras("convolutions 1d", (24, 2))(lambda L, k: [L.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="relu"), L.MaxPooling1D(), L.Conv1D(8, 3), L.GlobalAveragePooling1D(), L.Dense(2)])
keras("conv lstm", (4, 6, 6))(lambda L, k: [L.Reshape((4, 6, 6, 1)), L.ConvLSTM2D(4, 3, padding="same"), L.Flatten(), L.Dense(2)])
keras("normalisations", (8, 6))(lambda L, k: [L.LayerNormalization(), L.Dense(8, "elu"), L.GroupNormalization(4), L.Dense(8, "softsign"), L.UnitNormalization(), L.Dense(4, "softplus")])


@keras("attention", (8, 16))
def _(L, k):
    def f(x):
        y = L.LayerNormalization()(x + L.MultiHeadAttention(2, 8)(x, x))
        y = L.LayerNormalization(epsilon=1e-6)(y + L.Dense(16)(L.Dense(32, "silu")(y)))
        return L.Dense(3, "softmax")(L.GlobalAveragePooling1D()(y))
    return f


@keras("causal attention", (8,), integers=40)
def _(L, k):
    def f(i):
        x = L.Embedding(40, 16)(i)
        y = x + L.MultiHeadAttention(2, 8)(x, x, use_causal_mask=True)
        return L.Dense(40)(L.LayerNormalization()(y))
    return f


@keras("feature attention", (8, 4))
def _(L, k):
    def f(x):
        h = L.GRU(8, return_sequences=True)(x)
        return L.Dense(1)(L.Flatten()(L.Attention()([h, h])))
    return f
