package brute

import "math/bits"

// share is one unknown cell of an equation that is linear in its unknowns: coef * (value - lo) of the interval [0, most].
type share struct {
	cell  int
	coef  int64 // not 0; of absolute value below p/2
	count int64 // values of the cell's table
}

// fewest finds the unknown cell with the fewest values by one equation, and these values; none is a contradiction. ok is false
// if no equation says anything.
func (s *search) fewest() (cell int, values []int64, ok bool) {
	for i := range s.eqs {
		shares, constant, good := s.shares(s.eqs[i])
		if !good {
			continue
		}
		at, from, count, bounded := s.bound(shares, constant)
		if !bounded || ok && count >= int64(len(values)) || count > 1<<20 {
			continue
		}
		x := &shares[at]
		cell, values, ok = x.cell, make([]int64, 0, count), true
		for u := from; u < from+count; u++ {
			if x.coef < 0 {
				values = append(values, s.mod(s.lo[x.cell]+x.count-1-u))
			} else {
				values = append(values, s.mod(s.lo[x.cell]+u))
			}
		}
		if count <= 1 {
			break
		}
	}
	return cell, values, ok
}

// shares splits an equation into  sum of coef * cell + constant = 0;  false if there is no unknown, a product of unknowns, or
// one that no table bounds.
func (s *search) shares(eq equation) (list []share, constant int64, ok bool) {
	for _, m := range eq {
		coef, unknown := m.coef, -1
		for _, c := range []int{m.x, m.y} {
			switch {
			case c < 0:
			case s.known[c]:
				coef = s.mul(coef, s.value[c])
			case unknown >= 0:
				return nil, 0, false
			default:
				unknown = c
			}
		}
		if coef == 0 {
			continue
		}
		if unknown < 0 {
			constant = s.mod(constant + coef)
			continue
		}
		if s.domain[unknown] == nil {
			return nil, 0, false
		}
		found := false
		for i := range list {
			if list[i].cell == unknown {
				list[i].coef = s.mod(list[i].coef + coef)
				found = true
			}
		}
		if !found {
			list = append(list, share{unknown, coef, int64(len(s.domain[unknown]))})
		}
	}
	out := list[:0]
	for _, x := range list {
		if x.coef > s.p/2 {
			x.coef -= s.p
		}
		if x.coef != 0 {
			out = append(out, x)
		}
	}
	return out, constant, len(out) > 0
}

// bound turns an equation into  sum of |coef| * u = target,  0 <= u < count, and gives the values from..from+count-1 of the u of
// the largest |coef| for which the others can make up. false if the sum could wrap modulo p.
func (s *search) bound(list []share, constant int64) (at int, from, count int64, ok bool) {
	target, span := s.mod(-constant), int64(0)
	for i, x := range list {
		size, end := x.coef, s.lo[x.cell]
		if x.coef < 0 {
			size, end = -x.coef, end+x.count-1
		}
		hi, most := bits.Mul64(uint64(size), uint64(x.count-1))
		if hi != 0 || most >= uint64(s.p-span) {
			return 0, 0, 0, false
		}
		span += int64(most)
		target = s.mod(target - s.mul(s.mod(x.coef), s.mod(end)))
		if size > abs(list[at].coef) {
			at = i
		}
	}
	if target > span {
		return at, 0, 0, true
	}
	size := abs(list[at].coef)
	if rest := span - size*(list[at].count-1); target > rest {
		from = (target - rest + size - 1) / size
	}
	return at, from, max(min(target/size, list[at].count-1)-from+1, 0), true
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}
