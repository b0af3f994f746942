#!/usr/bin/env python3
"""Damaged, swapped and foreign files in every place of every command.

usage: bench/badfiles.py [--ezkl bin/ezkl] [PART ...]     needs: pip install onnx; parts: damage swap foreign json proof input

Whatever is refused must give one `ezkl: error:` line, exit code 1, no panic, no file left behind; a file that an output would
replace keeps its content. What is accepted although it changed is listed, and counts as a failure unless it may be accepted.
"""
import argparse, copy, json, os, random, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools", "models"))
import cases  # noqa: E402
import numpy as np  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
P = 21888242871839275222246405745257275088548364400416034343698204186575808495617
STALE = b"an older result\n"
EXE = None
failures, tried = [], 0


def ezkl(work, *args):
    return subprocess.run([EXE, *args], cwd=work, capture_output=True, text=True, errors="replace", timeout=300)


def ok(work, *args):
    p = ezkl(work, *args)
    assert p.returncode == 0, (args, p.stderr)
    return p


def workflow(work, g, extra=()):
    """All files of one network in a folder."""
    os.makedirs(work, exist_ok=True)
    g.save(work)
    json.dump({"input_data": [[x.item() for x in v.reshape(-1)] for v in g.feeds.values()]}, open(work + "/input.json", "w"))
    shutil.copy(work + "/input.json", work + "/calibration.json")
    ok(work, "gen-settings", *g.flags, *extra)
    ok(work, "calibrate-settings")
    ok(work, "compile-circuit")
    ok(work, "gen-srs", "--srs-path", "kzg.srs", "--logrows", str(json.load(open(work + "/settings.json"))["run_args"]["logrows"]))
    ok(work, "setup", "--srs-path", "kzg.srs")
    ok(work, "gen-witness")
    ok(work, "prove", "--srs-path", "kzg.srs")
    ok(work, "verify")
    return work


# each command with the files that it reads and writes
COMMANDS = {
    "table": (["table"], {"--model": "network.onnx"}, {}),
    "gen-settings": (["gen-settings"], {"--model": "network.onnx"}, {"--settings-path": "out1"}),
    "gen-random-data": (["gen-random-data"], {"--model": "network.onnx"}, {"--data": "out1"}),
    "calibrate-settings": (["calibrate-settings"], {"--model": "network.onnx", "--data": "calibration.json", "--settings-path": "settings.json"}, {}),
    "compile-circuit": (["compile-circuit"], {"--model": "network.onnx", "--settings-path": "settings.json"}, {"--compiled-circuit": "out1"}),
    "setup": (["setup"], {"--compiled-circuit": "model.compiled", "--srs-path": "kzg.srs"}, {"--vk-path": "out1", "--pk-path": "out2"}),
    "gen-witness": (["gen-witness"], {"--compiled-circuit": "model.compiled", "--data": "input.json"}, {"--output": "out1"}),
    "mock": (["mock"], {"--model": "model.compiled", "--witness": "witness.json"}, {}),
    "prove": (["prove"], {"--compiled-circuit": "model.compiled", "--witness": "witness.json", "--pk-path": "pk.key", "--srs-path": "kzg.srs"},
              {"--proof-path": "out1"}),
    "verify": (["verify"], {"--vk-path": "vk.key", "--proof-path": "proof.json"}, {}),
    "verify srs": (["verify"], {"--vk-path": "vk.key", "--proof-path": "proof.json", "--srs-path": "kzg.srs", "--compiled-circuit": "model.compiled"}, {}),
}


