"""An honest key proof and an honest proof."""
import time

from sizes import size
from toy import *

if __name__ == "__main__":
    t0 = time.time()
    toy = Toy()
    t1 = time.time()
    proof = toy.prove()
    t2 = time.time()
    for name, lay in (("circuit", toy.lay), ("key", toy.klay)):
        print(name, "n", lay.n, "rows", {s: len(r) for s, r in lay.rows.items()}, "inner", lay.inner_vars, "index", lay.index_vars, "n1", lay.n1, "height",
              lay.height_vars, "table", lay.table_vars, "claims", lay.claim_count, "degrees", lay.degrees1)
    print("key accepted:", toy.accepts_key(), "proof accepted:", toy.accepts(proof), "key %.1f s, prove %.1f s, verify %.1f s" % (t1 - t0, t2 - t1, time.time() - t2))
    for which, lay, messages in (("proof", toy.lay, proof), ("key proof", toy.klay, toy.key_proof)):
        points = sum(len(v) for l, v in messages if l[0] in "CW")
        scalars = sum(len(v) for _, v in messages) - points
        assert points == len(lay.rows["W"]) + len(lay.rows["H"]) + 3
        assert scalars == sum(lay.degrees1) + lay.claim_count + 2 * lay.n + 7
        print(which, "points", points, "scalars", scalars)
    assert size(11, L, 4, 7, 3, 6, 8, 8, 3, 7, extra=4) == (18, 7, 100, 28)
