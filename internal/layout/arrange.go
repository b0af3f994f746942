package layout

import (
	"errors"
	"math"
	"sort"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Arrange chooses slots, groups and the row length of a circuit for the prover's and the proof's cost, and sets them in
// c. Every Column block must occur in exactly one of the lookups. The result depends on the circuit and the lookups alone.
func Arrange(c *circuit.Circuit, lookups []circuit.Lookup) error {
	assign(c, lookups, maxSlots, circuit.MaxGroup)
	_, err := bestRows(c, rowCost)
	return err
}

// ForEVM is the circuit with slots, groups and row length chosen for the gas of a proof on chain: few tall slots, groups of
// one to four, long rows, and what repeats side by side. Blocks are shared with c.
func ForEVM(c *circuit.Circuit) (*circuit.Circuit, error) {
	var lookups []circuit.Lookup
	for i := range c.Slots {
		lookups = append(lookups, c.Slots[i].Lookups...)
	}
	// the order in c must not matter: it is an arrangement's
	sort.Slice(lookups, func(i, j int) bool { return lookups[i].In < lookups[j].In })
	relations, form := orderRelations(c)
	var best *circuit.Circuit
	var least float64
	for slots := 1; slots <= maxSlots; slots *= 2 {
		for group := 1; group <= min(slots, 4); group *= 2 {
			try := *c
			try.Relations = relations
			assign(&try, lookups, slots, group)
			orderLookups(&try, form)
			cost, err := bestRows(&try, gasCost)
			if err == nil && (best == nil || cost < least) {
				best, least = &try, cost
			}
		}
	}
	if best == nil {
		return nil, errNoRows
	}
	return best, nil
}

var errNoRows = errors.New("layout: no row length fits")

// bestRows sets the row length of the least cost.
func bestRows(c *circuit.Circuit, costOf func(*Layout) float64) (float64, error) {
	best, bestRow := -1.0, 0
	for l := circuit.MinLogRow; l <= 20; l++ {
		c.LogRow = l
		lay, err := New(c)
		if err != nil {
			if l == 20 && bestRow == 0 {
				return 0, err
			}
			continue
		}
		if cost := costOf(lay); best < 0 || cost < best {
			best, bestRow = cost, l
		}
	}
	if bestRow == 0 {
		return 0, errNoRows
	}
	c.LogRow = bestRow
	return best, nil
}

// gasCost is the gas of what an arrangement changes: rows, scalars of the proof, rounds, mask coefficients, blocks of
// slots; and one for each 100 microseconds of the prover's opening, so that a row less is not paid with seconds.
func gasCost(lay *Layout) float64 {
	wh := lay.Rows[SegW].Count + lay.Rows[SegH].Count
	k := lay.Rows[SegF].Count + lay.Rows[SegP].Count
	degrees := 0
	for _, d := range lay.Degrees {
		degrees += d
	}
	n := float64(int(1) << lay.L)
	gas := 7700*wh + 6800*k + 820*degrees + 290*len(lay.Degrees) + 700*lay.ClaimCount + 1800*lay.N + 900*len(lay.Groups)
	return float64(gas) + 3*(2.2*n+60*math.Sqrt(n))/100
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

// assign packs the lookups into up to slots columns of equal height where the blocks allow it, pairs apart from singles
// except for what fits beside pairs, and groups the slots evenly, up to group of them.
func assign(c *circuit.Circuit, lookups []circuit.Lookup, slots, group int) {
	size := func(l circuit.Lookup) int { return 1 << circuit.PaddedLog(c.Blocks[l.In].Dims) }
	largest := 1
	for _, l := range lookups {
		largest = max(largest, size(l))
	}
	height := largest
	for slotsNeeded(lookups, size, height) > slots {
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
	groups := (n + group - 1) / group
	for g := range groups {
		var list []int
		for s := n * g / groups; s < n*(g+1)/groups; s++ {
			list = append(list, s)
		}
		c.Groups = append(c.Groups, list)
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
