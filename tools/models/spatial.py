"""Writes the cases of internal/onnx/testdata/spatial.jsonl: operators that read between pixels, transforms of signals, moved entries
and n-grams, which become simpler operators while the graph is built (package graph, expand.go). Outputs are onnxruntime's, or of
the operators that it lacks those of onnx's reference. The same format as make_models.py writes.

    python tools/models/spatial.py
"""
import numpy as np
from onnx.reference import ReferenceEvaluator
import onnx

import make_models as m
from make_models import i64

TARGET = m.ROOT / "internal/onnx/testdata/spatial.jsonl"


def wave(*shape, step=0.7, size=1.0):
    """Numbers without a pattern that matters, the same on every machine."""
    n = int(np.prod(shape))
    return (size * np.sin(step * np.arange(1, n + 1) + 0.3)).round(3).astype(np.float32).reshape(shape)


class Reference:
    """onnx's reference in the place of onnxruntime's session."""

    def __init__(self, blob, *_, **__):
        self.evaluator = ReferenceEvaluator(onnx.load_from_string(blob))

    def run(self, names, inputs):
        return self.evaluator.run(names, inputs)


def op(name, kind, inputs, consts=None, opset=20, reference=False, **rest):
    session = m.ort.InferenceSession
    if reference:
        m.ort.InferenceSession = Reference
    try:
        m.op(f"spatial/{name}", kind, inputs, consts, opset=opset, **rest) or print("left out", m.failed[-1])
    finally:
        m.ort.InferenceSession = session


def sampling():
    image = wave(2, 2, 3, 4, step=0.35)
    grid = np.array([[-1.6, -0.3], [0.2, 0.4], [1.3, -1.2], [-0.55, 0.85], [0.7, 1.9], [-0.1, 0.05]], np.float32).reshape(1, 2, 3, 2)
    grid = np.concatenate([grid, -grid])
    for mode in ("linear", "cubic", "nearest"):
        for padding in ("zeros", "border", "reflection"):
            for align in (0, 1):
                name = f"GridSample {mode} {padding} {align}"
                attrs = {"mode": mode, "padding_mode": padding, "align_corners": align}
                op(f"{name} constant", "GridSample", {"x": image}, {"g": grid}, **attrs)
                op(name, "GridSample", {"x": image, "g": grid * np.float32(0.75)}, **attrs)
    op("GridSample volume", "GridSample", {"x": wave(1, 1, 3, 2, 4), "g": wave(1, 2, 2, 2, 3, step=1.1)}, mode="linear")
    theta = np.array([[[0.9, -0.2, 0.1], [0.3, 1.1, -0.2]]], np.float32)
    for align in (0, 1):
        op(f"AffineGrid {align}", "AffineGrid", {"t": theta}, {"s": i64(1, 2, 3, 4)}, align_corners=align)
    op("AffineGrid volume", "AffineGrid", {"t": wave(2, 3, 4)}, {"s": i64(2, 1, 2, 3, 2)})
    image = wave(2, 3, 6, 8, step=0.9)
    rois = np.array([[0.5, 1, 5.3, 4.2], [-2, -1.5, 3, 2], [4, 2.5, 11, 9], [2, 2, 2.2, 2.1]], np.float32)
    at = i64(0, 1, 1, 0)
    for mode, samples in (("avg", 2), ("avg", 0), ("max", 2)):
        for half in ("half_pixel", "output_half_pixel"):
            attrs = {"output_height": 2, "output_width": 3, "sampling_ratio": samples, "spatial_scale": 0.75, "mode": mode, "coordinate_transformation_mode": half}
            op(f"RoiAlign {mode} {samples} {half}", "RoiAlign", {"x": image}, {"r": rois, "i": at}, opset=16, **attrs)
            if mode == "avg" and samples:
                op(f"RoiAlign {mode} {samples} {half} data", "RoiAlign", {"x": image, "r": rois, "i": at}, opset=16, **attrs)
    x, w, b = wave(1, 4, 4, 5), wave(2, 2, 2, 2, step=1.3), wave(2)
    offset, mask = wave(1, 16, 4, 4, step=0.37, size=1.4), np.abs(wave(1, 8, 4, 4, step=0.51))
    attrs = {"kernel_shape": [2, 2], "pads": [0, 0, 1, 0], "group": 2, "offset_group": 2}
    op("DeformConv constant", "DeformConv", {"x": x}, {"w": w, "o": offset, "b": b, "m": mask}, opset=22, **attrs)
    op("DeformConv", "DeformConv", {"x": x, "o": offset, "m": mask}, {"w": w, "b": b}, order=["x", "w", "o", "b", "m"], opset=22, **attrs)


