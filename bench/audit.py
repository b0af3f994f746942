#!/usr/bin/env python3
"""`ezkl audit` on every model of a folder: circuit, key and SRS, and how right check-model's estimates are.

usage: bench/audit.py [--json FILE] MODELS_DIR [NAME ...]                    needs: make build

Each MODELS_DIR/NAME holds network.onnx and input.json. Runs bin/ezkl's workflow on each and prints a Markdown table: blocks of
the circuit, undetermined ones, failed checks; and, as estimate / real: proof bytes, processor seconds of a proof (check-model
gives seconds of two processors), peak memory of `prove` in MB. The exit code is 1 if a block is not determined or a check fails.
"""
import argparse, json, os, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from models import Work
from peers import OURS, ROOT

CORES = 2 * 0.9  # what check-model's seconds stand for


def report(w, *args):
    """The JSON that a command prints, whatever its exit code."""
    out = subprocess.run([w.ezkl, "--json", *args], cwd=w.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if not out.stdout:
        raise subprocess.CalledProcessError(out.returncode, args, stderr=out.stderr)
    return json.loads(out.stdout)


def figures(w):
    audit = report(w, "audit", "--vk-path", "vk.key", "--srs-path", "kzg.srs")
    cost = report(w, "check-model", "--settings-path", "settings.json")["cost"]
    _, megabytes, processor = w.step(OURS["prove"])
    proof = len(bytes.fromhex(json.load(open(os.path.join(w.dir, "proof.json")))["hex_proof"].removeprefix("0x")))
    return {
        "blocks": len(audit["blocks"]),
        "undetermined": [b["name"] for b in audit["blocks"] if b["rule"] == "none"],
        "failed": [c["id"] for c in audit["checks"] if c["verdict"] == "fail"],
        "warnings": [c["id"] for c in audit["checks"] if c["verdict"] == "warning"],
        "proof": (cost["proof_bytes"], proof),
        "seconds": (cost["prove_seconds"] * CORES, processor),
        "megabytes": (cost["memory_mb"], megabytes),
    }


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--json")
    args.add_argument("models")
    args.add_argument("names", nargs="*")
    args = args.parse_args()
    print("| model | blocks | undetermined | failed checks | proof bytes | processor s | MB |\n|---|---|---|---|---|---|---|", flush=True)
    raw, bad = {}, 0
    for name in args.names or sorted(os.listdir(args.models)):
        source = os.path.join(args.models, name)
        if not os.path.exists(os.path.join(source, "input.json")):
            continue
        w = Work(ROOT + "/bin/ezkl", source)
        try:
            f = raw[name] = figures(w)
        finally:
            w.close()
        bad += len(f["undetermined"]) + len(f["failed"])
        print("| %s | %d | %d | %s | %d / %d | %.2f / %.2f | %.0f / %.0f |" % (
            name, f["blocks"], len(f["undetermined"]), ", ".join(f["failed"]) or "none", *f["proof"], *f["seconds"], *f["megabytes"]), flush=True)
        if args.json:
            with open(args.json, "w") as out:
                json.dump(raw, out, indent=1)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
