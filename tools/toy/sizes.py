"""Scalars and points of a proof, from the formula of section 6 (checked against the toy in test_honest.py)."""


def size(n, L, group, slots, pair, height, table, inner, inner_degree, J, extra=1, claims_extra=5):
    """extra: rows of W for the mask block, the cover block and the free blocks.  slots of 2^height in groups; table: log of the stacked table's height; inner, inner_degree: variables and degree of the longest contraction."""
    groups = -(-slots // group)
    q = max(J - 1, 0).bit_length()
    rounds = max(inner + q, height, table)
    d = sum(max(2 + group if j < height else 0, 3 if j < table else 0, inner_degree if j < inner else 3 if j < inner + q else 1)
            for j in range(rounds))
    d += 2 + group
    row = 1 << L
    rows_W = -(-((slots + pair) << height) // row) + -(-(1 << table) // row) + extra
    rows_H = -(-((groups << height) + (1 << table) + 4) // row)
    scalars = d + (claims_extra + groups + slots) + 2 * n + 7
    points = rows_W + rows_H + 3
    return rows_W, rows_H, scalars, points


def table():
    print("16 slots (4 of them pairs) of height 2^(n-6): 2^(n-2) lookups; K 2^(n-1); 50 bilinear relations; stacked table 2^min(n-4,17)")
    print(" n   L  group  rows K  rows W  rows H  scalars  points    KiB at 32 B a point    at 64 B")
    for n, choices in ((14, (9, 11)), (18, (11, 13, 15)), (22, (13, 15, 17, 19)), (26, (15, 17, 19))):
        for L in choices:
            for group in (2, 4, 8):
                w, h, s, p = size(n, L, group, 16, 4, n - 6, min(n - 4, 17), n - 3, 3, 50)
                print("%2d  %2d  %5d  %6d  %6d  %6d  %7d  %6d  %21.1f  %9.1f" % (
                    n, L, group, 1 << n - 1 - L, w, h, s, p, (s + p) / 32, (s + 2 * p) / 32))


if __name__ == "__main__":
    table()
