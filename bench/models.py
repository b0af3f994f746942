#!/usr/bin/env python3
"""What every model of a folder costs: lookups, row length, seconds and memory to prove, proof bytes; before and after a change.

usage: bench/models.py [--before OTHER_EZKL] [--runs N] [--json FILE] MODELS_DIR [NAME ...]                    needs: make build

Each MODELS_DIR/NAME holds network.onnx and input.json. Runs bin/ezkl's whole workflow on each, and OTHER_EZKL's, an earlier
build, in turns with it, and prints a Markdown table. Seconds are the least of N runs: wall, and of all processors together,
which says more while something else runs on the machine.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import OURS, ROOT, run


class Work:
    """A folder with everything that proving a model with one build needs."""

    def __init__(self, ezkl, source):
        self.ezkl, self.dir = ezkl, tempfile.mkdtemp()
        self.results = []
        for f in ("network.onnx", "input.json"):
            shutil.copy(os.path.join(source, f), self.dir)
        for step in ("gen-settings", "calibrate", "compile", "srs", "setup", "witness"):
            if step == "srs":
                self.step(["gen-srs", "--srs-path", "kzg.srs", "--logrows", str(self.settings()["run_args"]["logrows"])])
            elif step == "compile":
                with open(os.path.join(self.dir, "compile.json"), "wb") as out:
                    subprocess.run([ezkl, "--json"] + OURS[step], cwd=self.dir, check=True, stdout=out)
            else:
                self.step(OURS[step])

    def step(self, args):
        return run([self.ezkl] + args, self.dir)

    def settings(self):
        return json.load(open(os.path.join(self.dir, "settings.json")))

    def prove(self):
        self.results.append(self.step(OURS["prove"]))

    def figures(self):
        self.step(OURS["verify"])
        wall, megabytes, processor = (min(r[i] for r in self.results) for i in range(3))
        return {
            "lookups": json.load(open(os.path.join(self.dir, "compile.json")))["lookups"],
            "logrows": self.settings()["run_args"]["logrows"],
            "prove": wall, "processor": processor, "megabytes": megabytes,
            "proof": len(json.load(open(os.path.join(self.dir, "proof.json")))["proof"]),
        }

    def close(self):
        shutil.rmtree(self.dir)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--before", help="an earlier build of ezkl")
    args.add_argument("--runs", type=int, default=3)
    args.add_argument("--json")
    args.add_argument("models")
    args.add_argument("names", nargs="*")
    args = args.parse_args()
    builds = ([("before", os.path.abspath(args.before))] if args.before else []) + [("now", ROOT + "/bin/ezkl")]
    columns = ("lookups", "logrows", "prove", "processor", "megabytes", "proof")
    titles = ("lookups", "log2 of a row", "prove s", "processor s", "MB", "proof bytes")
    forms = ("%d", "%d", "%.3f", "%.3f", "%.0f", "%d")
    print("| model | " + " | ".join(titles) + " |\n|---" + "|---" * len(titles) + "|", flush=True)
    raw, total = {}, {name: [0.0] * len(columns) for name, _ in builds}
    for name in args.names or sorted(os.listdir(args.models)):
        source = os.path.join(args.models, name)
        if not os.path.exists(os.path.join(source, "input.json")):
            continue
        works = []
        try:
            works = [(build, Work(ezkl, source)) for build, ezkl in builds]
            for _ in range(args.runs):
                for _, w in works:
                    w.prove()
            raw[name] = {build: w.figures() for build, w in works}
        except Exception as e:  # a model that a build cannot prove is a row, not an end
            print("| %s | %s |" % (name, str(e).strip().splitlines()[-1]), flush=True)
            continue
        finally:
            for _, w in works:
                w.close()
        cells = []
        for c, form in zip(columns, forms):
            values = [raw[name][build][c] for build, _ in builds]
            cells.append(" -> ".join(dict.fromkeys(form % v for v in values)))
            for (build, _), v in zip(builds, values):
                total[build][columns.index(c)] += v
        print("| %s | %s |" % (name, " | ".join(cells)), flush=True)
    print("| sum | %s |" % " | ".join(" -> ".join(dict.fromkeys(form % total[build][i] for build, _ in builds)) for i, form in enumerate(forms)))
    if args.json:
        json.dump(raw, open(args.json, "w"), indent=1)


if __name__ == "__main__":
    main()
