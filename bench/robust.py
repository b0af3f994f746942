#!/usr/bin/env python3
"""ezkl robust attack beside the Adversarial Robustness Toolbox: same network, samples, budget of queries and of distance.

usage: bench/robust.py [SAMPLES]      needs: pip install adversarial-robustness-toolbox onnxruntime numpy; make build

Attacks internal/robust/testdata/clean.onnx on the first SAMPLES (50) rightly answered images of test.npz, with Square (linf, l2),
HopSkipJump (linf, l2), SimBA (l2) and the boundary attack (l2). ART has no budget of queries of its own for most of them: its
classifier is wrapped, counts each image's queries, and remembers the closest wrong answer up to the budget, as ours does.
Answers within the budget of distance after that many queries are successes. Each attack of ART runs once, with the largest budget as its
max_iter; the smaller budget is a part of that run. Prints a Markdown table.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import onnxruntime

warnings.filterwarnings("ignore")
from art.attacks.evasion import BoundaryAttack, HopSkipJump, SimBA, SquareAttack
from art.estimators.classification import BlackBoxClassifierNeuralNetwork

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(ROOT, "internal", "robust", "testdata")
SAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 50
EPS = {"linf": 0.1, "l2": 0.8}
BUDGETS = [200, 1000]
CASES = [("square", "linf"), ("square", "l2"), ("hopskipjump", "linf"), ("hopskipjump", "l2"), ("boundary", "l2"), ("simba", "l2")]
session = onnxruntime.InferenceSession(os.path.join(DATA, "clean.onnx"))


def scores(x):
    s = np.concatenate([session.run(None, {"image": i[None].astype(np.float32)})[0] for i in x])
    e = np.exp(s - s.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


class Spent(Exception):
    pass


class Counter:
    """Counts the queries of one image's attack, and keeps the closest wrong answer by budget."""

    def __init__(self, x, label, norm, most):
        self.x, self.label, self.norm, self.most, self.n, self.seen = x, label, norm, most, 0, []

    def __call__(self, batch):
        p = scores(batch)
        for q, i in zip(p, np.asarray(batch).reshape(len(batch), *self.x.shape)):
            if self.n >= self.most:
                raise Spent
            self.n += 1
            if q.argmax() != self.label:
                d = i - self.x
                self.seen.append((self.n, np.abs(d).max() if self.norm == "linf" else np.sqrt((d * d).sum())))
        return p

    def distance(self, budget):
        return min([d for n, d in self.seen if n <= budget], default=np.inf)


def attack(name, norm, classifier, most):
    p = np.inf if norm == "linf" else 2
    if name == "square":
        return SquareAttack(classifier, norm=p, eps=EPS[norm], max_iter=most, nb_restarts=1, p_init=0.8, verbose=False)
    if name == "hopskipjump":
        return HopSkipJump(classifier, norm=p, max_iter=most, max_eval=10000, init_eval=100, verbose=False)
    if name == "boundary":
        return BoundaryAttack(classifier, targeted=False, max_iter=most, verbose=False)
    return SimBA(classifier, attack="px", epsilon=EPS[norm] / 4, max_iter=most, order="random", verbose=False)


def art(name, norm, most, images, labels):
    out = []
    for k, (x, y) in enumerate(zip(images, labels)):
        np.random.seed(k)
        count = Counter(x, y, norm, most)
        c = BlackBoxClassifierNeuralNetwork(count, input_shape=x.shape, nb_classes=10, clip_values=(0.0, 1.0))
        try:
            attack(name, norm, c, most).generate(x[None].astype(np.float32), y=np.eye(10)[[y]])
        except Spent:
            pass
        out.append(count)
    return out


def ezkl(name, norm, budget, folder):
    hits = os.path.join(folder, "report.json")
    r = subprocess.run([os.path.join(ROOT, "bin", "ezkl"), "robust", "attack", "-M", os.path.join(DATA, "clean.onnx"), "-D", os.path.join(folder, "x.npz"),
                        "--method", name, "--norm", norm, "--eps", str(EPS[norm]), "--queries", str(budget), "--samples", str(SAMPLES), "--report", hits, "--json"],
                       capture_output=True, text=True, check=True)
    rows = [w for s in json.loads(r.stdout)["sections"] if s["check"] == "attack" for w in s["rows"] if w["method"] == name + " " + norm]
    return {w["model"]: w["numbers"] for w in rows}


def main():
    z = np.load(os.path.join(DATA, "test.npz"))
    x, y = z["x"].astype(np.float32), z["y"].astype(int)
    right = np.flatnonzero(scores(x).argmax(1) == y)[:SAMPLES]
    x, y = x[right], y[right]
    print("| attack | eps | queries | ezkl, real | ezkl, integer | ART | median distance: ezkl, ART | seconds: ezkl (real), ART |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        np.savez(os.path.join(folder, "x.npz"), x=x, y=y)
        for name, norm in CASES:
            start = time.time()
            counts = art(name, norm, max(BUDGETS), x, y)
            seconds = time.time() - start
            for budget in BUDGETS:
                ours = ezkl(name, norm, budget, folder)
                d = [c.distance(budget) for c in counts]
                show = lambda v: "-" if v is None or not np.isfinite(v) else "%.3f" % v
                print("| %s %s | %g | %d | %.2f | %.2f | %.2f | %s, %s | %s |" % (
                    name, norm, EPS[norm], budget, ours["float"]["success"], ours["integer"]["success"], np.mean(np.array(d) <= EPS[norm] + 1e-6),
                    show(ours["float"]["median distance"]) if name in ("hopskipjump", "boundary") else "-", show(np.median(d)) if name in ("hopskipjump", "boundary") else "-",
                    "%.1f, %.1f" % (ours["float"]["seconds"], seconds) if budget == max(BUDGETS) else "-"), flush=True)


main()
