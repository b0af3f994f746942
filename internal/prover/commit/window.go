package commit

import (
	"math"
	"math/bits"
)

// window is one digit position of one row: digits d with 1 <= |d| <= top own the buckets base .. base+top-1 and weigh
// d 2^shift.
type window struct {
	row   int
	shift int
	top   int
	base  int
}

// windowPlan says how the magnitudes of a row are cut: all windows but the last have width bits and signed digits, the
// last takes the rest (and a carry) as it is.
type windowPlan struct {
	width   int
	windows int
	bits    int // length of the largest magnitude
	topmost int // largest digit of the last window
}

const (
	maxTopBits  = 17 // never more than 2^17 buckets in one window
	maxPlanBits = 64
)

// windowCost estimates the work of a window with top buckets and so many entries, in units of one batched addition.
func windowCost(entries, top int) float64 {
	const (
		bucket = 0.06 // clearing, counting and reading one bucket, whether used or not
		fixed  = 6.0  // batches that are not full
	)
	e, t := float64(entries), float64(top)
	used := t * (1 - math.Exp(-e/t))
	cost := e + used + bucket*t + fixed
	if top <= directTop {
		return cost + used*float64(bits.Len(uint(top))-3)/2
	}
	h := bits.Len(uint(top)) / 2
	lo, hi := min(used, float64(int(1)<<h)), min(used, float64(top>>h))
	return cost + (lo*float64(h)+hi*float64(bits.Len(uint(top>>h))))/2
}

// planSmall chooses windows for a row. hist[l] counts the scalars whose magnitude has bit length l, and largest is the
// largest magnitude.
func planSmall(hist *[maxPlanBits + 1]int, largest uint64) windowPlan {
	length := bits.Len64(largest)
	var atLeast [maxPlanBits + 2]int // scalars of bit length >= l
	for l := maxPlanBits; l >= 0; l-- {
		atLeast[l] = atLeast[l+1] + hist[l]
	}
	best, bestCost := windowPlan{}, 0.0
	for n := 1; n <= length; n++ {
		c := (length + n) / n // n c >= length + 1
		rest := length - c*(n-1)
		if rest < 1 || c > maxTopBits || n == 1 && length > maxTopBits {
			continue
		}
		p := windowPlan{width: c, windows: n, bits: length, topmost: topDigit(largest, c, n)}
		cost := 0.0
		for w := range n {
			buckets := 1 << (c - 1)
			if w == n-1 {
				buckets = p.topmost
			}
			entries := atLeast[1]
			if w > 0 {
				entries = atLeast[max(1, c*w)]
			}
			cost += windowCost(entries, buckets)
		}
		if best.windows == 0 || cost < bestCost {
			best, bestCost = p, cost
		}
	}
	return best
}

// topDigit is the largest digit that the last of n windows of c bits can hold for magnitudes up to largest.
func topDigit(largest uint64, c, n int) int {
	if n == 1 {
		return int(largest)
	}
	return int(largest>>(c*(n-1))) + 1 // a carry may come in
}

// planFull chooses windows for n magnitudes of halfBits bits, evenly spread.
func planFull(n int) windowPlan {
	best, bestCost := windowPlan{}, 0.0
	for c := 3; c <= 16; c++ {
		w := (halfBits + c - 1) / c
		rest := halfBits - c*(w-1)
		cost := float64(w-1)*windowCost(n, 1<<(c-1)) + windowCost(n, 1<<rest)
		if best.windows == 0 || cost < bestCost {
			best, bestCost = windowPlan{width: c, windows: w, bits: halfBits, topmost: 1 << rest}, cost
		}
	}
	return best
}

// add appends the plan's windows for a row, with buckets from base on, and returns the first free bucket.
func (p *windowPlan) add(ws []window, row, base int) ([]window, int) {
	for w := range p.windows {
		top := 1 << (p.width - 1)
		if w == p.windows-1 {
			top = p.topmost
		}
		ws = append(ws, window{row: row, shift: w * p.width, top: top, base: base})
		base += top
	}
	return ws, base
}

// nextDigit splits the lowest signed digit off m, for a window that is not the last: m = d + 2^width m', with
// -2^(width-1) < d <= 2^(width-1).
func nextDigit(m uint64, width int) (d int, rest uint64) {
	full := uint64(1) << width
	low := m & (full - 1)
	m >>= width
	if low > full/2 {
		return int(low) - int(full), m + 1
	}
	return int(low), m
}
