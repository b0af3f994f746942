#!/usr/bin/env python3
"""Many small networks, as exporters write them, through the whole command line, each compared with onnxruntime.

usage: bench/sweep.py [--ezkl bin/ezkl] [--keep DIR] [--fast] [--list] [PATTERN ...]     needs: pip install onnx onnxruntime

For each network: gen-settings, calibrate-settings, compile-circuit, gen-srs, setup, gen-witness, mock, prove, verify; the
rescaled outputs of witness.json must lie within 5e-4 * max(1, max|reference|) of onnxruntime's. --fast stops after mock.
PATTERNs are parts of names; -x stops at the first failure. The exit code is 1 if one fails. bench/badfiles.py is the twin for damaged files.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools", "models"))
import cases  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Failed(Exception):
    pass


def run(exe, work, *args, want=0):
    p = subprocess.run([exe, *args], cwd=work, capture_output=True, text=True, timeout=600)
    if "panic" in p.stderr or "goroutine" in p.stderr or p.returncode not in (0, 1):
        raise Failed(f"{args[0]}: PANIC: {p.stderr.strip()[:600]}")
    if p.returncode != want:
        raise Failed(f"{args[0]}: exit {p.returncode}: {p.stderr.strip()[:600]}")
    return p


def reference(path, feeds, definition):
    if definition:
        return ReferenceEvaluator(path).run(None, feeds)
    s = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = {i.name for i in s.get_inputs()}
    return s.run(None, {k: v for k, v in feeds.items() if k in names})


def data(feeds):
    return {"input_data": [[x.item() for x in v.reshape(-1)] for v in feeds.values()]}


def check(exe, c, work, fast):
    g = c.build()
    g.save(work)
    dump = lambda name, o: json.dump(o, open(os.path.join(work, name), "w"))
    dump("input.json", data(g.feeds))
    samples = [g.feeds, *g.samples]
    dump("calibration.json", {"input_data": [sum((data(s)["input_data"][i] for s in samples), []) for i in range(len(g.feeds))]})
    if g.refused:
        p = run(exe, work, "gen-settings", *g.flags, want=1)
        if p.stderr.count("ezkl: error: ") != 1 or any(t not in p.stderr for t in g.refused):
            raise Failed(f"want one line with {g.refused}: {p.stderr!r}")
        return 0.0
    refs = reference(os.path.join(work, "network.onnx"), g.feeds, g.definition)
    run(exe, work, "gen-settings", *g.flags)
    if g.calibrate:
        run(exe, work, "calibrate-settings", *g.calibrate_flags)
    run(exe, work, "compile-circuit")
    settings = json.load(open(work + "/settings.json"))
    run(exe, work, "gen-witness")
    witness = json.load(open(work + "/witness.json"))
    got = witness["pretty_elements"]["rescaled_outputs"]
    if len(got) != len(refs):
        raise Failed(f"{len(got)} outputs, not {len(refs)}")
    worst = 0.0
    for a, b in zip(got, refs):
        b = np.asarray(b, dtype=np.float64).reshape(-1)
        a = np.array([float(x) for x in a])
        if a.shape != b.shape:
            raise Failed(f"output of {a.size} entries, not {b.size}")
        if a.size:
            worst = max(worst, np.abs(a - b).max() / max(1, np.abs(b).max()))
    if not worst <= g.tolerance:
        raise Failed(f"error {worst:.2e}: {[x[:6] for x in got]} for {[np.asarray(r).reshape(-1)[:6].tolist() for r in refs]}")
    run(exe, work, "mock")
    if not fast:
        run(exe, work, "gen-srs", "--srs-path", "kzg.srs", "--logrows", str(settings["run_args"]["logrows"]))
        run(exe, work, "setup", "--srs-path", "kzg.srs", *(["--witness", "witness.json"] if g.fixed else []))
        run(exe, work, "prove", "--srs-path", "kzg.srs")
        run(exe, work, "verify")
    for name, feeds, text in g.outside:
        dump("outside.json", data(feeds))
        if os.path.exists(work + "/outside.witness"):
            os.remove(work + "/outside.witness")
        p = run(exe, work, "gen-witness", "-D", "outside.json", "-O", "outside.witness", want=1)
        lines = [l for l in p.stderr.strip().split("\n") if l.startswith("ezkl: error: ")]
        if len(lines) != 1 or any(t not in lines[0] for t in text) or os.path.exists(work + "/outside.witness"):
            raise Failed(f"outside, {name}: want one line with {text}: {p.stderr!r}")
    if g.maybe:
        dump("maybe.json", data(g.maybe))
        p = subprocess.run([exe, "gen-witness", "-D", "maybe.json", "-O", "maybe.witness"], cwd=work, capture_output=True, text=True)
        if p.returncode == 0:
            g.also.append(g.maybe)
        elif p.returncode != 1 or p.stderr.count("ezkl: error: ") != 1 or "outside" not in p.stderr or "/" not in p.stderr:
            raise Failed(f"far inside: {p.stderr!r}")
    for feeds in g.also:
        dump("also.json", data(feeds))
        run(exe, work, "gen-witness", "-D", "also.json", "-O", "also.witness")
        run(exe, work, "mock", "-W", "also.witness")
        for a, b in zip(json.load(open(work + "/also.witness"))["pretty_elements"]["rescaled_outputs"], reference(os.path.join(work, "network.onnx"), feeds, g.definition)):
            b = np.asarray(b, dtype=np.float64).reshape(-1)
            a = np.array([float(x) for x in a])
            worst = max(worst, np.abs(a - b).max() / max(1, np.abs(b).max()))
        if not worst <= g.tolerance:
            raise Failed(f"another input: error {worst:.2e}")
    return worst


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ezkl", default=os.path.join(ROOT, "bin", "ezkl"))
    p.add_argument("--keep")
    p.add_argument("--fast", action="store_true")
    p.add_argument("--list", action="store_true")
    p.add_argument("-x", action="store_true")
    p.add_argument("pattern", nargs="*")
    a = p.parse_args()
    failed, tried, start = [], 0, time.time()
    for c in cases.all_cases():
        if a.pattern and not any(x in c.name for x in a.pattern):
            continue
        if a.list:
            print(c.name)
            continue
        tried += 1
        work = os.path.join(a.keep, c.name.replace(" ", "_").replace("/", "_")) if a.keep else tempfile.mkdtemp()
        os.makedirs(work, exist_ok=True)
        t = time.time()
        try:
            worst = check(a.ezkl, c, work, a.fast)
            print(f"ok    {c.name:44s} {worst:8.1e} {time.time() - t:5.1f} s", flush=True)
        except Exception as e:  # noqa: BLE001: every failure is listed
            if known := c.build().known:
                print(f"known {c.name:44s} {known}", flush=True)
                continue
            failed.append(c.name)
            print(f"FAIL  {c.name:44s} {type(e).__name__ if not isinstance(e, Failed) else ''} {e}", flush=True)
            if a.x:
                break
        if not a.keep:
            shutil.rmtree(work, ignore_errors=True)
    if not a.list:
        print(f"{tried} networks, {len(failed)} failed, {time.time() - start:.0f} s", *failed, sep="\n  ")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
