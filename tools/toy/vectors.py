"""Vectors for the Go tests: the toy's circuit, layouts and verifier-side evaluations (internal/layout/testdata/toy.json),
openings in full (internal/pcs/testdata/opening.json).  Field elements are decimal strings; signed integers are numbers."""
import json
import os
import random

from toy import *

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "internal")
RNG = random.Random("vectors")


def draw(n):
    return [RNG.randrange(P) for _ in range(n)]


def strings(values):
    return [str(int(v) % P) for v in values]


# ---------------------------------------------------------------- the circuit

def expr_json(e):
    return None if e is None else {"letters": "".join(e.letters),
                                   "terms": [{"coef": c, "block": name, "axes": "".join(axes)} for c, name, axes in e.terms]}


def circuit_json(c):
    columns = [n for slot in c.slots for b in slot.blocks for n in b[:2] if n]
    intervals = {t.ident: (t.lo, t.lo + t.size - 1) for t in c.key_tables}
    blocks = []
    for name, dims in c.shapes.items():
        if name in c.public:
            role, (lo, hi) = "public", c.public[name]
        elif name in c.key_private:
            role, (lo, hi) = "private", intervals[c.key_private[name]]
        else:
            role, lo, hi = ("fixed", 0, 31) if name in c.key_fixed else ("column", 0, 0) if name in columns else ("free", 0, 0)
        blocks.append({"name": name, "dims": dims, "role": role, "lo": lo, "hi": hi,
                       "key_table": c.key_private[name] - 1 if role == "private" else -1})

    def tables_json(tables):
        assert [t.ident for t in tables] == list(range(1, len(tables) + 1))
        return [{"lo": t.lo, "size": t.size, "out": t.out, "dynamic": t.dims is not None} for t in tables]
    relations = [{"name": r.name, "letters": [{"name": l, "len": d} for l, d in r.bound.items()], "out": "".join(r.out), "lhs": expr_json(r.lhs),
                  "sum": [{"inner": "".join(k.inner), "a": expr_json(k.A), "b": expr_json(k.B),
                           "r": [{"kind": axis.kind, "params": axis.params, "letters": "".join(letters)} for axis, letters in k.R]}
                          for k in r.contractions]} for r in c.relations]
    return {"blocks": blocks, "tables": tables_json(c.tables), "key_tables": tables_json(c.key_tables),
            "slots": [[{"in": a, "out": b, "table": ident - 1} for a, b, ident in slot.blocks] for slot in c.slots],
            "groups": c.groups, "relations": relations, "inputs": ["X", "idx", "Pub"]}


# ---------------------------------------------------------------- layouts

def layout_json(lay, key):
    c = lay.c
    at = {n: a for n, a in lay.at.items() if n in c.shapes}
    slots = [{"in": lay.at["col%d.0" % s], "out": lay.at.get("col%d.1" % s, -1)} for s in range(len(c.slots))]
    tags, tables = [], []
    for s in range(len(c.slots)):
        point = draw(lay.height_vars)
        tags.append({"slot": s, "point": strings(point), "value": str(lay.tag_eval(s, point))})
    point = draw(lay.table_vars)
    ident, t_in = lay.table_eval(point)
    return {"log_row": lay.L, "key": key, "n": lay.n, "rows": {s: {"first": r.start, "count": len(r)} for s, r in lay.rows.items()},
            "at": at, "slots": slots, "groups": c.groups, "helpers": [lay.at["h%d" % g] for g in range(len(c.groups))],
            "m": lay.at["m"], "hT": lay.at["hT"], "mask": lay.at["mask"], "table_at": [lay.table_at[t.ident] for t in c.tables],
            "tags": [{"table": i - 1, "dims": d, "address": a} for i, d, a in lay.tags],
            "height_vars": lay.height_vars, "table_vars": lay.table_vars, "inner_vars": lay.inner_vars, "n1": lay.n1, "index_vars": lay.index_vars,
            "degrees": lay.degrees1, "rho_vars": lay.rho_vars, "zeta_vars": lay.zeta_vars, "bilinear": [
                {"relation": j, "contraction": c.relations[j].contractions.index(k)} for j, k in lay.bilinear],
            "claim_a": lay.operand_claims[0], "claim_b": lay.operand_claims[1], "claim_out": lay.table_out_claim, "claim_count": lay.claim_count,
            "mask_g1": lay.g1_at, "mask_size": lay.mask_size, "mask_at": lay.mask_at, "cover": lay.at["cover"], "cover_h": lay.at["coverH"],
            "g2_at": lay.cover_row * lay.row + lay.g2_at, "g2_size": lay.g2_size,
            "tag_eval": tags, "table_eval": {"point": strings(point), "id": str(ident), "in": str(t_in)}}


def key_height(lay):
    """One group of up to 8 columns."""
    _, total = pack({n: padded_size(lay.c.shapes[n]) for n in lay.c.key_private})
    return max(log2_ceil(total) - 3, 0)


# ---------------------------------------------------------------- evaluations

def lt_json():
    out = []
    for k in (0, 1, 3, 5):
        for d in sorted({1, (1 << k) - 1, 1 << k, max((1 << k) - 3, 1)} - {0}):
            x = draw(k)
            dense = vec([int(i < d) for i in range(1 << k)])
            assert lt_eval(d, x) == mle_eval(dense, x) and index_lt_eval(d, x) == mle_eval(dense * vec(range(1 << k)), x)
            out.append({"d": d, "point": strings(x), "lt": str(lt_eval(d, x)), "index_lt": str(index_lt_eval(d, x))})
    return out


