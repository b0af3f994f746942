#!/usr/bin/env python3
"""Networks of the size that people bring, as PyTorch, Keras, onnxruntime and the converters of classical models export them, through the
whole command line: networks.py, torch_nets.py, exports.py and estimators.py of tools/models.

usage: bench/zoo.py [--ezkl bin/ezkl] [--fast] [--rows N] [--keep DIR] [--list] [--of MODULE] [PATTERN ...]
needs: pip install torch torchvision onnxscript onnx onnxruntime onnxsim onnxconverter-common scikit-learn skl2onnx onnxmltools xgboost
    lightgbm catboost tensorflow-cpu tf2onnx (models of what is missing are left out)

For each model: gen-settings, calibrate-settings on a few samples, compile-circuit; gen-witness and mock for N samples that calibration
has not seen, each within 1e-3 * max(1, max|reference|) of onnxruntime's outputs and with equal labels; setup, prove, verify for the
first; check-model and render. Samples that are outside the calibrated ranges are counted. A model that a module's REFUSED names must be
refused, with that in the message. Prints a Markdown table; the exit code is 1 if a model fails.
"""
import argparse, importlib, json, os, shutil, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools", "models"))
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from peers import ROOT, run  # noqa: E402

LIMIT = 1e-3  # of the largest output, or of 1


class Failed(Exception):
    pass


def outputs(session, feeds):
    """onnxruntime's results as flat lists and their types; a ZipMap's maps in order of their keys."""
    out = []
    for o, r in zip(session.get_outputs(), session.run(None, feeds)):
        r = np.array([[m[k] for k in m] for m in r]) if isinstance(r, list) else np.asarray(r)
        if r.dtype.kind in "OU":  # names of classes: their position
            r = None
        out.append((not o.type.startswith("tensor(int"), None if r is None else r.astype(np.float64).reshape(-1)))
    return out


def write(path, samples):
    names = list(samples[0])
    data = [np.concatenate([s[n].reshape(-1) for s in samples]) for n in names]
    json.dump({"input_data": [[v.item() for v in d] for d in data]}, open(path, "w"))


def compare(work, session, feeds):
    """The largest error relative to the outputs' size, and labels that differ."""
    worst, flips = 0.0, 0
    got = json.load(open(os.path.join(work, "row.witness")))["pretty_elements"]["rescaled_outputs"]
    for (real, want), a in zip(session.outputs(feeds), got):
        a = np.array([float(v) for v in a])
        if want is None:
            continue
        if a.shape != want.shape:
            raise Failed(f"output of {a.size} entries, not {want.size}")
        if real:
            worst = max(worst, np.abs(a - want).max() / max(1, np.abs(want).max()))
        else:
            flips += int((a != want).any())
    return worst, flips


class Reference:
    """onnxruntime's session of a model; of another one where it does not run that (its kernels of doubles are few). Nodes between
    quantisers are run as they stand: onnxruntime's optimiser puts kernels there that round elsewhere."""

    def __init__(self, model):
        options = ort.SessionOptions()
        if b"DequantizeLinear" in model:
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.types = {i.name: np.float32 for i in self.session.get_inputs() if i.type == "tensor(float)"}

    def outputs(self, feeds):
        return outputs(self.session, {k: v.astype(self.types.get(k, v.dtype)) for k, v in feeds.items()})


def batch(model):
    """The flag that gives a named first dimension its length: CatBoost's is N."""
    names = {i.type.tensor_type.shape.dim[0].dim_param for i in onnx.load_from_string(model).graph.input if i.type.tensor_type.shape.dim} - {"", "batch_size"}
    return [x for n in sorted(names) if not n.startswith("unk__") for x in ("--variables", n + "->1")]


