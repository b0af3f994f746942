package layout_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// nets are circuits of many shapes.
func nets(t *testing.T) map[string]*toynet.Net {
	t.Helper()
	out := map[string]*toynet.Net{}
	put := func(name string, n *toynet.Net, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[name] = n
	}
	base, err := toynet.New(1, layout.Arrange)
	put("toy", base, err)
	put("one group", base.Grouped(8), nil)
	put("single slots", base.Single().Grouped(1), nil)
	put("mixed", base.Single().Grouped(3, 1), nil)
	put("long rows", base.Rows(12), nil)
	n, err := base.WithoutLookups()
	put("no lookups", n, err)
	n, err = base.WithoutOutputs()
	put("no outputs", n, err)
	n, err = base.WithoutPrivate()
	put("no private", n, err)
	for seed := range int64(12) {
		n, err := toynet.Random(seed, 3)
		put(fmt.Sprintf("random %d", seed), n, err)
	}
	return out
}

// layouts are those of the nets and of their keys.
func layouts(t *testing.T) map[string]*layout.Layout {
	t.Helper()
	out := map[string]*layout.Layout{}
	for name, n := range nets(t) {
		lay, err := layout.New(n.C)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = lay
		key, err := layout.ForKey(n.C)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if key != nil {
			out[name+", key"] = key
		}
	}
	return out
}

// point is a repeatable point.
func point(n int) []fr.Element {
	out := make([]fr.Element, n)
	for i := range out {
		out[i].SetUint64(uint64(i*i + 7*i + 3))
		out[i].Inverse(&out[i])
	}
	return out
}

// TestC14_BlocksAreApart: every block lies at a multiple of its size, inside its segment; blocks share no entry; segments share no row
// and start at multiples of 2^L.
func TestC14_BlocksAreApart(t *testing.T) {
	for name, l := range layouts(t) {
		owner := make(map[int]string)
		claim := func(what string, at, size int, seg layout.Segment) {
			t.Helper()
			if at%size != 0 {
				t.Errorf("%s: %s at %d is not aligned to %d", name, what, at, size)
			}
			if first, rows := l.Rows[seg].First<<l.L, l.Rows[seg].Count<<l.L; at < first || at+size > first+rows {
				t.Errorf("%s: %s at %d+%d leaves its segment's rows %d+%d", name, what, at, size, first, rows)
			}
			for i := range size {
				if o, ok := owner[at+i]; ok {
					t.Fatalf("%s: %s and %s share entry %d", name, what, o, at+i)
				}
				owner[at+i] = what
			}
		}
		segment := map[circuit.Role]layout.Segment{circuit.Fixed: layout.SegF, circuit.Private: layout.SegP, circuit.Free: layout.SegW}
		for i := range l.C.Blocks {
			b := &l.C.Blocks[i]
			size := 1 << circuit.PaddedLog(b.Dims)
			switch {
			case b.Role == circuit.Public || l.Key && b.Role != circuit.Private:
				if l.At[i] != circuit.None {
					t.Errorf("%s: block %s has a place", name, b.Name)
				}
			case b.Role == circuit.Column: // inside its column, see below
				if l.At[i]%size != 0 {
					t.Errorf("%s: column block %s is not aligned", name, b.Name)
				}
			default:
				claim(b.Name, l.At[i], size, segment[b.Role])
			}
		}
		for s := range l.Slots {
			if !l.Key {
				claim(fmt.Sprint("slot ", s), l.Slots[s].In, 1<<l.HeightVars, layout.SegW)
				if l.Slots[s].Out != circuit.None {
					claim(fmt.Sprint("out of slot ", s), l.Slots[s].Out, 1<<l.HeightVars, layout.SegW)
				}
			}
		}
		claim("m", l.M, 1<<l.TableVars, layout.SegW)
		claim("mask block", l.Mask, 1<<l.MaskVars, layout.SegW)
		for g, at := range l.Helpers {
			claim(fmt.Sprint("helper ", g), at, 1<<l.HeightVars, layout.SegH)
		}
		claim("h_T", l.HT, 1<<l.TableVars, layout.SegH)
		taken := map[int]bool{}
		for _, r := range l.Rows {
			for i := range r.Count {
				if taken[r.First+i] || r.First+i >= 1<<(l.N-l.L) {
					t.Errorf("%s: row %d is taken twice or beyond V", name, r.First+i)
				}
				taken[r.First+i] = true
			}
		}
	}
}

