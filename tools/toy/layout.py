"""Positions of everything in V, the shape of sumcheck 1, and linear functionals of V (sections 1, 2, 4).

Segments: F and P (the key: public and private blocks, never in one row), W (columns, m, mask block, free), H (helpers)."""
from itertools import product as cartesian

from circuit import *


class Layout:
    def __init__(self, circuit, L):
        circuit.check()
        self.c, self.L, self.row = circuit, L, 1 << L
        self._tables()
        self._columns()
        self._sumcheck1_shape()
        self._segments()

    def _tables(self):
        """Zone 0 of the stacked table holds the padding row (0,0,0), then each table at a multiple of its size."""
        at, self.table_at = 1, {}
        for t in sorted(self.c.tables, key=lambda t: t.size):
            self.table_at[t.ident] = round_up(at, t.size)
            at = self.table_at[t.ident] + t.size
        self.table_vars = log2_ceil(at)

    def _columns(self):
        """Slot s at height x has lookup address s*2^k + x; tags: (ident, dims, address) of each block.  A key circuit's
        addresses are the positions in segment P: a block may span several slots."""
        c, inside, tops = self.c, [], [1]
        if c.over_key is not None:
            self.height_vars = c.over_key
            at, _ = pack({n: padded_size(c.shapes[n]) for n in c.shapes})
            self.tags = [(c.key_private[n], c.shapes[n], a) for n, a in at.items()]
        else:
            for slot in c.slots:
                at, top = pack({b[0]: padded_size(c.shapes[b[0]]) for b in slot.blocks})
                inside.append(at)
                tops.append(top)
            self.height_vars = log2_ceil(max(tops))
            self.tags = [(ident, c.shapes[name], (s << self.height_vars) + inside[s][name])
                         for s, slot in enumerate(c.slots) for name, _, ident in slot.blocks]
        self.inside_column = inside

    def _sumcheck1_shape(self):
        """Claims and degrees of every round, from the descriptor alone."""
        c = self.c
        self.bilinear = c.bilinear()
        self.index_vars = log2_ceil(len(self.bilinear))
        # a wholly public operand has no claim: no claim on A (or B) at all when it is public in every relation
        self.operand_claims = [any(c.committed(getattr(k, o)) for _, k in self.bilinear) for o in "AB"]
        self.table_out_claim = any(t.out is not None for t in c.tables)
        self.claim_count = sum(self.operand_claims) + len(c.groups) + len(c.slots) + 2 + self.table_out_claim
        own = [(k.vars(k.inner), k.degrees()) for _, k in self.bilinear]
        own += [(self.height_vars, [2 + len(g)] * self.height_vars) for g in c.groups]
        own += [(self.table_vars, [3] * self.table_vars)]
        # the index of the bilinear contractions: the variables after the longest one's, beside those of columns and tables
        self.inner_vars = max([k.vars(k.inner) for _, k in self.bilinear], default=0)
        end = self.inner_vars + self.index_vars
        own.append((end, [1] * self.inner_vars + [3] * self.index_vars))
        self.n1 = max(k for k, _ in own)
        self.degrees1 = [max(d[j] if j < k else 1 for k, d in own) for j in range(self.n1)]
        factors = [sum(self.operand_claims)] + [1 + len(g) for g in c.groups] + [1 + self.table_out_claim]
        self.degrees1.append(1 + max(factors))
        self.rho_vars = max([r.vars(r.out) for r in c.relations], default=0)
        self.zeta_vars = max(self.height_vars, self.table_vars)
        # masks: one u for each claim | coefficients of g1; mask_at: where the mask block holds them, in groups of a power of two:
        # entry e of group j is a_{j,e}, entry 0 of group i is u_i, after the last claim a_0
        self.g1_at = self.claim_count
        self.mask_size = self.g1_at + 1 + sum(self.degrees1)
        group = 1 << log2_ceil(max(self.degrees1) + 1)
        self.mask_at = [group * i for i in range(self.claim_count + 1)]
        self.mask_at += [group * j + e for j, d in enumerate(self.degrees1) for e in range(1, d + 1)]
        self.mask_block = group << log2_ceil(max(self.claim_count + 1, len(self.degrees1)))

    def _segments(self):
        c, k = self.c, self.height_vars
        column = {"col%d.%d" % (s, j): 1 << k for s, slot in enumerate(c.slots) for j in range(1 + slot.pair)}

        def blocks(role):                                           # equal sizes lie in the order of the blocks
            return {n: padded_size(d) for n, d in c.shapes.items() if n in role}
        sizes = {"F": blocks(c.key_fixed), "P": blocks(c.key_private),
                 "W": {**blocks(c.free), **({} if c.over_key is not None else column), "m": 1 << self.table_vars,
                       "mask": self.mask_block, "cover": min(self.row, 128)},
                 "H": {**{"h%d" % g: 1 << k for g in range(len(c.groups))}, "hT": 1 << self.table_vars, "coverH": 4}}
        packed = {s: pack(blocks) for s, blocks in sizes.items()}
        end, self.at, self.rows, self.seg_at = 0, {}, {}, {}
        largest = {s: max(blocks.values(), default=1) for s, blocks in sizes.items()}
        if c.over_key is not None:
            largest["P"] = max(largest["P"], 1 << k)
        for s in sorted(sizes, key=lambda s: (-largest[s], "PFWH".index(s))):
            at, size = packed[s]
            start = round_up(end, max(self.row, largest[s]))      # rows are whole: a multiple of 2^L as well
            self.rows[s] = range(start >> self.L, (start + size + self.row - 1) >> self.L)
            self.seg_at[s] = start
            for name, a in at.items():
                self.at[name] = start + a
            end = start + (round_up(size, self.row) if s != "P" or c.over_key is None else len(c.slots) << k)
        self.n = max(log2_ceil(end), self.L)
        for s, slot in enumerate(c.slots):
            if c.over_key is not None:
                self.at["col%d.0" % s] = self.seg_at["P"] + (s << k)
            for name, out, _ in slot.blocks:
                self.at[name] = self.at["col%d.0" % s] + self.inside_column[s][name]
                if out is not None:
                    self.at[out] = self.at["col%d.1" % s] + self.inside_column[s][name]
        # the cover blocks: nothing reads them.  That of W, in one row, has 2 random entries and from 8 on g2's coefficients; that of H 4
        self.cover_row, self.g2_at = divmod(self.at["cover"] + 8, self.row)
        self.g2_size = 2 * self.n + 1
        assert 8 + self.g2_size <= min(self.row, 128)
        for name, dims in c.shapes.items():
            assert name in c.public or self.at[name] % padded_size(dims) == 0

    # ---- public columns

    def tag_eval(self, slot, point):
        """tag of a slot at a height point: the tag of address (point, bits(slot))."""
        total = 0
        for ident, dims, address in self.tags:
            kb = sum(axis_bits(dims))
            above = bits(address >> kb, 64)
            full = list(point) + bits(slot, 64 + kb - len(point))
            term, at = ident * eq_eval(above, full[kb:]) % P, 0
            for d, b in zip(reversed(dims), reversed(axis_bits(dims))):
                term = term * lt_eval(d, full[at:at + b]) % P
                at += b
            total += term
        return total % P

    def tag_table(self, slot):
        out = zeros(max(len(self.c.slots) << self.height_vars, 1 << self.height_vars))
        for ident, dims, address in self.tags:
            ones = padded(np.ones(dims, dtype=object), dims)
            out[address:address + len(ones)] += ident * ones
        return out[slot << self.height_vars:(slot + 1) << self.height_vars]

    def table_columns(self, V):
        """Dense (id, in, out) of the stacked table."""
        ident, t_in, t_out = zeros(1 << self.table_vars), zeros(1 << self.table_vars), zeros(1 << self.table_vars)
        for t in self.c.tables:
            here = slice(self.table_at[t.ident], self.table_at[t.ident] + t.size)
            inside = padded(np.ones(t.dims, dtype=object), t.dims) if t.dims else 1
            ident[here] = t.ident * inside
            t_in[here] = np.arange(t.lo, t.lo + t.size).astype(object) * inside % P
            if t.out is not None:
                t_out[here] = V[self.at[t.out]:self.at[t.out] + t.size]
        return ident, t_in, t_out

    def table_eval(self, point):
        """id(point), in(point) in closed form.  In a dynamic table both carry the bounds of the axes."""
        ident = t_in = 0
        for t in self.c.tables:
            k = log2_ceil(t.size)
            w = eq_eval(bits(self.table_at[t.ident] >> k, self.table_vars - k), point[k:])
            dims, at, inside, index = t.dims or (t.size,), 0, 1, 0
            for d, b in zip(reversed(dims), reversed(axis_bits(dims))):
                x = point[at:at + b]
                index = (index * lt_eval(d, x) + inside * (index_lt_eval(d, x) << at)) % P
                inside = inside * lt_eval(d, x) % P
                at += b
            ident += w * t.ident * inside
            t_in += w * (t.lo * inside + index)
        return ident % P, t_in % P


