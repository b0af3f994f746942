"""What both sides compute: statement, factors of sumcheck 1, the claims, masks (sections 3-5)."""
import hashlib
from types import SimpleNamespace

from layout import *
from transcript import Channel, Reject


def digest(lay, key_commitments, key_proof):
    """key_proof: the accepted proof of the key, None when the circuit has no private block."""
    return hashlib.sha3_256(repr((lay.c, lay.L, key_commitments, key_proof)).encode()).hexdigest()


def padded_instance(lay, instance):
    """The instance as dense arrays; its shape and declared intervals are the verifier's own check."""
    if set(instance) != set(lay.c.public):
        raise Reject("instance")
    for name, (lo, hi) in lay.c.public.items():
        values = np.array(instance[name], dtype=object)
        if values.shape != tuple(lay.c.shapes[name]) or not all(lo <= v <= hi for v in values.reshape(-1)):
            raise Reject("instance " + name)
    return {name: padded(v, lay.c.shapes[name]) for name, v in instance.items()}


def gamma_weights(lay, gamma):
    """One power for each relation, each Z_g, Z_T; one more, the same everywhere, for sum h_g - sum h_T."""
    c = lay.c
    w = powers(gamma, len(c.relations) + len(c.groups) + 2)
    return SimpleNamespace(relation=w, group=w[len(c.relations):], table=w[-2], sum=w[-1])


# ---------------------------------------------------------------- sumcheck 1: public factors and combinations

def contraction_weight(con, rho):
    """The factor lt(d, rho) for every output letter that no factor holds (rule 2)."""
    w = 1
    for l in con.lone():
        w = w * lt_eval(con.bound[l], con.out_points(rho)[l]) % P
    return w


def axis_relations_at(con, points):
    acc = 1
    for nonzeros, letters in con.R:
        acc = acc * axis_relation_at(nonzeros, [points[l] for l in letters]) % P
    return acc


def combine_group(ch, w, g, eq_zeta, tags, claims):
    """gamma_g * eq * (h prod D - sum prod of the others) + gamma_sum * h;  claims: h, then in + beta*out of each slot."""
    h, full, cross = claims[0], 1, 0
    for tag, fp in zip(tags, claims[1:]):
        d = (ch.alpha - fp - ch.beta * ch.beta % P * tag) % P
        cross = (cross * d + full) % P
        full = full * d % P
    return (w.group[g] * eq_zeta % P * (h * full - cross) + w.sum * h) % P


def combine_table(ch, w, eq_zeta, ident, t_in, claims):
    """gamma_T * eq * (h_T (alpha - fp) - m) - gamma_sum * h_T;  claims: h_T, m and, if any table has outputs, out."""
    h, m, out = claims if len(claims) == 3 else (*claims, 0)
    fp = t_in + ch.beta * out + ch.beta * ch.beta % P * ident
    return (w.table * eq_zeta % P * (h * (ch.alpha - fp) - m) - w.sum * h) % P


def finished(point, k, n1):
    """prod_{k <= j < n1} (1 - x_j)."""
    acc = 1
    for x in point[k:n1]:
        acc = acc * (1 - x) % P
    return acc


def index_of(lay, r):
    """The variables that number the bilinear contractions."""
    return r[lay.inner_vars:lay.inner_vars + lay.index_vars]


# ---------------------------------------------------------------- claims

def start_functional(lay, ch, instance):
    """S = sum over relations of gamma_j (LHS_j - linear contractions)(rho) + sum g1."""
    f, known, w = Functional(), 0, gamma_weights(lay, ch.gamma)
    for j, rel in enumerate(lay.c.relations):
        g, k = relation_at(lay, rel, ch.rho, instance)
        f.add(g, w.relation[j])
        known += w.relation[j] * k
    for i, weight in enumerate(mask_sum_weights(lay.degrees1)):
        f.term(weight, lay.at["mask"] + lay.mask_at[lay.g1_at + i])
    return f, known % P


def claimed_functionals(lay, ch, instance):
    """The expressions A of sumcheck 1 at its point: (functional, public part), in the canonical order
    A, B (all bilinear contractions together); h_g and its slots, group by group; h_T, m, table out."""
    c, r, out = lay.c, ch.point, []
    index = eq_table(index_of(lay, r))
    for o, present in zip("AB", lay.operand_claims):
        f, known = Functional(), 0
        for j, (_, con) in enumerate(lay.bilinear):
            points = {**con.out_points(ch.rho), **con.inner_points(r)}
            g, k = expr_at(lay, con, getattr(con, o), points, instance)
            f.add(g, int(index[j]))
            known += int(index[j]) * k
        out.append((f, known % P, present))
    x, t = r[:lay.height_vars], r[:lay.table_vars]
    for g, slots in enumerate(c.groups):
        out.append((Functional().term(1, lay.at["h%d" % g], x), 0, True))
        for s in slots:
            f = Functional().term(1, lay.at["col%d.0" % s], x)
            if c.slots[s].pair:
                f.term(ch.beta, lay.at["col%d.1" % s], x)
            out.append((f, 0, True))
    for name in ("hT", "m"):
        out.append((Functional().term(1, lay.at[name], t), 0, True))
    outs = Functional()
    for tab in c.tables:
        if tab.out is not None:
            k = log2_ceil(tab.size)
            outs.term(eq_eval(bits(lay.table_at[tab.ident] >> k, lay.table_vars - k), t[k:]), lay.at[tab.out], t[:k])
    return out + [(outs, 0, True)] * lay.table_out_claim


