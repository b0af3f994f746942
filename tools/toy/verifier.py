"""The verifier, the acceptance of a key, and the key proof (section 1)."""
from argument import *
from opening import verify_opening
from prover import Coins, Key, commit_rows, prove


def verify(lay, CK, key_proof, instance, proof, domain="proof", programmed=None):
    """Raises Reject.  CK and key_proof: a key accepted before (accept_key)."""
    L, public = lay.L, padded_instance(lay, instance)
    statement = (digest(lay, CK, key_proof), sorted((n, [int(x) for x in v]) for n, v in public.items()))
    channel = Channel(domain, statement, messages=proof, programmed=programmed)
    ch = SimpleNamespace()
    CW = channel.recv("C_W", len(lay.rows["W"]))
    ch.alpha, ch.beta = channel.challenges("lookup", 2)
    CH = channel.recv("C_H", len(lay.rows["H"]))
    ch.rho, ch.zeta = channel.challenges("rho", lay.rho_vars), channel.challenges("zeta", lay.zeta_vars)
    ch.gamma = channel.challenge("gamma")
    # sumcheck 1
    S, = channel.recv("S", 1)
    last, ch.point = S, []
    for j, d in enumerate(lay.degrees1):
        s = round_poly(channel.recv("round1", d), last)
        ch.point.append(channel.challenge("r%d" % j))
        last = poly_eval(s, ch.point[-1])
    values = channel.recv("claims", lay.claim_count)
    claims = all_claims(lay, ch, public, values, S, last)
    # sumcheck 2
    weights = powers(channel.challenge("delta"), len(claims))
    G2, = channel.recv("G2", 1)
    mu = channel.challenge("mu")
    last, r2 = (sum(d * v for d, (_, v) in zip(weights, claims)) + mu * G2) % P, []
    for j in range(lay.n):
        s = round_poly(channel.recv("round2", 2), last)
        r2.append(channel.challenge("s%d" % j))
        last = poly_eval(s, r2[-1])
    E = sum(d * f.eval(lay.n, r2) for d, (f, _) in zip(weights, claims)) % P
    # opening
    eq_hi, C, C_N = eq_table(r2[L:]), 0, CW[lay.cover_row - lay.rows["W"].start]
    for s, Cs in (("F", CK[:len(lay.rows["F"])]), ("P", CK[len(lay.rows["F"]):]), ("W", CW), ("H", CH)):
        C += sum(int(eq_hi[r]) * c for r, c in zip(lay.rows[s], Cs))
    verify_opening(channel, C % P, r2[:L], C_N, e_vector(lay, r2), E, mu, last)
    if channel.incoming:
        raise Reject("trailing data")


# ---------------------------------------------------------------- the key

def key_layout(lay, height_vars, group=8):
    """The key proof's own circuit: the rows of P are those of the main layout, in the same order."""
    out = Layout(key_circuit(lay.c, height_vars, group), lay.L)
    assert all(out.at[n] - out.seg_at["P"] == lay.at[n] - lay.seg_at["P"] for n in lay.c.key_private)
    return out


def key_statement(lay, CK):
    """The key proof speaks of the rows of P; all of C_K and the main descriptor are bound through the domain."""
    return "key of " + digest(lay, CK, None)


def prove_key(lay, klay, key, CK, coins, **more):
    return prove(klay, Key(zeros(0), key.private, key.blinders), None, {}, {}, coins, domain=key_statement(lay, CK), **more)[1]


def accept_key(lay, klay, CK, fixed, key_proof):
    """Once for each key: recompute the public rows, verify the key proof.  fixed: entries of F, recomputed from the model."""
    f = len(lay.rows["F"])
    if CK[:f] != commit_rows(fixed, lay.L, [0] * f) or len(CK) != f + len(lay.rows["P"]):
        raise Reject("public rows of the key")
    if lay.c.key_private:
        verify(klay, CK[f:], None, {}, key_proof, domain=key_statement(lay, CK))
    elif key_proof is not None:
        raise Reject("key proof without a private key")


def accepted(check, *args, **kwargs):
    try:
        check(*args, **kwargs)
        return True
    except Reject:
        return False
