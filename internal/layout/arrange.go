package layout

import (
	"fmt"
	"math"
	"sort"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Arrange chooses slots, groups and the row length of a circuit for the prover's and the proof's cost, and sets them in
// c. Every Column block must occur in exactly one of the lookups. The result depends on the circuit and the lookups alone.
func Arrange(c *circuit.Circuit, lookups []circuit.Lookup) error {
	assign(c, lookups)
	best := -1.0
	bestRow := 0
	for l := circuit.MinLogRow; l <= 20; l++ {
		c.LogRow = l
		lay, err := New(c)
		if err != nil {
			if l == 20 && bestRow == 0 {
				return err
			}
			continue
		}
		if cost := rowCost(lay); best < 0 || cost < best {
			best, bestRow = cost, l
		}
	}
	if bestRow == 0 {
		return fmt.Errorf("layout: no row length fits")
	}
	c.LogRow = bestRow
	return nil
}

// rowCost weighs the row length L, in microseconds on two cores: an opening is about three multi-scalar multiplications of
// 2^L full scalars (2.2 us each, and 60 more for each square root of their number: the windows); a row of W or H is a
// blinding, 64 bytes of proof and a multiplication at the verifier; a row of K the last only. Rows of W and H beyond 52
// would make proofs longer than anyone likes.
func rowCost(lay *Layout) float64 {
	wh := lay.Rows[SegW].Count + lay.Rows[SegH].Count
	k := lay.Rows[SegF].Count + lay.Rows[SegP].Count
	n := float64(int(1) << lay.L)
	cost := 3*(2.2*n+60*math.Sqrt(n)) + 80*float64(wh) + 20*float64(k)
	if wh > 52 {
		cost += 1500 * float64(wh-52)
	}
	return cost
}

// maxSlots is the number of slots aimed at: one full group.
const maxSlots = circuit.MaxGroup

// assign packs the lookups into up to maxSlots columns of equal height where the blocks allow it, pairs apart from
// singles except for what fits beside pairs, and groups the slots evenly.
func assign(c *circuit.Circuit, lookups []circuit.Lookup) {
	size := func(l circuit.Lookup) int { return 1 << circuit.PaddedLog(c.Blocks[l.In].Dims) }
	largest := 1
	for _, l := range lookups {
		largest = max(largest, size(l))
	}
	height := largest
	for slotsNeeded(lookups, size, height) > maxSlots {
		height *= 2
	}
	order := append([]circuit.Lookup(nil), lookups...)
	sort.SliceStable(order, func(i, j int) bool { return size(order[i]) > size(order[j]) })
	c.Slots = nil
	var room []int
	put := func(l circuit.Lookup) {
		for s := range c.Slots {
			if room[s] >= size(l) {
				c.Slots[s].Lookups = append(c.Slots[s].Lookups, l)
				room[s] -= size(l)
				return
			}
		}
		c.Slots = append(c.Slots, circuit.Slot{Lookups: []circuit.Lookup{l}})
		room = append(room, height-size(l))
	}
	for _, l := range order {
		if l.Out != circuit.None {
			put(l)
		}
	}
	for _, l := range order {
		if l.Out == circuit.None {
			put(l)
		}
	}
	c.Groups = nil
	n := len(c.Slots)
	groups := (n + circuit.MaxGroup - 1) / circuit.MaxGroup
	for g := range groups {
		var group []int
		for s := n * g / groups; s < n*(g+1)/groups; s++ {
			group = append(group, s)
		}
		c.Groups = append(c.Groups, group)
	}
}

// slotsNeeded is the number of columns of a height that hold all lookups.
func slotsNeeded(lookups []circuit.Lookup, size func(circuit.Lookup) int, height int) int {
	var pair, all int
	for _, l := range lookups {
		all += size(l)
		if l.Out != circuit.None {
			pair += size(l)
		}
	}
	return max((all+height-1)/height, (pair+height-1)/height)
}
