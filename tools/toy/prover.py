"""Key generation and the prover.  `cheat(V, stage)` is a hook for the soundness tests only."""
import random
from dataclasses import dataclass

from argument import *
from opening import *


@dataclass
class Key:
    fixed: object               # entries of segment F
    private: object             # entries of segment P
    blinders: list              # one for each row of P; rows of F have none


def make_key(lay, values, seed):
    rng = random.Random(seed)
    seg = {s: zeros(len(lay.rows[s]) << lay.L) for s in "FP"}
    for name, v in values.items():
        s = "F" if name in lay.c.key_fixed else "P"
        block = padded(v, lay.c.shapes[name])
        at = lay.at[name] - lay.seg_at[s]
        seg[s][at:at + len(block)] = block
    return Key(seg["F"], seg["P"], [rng.randrange(P) for _ in lay.rows["P"]])


def commit_rows(entries, L, blinders):
    row = 1 << L
    return [commit(entries[i << L:(i + 1) << L], b, row) for i, b in enumerate(blinders)]


def commit_key(lay, key):
    return (commit_rows(key.fixed, lay.L, [0] * len(lay.rows["F"])) + commit_rows(key.private, lay.L, key.blinders))


class Coins:
    """All the prover's randomness by name; the zero-knowledge tests differentiate by it."""

    def __init__(self, lay, seed, cover=(2, 4)):
        rng = random.Random(seed)
        sizes = {"bW": len(lay.rows["W"]), "bH": len(lay.rows["H"]), "mask": lay.mask_size, "cover": cover[0], "coverH": cover[1],
                 "g2": lay.g2_size}
        self.names = [(k, i) for k, s in sizes.items() for i in range(s)]
        self.v = {k: [rng.randrange(P) for _ in range(s)] for k, s in sizes.items()}


def multiplicities(lay, V):
    """Honest counts; an entry that is in no table is not counted."""
    where, m = {}, zeros(1 << lay.table_vars)
    for t, row in reversed(list(enumerate(zip(*lay.table_columns(V))))):
        where[row] = t
    for s, slot in enumerate(lay.c.slots):
        t_in, t_out = slot_columns(lay, V, s)
        for row in zip(lay.tag_table(s), t_in, t_out):
            if row in where:
                m[where[row]] += 1
    return m


def slot_columns(lay, V, s):
    H = 1 << lay.height_vars
    col = [V[lay.at["col%d.%d" % (s, j)]:][:H] for j in range(1 + lay.c.slots[s].pair)]
    return col[0], col[1] if len(col) == 2 else zeros(H)


def helpers(lay, V, ch):
    def inverse(ident, t_in, t_out):
        return batch_inv((ch.alpha - t_in - ch.beta * t_out - ch.beta * ch.beta % P * ident) % P)
    for g, slots in enumerate(lay.c.groups):
        V[lay.at["h%d" % g]:][:1 << lay.height_vars] = sum(inverse(lay.tag_table(s), *slot_columns(lay, V, s)) for s in slots) % P
    T = 1 << lay.table_vars
    V[lay.at["hT"]:][:T] = V[lay.at["m"]:][:T] * inverse(*lay.table_columns(V)) % P


# ---------------------------------------------------------------- dense tables over the inner letters

def expr_dense(lay, e, con, instance, V):
    total = np.zeros([1 << con.bits(l) for l in e.letters], dtype=object)
    for coef, name, axes in e.terms:
        if name is None:
            t = vec([1])
        elif name in instance:
            t = instance[name]
        else:
            t = V[lay.at[name]:lay.at[name] + padded_size(lay.c.shapes[name])]
        t = t.reshape([1 << con.bits(l) for l in axes]).transpose([axes.index(l) for l in e.letters if l in axes])
        t = t.reshape([1 << con.bits(l) if l in axes else 1 for l in e.letters])
        for i, l in enumerate(e.letters):
            if l not in axes:
                inside = vec([x < con.bound[l] for x in range(1 << con.bits(l))])
                t = t * inside.reshape([-1 if k == i else 1 for k in range(len(e.letters))])
        total = (total + coef * t) % P
    return total


def over_inner(t, letters, con, rho_points):
    """Bind the output letters of a dense table, lay it over all inner letters (the first inner letter lowest)."""
    letters = list(letters)
    for l in [l for l in letters if l in rho_points]:
        i = letters.index(l)
        w = eq_table(rho_points[l]).reshape([-1 if k == i else 1 for k in range(len(letters))])
        t = np.array((t * w % P).sum(axis=i) % P, dtype=object)
        letters.pop(i)
    axes = con.inner[::-1]
    t = t.transpose([letters.index(l) for l in axes if l in letters])
    t = t.reshape([1 << con.bits(l) if l in letters else 1 for l in axes])
    return np.broadcast_to(t, [1 << con.bits(l) for l in axes]).reshape(-1)


