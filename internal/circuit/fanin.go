package circuit

import "slices"

// FanIn bounds the number of summed index tuples of one output entry: at least lo, at most hi. Axis relations have
// disjoint letters, so both are products, one factor for each axis relation and each summed letter outside them.
func (r *Relation) FanIn(k *Contraction) (lo, hi int64) {
	lo, hi = 1, 1
	inner := func(l Letter) bool { return slices.Contains(k.Inner, l) }
	var tied [64]bool
	for i := range k.R {
		a := &k.R[i]
		for _, l := range a.Letters {
			tied[l] = true
		}
		l, h := a.fanIn(r.Letters, inner)
		lo, hi = lo*l, hi*h
	}
	for _, l := range k.Inner {
		if !tied[l] {
			lo, hi = lo*int64(r.Letters[l].Len), hi*int64(r.Letters[l].Len)
		}
	}
	return lo, hi
}

// fanIn bounds the number of values of the relation's inner letters for each value of the others.
func (a *AxisRelation) fanIn(letters []Axis, inner func(Letter) bool) (lo, hi int64) {
	free := func(i int) int64 { // choices for the i-th letter
		if inner(a.Letters[i]) {
			return int64(letters[a.Letters[i]].Len)
		}
		return 1
	}
	n := func(i int) int64 { return int64(letters[a.Letters[i]].Len) }
	switch a.Kind {
	case Same:
		if !inner(a.Letters[0]) && !inner(a.Letters[1]) {
			return 0, 1
		}
		h := min(free(0), free(1))
		return h, h
	case Window:
		// two of (i, u, a) give the third
		hi = min(free(0)*free(1), free(0)*free(2), free(1)*free(2))
		last := (n(0)-1)*a.Params[0] + (n(1)-1)*a.Params[1] - a.Params[2]
		if inside := a.Params[2] <= 0 && last < n(2); inside && inner(a.Letters[2]) {
			return free(0) * free(1), hi
		}
		return 0, hi
	case Affine:
		hi = min(free(0), free(1))
		if a.Params[1] == 0 { // every i has the same place
			hi = free(0)
		}
		first, last := a.Params[0], a.Params[0]+(n(0)-1)*a.Params[1]
		if min(first, last) >= 0 && max(first, last) < n(1) && inner(a.Letters[1]) {
			return free(0), hi
		}
		return 0, hi
	case Index:
		if !inner(a.Letters[0]) {
			if inner(a.Letters[1]) && !slices.Contains(a.Params, -1) {
				return 1, 1
			}
			return 0, 1
		}
		if inner(a.Letters[1]) {
			return 0, n(0)
		}
		count := make([]int64, n(1))
		for _, x := range a.Params {
			if x >= 0 {
				count[x]++
			}
		}
		return 0, slices.Max(count)
	case Reshape:
		sides, total, outs := [2]int64{1, 1}, [2]bool{true, true}, false
		for i, l := range a.Letters {
			s := 0
			if i >= int(a.Params[0]) {
				s = 1
			}
			sides[s] *= free(i)
			total[s] = total[s] && inner(l)
			outs = outs || !inner(l)
		}
		hi = min(sides[0], sides[1])
		if total[0] && total[1] || !outs {
			return hi, hi
		}
		if total[0] { // the left side takes whatever index the right side has
			return sides[1], hi
		}
		if total[1] {
			return sides[0], hi
		}
		return 0, hi
	}
	return 0, 0
}
