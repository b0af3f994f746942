"""The zero-knowledge simulator: a transcript from public data alone, its challenges programmed."""
from argument import *
from opening import prove_opening


def simulate(lay, CK, instance, rng, seed, claims=None):
    def draw(n):
        return [rng.randrange(P) for _ in range(n)]
    public = padded_instance(lay, instance)
    channel, ch, L = Channel("sim", None, programmed=seed), SimpleNamespace(), lay.L
    ch.alpha, ch.beta = channel.challenges("lookup", 2)
    ch.rho, ch.zeta = channel.challenges("rho", lay.rho_vars), channel.challenges("zeta", lay.zeta_vars)
    ch.gamma, ch.point = channel.challenge("gamma"), []
    S, rounds1, rounds2, r2 = draw(1)[0], [], [], []
    last = S
    for j, d in enumerate(lay.degrees1):
        rounds1.append(draw(d))
        ch.point.append(channel.challenge("r%d" % j))
        last = poly_eval(round_poly(rounds1[-1], last), ch.point[-1])
    claims = claims or draw(lay.claim_count)
    parts = all_claims(lay, ch, public, claims, S, last)
    weights = powers(channel.challenge("delta"), len(parts))
    (G2,), mu = draw(1), channel.challenge("mu")
    last = (sum(d * v for d, (_, v) in zip(weights, parts)) + mu * G2) % P
    for j in range(lay.n):
        rounds2.append(draw(2))
        r2.append(channel.challenge("s%d" % j))
        last = poly_eval(round_poly(rounds2[-1], last), r2[-1])
    E = sum(d * f.eval(lay.n, r2) for d, (f, _) in zip(weights, parts)) % P
    r_lo, poly, e, N = r2[:L], draw(lay.row + 1), e_vector(lay, r2), draw(lay.row + 1)
    y = (last - E * mle_eval(vec(poly[:-1]), r_lo)) * inv(mu)
    N[lay.g2_at] = (N[lay.g2_at] + y - sum(a * b for a, b in zip(N, e))) % P         # uniform among those with E poly(r_lo) + mu <N, e> = last
    CW, CH, eq_hi = draw(len(lay.rows["W"])), draw(len(lay.rows["H"])), eq_table(r2[L:])
    CW[lay.cover_row - lay.rows["W"].start] = commit(N)
    CK_rows = {"F": CK[:len(lay.rows["F"])], "P": CK[len(lay.rows["F"]):], "W": CW, "H": CH}
    rest = sum(int(eq_hi[r]) * C for s, Cs in CK_rows.items() for r, C in zip(lay.rows[s], Cs))
    poly[-1] = (poly[-1] + (rest - commit(poly)) * inv(pow(TAU, lay.row, P))) % P  # ... and the commitment that the rows have
    for label, message in ([("C_W", CW), ("C_H", CH), ("S", [S])] + [("round1", m) for m in rounds1] + [("claims", claims), ("G2", [G2])]
                           + [("round2", m) for m in rounds2]):
        channel.send(label, message)
    prove_opening(channel, poly, r_lo, N, e, E, mu)
    return channel.proof, ch.point[-1]