def sumcheck1_parts(lay, ch, instance, V):
    """The summands: (variables, tables of claimed expressions, public tables, combination)."""
    c, w, parts = lay.c, gamma_weights(lay, ch.gamma), []
    for at, con in lay.bilinear:
        rho = con.out_points(ch.rho)
        tables = [over_inner(expr_dense(lay, e, con, instance, V), e.letters, con, rho) for e in con.operands]
        public = []
        for nonzeros, letters in con.R:
            t = np.zeros([1 << con.bits(l) for l in letters], dtype=object)
            for idx in nonzeros:
                t[idx] = 1
            public.append(over_inner(t, letters, con, rho))

        def combine(claims, pubs, weight=w.relation[at] * contraction_weight(con, ch.rho) % P):
            for v in claims + pubs:
                weight = weight * v % P
            return weight
        parts.append((con.vars(con.inner), tables, public, combine))
    H, T = 1 << lay.height_vars, 1 << lay.table_vars
    for g, slots in enumerate(c.groups):
        columns = [slot_columns(lay, V, s) for s in slots]
        tables = [V[lay.at["h%d" % g]:][:H]] + [(a + ch.beta * b) % P for a, b in columns]
        parts.append((lay.height_vars, tables, [eq_table(ch.zeta[:lay.height_vars])] + [lay.tag_table(s) for s in slots],
                      lambda claims, pubs, g=g: combine_group(ch, w, g, pubs[0], pubs[1:], claims)))
    ident, t_in, t_out = lay.table_columns(V)
    tables = [V[lay.at["hT"]:][:T], V[lay.at["m"]:][:T]] + [t_out] * lay.table_out_claim
    parts.append((lay.table_vars, tables, [eq_table(ch.zeta[:lay.table_vars]), ident, t_in],
                  lambda claims, pubs: combine_table(ch, w, *pubs, claims)))
    return parts


def prove_sumcheck1(lay, channel, ch, parts, u, g1):
    """Rounds over x, beside them over the contractions' index after the longest one's variables; then z.  Returns the claims A'(point, r_z)."""
    ch.point, J, degrees = [], len(lay.bilinear), lay.degrees1

    def send_round(values):
        j = len(ch.point)
        s = poly_add(interpolate(list(range(degrees[j] + 1)), values), mask_round(g1, degrees, j, ch.point))
        channel.send("round1", [s[0]] + s[2:])
        ch.point.append(channel.challenge("r%d" % j))
        return ch.point[-1]

    tables = [[list_ for list_ in t + p] for _, t, p, _ in parts]

    def combined(i, tabs):
        t = len(parts[i][1])
        return parts[i][3](tabs[:t], tabs[t:])

    for j in range(lay.n1 + 1):
        if j == lay.inner_vars:                                     # from here on the contractions are one summand w_j A_j B_j
            Q = 1 << lay.index_vars
            W, A, B = zeros(Q), zeros(Q), zeros(Q)
            for i, (k, _, _, combine) in enumerate(parts[:J]):
                a, b, *pubs = [int(t[0]) for t in tables[i]]
                W[i], A[i], B[i] = finished(ch.point, k, lay.inner_vars) * combine([], pubs) % P, a, b
            parts = [(lay.inner_vars + lay.index_vars, [A, B], [W], lambda ab, w: ab[0] * ab[1] % P * w[0] % P)] + parts[J:]
            tables = [[A, B, W]] + tables[J:]
        if j == lay.n1:
            break
        ys = [0] * (degrees[j] + 1)
        for i, (k, _, _, _) in enumerate(parts):
            for x in range(len(ys)):
                if j < k:
                    ys[x] += int(np.sum(combined(i, [fold_low(t, x) for t in tables[i]])))
                else:
                    ys[x] += finished(ch.point, k, j) * (1 - x) * int(combined(i, [t[0] for t in tables[i]]))
        r = send_round([y % P for y in ys])
        for i, (k, _, _, _) in enumerate(parts):
            if j < k:
                tables[i] = [fold_low(t, r) for t in tables[i]]
    A, B, W = [int(t[0]) for t in tables[0]]
    # z: a claimed expression becomes (1-z) A + z u; a wholly public operand stays
    ends = [x for x, claimed in zip((A, B), lay.operand_claims) if claimed]
    ends += [int(t[0]) for i in range(1, len(parts)) for t in tables[i][:len(parts[i][1])]]
    assert len(ends) == lay.claim_count

    def hidden(z):
        return [((1 - z) * a + z * b) % P for a, b in zip(ends, u)]

    ys = []
    for z in range(degrees[-1] + 1):
        values = hidden(z)
        total = 0
        for i, (k, claimed, _, combine) in enumerate(parts):
            t = len(claimed)
            mine = ([values.pop(0) if on else x for x, on in zip((A, B), lay.operand_claims)] if i == 0
                    else [values.pop(0) for _ in range(t)])
            total += finished(ch.point, k, lay.n1) * combine(mine, [int(x[0]) for x in tables[i][t:]])
        ys.append((1 - z) * total % P)
    send_round(ys)
    return hidden(ch.point[-1])