// TestColumnsHoldTheirBlocks: the blocks of a lookup lie at the same height of the slot's columns, apart from all others,
// and their tag is there.
func TestColumnsHoldTheirBlocks(t *testing.T) {
	for name, n := range nets(t) {
		l, err := layout.New(n.C)
		if err != nil {
			t.Fatal(err)
		}
		k := 0
		for s := range n.C.Slots {
			used := make([]bool, 1<<l.HeightVars)
			for _, look := range n.C.Slots[s].Lookups {
				dims := n.C.Blocks[look.In].Dims
				at := l.At[look.In] - l.Slots[s].In
				if look.Out != circuit.None && l.At[look.Out]-l.Slots[s].Out != at {
					t.Errorf("%s: in and out of a lookup at different heights", name)
				}
				if !slices.ContainsFunc(l.Tags, func(tag layout.Tag) bool {
					return tag.Table == look.Table && tag.Address == s<<l.HeightVars+at && slices.Equal(tag.Dims, dims)
				}) {
					t.Errorf("%s: no tag for table %d at %d of slot %d", name, look.Table, at, s)
				}
				k++
				for i := range 1 << circuit.PaddedLog(dims) {
					if at+i < 0 || at+i >= len(used) || used[at+i] {
						t.Fatalf("%s: slot %d: blocks overlap", name, s)
					}
					used[at+i] = true
				}
			}
		}
		if k != len(l.Tags) {
			t.Errorf("%s: %d tags for %d lookups", name, len(l.Tags), k)
		}
	}
}

// TestTagEval: the closed form is the MLE of the dense column.
func TestTagEval(t *testing.T) {
	for name, l := range layouts(t) {
		x := point(l.HeightVars)
		for s := range l.Slots {
			dense := make(fr.Vector, 1<<l.HeightVars)
			for i := range l.Tags {
				layout.Inside(l.Tags[i].Dims, func(at int) {
					if a := l.Tags[i].Address + at; a>>l.HeightVars == s {
						dense[a&(len(dense)-1)].SetInt64(int64(l.Tags[i].Table + 1))
					}
				})
			}
			want, got := poly.Eval(dense, x), l.TagEval(s, x)
			if !want.Equal(&got) {
				t.Errorf("%s: tag of slot %d differs", name, s)
			}
		}
	}
}

// TestTableEval: the closed forms are the MLEs of the dense columns: id and in are 0 outside the tables and in the axis padding
// of dynamic ones.
func TestTableEval(t *testing.T) {
	dynamic := 0
	for name, l := range layouts(t) {
		ids, ins := make(fr.Vector, 1<<l.TableVars), make(fr.Vector, 1<<l.TableVars)
		for i := range l.Tables {
			dims := []int{l.Tables[i].Size}
			if l.Tables[i].Dynamic {
				dims = l.C.Blocks[l.Tables[i].Out].Dims
				dynamic++
			}
			layout.Inside(dims, func(at int) {
				if p := l.TableAt[i] + at; p == 0 || !ids[p].IsZero() {
					t.Errorf("%s: table %d takes row %d of another or of the padding", name, i, p)
				}
				ids[l.TableAt[i]+at].SetInt64(int64(i + 1))
				ins[l.TableAt[i]+at].SetInt64(l.Tables[i].Lo + int64(at))
			})
		}
		x := point(l.TableVars)
		id, in := l.TableEval(x)
		if want := poly.Eval(ids, x); !want.Equal(&id) {
			t.Errorf("%s: id differs", name)
		}
		if want := poly.Eval(ins, x); !want.Equal(&in) {
			t.Errorf("%s: in differs", name)
		}
	}
	if dynamic == 0 {
		t.Error("no dynamic table")
	}
}

