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
import onnxruntime as ort  # noqa: E402


TOLERANCE = {"svc rbf probability": 4e-3}  # onnxruntime finds these by an iteration that stops early


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


def check(exe, name, make, work, rows, fast):
    model, x = make()
    open(work + "/network.onnx", "wb").write(model.SerializeToString())
    s = ort.InferenceSession(work + "/network.onnx", providers=["CPUExecutionProvider"])
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
        want = outputs(s.run(None, {s.get_inputs()[0].name: test[i:i + 1]}))
        for o, (a, b) in enumerate(zip(got, want)):
            a = np.array([float(v) for v in a])
            if s.get_outputs()[o].type.startswith("tensor(int"):
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
    if worst > TOLERANCE.get(name, 5e-4) or flips or outside > rows // 4:
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
