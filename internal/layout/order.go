package layout

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// What repeats in a circuit, such as the steps of a recurrent layer or equal layers, costs a contract little if it lies at equal
// strides (internal/evm/stack.go). So relations of one form, and the lookups that play one part in relations of one form, are put
// in a row, in runs of powers of two, the longest first: they are aligned, too. Nothing depends on these orders but the gas.

// orderRelations sorts the relations of a circuit and says of which form each one is: forms are numbered by the length of their
// longest run.
func orderRelations(c *circuit.Circuit) (relations []circuit.Relation, form []int) {
	table := make([]int, len(c.Blocks))
	for s := range c.Slots {
		for _, l := range c.Slots[s].Lookups {
			table[l.In] = l.Table + 1
		}
	}
	keys := make([]string, len(c.Relations))
	for i := range c.Relations {
		keys[i] = relationForm(c, &c.Relations[i], table)
	}
	runs := runsOf(keys)
	// the numbers of bilinear contractions should be aligned, too: relations without any come last
	bilinear := func(r run) int {
		for k := range c.Relations[r.members[0]].Sum {
			if c.Relations[r.members[0]].Sum[k].B != nil {
				return 0
			}
		}
		return 1
	}
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(bilinear(a), bilinear(b)) })
	for _, r := range runs {
		for _, i := range r.members {
			relations = append(relations, c.Relations[i])
			form = append(form, r.form)
		}
	}
	return relations, form
}

// relationForm describes a relation but for its coefficients, the parameters of its axis relations, and which ones of alike blocks it
// reads. Constants are unlike each other.
func relationForm(c *circuit.Circuit, r *circuit.Relation, table []int) string {
	var b strings.Builder
	expr := func(e *circuit.Expr) {
		fmt.Fprint(&b, "|", e.Letters)
		for _, t := range e.Terms {
			fmt.Fprint(&b, " ", t.Axes)
			if t.Block == circuit.None {
				continue
			}
			block := &c.Blocks[t.Block]
			fmt.Fprint(&b, block.Role, block.Dims, table[t.Block])
			if block.Role == circuit.Fixed || block.Role == circuit.Private {
				fmt.Fprint(&b, "#", t.Block)
			}
		}
	}
	for _, l := range r.Letters {
		fmt.Fprint(&b, l.Len, " ")
	}
	fmt.Fprint(&b, r.Out)
	expr(&r.LHS)
	for i := range r.Sum {
		k := &r.Sum[i]
		fmt.Fprint(&b, "+", k.Inner)
		expr(&k.A)
		if k.B != nil {
			expr(k.B)
		}
		for j := range k.R {
			fmt.Fprint(&b, "*", k.R[j].Kind, k.R[j].Letters)
		}
	}
	return b.String()
}

// orderLookups sorts the lookups of each slot of a circuit whose relations are of the given forms. Blocks of one size, table and shape
// that occur at the same place of relations of one form, the most frequent of those in which they occur, are alike.
func orderLookups(c *circuit.Circuit, form []int) {
	count := map[int]int{}
	for _, f := range form {
		count[f]++
	}
	type part struct{ relation, place int }
	parts := make([]part, len(c.Blocks))
	for i := range parts {
		parts[i] = part{-1, 0}
	}
	for i := range c.Relations {
		place := 0
		for e := range c.Relations[i].Expressions {
			for _, t := range e.Terms {
				place++
				if t.Block == circuit.None {
					continue
				}
				if p := &parts[t.Block]; p.relation < 0 || count[form[i]] > count[form[p.relation]] {
					*p = part{i, place}
				}
			}
		}
	}
	for s := range c.Slots {
		list := slices.Clone(c.Slots[s].Lookups)
		size := func(l circuit.Lookup) int { return circuit.PaddedLog(c.Blocks[l.In].Dims) }
		slices.SortStableFunc(list, func(a, b circuit.Lookup) int {
			return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(a.Table, b.Table), cmp.Compare(parts[a.In].relation, parts[b.In].relation))
		})
		keys := make([]string, len(list))
		for i, l := range list {
			p, f := parts[l.In], -1
			if p.relation >= 0 {
				f = form[p.relation]
			}
			keys[i] = fmt.Sprint(size(l), l.Table, c.Blocks[l.In].Dims, f, p.place)
		}
		runs := runsOf(keys)
		slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(size(list[b.members[0]]), size(list[a.members[0]])) })
		c.Slots[s].Lookups = nil
		at := 0
		for len(runs) > 0 {
			// the longest run that is aligned here, among those of the largest blocks left
			next := 0
			for next < len(runs)-1 && size(list[runs[next+1].members[0]]) == size(list[runs[0].members[0]]) &&
				at>>size(list[runs[0].members[0]])%len(runs[next].members) != 0 {
				next++
			}
			for _, i := range runs[next].members {
				c.Slots[s].Lookups = append(c.Slots[s].Lookups, list[i])
				at += 1 << size(list[i])
			}
			runs = slices.Delete(runs, next, next+1)
		}
	}
}

// run are things of one form, a power of two of them.
type run struct {
	form    int
	members []int
}

// runsOf cuts the things of each form in runs, the longest first; runs of one length in the order of their forms, and these by the
// length of their longest run, then as they come.
func runsOf(keys []string) []run {
	var forms [][]int
	number := map[string]int{}
	for i, k := range keys {
		if _, ok := number[k]; !ok {
			number[k] = len(forms)
			forms = append(forms, nil)
		}
		forms[number[k]] = append(forms[number[k]], i)
	}
	longest := func(n int) int { return 1 << (bits.Len(uint(n)) - 1) }
	slices.SortStableFunc(forms, func(a, b []int) int { return cmp.Compare(longest(len(b)), longest(len(a))) })
	var runs []run
	for f, members := range forms {
		for len(members) > 0 {
			n := longest(len(members))
			runs = append(runs, run{f, members[:n]})
			members = members[n:]
		}
	}
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(len(b.members), len(a.members)) })
	return runs
}
