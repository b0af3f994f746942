"""The opening (section 6): P'(r_lo) = v, with <N, e> = y for row N, that of the cover block, as a third summand.  Constant size,
after Mercury.

P'(X) = sum_i X^(ib) f_i(X), b = 2^l1; e1, e2: polynomials whose coefficients are eq(., u1), eq(., u2), r_lo = (u1, u2).
    h = sum_i <f_i, e1> X^i                     -> alpha
    P' = (X^b - alpha) q + g,  D = X^(b-1) g(1/X)    -> gamma
    S: g(X)e1(1/X) + g(1/X)e1(X) + gamma (h(X)e2(1/X) + h(1/X)e2(X)) + gamma^2 mu (N(X)e(1/X) + N(1/X)e(X))
         = 2 (h(alpha) + gamma v + gamma^2 mu y) + X S(X) + S(1/X)/X    -> z, the X of the check
Only coefficients of P' below 2^L are read by e1, e2: what lies above (row blinders at X^(2^L)) is free."""
from field import *
from transcript import Reject


def split(L):
    """(l1, b): the low l1 coordinates belong to the columns, b = 2^l1."""
    l1 = (L + 1) // 2
    return l1, 1 << l1


def cover_positions(L):
    """Positions of the random entries in the cover block, L >= 6: as many as there are functionals of its row in a proof besides
    the row's commitment, which has a blinder of its own."""
    _, b = split(L)
    return [0, 1, 2, 3, 4, 5, 6, b, b + 1, b + 2, b + 3, 2 * b, 3 * b]


def column_fold(poly, b, e1):
    return [sum(int(c) * int(w) for c, w in zip(poly[i:i + b], e1)) % P for i in range(0, len(poly), b)]


def divide(poly, b, alpha):
    """(q, g) with poly = (X^b - alpha) q + g, deg g < b."""
    rem, q = [int(c) for c in poly], [0] * max(len(poly) - b, 1)
    for i in range(len(rem) - 1, b - 1, -1):
        q[i - b] = rem[i]
        rem[i - b] = (rem[i - b] + rem[i] * alpha) % P
    return q, rem[:b]


def laurent_half(pairs):
    """S of sum_k c_k (A_k(X) B_k(1/X) + A_k(1/X) B_k(X)) = constant + X S(X) + S(1/X)/X.  pairs: (c, lowest exponent of A, A, B)."""
    S = [0] * (max(max(len(a) - 1 + low, len(b) - 1 - low) for _, low, a, b in pairs))
    for c, low, a, b in pairs:
        for i, x in enumerate(a, low):
            for j, y in enumerate(b):
                if i != j:
                    S[abs(i - j) - 1] = (S[abs(i - j) - 1] + c * int(x) % P * int(y)) % P
    return S


def point_sets(alpha, z):
    """Opening points of P' - (z^b - alpha) q, D, N, S, h."""
    zi = inv(z)
    return [[z]] + [[z, zi]] * 3 + [[z, zi, alpha]]


def prove_opening(channel, poly, r_lo, N, e, mu, cheat=lambda stage, f: f):
    """`cheat(stage, polynomial)` replaces what is sent, for the soundness tests."""
    l1, b = split(len(r_lo))
    e1, e2 = eq_table(r_lo[:l1]), eq_table(r_lo[l1:])
    h = cheat("h", column_fold(poly, b, e1))
    channel.send("C_h", [commit(h)])
    alpha = channel.challenge("alpha'")
    q, g = divide(poly, b, alpha)
    q, D = cheat("q", q), cheat("D", g[::-1])
    channel.send("C_qD", [commit(q), commit(D)])
    gamma = channel.challenge("gamma'")
    S = cheat("S", laurent_half([(1, b - len(D), D[::-1], e1), (gamma, 0, h, e2), (gamma * gamma % P * mu % P, 0, N, e)]))
    channel.send("C_S", [commit(S)])
    z = channel.challenge("z")
    polys = [poly_add(poly, q, (alpha - pow(z, b, P)) % P), D, list(N), S, h]
    points = point_sets(alpha, z)
    values = [[poly_eval(f, x) for x in xs] for f, xs in zip(polys, points)]
    values[0] = [pow(z, b - 1, P) * values[1][1] % P]
    channel.send("values", cheat("values", values[1] + values[4] + values[2] + values[3][:1]))
    prove_batch_opening(channel, polys, points, values)