// TestKeyLayout: the key proof has the rows of segment P of the ordinary layout, with every block at the same place in
// them; its columns cover all blocks, and V has room for all columns.
func TestKeyLayout(t *testing.T) {
	spanning := 0
	for name, n := range nets(t) {
		l, _ := layout.New(n.C)
		k, _ := layout.ForKey(n.C)
		if k == nil {
			continue
		}
		p, q := l.Rows[layout.SegP], k.Rows[layout.SegP]
		if p.Count != q.Count || k.L != l.L {
			t.Errorf("%s: %d rows of P, %d in the key proof", name, p.Count, q.Count)
		}
		if k.Rows[layout.SegF].Count != 0 || len(k.Bilinear) != 0 || k.RhoVars != 0 || k.IndexVars != 0 || k.ClaimA || k.ClaimB || k.ClaimOut {
			t.Errorf("%s: the key proof has more than range lookups: %+v", name, k.Shape)
		}
		if len(k.Slots) < 1 || len(k.Slots) > layout.MaxKeyColumns || len(k.Groups) != 1 || len(k.Groups[0]) != len(k.Slots) {
			t.Errorf("%s: %d columns in groups %v", name, len(k.Slots), k.Groups)
		}
		start, end := q.First<<k.L, q.First<<k.L+len(k.Slots)<<k.HeightVars
		for s := range k.Slots {
			if k.Slots[s].In != start+s<<k.HeightVars || k.Slots[s].Out != circuit.None {
				t.Errorf("%s: column %d at %+v", name, s, k.Slots[s])
			}
		}
		for i := range n.C.Blocks {
			if n.C.Blocks[i].Role != circuit.Private {
				continue
			}
			size := 1 << circuit.PaddedLog(n.C.Blocks[i].Dims)
			if k.At[i]-start != l.At[i]-p.First<<l.L {
				t.Errorf("%s: block %s moved within P", name, n.C.Blocks[i].Name)
			}
			if k.At[i]+size > end {
				t.Errorf("%s: block %s ends beyond the columns", name, n.C.Blocks[i].Name)
			}
			if size > 1<<k.HeightVars {
				spanning++
			}
		}
		if end > 1<<k.N {
			t.Errorf("%s: columns end beyond V", name)
		}
		for s, r := range k.Rows {
			if s != int(layout.SegP) && r.Count > 0 && r.First<<k.L < end && (r.First+r.Count)<<k.L > start {
				t.Errorf("%s: segment %d lies in the key's columns", name, s)
			}
		}
	}
	if spanning == 0 {
		t.Error("no block spans several columns")
	}
}

