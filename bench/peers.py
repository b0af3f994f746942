#!/usr/bin/env python3
"""Side by side with ezkl 23.0.5 (Rust, Halo2): the same models, the same machine, the same run.

usage: bench/peers.py [--models DIR] [--runs N] [--skip-peer] [NAME ...]       needs: pip install ezkl==23.0.5; make build

For each model the whole workflow runs in child processes; time is a step's wall time, memory its peak resident size.
ezkl runs with its default run arguments through its Python calls, this project through bin/ezkl with its own defaults.
Prints a Markdown table; --json FILE keeps the raw figures.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEER = r"""
import sys, os, ezkl
step = sys.argv[1]
if step == "gen-settings": ezkl.gen_settings("network.onnx", "settings.json")
elif step == "calibrate": ezkl.calibrate_settings("input.json", "network.onnx", "settings.json", "resources")
elif step == "compile": ezkl.compile_circuit("network.onnx", "model.compiled", "settings.json")
elif step == "srs":
    import json
    ezkl.gen_srs("kzg.srs", json.load(open("settings.json"))["run_args"]["logrows"])
elif step == "setup": ezkl.setup("model.compiled", "vk.key", "pk.key", "kzg.srs")
elif step == "witness": ezkl.gen_witness("input.json", "model.compiled", "witness.json")
elif step == "prove": ezkl.prove("witness.json", "model.compiled", "pk.key", "proof.json", "kzg.srs")
elif step == "verify": assert ezkl.verify("proof.json", "settings.json", "vk.key", "kzg.srs")
"""
OURS = {
    "gen-settings": ["gen-settings"], "calibrate": ["calibrate-settings", "-D", "input.json"], "compile": ["compile-circuit"],
    "srs": None, "setup": ["setup", "--srs-path", "kzg.srs"], "witness": ["gen-witness"],
    "prove": ["prove", "--srs-path", "kzg.srs"], "verify": ["verify", "--srs-path", "kzg.srs"],
}
STEPS = list(OURS)


def run(cmd, cwd):
    """Wall seconds, peak MB and processor seconds of a child; raises with its output if it fails."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        child = subprocess.Popen(cmd, cwd=cwd, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = status
        if status:
            out.seek(0)
            raise RuntimeError(" ".join(cmd) + "\n" + out.read().decode()[-2000:])
    return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def workflow(side, source, runs):
    work = tempfile.mkdtemp()
    try:
        for f in ("network.onnx", "input.json"):
            shutil.copy(os.path.join(source, f), work)
        figures = {}
        for step in STEPS:
            if side == "ezkl":
                cmd = [sys.executable, "-c", PEER, step]
            elif step == "srs":
                logrows = json.load(open(work + "/settings.json"))["run_args"]["logrows"]
                cmd = [ROOT + "/bin/ezkl", "gen-srs", "--srs-path", "kzg.srs", "--logrows", str(logrows)]
            else:
                cmd = [ROOT + "/bin/ezkl"] + OURS[step]
            results = [run(cmd, work) for _ in range(runs if step in ("prove", "verify", "setup") else 1)]
            figures[step] = sorted(results)[len(results) // 2]
        figures["pk"] = os.path.getsize(work + "/pk.key")
        figures["vk"] = os.path.getsize(work + "/vk.key")
        figures["proof"] = len(json.load(open(work + "/proof.json"))["proof"])
        return figures
    finally:
        shutil.rmtree(work)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--models", default=os.path.join(ROOT, "..", "shared", "models"))
    args.add_argument("--runs", type=int, default=3)
    args.add_argument("--skip-peer", action="store_true")
    args.add_argument("--json")
    args.add_argument("names", nargs="*")
    args = args.parse_args()
    names = args.names or ["1l_relu", "4l_relu_conv_fc", "lenet_5", "variable_cnn"]
    raw = {}
    print("| model | | prove s | setup s | verify s | prove MB | pk bytes | proof bytes |\n|---|---|---|---|---|---|---|---|", flush=True)
    for name in names:
        source = os.path.join(args.models, name)
        both = {"this": workflow("this", source, args.runs)}
        if not args.skip_peer:
            both["ezkl"] = workflow("ezkl", source, 1 if name == "lenet_5" else args.runs)
        raw[name] = both
        for side, f in both.items():
            print("| %s | %s | %.3f | %.3f | %.3f | %.0f | %d | %d |" % (
                name, side, f["prove"][0], f["setup"][0], f["verify"][0], f["prove"][1], f["pk"], f["proof"]), flush=True)
        if len(both) == 2:
            a, b = both["this"], both["ezkl"]
            print("| %s | ratio | %.0f | %.0f | %.2f | %.0f | %.0f | %.2f |" % (
                name, b["prove"][0] / a["prove"][0], b["setup"][0] / a["setup"][0], b["verify"][0] / a["verify"][0],
                b["prove"][1] / a["prove"][1], b["pk"] / a["pk"], b["proof"] / a["proof"]), flush=True)
        if args.json:
            json.dump(raw, open(args.json, "w"), indent=1)


if __name__ == "__main__":
    main()
