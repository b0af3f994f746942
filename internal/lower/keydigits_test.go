package lower

import (
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/quant"
)

// TestBalanceKey: few constants of 16 bits beside many of 12 are split in two digits that give the same integers; a block that
// is a table is not.
func TestBalanceKey(t *testing.T) {
	for _, asTable := range []bool{false, true} {
		b := newBuilder(&quant.Params{}, Options{Params: Private, Width: 8})
		b.keyDigit = 16
		weights, bias := make([]int64, 256*256), []int64{-32768, 32767, 2048, 2047, -2049, 0, 1, -1}
		for i := range weights {
			weights[i] = int64(i*2654435761>>7)%4096 - 2048
		}
		w := b.constantTerms("w", []int{256, 256}, weights)
		v := b.constantTerms("b", []int{8}, bias)
		v[0].Coef = -3
		block := v[0].Block
		b.c.Relations = []circuit.Relation{{LHS: circuit.Expr{Terms: v}, Sum: []circuit.Contraction{{A: circuit.Expr{Terms: w}}}}}
		if asTable {
			b.c.Tables = []circuit.Table{{Name: "t", Size: 8, Out: block, Dynamic: true}}
		}
		b.balanceKey()
		got := make([]int64, len(bias))
		terms := b.c.Relations[0].LHS.Terms
		for _, x := range terms {
			for i := range got {
				got[i] += x.Coef * b.key[x.Block][i]
			}
		}
		for i := range got {
			if got[i] != -3*bias[i] {
				t.Errorf("entry %d is %d, not %d", i, got[i], -3*bias[i])
			}
		}
		largest := 0
		for i := range b.c.Blocks {
			x := &b.c.Blocks[i]
			table := &b.c.KeyTables[x.KeyTable]
			largest = max(largest, table.Size)
			if x.Lo != table.Lo || x.Hi != table.Lo+int64(table.Size)-1 || slices.Min(b.key[i]) < x.Lo || slices.Max(b.key[i]) > x.Hi {
				t.Errorf("block %s: [%d, %d] in table %+v", x.Name, x.Lo, x.Hi, table)
			}
		}
		if digits := len(terms); asTable && (digits != 1 || largest != 1<<16) || !asTable && (digits != 2 || largest != 1<<12) {
			t.Errorf("as a table %v: %d digits, tables of up to %d rows", asTable, digits, largest)
		}
		if len(b.owner) != len(b.c.Blocks) || len(b.key) != len(b.c.Blocks) {
			t.Error("lists by block of different lengths")
		}
	}
}
