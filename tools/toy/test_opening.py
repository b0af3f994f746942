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
        self.L, (self.l1, self.b) = L, split(L)
        self.r, self.e, (self.mu,) = self.draw(L), mask_weights([2] * L, self.draw(L)), self.draw(1)
        self.poly, self.N = self.draw((1 << L) + extra), self.draw(2 * L + 4)
        self.v = mle_eval(vec(self.poly[:1 << L]), self.r)
        self.y = sum(a * b for a, b in zip(self.N, self.e)) % P
        self.e1, self.e2 = eq_table(self.r[:self.l1]), eq_table(self.r[self.l1:])

    def run(self, dv=0, dy=0, poly=None, N=None, cheat=lambda stage, f: f, programmed=None, C=None):
        """The claims are off by dv and (mu y) by dy; the prover may use another polynomial than the committed one."""
        C = commit(self.poly) if C is None else C
        claim, mu_y = (self.v + dv) % P, (self.mu * self.y + dy) % P
        statement = repr((C, claim, mu_y))
        prover = Channel("opening", statement, programmed=programmed)
        prove_opening(prover, poly or self.poly, self.r, N or self.N, self.e, self.mu, cheat)
        try:
            verifier = Channel("opening", statement, messages=prover.proof, programmed=programmed)
            verify_opening(verifier, C, self.r, claim, commit(self.N), self.e, self.mu, mu_y)
            return True
        except Reject:
            return False

    def challenges(self, programmed):
        """alpha, gamma, z under programmed challenges: known before anything is sent."""
        channel = Channel("opening", "", programmed=programmed)
        return [channel.challenge(label) for label in ("alpha'", "gamma'", "z")]


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
    out["wrong v"] = c.run(dv=1)
    out["wrong y"] = c.run(dy=1)
    out["wrong v and y, sum right"] = c.run(dv=d, dy=-d)
    out["wrong v, claim of Q_0 + Q_1"] = c.run(dv=int(c.e1[0]) * c.poly[1 << L])
    for i in range(len(c.poly)):
        other = bump(i)(c.poly)                                      # another polynomial than the committed one
        ok = c.run(poly=other, dv=mle_eval(vec(other[:1 << L]), c.r) - c.v)
        out["P' altered"] = out.get("P' altered", False) or ok
    for i in range(len(c.N)):
        other = bump(i)(c.N)
        dy = c.mu * (sum(a * b for a, b in zip(other, c.e)) - c.y)
        out["N altered"] = out.get("N altered", False) or c.run(N=other, dy=dy)
    # <h', e2> = v' + d with h' otherwise right; h' beyond 2^l2; D longer than b; q, S altered; values altered
    lengths = {"h": (1 << L - c.l1) + 3, "q": 1 << L, "D": c.b + 3, "S": c.b + 3}
    for stage, n in lengths.items():
        out["%s altered" % stage] = any(c.run(cheat=at_stage(stage, bump(i, d))) for i in range(n))
    out["wrong v, h made for it"] = any(c.run(dv=d, cheat=at_stage("h", bump(i, d * inv(int(c.e2[i]))))) for i in range(1, 1 << L - c.l1))
    out["values altered"] = any(c.run(cheat=at_stage("values", bump(i, d))) for i in range(8))
    print("  L = %d, accepted:" % L, {k: v for k, v in out.items()}, flush=True)
    return not any(out.values())


def long_remainder(L):
    """q' = q - t, g' = g + (X^b - alpha) t: the division holds, g' is too long.  D' = X^(b-1) g'(1/X) is no polynomial;
    the prover commits the nearest ones."""
    c, out = Case(L), []
    for t in (1, 777):
        for kind in ("polynomial part of D'", "D' of g' mod X^b", "reversed at deg g'"):
            memo = {}

            def cheat(stage, f):
                if stage == "q":
                    memo["q"] = list(f)
                    return [(f[0] - t) % P] + list(f[1:])
                if stage == "D":
                    g = list(f[::-1]) + [t]                          # g + t X^b ..
                    g[0] = (g[0] - t * memo["alpha"]) % P            # .. - alpha t
                    return {"polynomial part of D'": g[:c.b][::-1], "D' of g' mod X^b": f, "reversed at deg g'": g[::-1]}[kind]
                return f
            memo["alpha"] = c.challenges(9)[0]
            # the claim that a longer g' would prove: <g', e1> changes by -alpha t e1[0]
            out.append(c.run(programmed=9, cheat=cheat))
            out.append(c.run(programmed=9, cheat=cheat, dv=-memo["alpha"] * t * int(c.e1[0])))
    print("  L = %d, remainder longer than b (6 forms, 2 claims): accepted %d of %d" % (L, sum(out), len(out)), flush=True)
    return not any(out)


