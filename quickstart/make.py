#!/usr/bin/env python3
"""Makes network.onnx and input.json of `ezkl quickstart`: a small CNN that reads handwritten-looking digits.

The digits are drawn here: strokes with random slant, size, wobble and pen width. So no data set is needed, and none is
contained. Needs numpy and onnx; the seed fixes the result up to the platform's floating point. Run: python3 make.py
"""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(7)
SIZE = 28


def arc(cx, cy, rx, ry, a, b, n=12):
    t = np.radians(np.linspace(a, b, n))
    return np.stack([cx + rx * np.cos(t), cy + ry * np.sin(t)], 1)


# Strokes of each digit in a unit square, y downwards.
GLYPHS = [
    [arc(0.5, 0.5, 0.28, 0.42, 0, 360, 20)],
    [np.array([[0.35, 0.25], [0.55, 0.08], [0.55, 0.92]])],
    [np.concatenate([arc(0.5, 0.3, 0.27, 0.22, 190, 380), [[0.25, 0.92], [0.8, 0.92]]])],
    [np.concatenate([arc(0.48, 0.29, 0.25, 0.21, 200, 450), arc(0.48, 0.71, 0.28, 0.22, 270, 520)])],
    [np.array([[0.6, 0.08], [0.2, 0.62], [0.82, 0.62]]), np.array([[0.64, 0.35], [0.62, 0.95]])],
    [np.concatenate([[[0.75, 0.1], [0.32, 0.1], [0.28, 0.45]], arc(0.48, 0.66, 0.28, 0.26, 230, 500)])],
    [np.concatenate([[[0.66, 0.08], [0.4, 0.3]], arc(0.5, 0.68, 0.25, 0.25, 190, 550, 20)])],
    [np.array([[0.2, 0.1], [0.8, 0.1], [0.42, 0.93]])],
    [arc(0.5, 0.29, 0.22, 0.2, 90, 450, 16), arc(0.5, 0.71, 0.27, 0.22, 270, 630, 16)],
    [np.concatenate([arc(0.5, 0.33, 0.24, 0.24, 20, 380, 18), [[0.7, 0.6], [0.58, 0.94]]])],
]
YY, XX = np.mgrid[0:SIZE, 0:SIZE]


def draw(digit):
    """One image, [SIZE, SIZE] in [0, 1]."""
    slant, turn = rng.uniform(-0.3, 0.3), rng.uniform(-0.2, 0.2)
    size = SIZE * rng.uniform(0.62, 0.78, 2)
    shift = (SIZE - size) / 2 + rng.uniform(-2, 2, 2)
    m = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array([[1, slant], [0, 1]])
    pen = rng.uniform(0.9, 1.7)
    dist = np.full((SIZE, SIZE), 1e9)
    for stroke in GLYPHS[digit]:
        p = (stroke + rng.normal(0, 0.022, stroke.shape) - 0.5) @ m.T + 0.5
        p = p * size + shift
        for a, b in zip(p, p[1:]):
            d = b - a
            t = np.clip(((XX - a[0]) * d[0] + (YY - a[1]) * d[1]) / max(d @ d, 1e-9), 0, 1)
            dist = np.minimum(dist, np.hypot(XX - a[0] - t * d[0], YY - a[1] - t * d[1]))
    image = np.clip(pen + 0.5 - dist, 0, 1)
    return np.clip(image * rng.uniform(0.85, 1) + rng.normal(0, 0.02, image.shape) * (image > 0), 0, 1)


def samples(n):
    y = rng.integers(0, 10, n)
    return np.stack([draw(d) for d in y])[:, None].astype(np.float32), y


def patches(x, k, s):
    """[N, C, H, W] -> [N, OH, OW, C*k*k]"""
    w = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::s, ::s]
    n, c, h, v = w.shape[:4]
    return w.transpose(0, 2, 3, 1, 4, 5).reshape(n, h, v, c * k * k)


def unpatch(g, shape, k, s):
    n, c, _, _ = shape
    out = np.zeros(shape, np.float32)
    oh, ow = g.shape[1:3]
    g = g.reshape(n, oh, ow, c, k, k)
    for i in range(k):
        for j in range(k):
            out[:, :, i:i + s * oh:s, j:j + s * ow:s] += g[..., i, j].transpose(0, 3, 1, 2)
    return out


P = {
    "conv1.weight": rng.normal(0, 0.2, (6, 25)), "conv1.bias": np.zeros(6),
    "conv2.weight": rng.normal(0, 0.14, (12, 54)), "conv2.bias": np.zeros(12),
    "fc.weight": rng.normal(0, 0.06, (10, 300)), "fc.bias": np.zeros(10),
}
P = {k: v.astype(np.float32) for k, v in P.items()}