def pack(sizes):
    """Aligned offsets in decreasing size: no gaps.  Returns ({name: offset}, total)."""
    at, out = 0, {}
    for name in sorted(sizes, key=lambda n: -sizes[n]):
        out[name] = at
        at += sizes[name]
    return out, at


# ---------------------------------------------------------------- linear functionals of V

class Functional:
    """sum of coef * (aligned block at `offset`)(low), plus linear relations' weights on blocks."""

    def __init__(self):
        self.terms = []             # (coef, offset, low point)
        self.views = []             # (coef, offset, View)

    def add(self, other, scale=1):
        self.terms += [(c * scale % P, *rest) for c, *rest in other.terms]
        self.views += [(c * scale % P, *rest) for c, *rest in other.views]
        return self

    def term(self, coef, offset, low=()):
        self.terms.append((coef % P, offset, list(low)))
        return self

    def dense(self, E, scale=1):
        for coef, offset, low in self.terms:
            E[offset:offset + (1 << len(low))] += eq_table(low) * (coef * scale % P) % P
        for coef, offset, view in self.views:
            w = view.weights()
            E[offset:offset + len(w)] += w * (coef * scale % P) % P

    def eval(self, n, r):
        total = 0
        for coef, offset, low in self.terms:
            k = len(low)
            total += coef * eq_eval(low, r[:k]) % P * eq_eval(bits(offset >> k, n - k), r[k:]) % P
        for coef, offset, view in self.views:
            k = view.vars
            total += coef * view.eval(r[:k]) % P * eq_eval(bits(offset >> k, n - k), r[k:]) % P
        return total % P