def final_total(lay, ch, instance, values):
    """Sumcheck 1's polynomial without g1 at its point, from the claimed values."""
    c, r, w, rest = lay.c, ch.point, gamma_weights(lay, ch.gamma), list(values)
    index, rz, total = eq_table(index_of(lay, r)), r[-1], 0
    known = [k for _, k, _ in claimed_functionals(lay, ch, instance)[:2]]
    A, B = [rest.pop(0) if claimed else k for claimed, k in zip(lay.operand_claims, known)]
    for j, (at, con) in enumerate(lay.bilinear):
        points = {**con.out_points(ch.rho), **con.inner_points(r)}
        wj = w.relation[at] * contraction_weight(con, ch.rho) % P * axis_relations_at(con, points) % P
        total += int(index[j]) * wj % P * finished(r, con.vars(con.inner), lay.inner_vars) % P * A % P * B
    total *= finished(r, lay.inner_vars + lay.index_vars, lay.n1)
    others, x, t = 0, r[:lay.height_vars], r[:lay.table_vars]
    for g, slots in enumerate(c.groups):
        mine = [rest.pop(0) for _ in range(1 + len(slots))]
        others += (finished(r, lay.height_vars, lay.n1)
                   * combine_group(ch, w, g, eq_eval(ch.zeta[:len(x)], x), [lay.tag_eval(s, x) for s in slots], mine))
    others += (finished(r, lay.table_vars, lay.n1)
               * combine_table(ch, w, eq_eval(ch.zeta[:len(t)], t), *lay.table_eval(t), rest))
    return (total + others) * (1 - rz) % P


def all_claims(lay, ch, instance, values, S, last):
    """Every claim 'functional of V has value': the expressions, S, g1 at the point."""
    rz, out, u_at = ch.point[-1], [], lay.at["mask"]
    parts = [(f, k) for f, k, present in claimed_functionals(lay, ch, instance) if present]
    for i, ((f, known), v) in enumerate(zip(parts, values)):
        out.append((Functional().add(f, (1 - rz) % P).term(rz, u_at + lay.mask_at[i]), (v - (1 - rz) * known) % P))
    start, known = start_functional(lay, ch, instance)
    out.append((start, (S - known) % P))
    g1 = Functional()
    for i, weight in enumerate(mask_weights(lay.degrees1, ch.point)):
        g1.term(weight, lay.at["mask"] + lay.mask_at[lay.g1_at + i])
    out.append((g1, (last - final_total(lay, ch, instance, values)) % P))
    return out


# ---------------------------------------------------------------- masks g1, g2

def mask_weights(degrees, r):
    """Weights of the coefficients a_0, a_{j,e} (e = 1..d_j) in g(r)."""
    return [1] + [pow(x, e, P) for x, d in zip(r, degrees) for e in range(1, d + 1)]


def mask_sum_weights(degrees):
    n = len(degrees)
    return [pow(2, n, P)] + [pow(2, n - 1, P)] * sum(degrees)


def mask_round(coeffs, degrees, j, r):
    """Coefficients of the mask's round polynomial j, the variables before bound to r."""
    parts, at = [], 1
    for d in degrees:
        parts.append([0] + [int(a) for a in coeffs[at:at + d]])
        at += d
    rest = len(degrees) - j - 1
    const = (coeffs[0] + sum(poly_eval(parts[i], r[i]) for i in range(j))) * pow(2, rest, P)
    if rest:
        const += pow(2, rest - 1, P) * sum(sum(p) for p in parts[j + 1:])
    return [const % P] + [a * pow(2, rest, P) % P for a in parts[j][1:]]


def round_poly(message, claim):
    """A round polynomial travels without its linear coefficient: s(0) + s(1) = claim gives it."""
    return [message[0], (claim - 2 * message[0] - sum(message[1:])) % P] + message[1:]


def e_vector(lay, r2):
    """Coefficients of e(X), aligned with g2's in the cover block's row."""
    return [0] * lay.g2_at + mask_weights([2] * lay.n, r2)
