package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// keyRowCost is what a row of the stacked key tables, hit or not, costs the key proof, in lookups.
const keyRowCost = 0.3

// balanceKey splits the private blocks that are too wide in two digits, where few wide constants (biases, most often) would
// make the key proof's tables much larger than the other constants need.
func (b *builder) balanceKey() {
	if b.keyDigit < 16 {
		return
	}
	width := make([]int, len(b.c.Blocks)) // 0: not private
	for i := range b.c.Blocks {
		if b.c.Blocks[i].Role == circuit.Private {
			width[i] = circuit.Log2Ceil(b.c.KeyTables[b.c.Blocks[i].KeyTable].Size)
		}
	}
	whole := 0 // the widest block that is a table, which cannot be split
	isTable := make([]bool, len(b.c.Blocks))
	for i := range b.c.Tables {
		if out := b.c.Tables[i].Out; out != circuit.None {
			isTable[out] = true
			whole = max(whole, width[out])
		}
	}
	best, least := 16, math.Inf(1)
	for most := 16; most >= max(8, whole); most-- {
		cost, widest := 0.0, 0
		for i, w := range width {
			if w == 0 {
				continue
			}
			digits := 1
			if w > most {
				digits, w = 2, most
			}
			widest = max(widest, w)
			cost += float64(digits * int(1<<circuit.PaddedLog(b.c.Blocks[i].Dims)))
		}
		if cost += keyRowCost * float64(int(2)<<widest); cost < least {
			best, least = most, cost
		}
	}
	for i, w := range width {
		if w > best && !isTable[i] && b.splittable(i, best) {
			b.splitKey(i, best)
		}
	}
	b.dropKeyTables()
}

// terms calls f for every list of terms of the relations.
func (b *builder) terms(f func(*[]circuit.Term)) {
	for r := range b.c.Relations {
		f(&b.c.Relations[r].LHS.Terms)
		for k := range b.c.Relations[r].Sum {
			s := &b.c.Relations[r].Sum[k]
			f(&s.A.Terms)
			if s.B != nil {
				f(&s.B.Terms)
			}
		}
	}
}

// splittable reports whether the coefficients of a block's terms have room for a shift.
func (b *builder) splittable(block, shift int) bool {
	ok := true
	b.terms(func(list *[]circuit.Term) {
		for _, t := range *list {
			if t.Block == block && abs64(t.Coef) > circuit.MaxInterval>>shift {
				ok = false
			}
		}
	})
	return ok
}

// splitKey makes block = low + 2^shift high, with a balanced low digit.
func (b *builder) splitKey(block, shift int) {
	low := b.key[block]
	high := make([]int64, len(low))
	width := [2]int{1, 1}
	for i, x := range low {
		low[i] = x << (64 - shift) >> (64 - shift)
		high[i] = (x - low[i]) >> shift
		width[0], width[1] = max(width[0], signedWidth(low[i])), max(width[1], signedWidth(high[i]))
	}
	old := &b.c.Blocks[block]
	other := b.block(b.nameOf(old.Name), old.Dims, circuit.Private)
	b.owner[other] = b.owner[block]
	b.key[other] = high
	b.setKeyTable(block, width[0])
	b.setKeyTable(other, width[1])
	b.terms(func(list *[]circuit.Term) {
		for _, t := range *list {
			if t.Block == block {
				t = cloneTerm(t)
				t.Coef, t.Block = mulChecked(t.Coef, 1<<shift), other
				*list = append(slices.Clip(*list), t)
			}
		}
	})
}

// dropKeyTables removes the key tables that no block looks into any more.
func (b *builder) dropKeyTables() {
	used := make([]bool, len(b.c.KeyTables))
	for i := range b.c.Blocks {
		if t := b.c.Blocks[i].KeyTable; t != circuit.None {
			used[t] = true
		}
	}
	number := make([]int, len(used))
	var kept []circuit.Table
	for i, u := range used {
		if number[i] = len(kept); u {
			kept = append(kept, b.c.KeyTables[i])
		}
	}
	b.c.KeyTables = slices.Clip(kept)
	for i := range b.c.Blocks {
		if t := &b.c.Blocks[i].KeyTable; *t != circuit.None {
			*t = number[*t]
		}
	}
}