// TestShape: rounds, degrees and claims of variants.
func TestShape(t *testing.T) {
	base, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	shape := func(n *toynet.Net, err error) *layout.Layout {
		if err != nil {
			t.Fatal(err)
		}
		l, err := layout.New(n.C)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	only := func(names ...string) (*toynet.Net, error) {
		return base.Bilinear(func(name string) bool {
			for _, n := range names {
				if n == name {
					return true
				}
			}
			return false
		})
	}
	for _, c := range []struct {
		name              string
		l                 *layout.Layout
		bilinear, index   int
		a, b, out         bool
		last, firstDegree int
	}{
		{"toy", shape(base, nil), 5, 3, true, true, true, 1 + 1 + 4, 2 + 4},
		{"one contraction", shape(only("conv")), 1, 0, true, true, true, 1 + 1 + 4, 2 + 4},
		{"two contractions", shape(only("conv", "matmul")), 2, 1, true, true, true, 1 + 1 + 4, 2 + 4},
		{"B public", shape(only("public")), 1, 0, true, false, true, 1 + 1 + 4, 2 + 4},
		{"no contraction", shape(only()), 0, 0, false, false, true, 1 + 1 + 4, 2 + 4},
		{"groups of one", shape(base.Grouped(1), nil), 5, 3, true, true, true, 1 + 2, 3},
		{"no outputs", shape(base.WithoutOutputs()), 5, 3, true, true, false, 0, 0},
		{"no lookups", shape(base.WithoutLookups()), 5, 3, true, true, false, 1 + 2, 0},
	} {
		l := c.l
		if len(l.Bilinear) != c.bilinear || l.IndexVars != c.index || l.ClaimA != c.a || l.ClaimB != c.b || l.ClaimOut != c.out {
			t.Errorf("%s: %+v", c.name, l.Shape)
		}
		slots := 0
		largest := 0
		for _, g := range l.Groups {
			slots += len(g)
			largest = max(largest, len(g))
		}
		claims := len(l.Groups) + slots + 2
		for _, x := range []bool{l.ClaimA, l.ClaimB, l.ClaimOut} {
			if x {
				claims++
			}
		}
		if l.ClaimCount != claims || l.MaskG1 != claims {
			t.Errorf("%s: %d claims, %d masks for them", c.name, l.ClaimCount, l.MaskG1)
		}
		if l.MaskSize != l.MaskG1+layout.MaskCoeffs(l.Degrees) {
			t.Errorf("%s: the mask block ends at %d", c.name, l.MaskSize)
		}
		if len(l.MaskAt) != l.MaskSize {
			t.Errorf("%s: %d places of masks", c.name, len(l.MaskAt))
		}
		group, taken := 1<<l.MaskDegree, map[int]bool{}
		for k, at := range l.MaskAt {
			if taken[at] || at >= 1<<l.MaskVars || (at%group == 0) != (k <= l.MaskG1) {
				t.Errorf("%s: mask %d lies at %d", c.name, k, at)
			}
			taken[at] = true
		}
		if len(l.Degrees) != l.N1+1 || l.N1 != max(l.InnerVars+l.IndexVars, l.HeightVars, l.TableVars) {
			t.Errorf("%s: %d rounds", c.name, len(l.Degrees))
		}
		for j, d := range l.Degrees {
			if d < 1 {
				t.Errorf("%s: round %d has degree %d", c.name, j, d)
			}
			if j < l.HeightVars && slots > 0 && d < 2+largest {
				t.Errorf("%s: round %d has degree %d with a group of %d", c.name, j, d, largest)
			}
			if j < l.TableVars && d < 3 {
				t.Errorf("%s: round %d of the table has degree %d", c.name, j, d)
			}
			if l.InnerVars <= j && j < l.InnerVars+l.IndexVars && d < 3 {
				t.Errorf("%s: index round %d of degree %d", c.name, j, d)
			}
		}
		if c.last > 0 && l.Degrees[len(l.Degrees)-1] != c.last {
			t.Errorf("%s: z has degree %d, not %d", c.name, l.Degrees[len(l.Degrees)-1], c.last)
		}
		if c.firstDegree > 0 && l.Degrees[0] != c.firstDegree {
			t.Errorf("%s: round 0 has degree %d, not %d", c.name, l.Degrees[0], c.firstDegree)
		}
	}
}

// TestArrange: slots and groups hold every lookup once, groups are balanced, the result repeats.
func TestArrange(t *testing.T) {
	for name, n := range nets(t) {
		c := *n.C
		if err := layout.Arrange(&c, n.Lookups); err != nil {
			t.Fatal(err)
		}
		seen := map[circuit.Lookup]int{}
		for _, s := range c.Slots {
			for _, l := range s.Lookups {
				seen[l]++
			}
		}
		for _, l := range n.Lookups {
			if seen[l] != 1 {
				t.Errorf("%s: lookup %+v is in %d slots", name, l, seen[l])
			}
		}
		small, large := circuit.MaxGroup, 0
		for _, g := range c.Groups {
			small, large = min(small, len(g)), max(large, len(g))
		}
		if len(c.Groups) > 0 && large-small > 1 {
			t.Errorf("%s: groups of %d to %d slots", name, small, large)
		}
		d := *n.C
		if err := layout.Arrange(&d, n.Lookups); err != nil || d.LogRow != c.LogRow || fmt.Sprint(d.Slots, d.Groups) != fmt.Sprint(c.Slots, c.Groups) {
			t.Errorf("%s: another arrangement the second time", name)
		}
	}
}

// TestTooLarge: rows that are too short or too long are errors.
func TestTooLarge(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	for _, logRow := range []int{circuit.MinLogRow - 1, circuit.MaxLogRow + 1, 0, -1} {
		if _, err := layout.New(n.Rows(logRow).C); err == nil {
			t.Errorf("rows of 2^%d: no error", logRow)
		}
		if _, err := layout.ForKey(n.Rows(logRow).C); err == nil {
			t.Errorf("key of rows of 2^%d: no error", logRow)
		}
	}
	for _, logRow := range []int{circuit.MinLogRow, 16, circuit.MaxLogRow} {
		if _, err := layout.New(n.Rows(logRow).C); err != nil {
			t.Errorf("rows of 2^%d: %v", logRow, err)
		}
	}
}

// TestTooManyEntries: tables of 2^36 rows in all, in the proof or in the key proof.
func TestTooManyEntries(t *testing.T) {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	fill := func(tables []circuit.Table) []circuit.Table {
		tables = slices.Clone(tables)
		for len(tables) < circuit.MaxTables {
			tables = append(tables, circuit.Table{Size: circuit.MaxTableSize, Out: circuit.None})
		}
		return tables
	}
	c := *n.C
	c.Tables = fill(c.Tables)
	if _, err := layout.New(&c); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("tables of 2^36 rows: %v", err)
	}
	c = *n.C
	c.KeyTables = fill(c.KeyTables)
	if _, err := layout.ForKey(&c); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("key tables of 2^36 rows: %v", err)
	}
}

