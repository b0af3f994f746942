"""The opening (section 6): a <P', e1> + mu <N, e> = claim, where e1 = eq(., r_lo) makes <P', e1> the value of P' at r_lo.  Constant size.

    S: a (P'(X)e1(1/X) + P'(1/X)e1(X)) + mu (N(X)e(1/X) + N(1/X)e(X)) = 2 claim + X S(X) + S(1/X)/X    -> z, the X of the check
The claim is half the constant coefficient on the left, whatever the degrees of P', N and S.  Only coefficients of P' below 2^L
are read by e1: what lies above (row blinders at X^(2^L)) is free.  P', N and S are opened at z and 1/z by one SHPLONK batch."""
from field import *
from transcript import Reject


def laurent_half(pairs):
    """S of sum_k c_k (A_k(X) B_k(1/X) + A_k(1/X) B_k(X)) = constant + X S(X) + S(1/X)/X.  pairs: (c, A, B)."""
    S = [0] * (max(max(len(a), len(b)) for _, a, b in pairs) - 1)
    for c, a, b in pairs:
        used = [(i, int(x)) for i, x in enumerate(a) if x]
        for j, y in enumerate(b):
            if y:
                y = c * int(y) % P
                for i, x in used:
                    if i != j:
                        S[abs(i - j) - 1] += x * y
    return [x % P for x in S]


def prove_opening(channel, poly, r_lo, N, e, a, mu, cheat=lambda stage, f: f):
    """`cheat(stage, polynomial)` replaces what is sent, for the soundness tests."""
    S = cheat("S", laurent_half([(a, poly, eq_table(r_lo)), (mu, N, e)]))
    channel.send("C_S", [commit(S)])
    z = channel.challenge("z")
    polys, points = [poly, list(N), S], [z, inv(z)]
    values = [[poly_eval(f, x) for x in points] for f in polys]
    channel.send("values", cheat("values", values[0] + values[1] + values[2][:1]))
    g = channel.challenge("batch")
    F = batch(polys, g)
    rest = interpolate(points, [poly_eval(F, x) for x in points])
    W = poly_div_root(poly_div_root(poly_add(F, rest, -1), points[0]), points[1])
    channel.send("W", [commit(W)])
    x = channel.challenge("shplonk")
    last = poly_add(poly_add(F, [poly_eval(rest, x)], -1), W, -vanishing(points, x))
    channel.send("W'", [commit([c * inv(vanishing(points, x)) % P for c in poly_div_root(last, x)])])


def verify_opening(channel, C, r_lo, C_N, e, a, mu, claim):
    """C: commitment of P'.  Raises Reject."""
    C_S, = channel.recv("C_S", 1)
    z = channel.challenge("z")
    p, p_inv, n, n_inv, s = channel.recv("values", 5)
    g = channel.challenge("batch")
    W, = channel.recv("W", 1)
    x = channel.challenge("shplonk")
    W2, = channel.recv("W'", 1)
    if z * (z * z - 1) * (x - z) * (x * z - 1) % P == 0:
        raise Reject("opening points coincide")
    zi = inv(z)
    total = (a * (p * eq_poly(r_lo, zi) + p_inv * eq_poly(r_lo, z)) + mu * (n * poly_eval(e, zi) + n_inv * poly_eval(e, z))
             - 2 * claim - z * s)
    s_inv = total * z % P
    values = [(u + g * v + g * g * w) % P for u, v, w in ((p, n, s), (p_inv, n_inv, s_inv))]
    scale = inv(vanishing([z, zi], x))
    acc = scale * (C + g * C_N + g * g * C_S - poly_eval(interpolate([z, zi], values), x)) - W
    if (acc + x * W2 - TAU * W2) % P:                      # e(acc + x W', [1]) = e(W', [tau])
        raise Reject("pairing")


def batch(polys, g):
    total = [0]
    for f, w in zip(polys, powers(g, len(polys))):
        total = poly_add(total, f, w)
    return total


def eq_poly(u, x):
    """The polynomial with coefficients eq(., u), at x."""
    acc = 1
    for r in u:
        acc = acc * (1 - r + r * x) % P
        x = x * x % P
    return acc


def vanishing(points, x):
    acc = 1
    for p in points:
        acc = acc * (x - p) % P
    return acc
