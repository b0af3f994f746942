#!/usr/bin/env python3
"""Models whose types onnxruntime refuses, against ONNX's definition: onnx's ReferenceEvaluator instead of onnxruntime.

usage: bench/definition.py [--ezkl bin/ezkl] MODELS_DIR [NAME ...]                       needs: pip install onnx, make build

For each MODELS_DIR/NAME (decision_tree, nanoGPT and random_forest unless named): the workflow to mock, on its own input.json;
the rescaled outputs of witness.json must lie within 1e-3 * max(1, max|reference|), integers exact. Prints the row of each.
"""
import argparse, json, os, shutil, sys, tempfile

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sweep import ROOT, Failed, run  # noqa: E402

NAMES = ["decision_tree", "nanoGPT", "random_forest"]
TOLERANCE = 1e-3


def feeds(model, source):
    """The inputs of input.json, in order, on the network's types; axes without a length are 1."""
    constants = {i.name for i in model.graph.initializer}
    data = json.load(open(os.path.join(source, "input.json")))["input_data"]
    inputs = [i for i in model.graph.input if i.name not in constants]
    out = {}
    for i, flat in zip(inputs, data, strict=True):
        t = i.type.tensor_type
        out[i.name] = np.array(flat, dtype=onnx.helper.tensor_dtype_to_np_dtype(t.elem_type)).reshape([d.dim_value or 1 for d in t.shape.dim])
    return out


def check(exe, source, work):
    """The largest error, relative to the tolerance's scale, and the number of entries."""
    for f in ("network.onnx", "input.json"):
        shutil.copy(os.path.join(source, f), work)
    for step in ("gen-settings", "calibrate-settings", "compile-circuit", "gen-witness", "mock"):
        run(exe, work, step, *(["-D", "input.json"] if step in ("calibrate-settings", "gen-witness") else []))
    model = onnx.load(os.path.join(work, "network.onnx"))
    want = ReferenceEvaluator(model).run(None, feeds(model, source))
    got = json.load(open(os.path.join(work, "witness.json")))["pretty_elements"]["rescaled_outputs"]
    worst, entries = 0.0, 0
    for a, b in zip(got, want, strict=True):
        b = np.asarray(b)
        exact = b.dtype.kind in "biu"
        b = b.astype(np.float64).reshape(-1)
        a = np.array([float(x) for x in a])
        if a.shape != b.shape:
            raise Failed(f"an output of {a.size} entries, not {b.size}")
        error = np.abs(a - b).max() / max(1, np.abs(b).max())
        if not error <= (0 if exact else TOLERANCE):
            raise Failed(f"error {error:.1e}")
        worst, entries = max(worst, error), entries + a.size
    return worst, entries


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ezkl", default=os.path.join(ROOT, "bin", "ezkl"))
    p.add_argument("models")
    p.add_argument("names", nargs="*")
    a = p.parse_args()
    print("| model | outputs | error |\n|---|---|---|", flush=True)
    bad = False
    for name in a.names or NAMES:
        work = tempfile.mkdtemp()
        try:
            print("| %s | %d | %.1e |" % (name, *check(os.path.abspath(a.ezkl), os.path.join(a.models, name), work)[::-1]), flush=True)
        except Exception as e:  # noqa: BLE001: a model that fails is a row
            print(f"| {name} | | {type(e).__name__}: {e} |", flush=True)
            bad = True
        finally:
            shutil.rmtree(work)
    return bad


if __name__ == "__main__":
    sys.exit(main())
