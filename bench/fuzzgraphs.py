#!/usr/bin/env python3
"""Random networks against onnxruntime, by the driver of `make conformance`; failures are shrunk.

usage: bench/fuzzgraphs.py [--seed N] [--count N] [--nodes N] [--keep DIR]      needs: go, pip install onnx onnxruntime

Each seed gives one network. Networks whose outputs are not finite, are large, or move much when inputs and weights move by
2^-12 (a jump, a difference of large numbers) are left out; for the others that movement is part of the tolerance. A network
that is refused, crashes or is wrong is cut node by node while it still fails in the same way, and kept in DIR.
"""
import argparse, json, os, subprocess, sys, tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UNARY = ["Relu", "Sigmoid", "Tanh", "Abs", "Neg", "LeakyRelu", "Elu", "Softplus", "Softsign", "Erf", "Exp", "HardSigmoid", "Sin", "Cos",
         "HardSwish", "Gelu", "Selu", "Celu", "Mish", "Sqrt1", "Log1", "Reciprocal1", "Floor", "Ceil", "Round", "Sign", "Clip", "Pow2", "Softmax", "LogSoftmax"]
REDUCE = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare"]


class Graph:
    """A network under construction. pool holds (name, shape) of real tensors."""

    def __init__(self, seed):
        self.r = np.random.default_rng(seed)
        self.nodes, self.inits, self.inputs, self.pool = [], [], [], []
        for k in range(1 + int(self.r.random() < .3)):
            rank = int(self.r.integers(2, 5))
            shape = [1] + [int(self.r.integers(1, 7)) for _ in range(rank - 1)]
            self.inputs.append((f"x{k}", shape))
            self.pool.append((f"x{k}", shape))

    def name(self):
        return f"t{len(self.nodes)}"

    def weight(self, *shape, scale=1.0):
        name = f"w{len(self.inits)}"
        self.inits.append(numpy_helper.from_array((self.r.standard_normal(shape) * scale).astype(np.float32), name))
        return name

    def ints(self, *list):
        name = f"w{len(self.inits)}"
        self.inits.append(numpy_helper.from_array(np.array(list, dtype=np.int64), name))
        return name

    def add(self, op, ins, shape, real=True, **attrs):
        out = self.name()
        self.nodes.append(helper.make_node(op, ins, [out], **attrs))
        if real and int(np.prod(shape)) <= 4096:
            self.pool.append((out, [int(d) for d in shape]))
        return out

    def pick(self):
        """Recent tensors more often."""
        k = len(self.pool) - 1 - int(self.r.geometric(.4) - 1)
        return self.pool[max(k, 0)]

    def step(self):
        r = self.r
        kind = r.choice(["unary", "binary", "constant", "matmul", "conv", "pool", "shape", "reduce", "norm", "select", "order"])
        x, s = self.pick()
        rank = len(s)
        axis = int(r.integers(0, rank)) if rank else 0
        if kind == "unary":
            self.unary(str(r.choice(UNARY)), x, s)
        elif kind == "binary":
            y, t = self.pick()
            try:
                shape = np.broadcast_shapes(tuple(s), tuple(t))
            except ValueError:
                return
            self.add(str(r.choice(["Add", "Sub", "Mul", "Max", "Min", "Mean", "Sum"])), [x, y], shape)
        elif kind == "constant":
            w = self.weight(*(s[-1:] if r.random() < .5 else [1]))
            self.add(str(r.choice(["Add", "Sub", "Mul", "Max"])), [x, w] if r.random() < .7 else [w, x], s if rank else [1])
        elif kind == "matmul" and rank >= 2:
            n = int(r.integers(1, 7))
            self.add("MatMul", [x, self.weight(s[-1], n, scale=1 / np.sqrt(s[-1]))], s[:-1] + [n])
        elif kind == "conv" and rank in (3, 4) and min(s) > 0:
            c, n, k = s[1], int(r.integers(1, 4)), int(r.integers(1, min(3, *s[2:]) + 1))
            d = rank - 2
            group = c if r.random() < .3 else 1
            pad, stride = int(r.integers(0, k)), int(r.integers(1, 3))
            out = [(h + 2 * pad - k) // stride + 1 for h in s[2:]]
            m = c * n if group > 1 else n
            w = self.weight(m, c // group, *[k] * d, scale=1 / np.sqrt(c * k))
            self.add("Conv", [x, w] + ([self.weight(m)] if r.random() < .5 else []), [s[0], m] + out, group=group, pads=[pad] * 2 * d, strides=[stride] * d)
        elif kind == "pool" and rank == 4:
            k = [int(r.integers(1, h + 1)) for h in s[2:]]
            st = [int(r.integers(1, 3)) for _ in k]
            out = [(h - a) // b + 1 for h, a, b in zip(s[2:], k, st)]
            self.add(str(r.choice(["MaxPool", "AveragePool"])), [x], s[:2] + out, kernel_shape=k, strides=st)
        elif kind == "shape":
            self.view(str(r.choice(["Reshape", "Flatten", "Transpose", "Slice", "Concat", "Pad", "Tile", "Unsqueeze", "Squeeze", "Gather", "Expand", "Split"])), x, s, axis)
        elif kind == "reduce" and rank >= 2:
            keep = int(r.random() < .5)
            shape = [1 if i == axis else d for i, d in enumerate(s) if keep or i != axis]
            self.add(str(r.choice(REDUCE)), [x, self.ints(axis)], shape, keepdims=keep)
        elif kind == "norm" and rank >= 2 and s[-1] > 1:
            n = s[-1]
            self.add("LayerNormalization", [x, self.weight(n), self.weight(n)], s, axis=-1, epsilon=1e-2)
        elif kind == "select":
            y, t = self.pick()
            if s == t:
                cond = self.add(str(r.choice(["Greater", "Less", "GreaterOrEqual"])), [x, y if x != y else self.weight(1)], s, real=False)
                self.add("Where", [cond, x, self.weight(1)], s)
        elif kind == "order" and rank >= 2 and s[axis] > 1:
            if r.random() < .5:
                self.add("CumSum", [x, self.ints(axis).replace("w", "w")], s)
            else:
                a = self.add("ArgMax", [x], s, real=False, axis=axis, keepdims=1)
                self.add("Cast", [a], [1 if i == axis else d for i, d in enumerate(s)], to=TensorProto.FLOAT)

    def unary(self, op, x, s):
        if op in ("Sqrt1", "Log1", "Reciprocal1"):  # of |x| + 1
            a = self.add("Abs", [x], s)
            b = self.add("Add", [a, self.constant(1.0)], s)
            self.add(op[:-1], [b], s)
        elif op == "Clip":
            self.add(op, [x, self.constant(-.5), self.constant(.8)], s)
        elif op == "Pow2":
            self.add("Pow", [x, self.constant(2.0)], s)
        elif op in ("Softmax", "LogSoftmax"):
            self.add(op, [x], s, axis=int(self.r.integers(-len(s), len(s))))
        elif op == "Gelu":
            self.add(op, [x], s, approximate=str(self.r.choice(["none", "tanh"])))
        else:
            self.add(op, [x], s)

    def constant(self, v):
        name = f"w{len(self.inits)}"
        self.inits.append(numpy_helper.from_array(np.array(v, dtype=np.float32), name))
        return name

    def view(self, op, x, s, axis):
        r, n = self.r, int(np.prod(s))
        if op == "Reshape":
            shape = [1, n] if r.random() < .5 else [d for d in s if d > 1] or [1]
            self.add(op, [x, self.ints(*shape)], shape)
        elif op == "Flatten":
            self.add(op, [x], [int(np.prod(s[:1])), int(np.prod(s[1:]))], axis=1)
        elif op == "Transpose":
            p = [int(i) for i in r.permutation(len(s))]
            self.add(op, [x], [s[i] for i in p], perm=p)
        elif op == "Slice" and s[axis] > 1:
            a, step = int(r.integers(0, s[axis])), int(r.choice([1, 2, -1]))
            end = s[axis] if step > 0 else -s[axis] - 1
            k = len(range(s[axis])[a::step]) if step > 0 else a + 1
            self.add(op, [x, self.ints(a), self.ints(end), self.ints(axis), self.ints(step)], [k if i == axis else d for i, d in enumerate(s)])
        elif op == "Concat":
            y, t = self.pick()
            if len(t) == len(s) and all(a == b for i, (a, b) in enumerate(zip(s, t)) if i != axis):
                self.add(op, [x, y], [a + b if i == axis else a for i, (a, b) in enumerate(zip(s, t))], axis=axis)
        elif op == "Pad":
            pads = [int(v) for v in r.integers(0, 2, 2 * len(s))]
            self.add(op, [x, self.ints(*pads)], [d + pads[i] + pads[len(s) + i] for i, d in enumerate(s)])
        elif op == "Tile":
            reps = [int(v) for v in r.integers(1, 3, len(s))]
            self.add(op, [x, self.ints(*reps)], [d * k for d, k in zip(s, reps)])
        elif op == "Unsqueeze" and len(s) < 4:
            self.add(op, [x, self.ints(axis)], s[:axis] + [1] + s[axis:])
        elif op == "Squeeze" and 1 in s and len(s) > 2:
            a = s.index(1)
            self.add(op, [x, self.ints(a)], s[:a] + s[a + 1:])
        elif op == "Gather":
            at = [int(v) for v in r.integers(0, s[axis], int(r.integers(1, 4)))]
            self.add(op, [x, self.ints(*at)], s[:axis] + [len(at)] + s[axis + 1:], axis=axis)
        elif op == "Expand" and s[axis] == 1:
            shape = [3 if i == axis else d for i, d in enumerate(s)]
            self.add(op, [x, self.ints(*shape)], shape)
        elif op == "Split" and s[axis] > 1:
            k = int(r.integers(1, s[axis]))
            a, b = self.name(), self.name() + "b"
            self.nodes.append(helper.make_node(op, [x, self.ints(k, s[axis] - k)], [a, b], axis=axis))
            self.pool += [(a, [k if i == axis else d for i, d in enumerate(s)]), (b, [s[axis] - k if i == axis else d for i, d in enumerate(s)])]


def build(g, nodes):
    """The model of some of a graph's nodes: outputs are what nobody reads. None if there is none."""
    read = {i for n in nodes for i in n.input}
    outs = [o for n in nodes for o in n.output if o not in read]
    inits = [w for w in g.inits if w.name in read]
    ins = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in g.inputs if n in read]
    if not outs or not ins:
        return None
    graph = helper.make_graph(nodes, "fuzz", ins, [onnx.ValueInfoProto(name=o) for o in outs], inits)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def evaluate(model, feeds):
    o = ort.SessionOptions()
    o.log_severity_level = 4
    return ort.InferenceSession(model.SerializeToString(), o, providers=["CPUExecutionProvider"]).run(None, feeds)


def moved(model, feeds, r):
    m = onnx.ModelProto()
    m.CopyFrom(model)
    shake = lambda x: (x * (1 + 2.0 ** -12 * r.uniform(-1, 1, x.shape)) + 2.0 ** -14 * r.uniform(-1, 1, x.shape)).astype(np.float32)
    for w in m.graph.initializer:
        x = numpy_helper.to_array(w)
        if x.dtype == np.float32 and x.size > 1:
            w.CopyFrom(numpy_helper.from_array(shake(x), w.name))
    return evaluate(m, {k: shake(v) for k, v in feeds.items()})


def case(model, seed, folder, name):
    """Writes a test case; False if the network is none that can be compared."""
    r = np.random.default_rng(seed + 1)
    shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in model.graph.input}
    feeds = {k: r.standard_normal(s).astype(np.float32) for k, s in shapes.items()}
    try:
        want = evaluate(model, feeds)
        others = [moved(model, feeds, r) for _ in range(4)]
    except Exception:  # noqa: BLE001: not a network
        return False
    outs = []
    for k, w in enumerate(want):
        if w.size == 0 or not np.isfinite(w.astype(np.float64)).all() or np.abs(w.astype(np.float64)).max() > 1e4:
            return False
        m = max(1.0, float(np.abs(w.astype(np.float64)).max()))
        d = max(float(np.abs(o[k].astype(np.float64) - w.astype(np.float64)).max()) for o in others)
        exact = w.dtype.kind != "f"
        if d > (0 if exact else .02 * m):
            return False
        outs.append({"shape": list(w.shape), "exact": exact, "limit": 1e-3 * m + 3 * d, "data": w.astype(np.float64).reshape(-1).tolist()})
    work = os.path.join(folder, name)
    os.makedirs(work, exist_ok=True)
    onnx.save(model, os.path.join(work, "a.onnx"))
    json.dump({"input_data": [v.astype(np.float64).reshape(-1).tolist() for v in feeds.values()]}, open(os.path.join(work, "a.0.json"), "w"))
    json.dump(outs, open(os.path.join(work, "0.out.json"), "w"))
    return True


def drive(driver, folder, names):
    json.dump({"cases": [{"name": n, "op": "fuzz", "sets": 1, "variants": "a"} for n in names]}, open(os.path.join(folder, "cases.json"), "w"))
    out = os.path.join(folder, "out.tsv")
    subprocess.run([driver, "-every", "32", "-limit", "60s", folder, out], stdout=subprocess.DEVNULL)
    return {l.split("\t")[0]: l.rstrip("\n").split("\t")[2:] for l in open(out)}


def shrink(driver, g, nodes, seed, folder, status):
    """Leaves out nodes, one by one and with all that need them, while the network fails in the same way."""
    changed = True
    while changed:
        changed = False
        for i in reversed(range(len(nodes))):
            gone, less = set(nodes[i].output), []
            for n in nodes[:i] + nodes[i + 1:]:
                if gone & set(n.input):
                    gone |= set(n.output)
                else:
                    less.append(n)
            less = needed(less, nodes, gone)
            model = build(g, less) if less else None
            if model and case(model, seed, folder, "small") and drive(driver, folder, ["small"])["small"][0] == status:
                nodes, changed = less, True
                break
    return nodes


def needed(less, nodes, gone):
    return [n for n in less if not gone & set(n.input)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=200)
    p.add_argument("--nodes", type=int, default=10)
    p.add_argument("--keep", default=os.path.join(tempfile.gettempdir(), "ezkl-fuzzgraphs"))
    a = p.parse_args()
    os.makedirs(a.keep, exist_ok=True)
    driver = os.path.join(a.keep, "driver")
    subprocess.run(["go", "build", "-o", driver, "./internal/test/conformance"], cwd=ROOT, check=True)
    graphs = {}
    for seed in range(a.seed, a.seed + a.count):
        g = Graph(seed)
        for _ in range(3 * a.nodes):
            if len(g.nodes) < a.nodes:
                g.step()
        model = build(g, g.nodes)
        if model and case(model, seed, a.keep, f"seed{seed}"):
            graphs[f"seed{seed}"] = (seed, g)
    print(f"{len(graphs)} of {a.count} networks can be compared")
    results = drive(driver, a.keep, list(graphs))
    bad = 0
    for name, (status, _, _, reason) in results.items():
        if status in ("pass", "proven"):
            continue
        bad += 1
        seed, g = graphs[name]
        nodes = shrink(driver, g, g.nodes, seed, a.keep, status)
        model = build(g, nodes)
        case(model, seed, a.keep, name + "_small")
        reason = drive(driver, a.keep, [name + "_small"])[name + "_small"][3]
        print(f"{name}: {status}: {reason}\n  {' ; '.join(n.op_type + ' ' + ' '.join(n.input) + ' -> ' + ' '.join(n.output) for n in nodes)}\n  {os.path.join(a.keep, name + '_small', 'a.onnx')}", flush=True)
    print(f"{len(results) - bad} pass ({sum(r[0] == 'proven' for r in results.values())} proven), {bad} do not")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