class View:
    """The weights of one term T[axes] of A in a linear contraction at output point rho: prod R summed over the letters
    outside axes, times eq(rho) on the output letters that A holds.  An R shares no letter with another, and no output
    letter with A: the weights are a product over the R's and the letters in none."""

    def __init__(self, con, rho, axes):
        self.con, self.axes, self.points = con, axes, con.out_points(rho)
        self.vars, self.scale = con.vars(axes), 1
        in_R = {l for _, letters in con.R for l in letters}
        for l in set(con.A.letters) - set(axes) - in_R:              # broadcast letters of this term
            self.scale = self.scale * (lt_eval(con.bound[l], self.points[l]) if l in con.out else con.bound[l]) % P
        for l in con.lone():
            self.scale = self.scale * lt_eval(con.bound[l], self.points[l]) % P

    def weights(self):
        rho = {l: eq_table(x) for l, x in self.points.items()}
        shape = [1 << self.con.bits(l) for l in self.axes]
        w = np.full(shape, self.scale, dtype=object)
        for nonzeros, letters in self.con.R:
            factor = np.zeros([n if l in letters else 1 for n, l in zip(shape, self.axes)], dtype=object)
            for idx in nonzeros:
                at, one = dict(zip(letters, idx)), 1
                for l, i in at.items():
                    one = one * (int(rho[l][i]) if l in rho else 1) % P
                factor[tuple(at.get(l, 0) for l in self.axes)] += one
            w = w * factor % P
        for i, l in enumerate(self.axes):
            if l in rho:
                w = w * rho[l].reshape([-1 if k == i else 1 for k in range(len(shape))]) % P
        return w.reshape(-1) % P

    def eval(self, low):
        mine = self.con.points(self.axes[::-1], low)
        total = self.scale
        for nonzeros, letters in self.con.R:                         # inner letters outside axes are summed
            total = total * axis_relation_at(nonzeros, [mine.get(l, self.points.get(l)) for l in letters]) % P
        for l in self.axes:
            if l in self.points:
                total = total * eq_eval(self.points[l], mine[l]) % P
        return total


def axis_relation_at(nonzeros, points):
    """MLE of a 0/1 axis relation; a letter without a point is summed."""
    tables, total = [None if x is None else eq_table(x) for x in points], 0
    for idx in nonzeros:
        term = 1
        for t, i in zip(tables, idx):
            if t is not None:
                term = term * int(t[i]) % P
        total += term
    return total % P


def expr_at(lay, rel, e, points, instance):
    """Expression e at the points of its letters: (functional of V, public part)."""
    f, known = Functional(), 0
    for coef, name, axes in e.terms:
        for l in e.letters:
            if l not in axes:
                coef = coef * lt_eval(rel.bound[l], points[l]) % P
        low = [x for l in reversed(axes) for x in points[l]]
        if name is None:
            known += coef
        elif name in instance:
            known += coef * mle_eval(instance[name], low)
        else:
            f.term(coef, lay.at[name], low)
    return f, known % P


def relation_at(lay, rel, rho, instance):
    """LHS minus the linear contractions, at the output point: (functional of V, public part)."""
    f, known = expr_at(lay, rel, rel.lhs, rel.out_points(rho), instance)
    for con in rel.contractions:
        for coef, name, axes in con.A.terms if con.B is None else ():
            view = View(con, rho, axes)
            if name is None or name in instance:
                values = vec([1]) if name is None else instance[name]
                known -= coef * int((view.weights() * values % P).sum())
            else:
                f.views.append((-coef % P, lay.at[name], view))
    return f, known % P