def forward(x):
    c = {"x": x, "p1": patches(x, 5, 2)}
    c["a1"] = np.maximum(c["p1"] @ P["conv1.weight"].T + P["conv1.bias"], 0).transpose(0, 3, 1, 2)  # [N, 6, 12, 12]
    c["p2"] = patches(c["a1"], 3, 1)
    a2 = np.maximum(c["p2"] @ P["conv2.weight"].T + P["conv2.bias"], 0).transpose(0, 3, 1, 2)  # [N, 12, 10, 10]
    c["a2"] = a2
    n = len(x)
    v = a2.reshape(n, 12, 5, 2, 5, 2)
    c["pool"] = v.max((3, 5))
    c["mask"] = (v == c["pool"][:, :, :, None, :, None]) * (v > 0)
    c["flat"] = c["pool"].reshape(n, 300)
    return c["flat"] @ P["fc.weight"].T + P["fc.bias"], c


def backward(c, g):
    n = len(g)
    d = {"fc.weight": g.T @ c["flat"], "fc.bias": g.sum(0)}
    gp = (g @ P["fc.weight"]).reshape(n, 12, 5, 1, 5, 1)
    g2 = (gp * c["mask"]).reshape(n, 12, 10, 10).transpose(0, 2, 3, 1)
    d["conv2.weight"] = np.tensordot(g2, c["p2"], ((0, 1, 2), (0, 1, 2)))
    d["conv2.bias"] = g2.sum((0, 1, 2))
    g1 = unpatch(g2 @ P["conv2.weight"], c["a1"].shape, 3, 1) * (c["a1"] > 0)
    g1 = g1.transpose(0, 2, 3, 1)
    d["conv1.weight"] = np.tensordot(g1, c["p1"], ((0, 1, 2), (0, 1, 2)))
    d["conv1.bias"] = g1.sum((0, 1, 2))
    return d


def train():
    x, y = samples(12000)
    m1 = {k: np.zeros_like(v) for k, v in P.items()}
    m2 = {k: np.zeros_like(v) for k, v in P.items()}
    step = 0
    for epoch in range(6):
        order = rng.permutation(len(x))
        for i in range(0, len(x), 64):
            idx = order[i:i + 64]
            z, c = forward(x[idx])
            e = np.exp(z - z.max(1, keepdims=True))
            g = e / e.sum(1, keepdims=True)
            g[np.arange(len(idx)), y[idx]] -= 1
            step += 1
            lr = 2e-3 * 0.5 * (1 + np.cos(np.pi * step / (6 * len(x) / 64)))
            for k, d in backward(c, (g / len(idx)).astype(np.float32)).items():
                d = d.reshape(P[k].shape)
                m1[k] = 0.9 * m1[k] + 0.1 * d
                m2[k] = 0.999 * m2[k] + 0.001 * d * d
                P[k] -= (lr * m1[k] / (1 - 0.9 ** step) / (np.sqrt(m2[k] / (1 - 0.999 ** step)) + 1e-8)).astype(np.float32)
        print("epoch", epoch)


def export(path):
    w = dict(P)
    w["conv1.weight"] = P["conv1.weight"].reshape(6, 1, 5, 5)
    w["conv2.weight"] = P["conv2.weight"].reshape(12, 6, 3, 3)
    nodes = [
        helper.make_node("Conv", ["image", "conv1.weight", "conv1.bias"], ["c1"], "conv1", strides=[2, 2]),
        helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
        helper.make_node("Conv", ["r1", "conv2.weight", "conv2.bias"], ["c2"], "conv2"),
        helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
        helper.make_node("MaxPool", ["r2"], ["p"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "fc.weight", "fc.bias"], ["scores"], "fc", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, SIZE, SIZE])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 10])],
        [numpy_helper.from_array(v.astype(np.float32), k) for k, v in w.items()],
    )
    model = helper.make_model(graph, producer_name="ezkl-go quickstart", opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    train()
    x, y = samples(2000)
    z, _ = forward(x)
    print("accuracy on 2000 new digits:", (z.argmax(1) == y).mean())
    export("network.onnx")
    x, y = samples(64)
    z, _ = forward(x)
    pick = next(i for i in range(64) if y[i] == 4 and z[i].argmax() == 4)
    image = np.round(x[pick, 0] * 255) / 255
    with open("input.json", "w") as f:
        json.dump({"input_data": [[round(float(v), 4) for v in image.reshape(-1)]]}, f)
    # calibration: eight other digits
    pick = [next(i for i in range(64) if y[i] == d) for d in range(8)]
    data = np.round(x[pick].reshape(-1) * 255) / 255
    with open("calibration.json", "w") as f:
        json.dump({"input_data": [[round(float(v), 4) for v in data]]}, f)
