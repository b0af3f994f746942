"""Zero-knowledge with programmed challenges.  Given the claims, everything revealed is an affine function of the other
coins; perfect zero-knowledge is the equality of that affine space with the simulator's, whatever the key and the input."""
import random
import sys
import time

from simulator import simulate
from toy import *


def reduce_by(basis, row):
    row = row.copy()
    for pivot, b in basis:
        if row[pivot]:
            row = (row - int(row[pivot]) * b) % P
    return row


def row_space(rows):
    basis = []
    for row in rows:
        row = reduce_by(basis, row)
        nz = np.nonzero(row)[0]
        if len(nz):
            basis.append((int(nz[0]), row * inv(int(row[nz[0]])) % P))
    return basis


def secret(key_seed, input_seed, Y=None):
    """(weights, witness, instance); the last bias is moved so that the output is Y."""
    w, x = toy_weights(key_seed), toy_input(input_seed)
    t, inst = toy_witness(w, x)
    if Y is not None:
        b = w["b3lo"] + 16 * w["b3hi"] + (Y - inst["Y"]) * (1 << S_BITS)
        w["b3lo"], w["b3hi"] = b % 16, b // 16
        t, inst = toy_witness(w, x)
        assert (inst["Y"] == Y).all()
    assert in_range(t)
    return w, t, inst


class Party:
    """One proof ("proof" or "key"): coins, and the transcript as one vector."""

    def __init__(self, kind, lay, klay, seed, blinders):
        self.kind, self.lay, self.klay, self.seed = kind, lay, klay, seed
        self.mine = lay if kind == "proof" else klay
        self.blinders, self.u = blinders, [("mask", i) for i in range(self.mine.claim_count)]
        self.draw(seed)
        self.names = [n for n in self.coins.names if n not in self.u]
        self.key_names = [("bP", i) for i in range(len(blinders))]

    def draw(self, seed):
        self.coins = Coins(self.mine, seed)

    def run(self, sec):
        w, t, inst = sec
        key = make_key(self.lay, w, 0)
        key.blinders = self.blinders
        if self.kind == "proof":
            CK, proof = prove(self.lay, key, None, t, inst, self.coins, programmed=self.seed)
        else:
            CK = commit_key(self.lay, key)
            proof, CK = prove_key(self.lay, self.klay, key, CK, self.coins, programmed=self.seed), CK[len(self.lay.rows["F"]):]
        self.claims = dict(proof)["claims"]
        self.labels = ["C_K"] * len(CK) + [l for l, v in proof for _ in v]
        return vec(CK + [x for _, v in proof for x in v])

    def shifted(self, name, sec):
        store = self.blinders if name[0] == "bP" else self.coins.v[name[0]]
        store[name[1]] += 1
        out = self.run(sec)
        store[name[1]] -= 1
        return out

    def jacobian(self, sec):
        self.base, base_claims, rows = self.run(sec), self.claims, {}
        for name in self.key_names + self.names:
            rows[name] = (self.shifted(name, sec) - self.base) % P
            assert self.claims == base_claims, "claims depend on other coins"
        self.run(sec)
        return rows

    def match(self, sec, target, rz):
        """Choose the u's so that the claims are `target`."""
        self.run(sec)
        for (k, i), a, t in zip(self.u, list(self.claims), target):
            self.coins.v[k][i] = (self.coins.v[k][i] + (t - a) * inv(rz)) % P
        out = self.run(sec)
        return out, self.claims == target


def dropped(lay):
    z, end = lay.degrees1[-1], lay.mask_size
    at = [lay.g1_at + 1 + sum(lay.degrees1[:j]) for j in range(lay.inner_vars, lay.inner_vars + lay.index_vars + 1)]   # index rounds
    covers = {"W": [("cover", i) for i in range(2)], "H": [("coverH", i) for i in range(4)]}
    hrow = (lay.at["coverH"] >> lay.L) - lay.rows["H"].start
    return {"g1": [("mask", i) for i in range(lay.g1_at, end)],
           "g1's z round": [("mask", i) for i in range(end - z, end)],
           "g1's index rounds": [("mask", i) for i in range(at[0], at[-1])],
           "g1's index rounds, degree 3 only": [("mask", i + 2) for i in at[:-1]],
           **{"the cover of " + s: cs for s, cs in covers.items()},
           **{"entry %d of the cover of %s" % (c[1], s): [c] for s, cs in covers.items() for c in cs},
           "g2": [("g2", i) for i in range(lay.g2_size)], "b of the row of W's cover": [("bW", lay.cover_row - lay.rows["W"].start)],
           "b of the row of H's cover": [("bH", hrow)],
           "b of a W row": [("bW", 0)], "b of an H row": [("bH", 0)], "b of a P row": [("bP", 0)]}