# ---------------------------------------------------------------- the proof

def prove(lay, key, key_proof, witness, instance, coins, domain="proof", programmed=None, cheat=lambda V, stage: None,
          open_cheat=lambda stage, f: f):
    """witness: name -> integers of every lookup and free block.  Returns (C_K, messages)."""
    public = {n: padded(v, lay.c.shapes[n]) for n, v in instance.items()}
    V, CK, L = zeros(1 << lay.n), commit_key(lay, key), lay.L
    for s, entries in (("F", key.fixed), ("P", key.private)):
        V[lay.seg_at[s]:lay.seg_at[s] + len(entries)] = entries
    channel = Channel(domain, (digest(lay, CK, key_proof), sorted((n, [int(x) for x in v]) for n, v in public.items())), programmed=programmed)
    ch = SimpleNamespace()
    # W
    for name, values in witness.items():
        block = padded(values, lay.c.shapes[name])
        V[lay.at[name]:lay.at[name] + len(block)] = block
    for at, x in zip(lay.mask_at, coins.v["mask"]):
        V[lay.at["mask"] + at] = x
    V[lay.cover_row * lay.row + lay.g2_at:][:lay.g2_size] = vec(coins.v["g2"])
    V[lay.at["cover"]:][:len(coins.v["cover"])] = vec(coins.v["cover"])
    V[lay.at["coverH"]:][:len(coins.v["coverH"])] = vec(coins.v["coverH"])
    cheat(V, "columns")
    V[lay.at["m"]:][:1 << lay.table_vars] = multiplicities(lay, V)
    cheat(V, "W")

    def rows(s):
        first, count = lay.rows[s].start << L, len(lay.rows[s]) << L
        return commit_rows(V[first:first + count], L, coins.v["b" + s])
    channel.send("C_W", rows("W"))
    ch.alpha, ch.beta = channel.challenges("lookup", 2)
    # H
    helpers(lay, V, ch)
    cheat(V, "H")
    channel.send("C_H", rows("H"))
    ch.rho, ch.zeta = channel.challenges("rho", lay.rho_vars), channel.challenges("zeta", lay.zeta_vars)
    ch.gamma = channel.challenge("gamma")
    # sumcheck 1
    start, known = start_functional(lay, ch, public)
    E = zeros(1 << lay.n)
    start.dense(E)
    S, = channel.send("S", [int((V * E % P).sum()) + known])
    mask = [int(V[lay.at["mask"] + at]) for at in lay.mask_at]
    values = prove_sumcheck1(lay, channel, ch, sumcheck1_parts(lay, ch, public, V), mask[:lay.g1_at], mask[lay.g1_at:])
    channel.send("claims", values)
    # sumcheck 2
    delta, E = channel.challenge("delta"), zeros(1 << lay.n)
    for (f, _), d in zip(all_claims(lay, ch, public, values, S, 0), powers(delta, lay.claim_count + 2)):
        f.dense(E, d)
    E %= P
    g2, degrees2, r2 = [int(x) for x in V[lay.cover_row * lay.row + lay.g2_at:][:lay.g2_size]], [2] * lay.n, []
    channel.send("G2", [sum(w * a for w, a in zip(mask_sum_weights(degrees2), g2))])
    mu, v_tab, e_tab = channel.challenge("mu"), V, E
    for j in range(lay.n):
        ys = [int((fold_low(v_tab, x) * fold_low(e_tab, x) % P).sum()) % P for x in range(3)]
        s = poly_add(interpolate([0, 1, 2], ys), mask_round(g2, degrees2, j, r2), mu)
        channel.send("round2", [s[0], s[2]])
        r2.append(channel.challenge("s%d" % j))
        v_tab, e_tab = fold_low(v_tab, r2[-1]), fold_low(e_tab, r2[-1])
    # opening
    r_lo, eq_hi = r2[:L], eq_table(r2[L:])
    b_row = zeros(1 << lay.n - L)
    for s, b in (("P", key.blinders), ("W", coins.v["bW"]), ("H", coins.v["bH"])):
        b_row[lay.rows[s].start:lay.rows[s].stop] = vec(b)
    poly = [int(x) for x in (V.reshape(-1, lay.row) * eq_hi.reshape(-1, 1) % P).sum(axis=0)] + [int((eq_hi * b_row).sum())]
    N = [*V[lay.cover_row * lay.row:][:lay.row], b_row[lay.cover_row]]
    prove_opening(channel, [c % P for c in poly], r_lo, [int(x) for x in N], e_vector(lay, r2), int(e_tab[0]), mu, open_cheat)
    return CK, channel.proof