def attempt(work, what, command, replace, may_pass=False, text=()):
    """Runs a command with some of its files replaced by paths; wants a clean refusal, or success where that is allowed."""
    global tried
    tried += 1
    base, ins, outs = COMMANDS[command]
    args = list(base)
    guarded = {}
    for flag, path in ins.items():
        path = replace.get(path, path)
        if command == "calibrate-settings" and flag == "--settings-path":  # read and written
            if os.path.isfile(work + "/" + path):
                guarded[path] = open(work + "/" + path, "rb").read()
        args += [flag, path]
    for flag, path in outs.items():
        open(work + "/" + path, "wb").write(STALE)
        guarded[path] = STALE
        args += [flag, path]
    before = set(os.listdir(work))
    p = ezkl(work, *args)
    bad = []
    lines = p.stderr.splitlines()
    errors = [l for l in lines if l.startswith("ezkl: error: ")]
    if any(not l.startswith(("ezkl: error: ", "ezkl: warning: ", "ezkl: hint: ")) for l in lines):
        bad.append("a line of another kind")
    if "internal error" in p.stderr or "panic" in p.stderr:
        bad.append("a broken invariant")
    if set(os.listdir(work)) != before:
        bad.append(f"files left: {set(os.listdir(work)) ^ before}")
    if p.returncode == 0:
        if not may_pass:
            bad.append("ACCEPTED")
    else:
        if p.returncode != 1 or len(errors) != 1:
            bad.append(f"exit {p.returncode}, {len(errors)} error lines")
        if any(len(l) > 600 for l in errors):
            bad.append("a very long line")
        if any(t not in p.stderr for t in text):
            bad.append(f"want {text}")
        for path, content in guarded.items():
            if open(work + "/" + path, "rb").read() != content:
                bad.append(f"{path} was overwritten")
    for path, content in guarded.items():
        if content is not STALE:
            open(work + "/" + path, "wb").write(content)
    if bad:
        failures.append(what)
        print(f"FAIL {command}: {what}: {'; '.join(bad)}\n     {p.returncode} {p.stderr.strip()[:500]!r}", flush=True)
    return p


def write(work, name, data):
    if isinstance(data, (dict, list)):
        data = json.dumps(data).encode()
    open(work + "/" + name, "wb").write(data if isinstance(data, bytes) else data.encode())
    return name