def verify_opening(channel, C, r_lo, claim, C_N, e, mu, mu_y):
    """C: commitment of P'; claim: v; mu_y: mu times the claimed <N, e>.  Raises Reject."""
    l1, b = split(len(r_lo))
    C_h, = channel.recv("C_h", 1)
    alpha = channel.challenge("alpha'")
    C_q, C_D = channel.recv("C_qD", 2)
    gamma = channel.challenge("gamma'")
    C_S, = channel.recv("C_S", 1)
    z = channel.challenge("z")
    D, D_inv, h, h_inv, h_alpha, n, n_inv, s = channel.recv("values", 8)
    if z * (z * z - 1) * (alpha - z) * (alpha * z - 1) % P == 0:
        raise Reject("opening points coincide")
    zi = inv(z)
    zb = pow(z, b - 1, P)
    e1, e1_inv = eq_poly(r_lo[:l1], z), eq_poly(r_lo[:l1], zi)
    e2, e2_inv = eq_poly(r_lo[l1:], z), eq_poly(r_lo[l1:], zi)
    g, g_inv = zb * D_inv % P, inv(zb) * D % P
    total = (g * e1_inv + g_inv * e1 + gamma * (h * e2_inv + h_inv * e2)
             + gamma * gamma % P * (mu * (n * poly_eval(e, zi) + n_inv * poly_eval(e, z)) - 2 * mu_y)
             - 2 * (h_alpha + gamma * claim) - z * s)
    s_inv = total * z % P
    commitments = [(C - (zb * z - alpha) * C_q) % P, C_D, C_N, C_S, C_h]
    verify_batch_opening(channel, commitments, point_sets(alpha, z), [[g], [D, D_inv], [n, n_inv], [s, s_inv], [h, h_inv, h_alpha]])


def eq_poly(u, x):
    """The polynomial with coefficients eq(., u), at x."""
    acc = 1
    for r in u:
        acc = acc * (1 - r + r * x) % P
        x = x * x % P
    return acc


# ---------------------------------------------------------------- SHPLONK

def vanishing(points, x):
    acc = 1
    for p in points:
        acc = acc * (x - p) % P
    return acc


def batch_quotient(polys, points, values, g):
    """W = sum_k g^k (f_k - I_k) / Z_k."""
    quotient = [0]
    for f, xs, ys, w in zip(polys, points, values, powers(g, len(polys))):
        q = poly_add(f, interpolate(xs, ys), -1)
        for x in xs:
            q = poly_div_root(q, x)
        quotient = poly_add(quotient, q, w)
    return quotient


def last_quotient(polys, points, values, g, W, x):
    """W' = (sum_k g^k (f_k - I_k(x)) / Z_k(x) - W) / (X - x)."""
    total = [-c % P for c in W]
    for f, xs, ys, w in zip(polys, points, values, powers(g, len(polys))):
        total = poly_add(total, poly_add(f, [poly_eval(interpolate(xs, ys), x)], -1), w * inv(vanishing(xs, x)))
    return poly_div_root(total, x)


def prove_batch_opening(channel, polys, points, values):
    g = channel.challenge("batch")
    W = batch_quotient(polys, points, values, g)
    channel.send("W", [commit(W)])
    channel.send("W'", [commit(last_quotient(polys, points, values, g, W, channel.challenge("shplonk")))])


def verify_batch_opening(channel, commitments, points, values):
    g = channel.challenge("batch")
    W, = channel.recv("W", 1)
    x = channel.challenge("shplonk")
    W2, = channel.recv("W'", 1)
    if any(vanishing(xs, x) == 0 for xs in points):
        raise Reject("opening points coincide")
    acc = -W % P
    for (C, xs, ys), w in zip(zip(commitments, points, values), powers(g, len(points))):
        acc += w * inv(vanishing(xs, x)) * (C - poly_eval(interpolate(xs, ys), x))
    if (acc + x * W2 - TAU * W2) % P:                      # e(acc + x W', [1]) = e(W', [tau])
        raise Reject("pairing")
