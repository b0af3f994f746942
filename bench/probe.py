#!/usr/bin/env python3
"""The score over the 241 single-operator cases in which another ONNX prover was measured (tools/models/probe.py), beside its own.

usage: bench/probe.py [--ezkl bin/ezkl] [--prove N] [OPS_PROBE.tsv] TARGET.tsv           needs: pip install onnx onnxruntime, make build

Each case goes through gen-settings, calibrate-settings, compile-circuit, gen-witness and mock, one in N (8) also through
setup, prove and verify, and is compared with onnxruntime (bench/sweep.py). TARGET.tsv gets a line for each: the case, `right`,
`proven`, `refused` (its output's shape depends on data, or it draws random numbers: one line that names the node) or
`FAIL: why`, the error relative to the largest output or 1, and, with OPS_PROBE.tsv (the case in the first column, its error
and failure in the last two), ezkl 23.0.5's error or failure there. Prints the sums; the exit code is 1 if a case fails.
"""
import argparse, collections, os, shutil, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sweep import ROOT, cases, check  # noqa: E402

LIMIT = 1e-2  # an error above is counted as a wrong number of the other prover, whose scale was 2^-10


def measured(path):
    """The other prover's error and failure by case."""
    if not path:
        return {}
    rows = [line.rstrip("\n").split("\t") for line in open(path)][1:]
    return {r[0]: (r[-2], r[-1]) for r in rows}


def verdict(error, failure):
    if failure:
        return "fails"
    return "wrong" if any(float(e) > LIMIT for e in error.split(",") if e) else "right"


def outcome(exe, c, prove):
    work = tempfile.mkdtemp()
    try:
        refused = c.build().refused
        error = check(exe, c, work, not prove)
        return ("refused", "") if refused else ("proven" if prove else "right", "%.1e" % error)
    except Exception as e:  # noqa: BLE001: every failure is a row
        return "FAIL: " + " ".join(str(e).split())[:200], ""
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--ezkl", default=os.path.join(ROOT, "bin", "ezkl"))
    p.add_argument("--prove", type=int, default=8)
    p.add_argument("files", nargs="+", metavar="FILE")
    a = p.parse_args()
    *other, target = a.files
    theirs = measured(other[0] if other else None)
    ours, others = collections.Counter(), collections.Counter()
    lines = ["case\there\terror\tezkl\terror or failure"]
    todo = [c for c in cases.all_cases() if c.name.startswith("probe ")]
    for k, c in enumerate(todo):
        name = c.name.removeprefix("probe ")
        status, error = outcome(os.path.abspath(a.ezkl), c, a.prove and k % a.prove == 0)
        ours[status.split(":")[0]] += 1
        line = [name, status, error]
        if name in theirs:
            v = verdict(*theirs[name])
            others[v] += 1
            line += [v, theirs[name][1][:100] or theirs[name][0]]
        lines.append("\t".join(line))
        if status.startswith("FAIL"):
            print(name, status, flush=True)
    with open(target + ".new", "w") as f:
        f.write("\n".join(lines) + "\n")
    os.replace(target + ".new", target)
    print(f"{len(todo)} cases: {dict(ours)}; ezkl 23.0.5: {dict(others)}")
    return ours["FAIL"] > 0


if __name__ == "__main__":
    sys.exit(main())