def signals():
    x, z = wave(2, 6, 1), wave(2, 6, 2)
    for name, data, attrs in (("real", x, {}), ("onesided", x, {"onesided": 1}), ("complex", z, {}), ("inverse", z, {"inverse": 1})):
        op(f"DFT {name}", "DFT", {"x": data}, opset=17, axis=1, **attrs)
    op("DFT length", "DFT", {"x": z}, {"n": np.int64(4)}, opset=17, axis=1)
    op("DFT longer", "DFT", {"x": wave(2, 5, 3, 1)}, {"n": np.int64(8), "a": np.int64(-2)}, opset=20, onesided=1)
    op("DFT real inverse", "DFT", {"x": wave(2, 4, 2)}, opset=20, reference=True, inverse=1, onesided=1)
    op("DFT real inverse odd", "DFT", {"x": wave(2, 4, 2)}, {"n": np.int64(7)}, opset=20, reference=True, inverse=1, onesided=1)
    op("STFT", "STFT", {"x": wave(1, 20, 1)}, {"s": np.int64(4), "w": np.abs(wave(8)), "l": np.int64(8)}, opset=17)
    op("STFT window data", "STFT", {"x": wave(1, 20, 1), "w": np.abs(wave(8))}, {"s": np.int64(3)}, order=["x", "s", "w"], opset=17, onesided=0)
    op("STFT plain", "STFT", {"x": wave(2, 12, 1)}, {"s": np.int64(6), "l": np.int64(6)}, order=["x", "s", "", "l"], opset=17)
    for kind in ("BlackmanWindow", "HammingWindow", "HannWindow"):
        for periodic in (0, 1):
            op(f"{kind} {periodic}", kind, {}, {"n": np.int64(9)}, opset=17, periodic=periodic)
    op("MelWeightMatrix", "MelWeightMatrix", {}, {"n": i64(6)[0], "l": i64(32)[0], "r": i64(8000)[0], "f": np.float32(100), "t": np.float32(3600)}, opset=17)


