package circuit

// AxisKind is the shape of a public 0/1 relation between letters.
type AxisKind uint8

const (
	// Same holds where i = j. Letters (i, j), equal bounds.
	Same AxisKind = iota
	// Window holds where a = i*stride + u*dilation - pad. Letters (i, u, a); Params stride, dilation, pad.
	Window
	// Affine holds where a = start + i*step. Letters (i, a); Params start, step. Slices, padding, concatenation, flips.
	Affine
	// Index holds where a = Params[i]; -1 for no a. Letters (i, a); one parameter for each i.
	Index
	// Reshape holds where the row-major index of the first Params[0] letters equals that of the others. The products of
	// the two sides' bounds are equal.
	Reshape
)

// AxisRelation is one 0/1 factor of a contraction. Letters are distinct, and within a contraction no letter occurs in two
// axis relations: so a product of axis relations factors.
type AxisRelation struct {
	Kind    AxisKind
	Letters []Letter
	Params  []int64
}

// Each calls f with every index tuple (one index for each letter, inside its bound) at which the relation is 1.
// The slice is reused between calls. Its work is linear in the number of calls plus, for Window and Affine, the excluded
// positions of the first letters.
func (a *AxisRelation) Each(letters []Axis, f func(at []int)) {
	length := func(i int) int { return letters[a.Letters[i]].Len }
	at := make([]int, len(a.Letters))
	switch a.Kind {
	case Same:
		for i := range length(0) {
			at[0], at[1] = i, i
			f(at)
		}
	case Window:
		stride, dilation, pad := int(a.Params[0]), int(a.Params[1]), int(a.Params[2])
		for i := range length(0) {
			for u := range length(1) {
				if x := i*stride + u*dilation - pad; 0 <= x && x < length(2) {
					at[0], at[1], at[2] = i, u, x
					f(at)
				}
			}
		}
	case Affine:
		start, step := int(a.Params[0]), int(a.Params[1])
		for i := range length(0) {
			if x := start + i*step; 0 <= x && x < length(1) {
				at[0], at[1] = i, x
				f(at)
			}
		}
	case Index:
		for i, x := range a.Params {
			if x >= 0 {
				at[0], at[1] = i, int(x)
				f(at)
			}
		}
	case Reshape:
		left := int(a.Params[0])
		total := 1
		for i := range left {
			total *= length(i)
		}
		for t := range total {
			unravel(at[:left], t, length)
			unravel(at[left:], t, func(i int) int { return length(left + i) })
			f(at)
		}
	}
}

// unravel writes the row-major index t into at.
func unravel(at []int, t int, length func(int) int) {
	for i := len(at) - 1; i >= 0; i-- {
		at[i] = t % length(i)
		t /= length(i)
	}
}
