#!/usr/bin/env python3
"""ONNX's own node tests (package onnx) for `make conformance`, and ezkl's score on the same cases.

usage: bench/conformance.py export DIR                   one folder for each case (below), and DIR/cases.json
       bench/conformance.py peer DIR OUT.tsv [--limit S] ezkl (pip install ezkl) on the cases, each with a time limit
       bench/conformance.py report DIR OURS.tsv PEER.tsv DOCS  writes DOCS/conformance.md and DOCS/conformance.tsv

A node test gives every operand as an input of the network, also those that exported networks hold as constants. So a case
has up to three variants, tried in this order until one passes:
  a  as written;
  s  operands that fix a shape or a mode (axes, shape, k, ..), and inputs that these are computed from, are constants;
  p  as s, and so is all but the first operand of each node (weights, bounds, ..).
A case folder holds a.onnx, s.onnx, p.onnx (those that differ), for data set k NAME.k.json (input.json of that variant) and
k.out.json (outputs). bench/conformance_scope.py says which cases are out of scope, and why.
"""
import argparse, collections, json, multiprocessing, os, queue, shutil, sys, tempfile, time, warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import numpy_helper  # noqa: E402
from conformance_scope import out_of_scope  # noqa: E402

VARIANTS = "asp"

# Operands that decide shapes or modes, by operator: those from the given index on, or a set of indices.
STATIC = {
    "AffineGrid": {1}, "CenterCropPad": {1}, "Col2Im": {1, 2}, "ConstantOfShape": {0}, "CumProd": {1}, "CumSum": {1}, "DFT": {1, 2},
    "BlackmanWindow": {0}, "HannWindow": {0}, "HammingWindow": {0}, "MelWeightMatrix": {0, 1, 2, 3, 4}, "STFT": {1, 3},
    "Dropout": {1, 2}, "Expand": {1}, "If": {0}, "Loop": {0, 1}, "OneHot": {1, 2}, "Pad": {1, 2, 3}, "Range": {0, 1, 2}, "Reshape": {1},
    "Resize": {1, 2, 3}, "Slice": {1, 2, 3, 4}, "Split": {1}, "SplitToSequence": {1}, "Squeeze": {1}, "Tile": {1}, "TopK": {1},
    "Trilu": {1}, "Unsqueeze": {1}, "Upsample": {1}, "MaxUnpool": {2}, "TensorScatter": {2},
    **{r: {1} for r in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
                        "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare")},
}


def export(folder):
    warnings.simplefilter("ignore")
    from onnx.backend.test.case.node import collect_testcases
    index = []
    cases = collect_testcases(None)
    graphs = {case.name: case.model.graph for case in cases}
    for case in cases:
        reason = out_of_scope(case)
        entry = {"name": case.name, "op": main_op(case.model), "out": reason}
        index.append(entry)
        if reason:
            continue
        work = os.path.join(folder, case.name)
        os.makedirs(work, exist_ok=True)
        entry["sets"] = len(case.data_sets)
        entry["variants"] = ""
        seen = set()
        for v in VARIANTS:
            bound = constants(case.model.graph, v, graphs.get(case.name.split("_expanded")[0]))
            if frozenset(bound) in seen or v == "p" and len(case.data_sets) > 1 and differ(case, bound):
                continue
            seen.add(frozenset(bound))
            entry["variants"] += v
            write_variant(case, bound, work, v)
        for k, (_, outputs) in enumerate(case.data_sets):
            dump(os.path.join(work, f"{k}.out.json"), [
                {"shape": list(np.shape(x)), "exact": not floating(x), "limit": coarse(x), "data": flat(x)} for x in map(array, outputs)])
    dump(os.path.join(folder, "cases.json"), {"onnx": onnx.__version__, "cases": index})
    kept = [e for e in index if not e["out"]]
    print(f"{len(index)} cases, {len(kept)} in scope")
    for reason, n in collections.Counter(e["out"] for e in index if e["out"]).most_common():
        print(f"  {n:4d} {reason}")


def main_op(model):
    """The operator that a case is about: of the only node, or of an expanded function, from the case's name."""
    ops = [n.op_type for n in model.graph.node if n.op_type != "Constant"]
    return ops[0] if len(ops) == 1 else "(function)"


def constants(graph, variant, whole):
    """Names of the inputs that a variant makes constants. `whole` is the graph of the operator that an expanded case writes in
    others: what fixes a shape or a mode there does so here, under the same name."""
    names = {i.name for i in graph.input}
    if variant == "a":
        return []
    out = set(constants(whole, "s", None)) & names if whole is not None and whole is not graph else set()
    for n in graph.node:
        for k, x in enumerate(n.input):
            if k in STATIC.get(n.op_type, ()):
                out |= sources(graph, x) & names
            elif x in names and variant == "p" and k > 0:
                out.add(x)
    if variant == "p":  # what some node reads as its data stays an input
        static = set(constants(graph, "s", whole))
        out -= {n.input[0] for n in graph.node if len(n.input) > 0 and n.input[0] not in static}
    return [i.name for i in graph.input if i.name in out]


def sources(graph, name):
    """What a tensor is computed from, shapes of tensors left aside: the inputs among these fix a shape where it does."""
    makers = {y: n for n in graph.node for y in n.output}
    seen, todo = set(), [name]
    while todo:
        x = todo.pop()
        if x not in seen:
            seen.add(x)
            if x in makers and makers[x].op_type not in ("Shape", "Size"):
                todo += makers[x].input[:1] if makers[x].op_type == "CastLike" else makers[x].input
    return seen


def differ(case, bound):
    at = [k for k, i in enumerate(case.model.graph.input) if i.name in bound]
    first = case.data_sets[0][0]
    return any(not np.array_equal(array(first[k]), array(s[0][k])) for s in case.data_sets for k in at)


