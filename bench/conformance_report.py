"""The scoreboard of `make conformance`."""
import collections, csv, json, os, re

# Why a case misses, by what its reason says: the first pattern that matches.
CLASSES = [
    (r"^\(crash\)", "crash"), (r"^\(hang\)", "no result within the limit"), (r"^\(wrong\)", "wrong number"),
    (r"unknown operator|\([A-Za-z.]+\)(, |$)|no circuit", "operator missing"),
    (r"is not constant|depends on data", "an operand must be constant"),
    (r"empty tensor|is empty", "empty tensor"),
    (r"element type", "element type"),
    (r"calibration:|NaN|Inf", "not finite on the way"),
    (r"not supported|supported yet|only ", "a variant of the operator"),
    (r"bits|too (large|wide|small)|smaller scales", "integers too wide"),
]

# Misses that are meant, by operator.
MEANT = {
    "BitCast": "data that is real stands on a grid of its calibrated range, and the bits of a float32 are no function of that number; an integer whose bits are a "
               "float has no bound that a unit could be chosen for. Bits of constants, and between integers, are there.",
    "Resize": "align_corners with scales: the places follow the output's length, as onnxruntime has it; ONNX's reference, which wrote the expected numbers, takes scale times length.",
}


def read(path):
    with open(path) as f:
        return {r[0]: r[1:] for r in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if r}


def kind(status, reason):
    text = reason if status == "miss" else f"({status}) {reason}"
    return next((name for pattern, name in CLASSES if re.search(pattern, text)), "other")


def report(folder, ours, peer, docs):
    index = json.load(open(os.path.join(folder, "cases.json")))
    cases, ours, peer = index["cases"], read(ours), read(peer)
    scope = [c for c in cases if not c["out"]]
    good = lambda row: row is not None and row[0] in ("pass", "proven")
    we = {c["name"]: ours.get(c["name"], [c["op"], "miss", "", "0", "not run"])[1:] for c in scope}
    they = {c["name"]: peer.get(c["name"], ["miss", "", "", "not run"]) for c in scope}
    lines = ["# Conformance", "",
             f"ONNX's own node tests (package onnx {index['onnx']}), end to end: settings, calibration on the test's input, compilation, witness,",
             "comparison with the expected outputs (reals within 1e-3 of the largest, or of 1, bfloat16 within 1e-2; integers and booleans exact), mock; one case in 16",
             "also proves and verifies. `make conformance` writes this page; [conformance.tsv](conformance.tsv) has every case with its reason.", "",
             "ezkl 23.0.5 ran the same files through its Python calls (scale 12, digits to base 128, reals within 1e-2, 30 s a case).", "",
             "| | here | ezkl |", "|---|---|---|"]
    n = len(scope)
    count = lambda rows, *status: sum(r[0] in status for r in rows.values())
    lines.append(f"| node tests | {len(cases)} | {len(cases)} |")
    lines.append(f"| in scope | {n} | {n} |")
    p, q = count(we, "pass", "proven"), count(they, "pass")
    lines.append(f"| **pass** | **{p}** ({100 * p / n:.1f} %) | {q} ({100 * q / n:.1f} %) |")
    for v, text in (("a", "as written"), ("s", "with operands of shape and mode as constants"), ("p", "with weights, bounds, .. as constants too")):
        lines.append(f"| - {text} | {sum(good(r) and r[1] == v for r in we.values())} | {sum(good(r) and r[1] == v for r in they.values())} |")
    lines.append(f"| also proven and verified | {count(we, 'proven')} | |")
    for s, text in (("wrong", "wrong number"), ("crash", "crash"), ("hang", "no result in time"), ("miss", "refused, with a reason")):
        lines.append(f"| {text} | {count(we, s)} | {count(they, s)} |")
    lines.append(f"| pass here and not there, the reverse | {sum(good(we[k]) and not good(they[k]) for k in we)} | {sum(good(they[k]) and not good(we[k]) for k in we)} |")
    lines += ["", "## Out of scope", "", "Decided by `bench/conformance_scope.py`.", "", "| reason | cases |", "|---|---|"]
    lines += [f"| {r} | {k} |" for r, k in collections.Counter(c["out"] for c in cases if c["out"]).most_common()]
    lines += ["", "## Misses", "", "| why | cases | operators |", "|---|---|---|"]
    missed = collections.defaultdict(collections.Counter)
    for c in scope:
        if not good(we[c["name"]]):
            missed[kind(we[c["name"]][0], we[c["name"]][3])][c["op"] if c["op"] != "(function)" else family(c["name"])] += 1
    for why, ops in sorted(missed.items(), key=lambda x: -sum(x[1].values())):
        names = ", ".join(f"{o} {k}" if k > 1 else o for o, k in ops.most_common())
        lines.append(f"| {why} | {sum(ops.values())} | {names} |")
    lines += ["", *(f"- {op}: {why}" for op, why in MEANT.items() if any(op in ops for ops in missed.values()))]
    lines += ["", "## By operator", "", "Cases of one operator; functions that ONNX writes in other operators (`.._expanded`) count at the operator's name.", "",
              "| operator | cases | here | ezkl |", "|---|---|---|---|"]
    by = collections.defaultdict(list)
    for c in scope:
        by[c["op"] if c["op"] != "(function)" else family(c["name"])].append(c["name"])
    for op in sorted(by, key=str.lower):
        names = by[op]
        lines.append(f"| {op} | {len(names)} | {sum(good(we[k]) for k in names)} | {sum(good(they[k]) for k in names)} |")
    with open(os.path.join(docs, "conformance.md"), "w") as f:
        f.write("\n".join(lines) + "\n")
    with open(os.path.join(docs, "conformance.tsv"), "w") as f:
        f.write("case\toperator\there\tvariant\treason\tezkl\n")
        for c in cases:
            if c["out"]:
                f.write(f"{c['name']}\t{c['op']}\tout of scope\t\t{c['out']}\t\n")
            else:
                w = we[c["name"]]
                f.write(f"{c['name']}\t{c['op']}\t{w[0]}\t{w[1]}\t{w[3]}\t{they[c['name']][0]}\n")
    print(f"{p} of {n} pass ({100 * p / n:.1f} %), ezkl {q}")


def family(name):
    """test_layer_normalization_2d_axis0_expanded_ver18 -> layer_normalization"""
    for stem in ("affine_grid", "attention", "layer_normalization", "group_normalization", "rms_normalization", "reduce_log_sum_exp", "reduce_log_sum",
                 "reduce_sum_square", "reduce_l1", "reduce_l2", "softmax_cross_entropy", "sce", "nllloss", "logsoftmax", "softmax", "rotary_embedding",
                 "center_crop_pad", "flexattention", "linear_attention", "causal_conv", "castlike", "hardswish", "leakyrelu", "thresholdedrelu"):
        if name.startswith("test_" + stem):
            return stem + " (function)"
    return name.removeprefix("test_").split("_")[0] + " (function)"