def check(exe, model, samples, work, rows, fast, reference=None):
    """Figures of one model; raises Failed."""
    with open(work + "/network.onnx", "wb") as f:
        f.write(model)
    test, train = samples[:rows], samples[rows:]
    write(work + "/calibration.json", train)

    def step(*args, **more):
        try:
            return run([exe, *args], work)
        except RuntimeError as e:
            raise Failed(str(e).split("\n", 1)[1].strip()[-400:]) from None

    named = batch(model)
    step("check-model", *named)
    step("render", "-O", "network.html", *named)
    session = Reference(reference or model)
    step("gen-settings", *named)
    f = {"calibrate": step("calibrate-settings", "-D", "calibration.json")[0], "compile": step("compile-circuit")[0]}
    f["logrows"] = json.load(open(work + "/settings.json"))["run_args"]["logrows"]
    worst, flips, outside, first = 0.0, 0, 0, None
    for s in test:
        write(work + "/row.json", [s])
        try:
            f["witness"] = step("gen-witness", "-D", "row.json", "-O", "row.witness")[0]
        except Failed as e:
            if "outside" not in str(e) and "range" not in str(e):
                raise
            outside += 1
            continue
        e, d = compare(work, session, s)
        worst, flips = max(worst, e), flips + d
        if first is None:
            first = s
            step("mock", "-W", "row.witness")
            shutil.copy(work + "/row.witness", work + "/witness.json")
    f |= {"error": worst, "flips": flips, "outside": outside, "rows": len(test)}
    if first is None:
        raise Failed(f"all {len(test)} samples are outside the calibrated range")
    if not fast:
        step("gen-srs", "--srs-path", "kzg.srs", "--logrows", str(f["logrows"]))
        f["setup"] = step("setup", "--srs-path", "kzg.srs")[0]
        f["prove"], f["megabytes"], f["processor"] = step("prove", "--srs-path", "kzg.srs")
        f["verify"] = step("verify", "--srs-path", "kzg.srs")[0]
        f["proof"] = len(json.load(open(work + "/proof.json"))["proof"])
    return f


COLUMNS = [("error", "%.1e"), ("flips", "%d"), ("outside", "%d"), ("logrows", "%d"), ("calibrate", "%.1f"), ("compile", "%.1f"), ("witness", "%.2f"),
           ("setup", "%.1f"), ("prove", "%.2f"), ("megabytes", "%.0f"), ("verify", "%.3f"), ("proof", "%d")]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("patterns", nargs="*")
    p.add_argument("--ezkl", default=os.path.join(ROOT, "bin", "ezkl"))
    p.add_argument("--fast", action="store_true", help="no setup and proof")
    p.add_argument("--rows", type=int, default=4)
    p.add_argument("--keep", help="folder to keep each model's files in")
    p.add_argument("--list", action="store_true")
    p.add_argument("--of", help="the cases of one module of tools/models")
    o = p.parse_args()
    cases, refused = {}, {}
    for module in ("networks", "torch_nets", "exports", "estimators"):
        if o.of in (None, module):
            try:
                m = importlib.import_module(module)
            except ImportError as e:
                print(f"{module} is left out: {e}", file=sys.stderr)
                continue
            cases |= m.CASES
            refused |= getattr(m, "REFUSED", {})
    if not o.list:
        print("| model | " + " | ".join(c for c, _ in COLUMNS) + " |\n|---" + "|---" * len(COLUMNS) + "|", flush=True)
    failed = []
    for name, make in cases.items():
        if o.patterns and not any(x in name for x in o.patterns):
            continue
        if o.list:
            print(name)
            continue
        work = os.path.join(o.keep, name.replace(" ", "_")) if o.keep else tempfile.mkdtemp()
        os.makedirs(work, exist_ok=True)
        try:
            model, samples, *reference = make()
            f = check(os.path.abspath(o.ezkl), model, samples, work, o.rows, o.fast, *reference)
            print("| %s | %s |" % (name, " | ".join(form % f[c] if c in f else "-" for c, form in COLUMNS)), flush=True)
            if name in refused or not f["error"] <= LIMIT or f["flips"] or f["outside"] > f["rows"] // 3:
                failed.append(name)
        except (Failed, ImportError) as e:
            if name in refused and refused[name] in str(e):
                print(f"| {name} | refused: {e} |", flush=True)
                continue
            print("| %s | %s: %s |" % (name, "left out" if isinstance(e, ImportError) else "FAILED", str(e).replace("\n", " ")), flush=True)
            failed += [name] * isinstance(e, Failed)
        finally:
            if not o.keep:
                shutil.rmtree(work)
    if failed:
        print(f"{len(failed)} failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
