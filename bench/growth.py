#!/usr/bin/env python3
"""How cost grows with a network: seconds, memory and proof bytes against activations, weights and multiply-adds.

usage: bench/growth.py MODELS_DIR [NAME ...]        needs: pip install onnx numpy; make build

MODELS_DIR/NAME holds network.onnx and input.json (the project's bench networks: cnn_264k, mlp_4m, mlp_4x128, mlp_deep,
resnet_small). Runs bin/ezkl's whole workflow on each, three proofs, and gnark-crypto's MultiExp of 2^20 full-size
scalars in the same run, and prints a Markdown table.
"""
import json, os, subprocess, sys
import numpy as np, onnx
from onnx import numpy_helper, shape_inference

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import ROOT, workflow


def count(path):
    """Activations (outputs of nonlinear nodes), weights, multiply-adds of Conv and Gemm."""
    m = shape_inference.infer_shapes(onnx.load(path))
    shape = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in list(m.graph.value_info) + list(m.graph.output) + list(m.graph.input)}
    weights = {t.name: numpy_helper.to_array(t).shape for t in m.graph.initializer}
    activations = macs = 0
    for n in m.graph.node:
        out = int(np.prod(shape[n.output[0]]))
        if n.op_type in ("Relu", "Sigmoid", "Tanh", "MaxPool"):
            activations += out
        if n.op_type == "Conv":
            macs += out * int(np.prod(weights[n.input[1]][1:]))
        if n.op_type == "Gemm":
            macs += int(np.prod(weights[n.input[1]]))
    return activations, sum(int(np.prod(s)) for s in weights.values()), macs


names = sys.argv[2:] or ["mlp_4x128", "mlp_deep", "resnet_small", "cnn_264k", "mlp_4m"]
multiexp = float(subprocess.check_output(["go", "run", "./bench/multiexp"], cwd=ROOT))
print("MultiExp of 2^20: %.2f s\n" % multiexp)
print("| network | activations | weights | multiply-adds | prove s | of MultiExp | setup s | verify s | prove MB | proof bytes |")
print("|---|---|---|---|---|---|---|---|---|---|")
for name in names:
    a, w, macs = count(os.path.join(sys.argv[1], name, "network.onnx"))
    f = workflow("this", os.path.join(sys.argv[1], name), 3)
    print("| %s | %d | %d | %d | %.2f | %.2f | %.2f | %.3f | %.0f | %d |" % (
        name, a, w, macs, f["prove"][0], f["prove"][0] / multiexp, f["setup"][0], f["verify"][0], f["prove"][1], f["proof"]), flush=True)
