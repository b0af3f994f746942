#!/usr/bin/env python3
"""Writes the networks of internal/cli/testdata/models, with inputs and onnxruntime's outputs: those of cases.py that once failed,
and one of each kind. usage: tools/models/make.py     needs: pip install onnx onnxruntime"""
import json, os, shutil

import numpy as np
import onnxruntime as ort

import cases

TO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "internal", "cli", "testdata", "models")
NAMES = """op Tanh saturated|op Exp negative|op Clip infinity|op Clip attributes one-sided|op PRelu per channel|op Sqrt
op Conv SAME_LOWER even|op Conv 3d|op Conv 1d causal|op Gemm all data|op MatMul data broadcast both|op MatMul data vector left
op BatchNormalization 3d|op MaxPool dilations pads ceil|op AveragePool include pads ceil opset 19|op AveragePool asymmetric pads|op ReduceMin split axes
op Slice reverse|op Pad axes negative|op Div channel|op Pow 3|op Expand|op fold shape chain|op fold weight norm
view flatten slice|view flatten conv|view flatten averagepool|view flatten reducemax|view transposed concat same axis|view split
arch lenet tanh average|arch shufflenet|arch mobilenet v2|arch squeeze excite linear|arch densenet|arch siamese euclid|arch tcn|arch multi output
arch keras nhwc|arch deep mlp Elu
set batch 4|set scales 12 12|set samples 5|set visibility public private fixed|set visibility private public fixed|set visibility public public private
range output 1e-6|range input 1e-6|range weights 1e4 and back|range outside|range outside inside|range zero weights|range dead relu
type int input cast|type uint8 image|type float16 network|type external data files|type bool input
odd unused first input|odd long names|odd many terms|odd output view of output|opset 07|opset 10|opset 23"""


def numbers(x):
    """Entries as JSON numbers; float32 is exact with 9 digits."""
    return [float(f"{v:.9g}") if isinstance(v, float) and x.dtype != np.float64 else v for v in (y.item() for y in x.reshape(-1))]


def main():
    shutil.rmtree(TO, ignore_errors=True)
    known = {c.name: c for c in cases.all_cases()}
    for name in NAMES.replace("\n", "|").split("|"):
        g = known[name].build()
        folder = os.path.join(TO, name.replace(" ", "_"))
        os.makedirs(folder)
        g.save(folder)
        s = ort.InferenceSession(os.path.join(folder, "network.onnx"), providers=["CPUExecutionProvider"])
        used = {i.name for i in s.get_inputs()}
        outputs = s.run(None, {k: v for k, v in g.feeds.items() if k in used})
        columns = lambda f: [numbers(v) for v in f.values()]
        samples = [columns(f) for f in (g.feeds, *g.samples)]
        json.dump({
            "flags": g.flags, "calibrate_flags": g.calibrate_flags, "tolerance": g.tolerance, "input_data": samples[0],
            "calibration": [sum((s[i] for s in samples), []) for i in range(len(g.feeds))] if g.samples else None,
            "outputs": [[float(f"{v:.7g}") for v in np.asarray(o, dtype=np.float64).reshape(-1)] for o in outputs],
            "outside": [{"input_data": columns(f), "text": text} for _, f, text in g.outside],
        }, open(os.path.join(folder, "case.json"), "w"), separators=(",", ":"))


if __name__ == "__main__":
    main()
