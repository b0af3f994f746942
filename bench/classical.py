#!/usr/bin/env python3
"""Trained scikit-learn, XGBoost and LightGBM models, as their converters export them, through the whole command line.

usage: bench/classical.py [--ezkl bin/ezkl] [--fast] [--rows N] [PATTERN ...]     needs: see tools/models/classical.py

For each model: calibrate on the rows of its data, then witness N rows that are not among the calibrated ones: labels must be equal to
onnxruntime's and numbers within 5e-4 * max(1, max|reference|). The first row is also proven and verified, unless --fast.
Prints for each model: rows, labels that differ, largest error, lookups, logrows, seconds to prove. The exit code is 1 if one fails.
"""
import argparse, json, os, re, shutil, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tools", "models"))
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from onnx import helper  # noqa: E402


class Failed(Exception):
    pass


def run(exe, work, *args):
    p = subprocess.run([exe, *args], cwd=work, capture_output=True, text=True, timeout=600)
    if p.returncode:
        raise Failed(f"{args[0]}: exit {p.returncode}: {p.stderr.strip()[:400]}")
    return p.stdout


def outputs(r):
    """onnxruntime's results as flat lists; a ZipMap's maps in order of their keys."""
    return [np.array([[m[k] for k in m] for m in o], dtype=np.float64).reshape(-1) if isinstance(o, list)
            else np.asarray(o, dtype=np.float64).reshape(-1) for o in r]


class Reference:
    """onnxruntime's results. It finds the probabilities of two classes by an iteration that stops early, up to 4e-3 off; its end is
    1 / (1 + exp(a s + b)) of the score s, which a copy of the model without a and b gives."""

    def __init__(self, model):
        self.session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        self.name, self.scores = self.session.get_inputs()[0].name, None
        self.outputs = self.session.get_outputs()
        for n in model.graph.node:
            attributes = {a.name: a for a in n.attribute}
            if n.op_type == "SVMClassifier" and len(attributes.get("prob_a", onnx.AttributeProto()).floats) == 1:
                self.a, self.b = attributes["prob_a"].floats[0], attributes["prob_b"].floats[0]
                copy = onnx.ModelProto()
                copy.CopyFrom(model)
                m = next(x for x in copy.graph.node if x.op_type == "SVMClassifier")
                kept = [x for x in m.attribute if x.name not in ("prob_a", "prob_b")]
                del m.attribute[:]
                m.attribute.extend(kept)
                del copy.graph.output[:]
                copy.graph.output.append(helper.make_tensor_value_info(m.output[1], onnx.TensorProto.FLOAT, None))
                self.scores = ort.InferenceSession(copy.SerializeToString(), providers=["CPUExecutionProvider"])

    def __call__(self, x):
        r = outputs(self.session.run(None, {self.name: x}))
        if self.scores:
            s = self.scores.run(None, {self.name: x})[0].astype(np.float64)[:, -1]
            p = 1 / (1 + np.exp(self.a * s + self.b))
            exact = np.stack([p, 1 - p], 1).reshape(-1)
            if np.abs(exact - r[1]).max() > 1e-2:
                raise Failed(f"probabilities {r[1]} are not {exact}")
            r[1] = exact
        return r


def check(exe, name, make, work, rows, fast):
    model, x = make()
    open(work + "/network.onnx", "wb").write(model.SerializeToString())
    reference = Reference(model)
    pick = np.random.default_rng(1).permutation(len(x))
    test, train = x[pick[:rows]], x[pick[rows:rows + 100]]
    dump = lambda f, v: json.dump({"input_data": [[float(a) for a in v.reshape(-1)]]}, open(os.path.join(work, f), "w"))
    dump("input.json", test[:1])
    dump("calibration.json", train)
    run(exe, work, "gen-settings")
    run(exe, work, "calibrate-settings", "-D", "calibration.json")
    run(exe, work, "compile-circuit")
    settings = json.load(open(work + "/settings.json"))
    worst, flips, outside = 0.0, 0, 0
    for i in range(rows):
        dump("row.json", test[i:i + 1])
        try:
            run(exe, work, "gen-witness", "-D", "row.json", "-O", "row.witness")
        except Failed as e:
            if "outside" not in str(e) and "range" not in str(e):
                raise
            outside += 1
            continue
        got = json.load(open(work + "/row.witness"))["pretty_elements"]["rescaled_outputs"]
        want = reference(test[i:i + 1])
        for o, (a, b) in enumerate(zip(got, want)):
            a = np.array([float(v) for v in a])
            if reference.outputs[o].type.startswith("tensor(int"):
                flips += int((a != b).any())
            else:
                worst = max(worst, np.abs(a - b).max() / max(1, np.abs(b).max()))
    if not fast:
        run(exe, work, "gen-witness", "-D", "input.json")
        run(exe, work, "gen-srs", "--srs-path", "kzg.srs", "--logrows", str(settings["run_args"]["logrows"]))
        run(exe, work, "setup", "--srs-path", "kzg.srs")
        start = time.time()
        run(exe, work, "prove", "--srs-path", "kzg.srs")
        seconds = time.time() - start
        run(exe, work, "verify")
    nodes = len(model.graph.node)
    print(f"{name:32} {nodes:3d} nodes  {rows - outside:2d} rows  {flips} labels  {worst:.1e}  logrows {settings['run_args']['logrows']:2d}"
          + ("" if fast else f"  prove {seconds:.2f} s"), flush=True)
    if worst > 5e-4 or flips or outside > rows // 4:
        raise Failed(f"{flips} labels differ, error {worst:.1e}, {outside} rows outside the calibrated range")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("patterns", nargs="*")
    a.add_argument("--ezkl", default=os.path.join(ROOT, "bin", "ezkl"))
    a.add_argument("--fast", action="store_true")
    a.add_argument("--rows", type=int, default=12)
    o = a.parse_args()
    import classical
    failed = 0
    for name, make in classical.CASES.items():
        if o.patterns and not any(p in name for p in o.patterns):
            continue
        work = tempfile.mkdtemp()
        try:
            check(os.path.abspath(o.ezkl), name, make, work, o.rows, o.fast)
        except Failed as e:
            failed += 1
            print(f"{name:32} FAILED: {e}", flush=True)
        finally:
            shutil.rmtree(work)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