def study(kind, layouts, secrets):
    lay, klay = layouts
    t0 = time.time()
    rng = random.Random(3)
    A = Party(kind, lay, klay, 7, [rng.randrange(P) for _ in lay.rows["P"]])
    rows = A.jacobian(secrets[0])
    basis, labels, target, inst = row_space(rows.values()), A.labels, A.claims, secrets[0][2] if kind == "proof" else {}
    fixed = [C for C, l in zip(A.base, labels) if l == "C_K"][:len(lay.rows["F"]) if kind == "proof" else 0]

    def sim(claims):
        CK = fixed + [rng.randrange(P) for _ in lay.rows["P"]]
        proof, rz = simulate(A.mine, CK, inst, rng, A.seed, claims)
        good = accepted(verify, A.mine, CK, None, inst, proof, domain="proof" if kind == "proof" else "key", programmed=A.seed)
        return vec(CK + [x for _, v in proof for x in v]), rz, good
    print("%s: revealed %d, claims %d, coins %d, rank given the claims %d" % (kind, len(labels), len(target), len(rows) + len(target), len(basis)), flush=True)
    sims = [sim(target) for _ in range(len(basis) + 6)]
    rz = sims[0][1]
    inside = sum(not reduce_by(basis, (s - A.base) % P).any() for s, _, _ in sims)
    rank = len(row_space([(s - sims[0][0]) % P for s, _, _ in sims[1:]]))
    print("  simulated: %d of %d verify, %d inside the honest affine space, rank %d" % (sum(g for _, _, g in sims), len(sims), inside, rank), flush=True)
    for i, name in enumerate(A.u):                                   # claims: diagonal in the u's
        A.shifted(name, secrets[0])
        assert [(a - b) % P for a, b in zip(A.claims, target)] == [rz if j == i else 0 for j in range(len(target))]
    print("  claims: r_z times the identity in the u's (%d)" % len(target), flush=True)
    others = []
    for k, sec in enumerate(secrets[1:]):
        B = Party(kind, lay, klay, 7, [rng.randrange(P) for _ in lay.rows["P"]])
        B.draw(50 + k)
        got, same_claims = B.match(sec, target, rz)
        others.append(same_claims and not reduce_by(basis, (got - A.base) % P).any())
    print("  other keys and inputs inside the same affine space:", others, flush=True)
    for what, gone in dropped(A.mine).items():
        small = row_space([r for n, r in rows.items() if n not in gone])
        shift = zeros(len(labels))
        for k, i in gone:
            shift = (shift - (A.blinders if k == "bP" else A.coins.v[k])[i] * rows[k, i]) % P
        B = Party(kind, lay, klay, 7, [rng.randrange(P) for _ in lay.rows["P"]])
        B.draw(60)
        for k, i in gone:
            (B.blinders if k == "bP" else B.coins.v[k])[i] = 0
        got, _ = B.match(secrets[1], target, rz)
        left = reduce_by(small, (got - A.base - shift) % P)
        print("  without %-33s rank %3d (-%d of %d): %s" % (what, len(small), len(basis) - len(small), len(gone),
              "LEAK at %s" % sorted({labels[i] for i in np.nonzero(left)[0]})[:4] if left.any() else "no leak"), flush=True)
    leaks = []
    for name in A.u:                                                 # u = 0: does the claim tell the two secrets apart?
        seen = []
        for sec in secrets[:2]:
            B = Party(kind, lay, klay, 7, list(A.blinders))
            B.coins.v["mask"][name[1]] = 0
            B.run(sec)
            seen.append(B.claims[name[1]])
        leaks.append(seen[0] != seen[1])
    print("  without one u: LEAK for %d of %d   (%.0f s)" % (sum(leaks), len(leaks), time.time() - t0), flush=True)


def joint(kinds, lay, klay, secrets):
    """Two transcripts that share the key's blinders."""
    t0, rng = time.time(), random.Random(4)
    blinders, fresh = [[rng.randrange(P) for _ in lay.rows["P"]] for _ in range(2)]
    one = [Party(k, lay, klay, 11 + i, blinders) for i, k in enumerate(kinds)]
    two = [Party(k, lay, klay, 11 + i, fresh) for i, k in enumerate(kinds)]
    rows, bases = [s.jacobian(secrets[0]) for s in one], [s.base for s in one]
    empty = [zeros(len(b)) for b in bases]
    shared = [np.concatenate([r[n] for r in rows]) for n in one[0].key_names]
    own = [np.concatenate([r[n] if k == i else empty[k] for k in range(2)]) for i, r in enumerate(rows) for n in one[i].names]
    basis, got = row_space(shared + own), []
    for i, s in enumerate(two):
        s.draw(80 + i)
        CK = [int(x) for x, l in zip(bases[i], one[i].labels) if l == "C_K"]
        _, rz = simulate(s.mine, CK, secrets[0][2] if s.kind == "proof" else {}, rng, s.seed)
        out, same_claims = s.match(secrets[1], one[i].claims, rz)
        assert same_claims
        got.append(out)
    inside = not reduce_by(basis, (np.concatenate(got) - np.concatenate(bases)) % P).any()
    print("joint %s: rank %d, singly %d and %d, shared rows %d; another key and input inside: %s   (%.0f s)" % (
        "+".join(kinds), len(basis), *[len(row_space(r.values())) for r in rows], len(blinders), inside, time.time() - t0), flush=True)


if __name__ == "__main__":
    lay = Layout(toy_circuit(), int((sys.argv + [L])[1]))
    klay = key_layout(lay, height_vars=6, group=2)
    first = secret(2, 3)
    secrets = [first, secret(4, 5, first[2]["Y"]), secret(1, 10, first[2]["Y"])]
    study("proof", (lay, klay), secrets)
    study("key", (lay, klay), secrets)
    for kinds in (("proof", "proof"), ("key", "proof"), ("key", "key")):
        joint(kinds, lay, klay, secrets)