// TestCover: the cover blocks lie in rows of their segments, in nobody else's place, that of W with g2 in one row.
func TestCover(t *testing.T) {
	for name, l := range layouts(t) {
		row, seg := 1<<l.L, func(s layout.Segment) (int, int) {
			return l.Rows[s].First << l.L, (l.Rows[s].First + l.Rows[s].Count) << l.L
		}
		if from, to := seg(layout.SegW); l.Cover < from || l.G2At()+l.G2Size() > to || l.G2At() < l.Cover+layout.CoverW {
			t.Errorf("%s: the cover block lies outside segment W, or g2 in its entries", name)
		}
		if l.Cover < l.CoverRow()*row || l.G2At()+l.G2Size() > (l.CoverRow()+1)*row || l.G2At()+l.G2Size() > l.Cover+128 {
			t.Errorf("%s: g2 lies beyond the cover block or its row", name)
		}
		if from, to := seg(layout.SegH); l.CoverH < from || l.CoverH+layout.CoverH > to {
			t.Errorf("%s: the cover block lies outside segment H", name)
		}
		apart := func(at, size, other, otherSize int) {
			if at < other+otherSize && other < at+size {
				t.Errorf("%s: a cover block takes another's place", name)
			}
		}
		for _, at := range append([]int{l.HT}, l.Helpers...) {
			apart(l.CoverH, layout.CoverH, at, 1)
		}
		apart(l.Cover, 128, l.Mask, 1<<l.MaskVars)
		apart(l.Cover, 128, l.M, 1<<l.TableVars)
		for i, at := range l.At {
			if at != circuit.None {
				apart(l.Cover, 128, at, 1<<circuit.PaddedLog(l.C.Blocks[i].Dims))
			}
		}
	}
}