def high_coefficients(L):
    """P' has coefficients from 2^L on: free, but not in h alone or in P' alone, and v is the value of Q_0."""
    c, out = Case(L, extra=(1 << L) + 5), {}
    lower = c.poly[:1 << L]
    out["all stated, v of Q_0"] = c.run()
    out["v of Q_0 + Q_1"] = c.run(dv=mle_eval(vec(c.poly[1 << L:2 << L]), c.r))
    out["prover uses Q_0 only"] = c.run(poly=lower)
    out["h of Q_0 only"] = c.run(cheat=at_stage("h", lambda f: f[:1 << L - c.l1]))
    print("  L = %d, coefficients from 2^L on:" % L, out, flush=True)
    return list(out.values()) == [True, False, False, False]


def coincidences(L):
    """z = 0, 1, -1, alpha, 1/alpha, or the SHPLONK point among the opening points: refused, the prover being right."""
    c, out = Case(L), {}
    real = Channel.challenge
    for what, value in (("z = 1", 1), ("z = -1", P - 1), ("z = alpha", "a"), ("z = 1/alpha", "1/a"), ("z = 0", 0)):
        for target in ("z", "shplonk")[:1 + (value == "a")]:
            last = {}

            def forced(self, label):
                got = real(self, label)
                if label == "alpha'":
                    last["a"] = got
                if label == target:
                    return {"a": last["a"], "1/a": inv(last["a"])}.get(value, value)
                return got
            honest_proof = Channel("opening", "x")
            prove_opening(honest_proof, c.poly, c.r, c.N, c.e, c.mu)
            Channel.challenge = forced
            try:
                verify_opening(Channel("opening", "x", messages=honest_proof.proof), commit(c.poly), c.r, c.v, commit(c.N), c.e, c.mu, c.mu * c.y % P)
                out[what if target == "z" else "shplonk point = alpha"] = "ACCEPTED"
            except Reject as e:
                out[what if target == "z" else "shplonk point = alpha"] = str(e)
            Channel.challenge = real
    print("  L = %d, coinciding points:" % L, out, flush=True)
    return not any(v == "ACCEPTED" for v in out.values())


def frozen(L):
    """Each challenge known too early lets a false claim through; drawn in its place it does not."""
    c, d, out = Case(L), 4321, {}
    alpha, gamma, z = c.challenges(5)

    def both(name, dv, dy, cheat):
        out[name] = (c.run(dv, dy, cheat=cheat, programmed=5), c.run(dv, dy, cheat=cheat))
    k = d * inv(int(c.e2[1]) - alpha * int(c.e2[0])) % P
    both("alpha before h", d, 0, at_stage("h", lambda f: bump(1, k)(bump(0, -alpha * k)(f))))
    both("gamma before v, y", d, -d * inv(gamma), lambda stage, f: f)
    both("z before S", d, 0, at_stage("S", bump(0, -2 * gamma * d * inv(z + inv(z)))))
    # h wrong by kk at 1, so <h, e2> = v + d and h(alpha) is off by kk alpha; D follows
    kk = d * inv(int(c.e2[1])) % P
    y = kk * alpha * inv(int(c.e1[-2]) - inv(z) * int(c.e1[-1])) % P

    def cheat(stage, f):                                              # D' = D + y (X - 1/z): the division still holds at z
        return bump(1, kk)(f) if stage == "h" else bump(1, y)(bump(0, -y * inv(z))(f)) if stage == "D" else f
    both("z before D", d, 0, cheat)
    print("  L = %d, (known early, in its place):" % L, out, flush=True)
    return all(v == (True, False) for v in out.values())


if __name__ == "__main__":
    honest()
    good = [f(L) for L in (4, 5) for f in (false_statements, long_remainder, high_coefficients, coincidences, frozen)]
    print("as expected:", good)