def damaged(rng, b):
    yield "empty", b""
    yield "one byte", b[:1]
    for n in (4, 8, 12, 40, len(b) // 2, len(b) - 33, len(b) - 32, len(b) - 1):
        if 0 < n < len(b):
            yield f"cut to {n}", b[:n]
    yield "one byte more", b + b"\0"
    yield "newline", b + b"\n"
    yield "twice", b + b
    yield "zeros", bytes(len(b))
    yield "noise", rng.randbytes(min(len(b), 5000))
    yield "reversed", b[::-1]
    for at in [0, 7, 8, 9, 10, 16] + [rng.randrange(len(b)) for _ in range(14)]:
        if at < len(b):
            c = bytearray(b)
            c[at] ^= 1 << rng.randrange(8)
            yield f"bit of byte {at}", bytes(c)
    for _ in range(6):
        at, n = rng.randrange(len(b)), rng.randrange(1, 64)
        yield f"{n} bytes of 0xff at {at}", b[:at] + b"\xff" * n + b[at + n:]
        yield f"{n} bytes lost at {at}", b[:at] + b[at + n:]


def part_damage(work, other):
    """Every file of every command, damaged. JSON and ONNX files may still mean something; then the command may pass."""
    rng = random.Random(1)
    for command, (_, ins, _) in COMMANDS.items():
        for path in ins.values():
            good = open(work + "/" + path, "rb").read()
            loose = path.endswith((".json", ".onnx")) and path != "proof.json"
            for what, b in damaged(rng, good):
                if b == good:
                    continue
                fine = loose or path == "proof.json" and what in ("newline",) or path.endswith((".json")) and what == "newline"
                if path == "kzg.srs":  # setup and prove read 2^(k-1)+1 of its powers
                    unread = len(good) // 2 + 250
                    same = lambda i, j: b[i:j] == good[i:j]
                    fine = len(b) == len(good) and same(0, 20) and same(99, unread)  # between: a text, and the digest of the whole
                if path == "proof.json" and not fine:
                    fine = harmless(good, b)
                write(work, "bad", b)
                p = attempt(work, f"{path} {what}", command, {path: "bad"}, fine)
                if p.returncode == 0 and command in ("mock", "prove") and path == "witness.json":
                    try:
                        a, c = json.loads(good), json.loads(b)
                        if (a["inputs"], a["outputs"]) != (lower(c["inputs"]), lower(c["outputs"])):
                            failures.append("witness")
                            print(f"FAIL {command}: {path} {what}: ACCEPTED with other values", flush=True)
                    except ValueError:
                        pass
            write(work, "bad", b"")
            os.remove(work + "/bad")
            attempt(work, f"{path} missing", command, {path: "bad"})
            os.mkdir(work + "/bad")
            attempt(work, f"{path} a folder", command, {path: "bad"})
            os.rmdir(work + "/bad")


def lower(x):
    return [[y.lower() for y in z] for z in x]


def harmless(good, b):
    try:
        x, y = json.loads(good), json.loads(b)
        return x["instances"] == y["instances"] and x["proof"] == y["proof"]
    except (ValueError, KeyError, TypeError):
        return False


FILES = ["network.onnx", "settings.json", "calibration.json", "input.json", "model.compiled", "kzg.srs", "pk.key", "vk.key", "witness.json", "proof.json"]


def part_swap(work, other):
    for command, (_, ins, _) in COMMANDS.items():
        for path in ins.values():
            for f in FILES:
                if f == path or {f, path} == {"input.json", "calibration.json"}:
                    continue
                attempt(work, f"{f} for {path}", command, {path: f}, False)


def part_foreign(work, other):
    """Files of the same kind from another network, another setup or another SRS."""
    for f in FILES:
        shutil.copy(other + "/" + f, work + "/other." + f)
    o = lambda *names: {n: "other." + n for n in names}
    for command, files, fine in [
        ("calibrate-settings", o("network.onnx"), False), ("calibrate-settings", o("settings.json"), False),
        ("calibrate-settings", o("calibration.json"), False), ("compile-circuit", o("network.onnx"), False), ("compile-circuit", o("settings.json"), False),
        ("gen-witness", o("model.compiled"), False), ("gen-witness", o("input.json"), False), ("mock", o("model.compiled"), False),
        ("mock", o("witness.json"), False), ("prove", o("model.compiled"), False), ("prove", o("witness.json"), False), ("prove", o("pk.key"), False),
        ("prove", o("kzg.srs"), False), ("prove", o("model.compiled", "witness.json"), False), ("prove", o("model.compiled", "pk.key"), False),
        ("prove", o("witness.json", "model.compiled", "pk.key"), False),
        ("verify", o("vk.key"), False), ("verify", o("proof.json"), False), ("verify srs", o("kzg.srs"), False), ("verify srs", o("model.compiled"), False),
        ("verify srs", o("vk.key", "proof.json"), False), ("verify srs", o("kzg.srs", "model.compiled"), False),
    ]:
        attempt(work, "foreign " + " ".join(files), command, files, fine)
    # an SRS that is too small, at every size below
    k = json.load(open(work + "/settings.json"))["run_args"]["logrows"]
    for small in range(max(1, k - 3), k):
        ok(work, "gen-srs", "--srs-path", "small.srs", "--logrows", str(small))
        attempt(work, f"SRS of 2^{small} for 2^{k}", "setup", {"kzg.srs": "small.srs"})
        attempt(work, f"SRS of 2^{small} for 2^{k}", "prove", {"kzg.srs": "small.srs"})
    # a larger SRS serves setup; its key is another key
    ok(work, "gen-srs", "--srs-path", "large.srs", "--logrows", str(k + 1))
    attempt(work, "larger SRS", "setup", {"kzg.srs": "large.srs"}, True)
    attempt(work, "another SRS", "prove", {"kzg.srs": "large.srs"})
    # keys made again: the vk of the same circuit under another SRS
    ok(work, "setup", "--srs-path", "large.srs", "--vk-path", "again.vk", "--pk-path", "again.pk")
    attempt(work, "vk of another SRS", "verify", {"vk.key": "again.vk"})
    # keys of the same network with other weights
    ok(work, "setup", "--srs-path", "kzg.srs", "--vk-path", "same.vk", "--pk-path", "same.pk")
    p = attempt(work, "vk of another setup of the same circuit", "verify", {"vk.key": "same.vk"}, True)
    print("     vk of a second setup with the same SRS:", "accepted" if p.returncode == 0 else p.stderr.strip().splitlines()[-1])


def le(x):
    return x.to_bytes(32, "little").hex()


def felt(h):
    return int.from_bytes(bytes.fromhex(h), "little")


def part_proof(work, other):
    """A proof with other instances or bytes; its decimal values adapted as an attacker would."""
    good = json.load(open(work + "/proof.json"))
    inst = good["instances"][0]

    def tampered(what, f, pretty=True):
        p = copy.deepcopy(good)
        f(p)
        if pretty:  # without the values for people, and with the hex form of what was changed
            p["pretty_public_inputs"] = None
            if isinstance(p["proof"], list) and all(isinstance(x, int) and 0 <= x < 256 for x in p["proof"]):
                p["hex_proof"] = "0x" + bytes(p["proof"]).hex()
        attempt(work, what, "verify", {"proof.json": write(work, "bad", p)})

    def setting(i, x):
        return lambda p: p["instances"][0].__setitem__(i, x)

    for i, h in enumerate(inst):
        v = felt(h)
        for what, x in (("+1", (v + 1) % P), ("-1", (v - 1) % P), ("negated", -v % P), ("zero", 0), ("doubled", 2 * v % P)):
            if x != v:
                tampered(f"instance {i} {what}", setting(i, le(x)))
                tampered(f"instance {i} {what}, decimal values kept", setting(i, le(x)), pretty=False)
        if v + P < 2**256:
            tampered(f"instance {i} + p", setting(i, le(v + P)))
        for what, x in (("empty", ""), ("short", h[:-2]), ("long", h + "00"), ("0x", "0x" + h), ("odd", h[:-1]), ("no hex", "zz" + h[2:]), ("number", 5), ("null", None),
                        ("upper case", h.upper()) if h.upper() != h else ("list", [h])):
            if what == "upper case":
                continue
            tampered(f"instance {i} {what}", setting(i, x))
    tampered("no instances", lambda p: p.__setitem__("instances", []))
    tampered("empty instances", lambda p: p.__setitem__("instances", [[]]))
    tampered("one instance less", lambda p: p["instances"][0].pop())
    tampered("one instance more", lambda p: p["instances"][0].append(le(0)))
    tampered("two columns", lambda p: p["instances"].append([]))
    tampered("instances in columns", lambda p: p.__setitem__("instances", [[x] for x in inst]))
    if len(inst) > 1 and inst[0] != inst[1]:
        tampered("instances exchanged", lambda p: p["instances"][0].reverse())
    for key in ("instances", "proof"):
        tampered(f"{key} missing", lambda p: p.pop(key), pretty=False)
        for x in (None, 5, "x", {}, [None], [[None]]):
            tampered(f"{key} is {x}", lambda p: p.__setitem__(key, x), pretty=False)
    rng = random.Random(2)
    proof = good["proof"]
    for at in [0, 1, 31, 32, 63, 64, len(proof) - 1] + rng.sample(range(len(proof)), 60):
        for x in {proof[at] ^ 1, proof[at] ^ 128}:
            tampered(f"proof byte {at}", lambda p: p["proof"].__setitem__(at, x))
    tampered("a byte of 256", lambda p: p["proof"].__setitem__(5, 256))
    tampered("a negative byte", lambda p: p["proof"].__setitem__(5, -1))
    tampered("a real byte", lambda p: p["proof"].__setitem__(5, 1.5))
    tampered("proof cut", lambda p: p["proof"].pop())
    tampered("proof cut by 32", lambda p: p.__setitem__("proof", p["proof"][:-32]))
    tampered("proof longer", lambda p: p["proof"].append(0))
    tampered("proof longer by 32", lambda p: p["proof"].extend([0] * 32))
    tampered("no proof bytes", lambda p: p.__setitem__("proof", []))
    tampered("proof of zeros", lambda p: p.__setitem__("proof", [0] * len(proof)))
    tampered("hex alone", lambda p: p.__setitem__("hex_proof", "0x00"), pretty=False)
    tampered("another hex", lambda p: p.__setitem__("hex_proof", "0x" + bytes([proof[0] ^ 1] + proof[1:]).hex()), pretty=False)
    # the same circuit, another input: proofs and instances exchanged
    d = json.load(open(work + "/input.json"))
    d["input_data"][0] = [x * .5 for x in d["input_data"][0]]
    write(work, "half.json", d)
    ok(work, "gen-witness", "-D", "half.json", "-O", "half.witness")
    ok(work, "prove", "-W", "half.witness", "--proof-path", "half.proof", "--srs-path", "kzg.srs")
    half = json.load(open(work + "/half.proof"))
    tampered("instances of another proof", lambda p: p.__setitem__("instances", half["instances"]))
    tampered("bytes of another proof", lambda p: p.__setitem__("proof", half["proof"]))
    for cut in range(32, len(proof), max(32, len(proof) // 12 // 32 * 32)):
        tampered(f"spliced at {cut}", lambda p: p.__setitem__("proof", proof[:cut] + half["proof"][cut:]))
    ok(work, "verify", "--proof-path", "half.proof")
    # a wrong witness
    w = json.load(open(work + "/witness.json"))

    def witness(what, f, fine=False):
        x = copy.deepcopy(w)
        f(x)
        write(work, "bad", x)
        for c in ("mock", "prove"):
            attempt(work, what, c, {"witness.json": "bad"}, fine)

    for key in ("inputs", "outputs"):
        for i in range(min(3, len(w[key][0]))):
            v = felt(w[key][0][i])
            for what, x in (("+1", (v + 1) % P), ("+p", v + P), ("p-1", P - 1), ("2^60", 2**60), ("2^200", 2**200)):
                if x < 2**256:
                    witness(f"{key} {i} {what}", lambda p: p[key][0].__setitem__(i, le(x)), False)
        witness(f"{key} shorter", lambda p: p[key][0].pop())
        witness(f"{key} longer", lambda p: p[key][0].append(le(0)))
        witness(f"{key} empty", lambda p: p.__setitem__(key, []))
        witness(f"{key} twice", lambda p: p[key].append(p[key][0]))
        witness(f"{key} null", lambda p: p.__setitem__(key, None))
        witness(f"{key} missing", lambda p: p.pop(key))
    witness("inputs and outputs exchanged", lambda p: p.update(inputs=p["outputs"], outputs=p["inputs"]))


def part_json(work, other):
    """Settings with every key missing, of another type, or absurd."""
    good = json.load(open(work + "/settings.json"))

    def tampered(what, f, fine=False):
        s = copy.deepcopy(good)
        f(s)
        write(work, "bad", s)
        attempt(work, "settings: " + what, "compile-circuit", {"settings.json": "bad"}, fine)
        if "calibration" not in what:
            attempt(work, "settings: " + what, "calibrate-settings", {"settings.json": "bad"}, fine)

    for where in ((), ("run_args",), ("ezkl_go",), ("ezkl_go", "calibration")):
        def at(s):
            for k in where:
                s = s[k]
            return s
        for key in list(at(good)):
            name = "calibration " * ("calibration" in where) + ".".join((*where, key))
            for x in (None, -1, 10**30, 1e300, "x", [], {}, True, [[1]], [-5, 3]):
                tampered(f"{name} = {x}", lambda s: at(s).__setitem__(key, x), True)
            tampered(f"{name} missing", lambda s: at(s).pop(key), True)
    for key, x in (("input_visibility", "Pubic"), ("output_visibility", "Hashed"), ("param_visibility", "Public"), ("logrows", 99), ("logrows", 3), ("input_scale", 500),
                   ("variables", [["batch_size", 0]]), ("variables", [["batch_size", 10**9]]), ("lookup_range", [5, -5])):
        fine = key == "logrows"
        tampered(f"run_args.{key} = {x}", lambda s: s["run_args"].__setitem__(key, x), fine or key == "variables")
    for x in ("", "{}", "[]", "null", "5", '"x"', "{", '{"run_args":{}}', json.dumps(good) + "x", json.dumps(good)[:-1] + ',"unknown":1}', "\ufeff" + json.dumps(good),
              "[" * 100000, '{"run_args":' * 10000):
        write(work, "bad", x)
        attempt(work, "settings " + x[:20], "compile-circuit", {"settings.json": "bad"}, x.startswith("\ufeff"))


def part_input(work, other):
    good = json.load(open(work + "/input.json"))["input_data"]
    n = len(good[0])

    def bad(what, x, fine=False):
        write(work, "bad", x)
        for c, f in (("gen-witness", "input.json"), ("calibrate-settings", "calibration.json")):
            attempt(work, "input: " + what, c, {f: "bad"}, fine)

    def data(x):
        return {"input_data": x}

    for what, x in (("none", data([])), ("empty", data([[]])), ("short", data([good[0][:-1]])), ("one more", data([good[0] + [0]])), ("two inputs", data([good[0], good[0]])),
                    ("nested deeper", data([[[v] for v in good[0]]])), ("null entry", data([good[0][:-1] + [None]])), ("string", data([good[0][:-1] + ["x"]])),
                    ("boolean", data([good[0][:-1] + [True]])), ("object", data([good[0][:-1] + [{}]])), ("null", data(None)), ("number", data(5)), ("text", data("abc")),
                    ("no key", {"inputs": good}), ("a list", good), ("null file", "null"), ("empty file", ""), ("unclosed", json.dumps(data(good))[:-1]),
                    ("rest", json.dumps(data(good)) + "{}"), ("NaN", json.dumps(data([good[0][:-1] + [float("nan")]]))), ("Infinity", json.dumps(data([good[0][:-1] + [float("inf")]]))),
                    ("1e400", json.dumps(data(good)).replace(str(good[0][0]), "1e400", 1)), ("huge", data([[1e38] * n])), ("deep", '{"input_data":' + "[" * 100000),
                    ("twice", '{"input_data":[[1]],"input_data":' + json.dumps(good) + "}"), ("latin-1", b'{"input_data":[["\xff"]]}'), ("felt string of p", data([good[0][:-1] + [le(P)]])),
                    ("two samples short", data([good[0] + good[0][:-1]])), ("leading zeros", json.dumps(data(good)).replace(str(good[0][0]), "007", 1)),
                    ("comma", json.dumps(data(good)).replace("]]", ",]]")), ("hex", json.dumps(data(good)).replace(str(good[0][0]), "0x10", 1))):
        bad(what, x, what in ("nested deeper",) or what == "huge")
    # several samples serve calibration only
    write(work, "bad", data([good[0] * 2]))
    attempt(work, "input: two samples", "gen-witness", {"input.json": "bad"})
    attempt(work, "input: two samples", "calibrate-settings", {"calibration.json": "bad"}, True)
    for what, a in (("npy of another shape", np.zeros((n + 1,), np.float32)), ("npy of text", np.array(["a"] * n)), ("npy of NaN", np.full((n,), np.nan, np.float32)),
                    ("npy of complex", np.zeros((n,), np.complex64)), ("npy of objects", np.array([None] * n, dtype=object))):
        np.save(work + "/bad.npy", a, allow_pickle=True)
        attempt(work, what, "gen-witness", {"input.json": "bad.npy"})
    np.save(work + "/bad.npy", np.array(good[0], np.float32))
    attempt(work, "npy", "gen-witness", {"input.json": "bad.npy"}, True)
    raw = open(work + "/bad.npy", "rb").read()
    for what, b in damaged(random.Random(3), raw):
        write(work, "bad.npy", b)
        attempt(work, "npy " + what, "gen-witness", {"input.json": "bad.npy"}, True)


def main():
    global EXE
    p = argparse.ArgumentParser()
    p.add_argument("--ezkl", default=os.path.join(ROOT, "bin", "ezkl"))
    p.add_argument("part", nargs="*")
    a = p.parse_args()
    EXE = os.path.abspath(a.ezkl)
    top, start = tempfile.mkdtemp(), time.time()
    g = cases.Net("one", 17, 1)
    cases.small_cnn(g)
    work = workflow(top + "/one", g)
    g = cases.Net("two", 17, 2)
    cases.small_mlp(g)
    other = workflow(top + "/two", g)
    for part in a.part or ["damage", "swap", "foreign", "json", "proof", "input"]:
        n, t = tried, time.time()
        globals()["part_" + part](work, other)
        print(f"{part}: {tried - n} attempts, {time.time() - t:.0f} s", flush=True)
    shutil.rmtree(top)
    print(f"{tried} attempts, {len(failures)} failed, {time.time() - start:.0f} s")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