def write_variant(case, bound, work, name):
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    g, keep = model.graph, []
    for k, i in enumerate(case.model.graph.input):
        if i.name in bound:
            value = case.data_sets[0][0][k]
            t = value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(np.asarray(value), i.name)
            t.name = i.name
            g.initializer.append(t)
        else:
            keep.append(k)
    del g.input[:]
    g.input.extend(case.model.graph.input[k] for k in keep)
    onnx.save(model, os.path.join(work, name + ".onnx"))
    for k, (inputs, _) in enumerate(case.data_sets):
        dump(os.path.join(work, f"{name}.{k}.json"), {"input_data": [flat(array(inputs[j])) for j in keep]})


def array(x):
    return numpy_helper.to_array(x) if isinstance(x, onnx.TensorProto) else np.asarray(x)


def floating(x):
    return x.dtype.kind == "f" or "float" in x.dtype.name


def coarse(x):
    """The error that the expected values themselves have: bfloat16 keeps 8 bits, and rounds on the way, too."""
    return 1e-2 * max(1.0, float(np.abs(x.astype(np.float64)).max())) if x.dtype.name == "bfloat16" and x.size else 0


def flat(x):
    if floating(x):
        x = x.astype(np.float64)
    return x.reshape(-1).tolist()


def dump(path, o):
    with open(path, "w") as f:
        json.dump(o, f)


# ---- ezkl

def peer(folder, out, limit):
    """Adds a line to `out` for every case that it does not have yet."""
    index = json.load(open(os.path.join(folder, "cases.json")))["cases"]
    done = {l.split("\t")[0] for l in open(out)} if os.path.exists(out) else set()
    todo = [e for e in index if not e["out"] and e["name"] not in done]
    with open(out, "a") as f:
        for e in todo:
            status, reason = "miss", ""
            for v in e["variants"]:
                start = time.time()
                status, why = attempt(os.path.join(folder, e["name"]), v, e["sets"], limit)
                reason = reason or why
                if status == "pass":
                    reason = ""
                    break
            print(e["name"], status, v, f"{time.time() - start:.1f}", " ".join(reason.split())[:300], sep="\t", file=f, flush=True)


worker = None


def attempt(case, variant, sets, limit):
    """One variant in a worker process, which ends when it aborts or hangs; else it serves the next case too."""
    global worker
    if worker is None or not worker[0].is_alive():
        tasks, results = multiprocessing.Queue(), multiprocessing.Queue()
        p = multiprocessing.get_context("fork").Process(target=serve, args=(tasks, results), daemon=True)
        p.start()
        worker = (p, tasks, results)
    p, tasks, results = worker
    tasks.put((case, variant, sets))
    end = time.time() + limit
    while time.time() < end:
        try:
            return results.get(timeout=0.5)
        except queue.Empty:
            if not p.is_alive():
                return "crash", f"the process ended with code {p.exitcode}"
    p.kill()
    p.join()
    return "hang", f"no result after {limit} s"


def serve(tasks, results):
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    import ezkl
    while True:
        results.put(one(ezkl, *tasks.get()))


def one(ezkl, case, variant, sets):
    work = tempfile.mkdtemp()
    path = lambda name: os.path.join(work, name)
    model, step = os.path.join(case, variant + ".onnx"), ""
    try:
        for k in range(sets):
            data = os.path.join(case, f"{variant}.{k}.json")
            args = ezkl.PyRunArgs()
            args.input_scale = args.param_scale = 12
            args.decomp_base, args.decomp_legs = 128, 5  # the default base needs 2^15 rows for the smallest circuit
            step = "gen_settings"
            ezkl.gen_settings(model, path("settings.json"), args)
            step = "calibrate_settings"
            ezkl.calibrate_settings(data, model, path("settings.json"), "resources", 2.0, [12], [1])
            step = "compile_circuit"
            ezkl.compile_circuit(model, path("model.compiled"), path("settings.json"))
            step = "gen_witness"
            ezkl.gen_witness(data, path("model.compiled"), path("witness.json"))
            step = "mock"
            ezkl.mock(path("witness.json"), path("model.compiled"))
            step = "compare"
            got = json.load(open(path("witness.json")))["pretty_elements"]["rescaled_outputs"]
            if (why := wrong(got, json.load(open(os.path.join(case, f"{k}.out.json"))))):
                return "wrong", why
        return "pass", ""
    except BaseException as e:  # noqa: BLE001: Rust panics are no Exceptions
        return "crash" if type(e).__name__ == "PanicException" else "miss", f"{step}: {e}"
    finally:
        shutil.rmtree(work, ignore_errors=True)


def wrong(got, want):
    """Why outputs are wrong: error above 1e-2 of the largest (or 1) for reals (12 bits), any error for integers."""
    if len(got) != len(want):
        return f"{len(got)} outputs, not {len(want)}"
    for o, (g, w) in enumerate(zip(got, want)):
        g, w, exact = np.array([float(x) for x in g]), np.array(w["data"], dtype=np.float64), w["exact"]
        if g.shape != w.shape:
            return f"output {o} has {g.size} entries, not {w.size}"
        if g.size and (worst := np.abs(g - w).max()) > (0 if exact else 1e-2 * max(1, np.abs(w).max())):
            return f"output {o}: error {worst:.3g}"
    return ""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--limit", type=float, default=20)
    p.add_argument("command", choices=["export", "peer", "report"])
    p.add_argument("args", nargs="+")
    a = p.parse_args()
    if a.command == "export":
        export(*a.args)
    elif a.command == "peer":
        peer(*a.args, a.limit)
    else:
        from conformance_report import report
        report(*a.args)


if __name__ == "__main__":
    main()