def axis_json():
    out = []
    for axis in (same(1), same(5), same(8), window(5, 3, 5, pad=1), window(3, 3, 7, stride=2), window(4, 2, 9, stride=3, dilation=2, pad=1),
                 window(6, 5, 2, pad=4), affine(5, 6, 1), affine(4, 9, 1, 2), affine(7, 7, 6, -1), affine(9, 4, -3, 1), affine(3, 1, 0, 0),
                 index((2, 0, -1, 2, 6), 7), index((0,), 1), reshape((6,), (3, 2)), reshape((3, 4), (2, 6)), reshape((5,), (5,)), reshape((2, 3, 2), (12,))):
        points = [draw(log2_ceil(d)) for d in axis.lengths]
        out.append({"kind": axis.kind, "params": axis.params, "lengths": axis.lengths, "nonzeros": axis.nonzeros,
                    "points": [strings(x) for x in points], "value": str(axis_relation_at(axis, points))})
        summed = [None if i == len(points) - 1 else x for i, x in enumerate(points)]
        out[-1]["last_letter_summed"] = str(axis_relation_at(axis, summed))
    return out


def claims_json(lay, instance):
    """The verifier's work between the rounds and the opening, at random challenges, claims and point of V."""
    ch, public = SimpleNamespace(), padded_instance(lay, instance)
    (ch.alpha, ch.beta, ch.gamma), ch.rho, ch.zeta, ch.point = draw(3), draw(lay.rho_vars), draw(lay.zeta_vars), draw(len(lay.degrees1))
    values, (S, last), r = draw(lay.claim_count), draw(2), draw(lay.n)
    start, known = start_functional(lay, ch, public)
    expressions = [{"eval": str(f.eval(lay.n, r)), "known": str(k), "claimed": present}
                   for f, k, present in claimed_functionals(lay, ch, public)]
    claims = [{"eval": str(f.eval(lay.n, r)), "value": str(v)} for f, v in all_claims(lay, ch, public, values, S, last)]
    E = zeros(1 << lay.n)
    start.dense(E)
    assert mle_eval(E % P, r) == start.eval(lay.n, r)
    linear = [str(contraction_weight(k, ch.rho)) for _, k in lay.bilinear]
    return {"log_row": lay.L, "instance": {n: [int(x) for x in v] for n, v in instance.items()},
            "alpha": str(ch.alpha), "beta": str(ch.beta), "gamma": str(ch.gamma), "rho": strings(ch.rho), "zeta": strings(ch.zeta),
            "point": strings(ch.point), "values": strings(values), "S": str(S), "last": str(last), "r": strings(r),
            "start": {"eval": str(start.eval(lay.n, r)), "known": str(known)}, "expressions": expressions,
            "bilinear_lone_weights": linear, "final": str(final_total(lay, ch, public, values)), "claims": claims}


# ---------------------------------------------------------------- the opening

def opening_json(L, n, with_N, extra):
    r_lo, r2, (a, mu, z, g, x), poly = draw(L), draw(n), draw(5), draw((1 << L) + extra)
    at = (1 << L) // 2 - 3 if with_N else 0
    N, e = (draw((1 << L) + 1), [0] * at + mask_weights([2] * n, r2)) if with_N else ([0], [0])
    e1 = eq_table(r_lo)
    claim = (a * sum(int(p) * int(w) for p, w in zip(poly, e1)) + mu * sum(p * w for p, w in zip(N, e))) % P
    S, points = laurent_half([(a, poly, e1), (mu, N, e)]), [z, inv(z)]
    values = [[poly_eval(f, t) for t in points] for f in (poly, N, S)]
    rest = interpolate(points, [poly_eval(batch([poly, N, S], g), t) for t in points])
    scale = inv(vanishing(points, x))
    return {"L": L, "poly": strings(poly), "r_lo": strings(r_lo), "N": strings(N), "e_at": at, "e": strings(e[at:]), "a": str(a), "mu": str(mu),
            "claim": str(claim), "z": str(z), "batch": str(g), "w": str(x), "S": strings(S), "values": strings(values[0] + values[1] + values[2][:1]),
            "S_inverse": str(values[2][1]), "weight": str(scale), "rest": str(poly_eval(rest, x) * scale % P)}


def write(path, data):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    text = json.dumps(data, indent=1)
    with open(path, "w") as f:
        f.write(text + "\n")
    print(os.path.normpath(path), len(text))


if __name__ == "__main__":
    circuit, layouts = toy_circuit(), []
    _, instance = toy_witness(toy_weights(2), toy_input(3))
    for row_vars in (8, 10):
        lay = Layout(circuit, row_vars)
        layouts += [layout_json(lay, False), layout_json(key_layout(lay, key_height(lay)), True)]
    lay = Layout(circuit, 8)
    write("layout/testdata/toy.json", {"circuit": circuit_json(circuit), "layouts": layouts, "lt": lt_json(), "axis_relations": axis_json(),
                                       "claims": claims_json(lay, instance)})
    write("pcs/testdata/opening.json", [opening_json(6, 9, True, 1), opening_json(5, 5, True, 1), opening_json(6, 9, False, 0),
                                        opening_json(5, 5, True, 40)])
