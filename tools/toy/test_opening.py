"""The opening by itself: false statements, malformed polynomials, coinciding points, and what each challenge is for."""
import random

from argument import mask_weights
from opening import *
from transcript import Channel


class Case:
    """A random P' (extra: coefficients from 2^L on), row N and their true statement."""

    def __init__(self, L, extra=1, seed=1):
        rng = random.Random(seed)
        self.draw = lambda n: [rng.randrange(P) for _ in range(n)]
        self.L, self.r, (self.a, self.mu) = L, self.draw(L), self.draw(2)
        self.e = [0] * (2 * L % 5) + mask_weights([2] * L, self.draw(L))
        self.poly, self.N = self.draw((1 << L) + extra), self.draw((1 << L) + 2 * L + 6)
        self.e1 = eq_table(self.r)
        self.v = mle_eval(vec(self.poly[:1 << L]), self.r)
        self.y = sum(x * w for x, w in zip(self.N, self.e)) % P
        self.claim = (self.a * self.v + self.mu * self.y) % P

    def run(self, d=0, poly=None, N=None, cheat=lambda stage, f: f, programmed=None):
        """The claim is off by d; the prover may use another polynomial than the committed one."""
        C, claim = commit(self.poly), (self.claim + d) % P
        statement = repr((C, claim))
        prover = Channel("opening", statement, programmed=programmed)
        prove_opening(prover, poly or self.poly, self.r, N or self.N, self.e, self.a, self.mu, cheat)
        try:
            verifier = Channel("opening", statement, messages=prover.proof, programmed=programmed)
            verify_opening(verifier, C, self.r, commit(self.N), self.e, self.a, self.mu, claim)
            return not verifier.incoming
        except Reject:
            return False

    def challenge(self, programmed):
        """z under programmed challenges: known before anything is sent."""
        return Channel("opening", "", programmed=programmed).challenge("z")


def at_stage(stage, change):
    return lambda now, f: change([int(c) for c in f]) if now == stage else f


def bump(i, d=1):
    def change(f):
        f = f + [0] * (i + 1 - len(f))
        f[i] = (f[i] + d) % P
        return f
    return change


def honest():
    print("  honest, L = 2..9, with 0, 1, 2^L + 3 coefficients from 2^L on:",
          all(Case(L, extra).run() for L in range(2, 10) for extra in (0, 1, (1 << L) + 3)))


def false_statements(L):
    c, out = Case(L), {}
    d = 12345
    out["wrong claim"] = c.run(d=1)
    out["claim of Q_0 + Q_1"] = c.run(d=c.a * int(c.e1[0]) * c.poly[1 << L])
    for i in range(len(c.poly)):
        other = bump(i)(c.poly)                                      # another polynomial than the committed one
        out["P' altered"] = out.get("P' altered", False) or c.run(poly=other, d=c.a * (mle_eval(vec(other[:1 << L]), c.r) - c.v))
    for i in range(len(c.N)):
        other = bump(i)(c.N)
        out["N altered"] = out.get("N altered", False) or c.run(N=other, d=c.mu * (sum(x * w for x, w in zip(other, c.e)) - c.y))
    # P' and N altered, the two wrong values cancel
    other, k = bump(0, d)(c.poly), next(i for i, w in enumerate(c.e) if w)
    out["wrong values that cancel"] = c.run(poly=other, N=bump(k, -c.a * d * int(c.e1[0]) * inv(c.mu * c.e[k]))(c.N))
    out["S altered"] = any(c.run(cheat=at_stage("S", bump(i, d))) for i in range((2 << L) + 3))
    out["S altered, claim wrong"] = any(c.run(d=x, cheat=at_stage("S", bump(i, d))) for i in range((2 << L) + 3) for x in (d, -d, d * HALF))
    out["values altered"] = any(c.run(cheat=at_stage("values", bump(i, d))) for i in range(5))
    print("  L = %d, accepted:" % L, out, flush=True)
    return not any(out.values())


def high_coefficients(L):
    """P' has coefficients from 2^L on: free, but the claim is that of Q_0."""
    c, out = Case(L, extra=(1 << L) + 5), {}
    out["all stated, claim of Q_0"] = c.run()
    out["claim of Q_0 + Q_1"] = c.run(d=c.a * mle_eval(vec(c.poly[1 << L:2 << L]), c.r))
    out["prover uses Q_0 only"] = c.run(poly=c.poly[:1 << L])
    print("  L = %d, coefficients from 2^L on:" % L, out, flush=True)
    return list(out.values()) == [True, False, False]


def coincidences(L):
    """z = 0, 1, -1, or the SHPLONK point z or 1/z: refused, the prover being right."""
    c, out = Case(L), {}
    real = Channel.challenge
    for what, target, value in (("z = 0", "z", 0), ("z = 1", "z", 1), ("z = -1", "z", P - 1), ("w = z", "shplonk", "z"), ("w = 1/z", "shplonk", "1/z")):
        last = {}

        def forced(self, label):
            got = real(self, label)
            if label == "z":
                last.update({"z": got, "1/z": inv(got)})
            return last.get(value, value) if label == target else got
        proof = Channel("opening", "x")
        prove_opening(proof, c.poly, c.r, c.N, c.e, c.a, c.mu)
        Channel.challenge = forced
        try:
            verify_opening(Channel("opening", "x", messages=proof.proof), commit(c.poly), c.r, commit(c.N), c.e, c.a, c.mu, c.claim)
            out[what] = "ACCEPTED"
        except Reject as e:
            out[what] = str(e)
        Channel.challenge = real
    print("  L = %d, coinciding points:" % L, out, flush=True)
    return set(out.values()) == {"opening points coincide"}


def frozen(L):
    """z known before S lets a false claim through; drawn in its place it does not."""
    c, d = Case(L), 4321
    z = c.challenge(5)
    cheat = at_stage("S", bump(0, -2 * d * inv(z + inv(z))))
    out = c.run(d, cheat=cheat, programmed=5), c.run(d, cheat=cheat)
    print("  L = %d, z (known early, in its place):" % L, out, flush=True)
    return out == (True, False)


if __name__ == "__main__":
    honest()
    good = [f(L) for L in (4, 5) for f in (false_statements, high_coefficients, coincidences, frozen)]
    print("as expected:", good)