def moving():
    op("CenterCropPad", "CenterCropPad", {"x": wave(5, 4, 3)}, {"s": i64(2, 7, 3)}, opset=18)
    op("CenterCropPad axes", "CenterCropPad", {"x": wave(3, 5, 4)}, {"s": i64(8, 1)}, opset=18, axes=[-2, -1])
    op("Col2Im", "Col2Im", {"x": wave(1, 8, 6)}, {"i": i64(4, 5), "b": i64(2, 2)}, opset=18, strides=[2, 1], pads=[0, 0, 0, 1], dilations=[1, 3])
    op("Col2Im rest", "Col2Im", {"x": wave(2, 4, 4)}, {"i": i64(5, 5), "b": i64(2, 2)}, opset=18, strides=[2, 2])
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    image = wave(1, 2, 4, 6, step=2.1)
    op("MaxPool indices", "MaxPool", {"x": image}, outputs=("y", "i"), opset=12, **pool)
    op("MaxPool indices padded", "MaxPool", {"x": image}, outputs=("y", "i"), opset=12, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 3])
    op("MaxPool indices columns", "MaxPool", {"x": image}, outputs=("y", "i"), opset=12, storage_order=1, dilations=[2, 1], kernel_shape=[2, 3])
    at = np.array([[[[0, 9], [14, 22]], [[31, 33], [36, 47]]]], np.int64)
    op("MaxUnpool", "MaxUnpool", {"x": wave(1, 2, 2, 2), "i": np.array([[[[0, 3], [9, 14]], [[17, 18], [25, 31]]]], np.int64)}, opset=11, **pool)
    op("MaxUnpool constant", "MaxUnpool", {"x": wave(1, 2, 2, 2)}, {"i": at % 32}, opset=11, **pool)
    past, update = wave(2, 2, 5, 3), wave(2, 2, 2, 3, step=1.9)
    for mode, where in (("linear", i64(1, 3)), ("circular", i64(4, 2))):
        op(f"TensorScatter {mode}", "TensorScatter", {"p": past, "u": update}, {"w": where}, opset=24, reference=True, mode=mode)
        op(f"TensorScatter {mode} data", "TensorScatter", {"p": past, "u": update, "w": where}, opset=24, reference=True, mode=mode)
    op("BitCast", "BitCast", {"x": np.array([0, 1, 127, -1, -128], np.int8)}, opset=26, reference=True, to=2)
    op("BitCast 16", "BitCast", {"x": np.array([0, 1, 32768, 65535], np.uint16)}, opset=26, reference=True, to=5)


def ngrams():
    words = np.array([[1, 2, 3, 3, 3, 2], [2, 2, 3, 7, 5, 6], [5, 6, 7, 8, 6, 7]], np.int64)
    pool = {"ngram_counts": [0, 4], "ngram_indexes": [0, 1, 2, 3, 4, 5, 6], "pool_int64s": [2, 3, 5, 4, 5, 6, 7, 8, 6, 7]}
    for mode in ("TF", "IDF", "TFIDF"):
        op(f"TfIdfVectorizer {mode}", "TfIdfVectorizer", {"x": words}, opset=9, mode=mode, min_gram_length=1, max_gram_length=2, max_skip_count=3,
           weights=[1.0, 0.5, 2.0, 0.25, 3.0, 1.5, 0.75], **pool)
    op("TfIdfVectorizer row", "TfIdfVectorizer", {"x": words[0].astype(np.int32)}, opset=9, mode="TF", min_gram_length=2, max_gram_length=2, max_skip_count=0, **pool)


def clips():
    op("Clip data", "Clip", {"x": wave(3, 4), "l": np.array(-0.4, np.float32), "h": np.array(0.7, np.float32)}, opset=13)
    op("Clip data above", "Clip", {"x": wave(3, 4), "h": np.array(0.3, np.float32)}, order=["x", "", "h"], opset=13)
    op("Clip data integers", "Clip", {"x": i64(-7, 3, 90), "l": np.array(0)}, {"h": np.int64(50)}, opset=13)


def logarithms():
    x = wave(2, 3, 4, size=30)
    nodes = [m.node("Exp", ["x"], ["e"]), m.node("ReduceSum", ["e", "a"], ["s"], keepdims=0), m.node("Log", ["s"], ["y"])]
    m.add("spatial/log of sum of exponentials", nodes, {"x": x}, {"a": i64(1)}, opset=18)
    own = [m.node("ReduceMax", ["x"], ["m"], axes=[1]), m.node("Sub", ["x", "m"], ["d"]), m.node("Exp", ["d"], ["e"]), m.node("ReduceSum", ["e", "a"], ["s"]), m.node("Log", ["s"], ["y"])]
    m.add("spatial/log of sum of exponentials less the largest", own, {"x": x}, {"a": i64(1)}, opset=13)


if __name__ == "__main__":
    for part in (sampling, signals, moving, ngrams, clips, logarithms):
        part()
    TARGET.write_text("\n".join(m.lines) + "\n")
    print(f"{TARGET.name}: {len(m.lines)} cases, {TARGET.stat().st_size} bytes")
