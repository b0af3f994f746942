package verify_test

import (
	"math/rand"
	"slices"
	"sort"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/prover/reference"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
	"github.com/ezkl-go/ezkl/verify"
)

// TestWrongWitness: everything after a wrong step is recomputed, and the prover is honest about the wrong witness.
func TestWrongWitness(t *testing.T) {
	seeds := []int64{1}
	if full {
		seeds = []int64{1, 5, 6, 7}
	}
	for _, seed := range seeds {
		honest, err := toynet.New(seed, layout.Arrange)
		l := newLab(t, honest, err, seed)
		for _, step := range toynet.Steps {
			wrong, err := toynet.Wrong(seed, layout.Arrange, step)
			if err != nil {
				t.Fatal(err)
			}
			changed := false
			for i := range honest.Values {
				same := slices.Equal(honest.Values[i], wrong.Values[i])
				changed = changed || !same
				if r := wrong.C.Blocks[i].Role; !same && (r == circuit.Private || r == circuit.Fixed) {
					t.Fatalf("%s changes the key", step)
				}
			}
			if !changed {
				t.Errorf("%s, seed %d: nothing changed", step, seed)
				continue
			}
			p := l.prove(reference.Field(wrong.Values))
			if got := code(t, l.accepted.Verify(wrong.Instances(), p.Bytes, verify.EVM)); got != verify.CodeOpening {
				t.Errorf("%s, seed %d: %q", step, seed, got)
			}
		}
	}
}

// TestWrongEntry: one entry of one block is altered, the multiplicities counted anew, everything else left: every relation
// and every lookup that reads the entry has to notice.
func TestWrongEntry(t *testing.T) {
	l := toyLab(t)
	rng := rand.New(rand.NewSource(1))
	for b := range l.net.C.Blocks {
		role := l.net.C.Blocks[b].Role
		if role == circuit.Private || role == circuit.Fixed {
			continue
		}
		for i := range l.values[b] {
			if !full && rng.Intn(5) > 0 {
				continue
			}
			values := slices.Clone(l.values)
			values[b] = slices.Clone(values[b])
			delta := fr.NewElement(1)
			if rng.Intn(2) == 0 {
				delta = randomScalar(rng)
			}
			values[b][i].Add(&values[b][i], &delta)
			p := l.prove(values)
			if role == circuit.Public { // the proof of the altered instance, checked for the altered instance
				err := l.accepted.Verify(l.instancesOf(values), p.Bytes, verify.EVM)
				if got := code(t, err); got != verify.CodeOpening && got != verify.CodeInstance {
					t.Errorf("block %s, entry %d: %q", l.net.C.Blocks[b].Name, i, got)
				}
				continue
			}
			want(t, l.net.C.Blocks[b].Name, l.verify(p.Bytes), verify.CodeOpening)
		}
	}
}

// entryKinds names what every committed entry of V is.
func entryKinds(lay *layout.Layout) map[int]string {
	kind := map[int]string{}
	mark := func(at, n int, name string) {
		for i := range n {
			kind[at+i] = name
		}
	}
	for s, name := range []string{layout.SegP: "key gap", layout.SegF: "key gap", layout.SegW: "gap between blocks", layout.SegH: "gap between blocks"} {
		mark(lay.Rows[s].First<<lay.L, lay.Rows[s].Count<<lay.L, name)
	}
	for _, s := range lay.Slots {
		mark(s.In, 1<<lay.HeightVars, "column gap")
		if s.Out != circuit.None {
			mark(s.Out, 1<<lay.HeightVars, "column gap")
		}
	}
	for i := range lay.C.Blocks {
		b := &lay.C.Blocks[i]
		if lay.At[i] == circuit.None {
			continue
		}
		name := []string{circuit.Fixed: "key", circuit.Private: "key", circuit.Column: "column", circuit.Free: "free"}[b.Role]
		mark(lay.At[i], 1<<circuit.PaddedLog(b.Dims), name+" axis padding")
		layout.Inside(b.Dims, func(at int) { kind[lay.At[i]+at] = name + " entry" })
	}
	mark(lay.Mask, 1<<lay.MaskVars, "gap between blocks")
	for _, at := range lay.MaskAt {
		mark(lay.Mask+at, 1, "mask block")
	}
	for _, h := range lay.Helpers {
		mark(h, 1<<lay.HeightVars, "h")
	}
	mark(lay.M, 1<<lay.TableVars, "m")
	mark(lay.HT, 1<<lay.TableVars, "hT")
	return kind
}

// TestAlteredEntry alters single entries of V with a prover otherwise honest, multiplicities recounted or not: refused,
// but for the mask block and what lies between blocks, which nothing reads.
func TestAlteredEntry(t *testing.T) {
	l := toyLab(t)
	by := map[string][]int{}
	for at, k := range entryKinds(l.lay) {
		by[k] = append(by[k], at)
	}
	var names []string
	for k := range by {
		sort.Ints(by[k])
		names = append(names, k)
	}
	sort.Strings(names)
	rng := rand.New(rand.NewSource(2))
	each := 4
	if full {
		each = 200
	}
	for _, k := range names {
		if k == "key gap" || k == "key entry" || k == "key axis padding" {
			continue // key_test.go alters the committed key itself
		}
		stages := []string{"W"}
		switch k {
		case "h", "hT":
			stages = []string{"H"}
		case "column entry", "column axis padding", "column gap":
			stages = []string{"columns", "W"}
		}
		accept := k == "mask block" || k == "gap between blocks"
		if accept && len(by[k]) == 0 {
			t.Errorf("no %s", k)
		}
		for _, stage := range stages {
			tried := 0
			for _, i := range rng.Perm(len(by[k])) {
				if tried == each {
					break
				}
				tried++
				at := by[k][i]
				delta := []fr.Element{fr.NewElement(1), fr.NewElement(1), half(), randomScalar(rng)}[rng.Intn(4)]
				if rng.Intn(2) == 0 {
					delta.Neg(&delta)
				}
				p := l.cheating(func(now string, v fr.Vector) {
					if now == stage {
						v[at].Add(&v[at], &delta)
					}
				})
				err := l.verify(p.Bytes)
				if (err == nil) != accept {
					t.Errorf("%s, stage %s, address %d: %v", k, stage, at, err)
				}
			}
			t.Logf("%-22s %-8s %3d of %4d", k, stage, tried, len(by[k]))
		}
	}
}

// TestM6_EveryPadding alters every entry of axis padding and of column gaps: they are what the tags have to force to 0.
func TestM6_EveryPadding(t *testing.T) {
	l := toyLab(t)
	padded := 1
	if full {
		padded = 2
	}
	for at, k := range entryKinds(l.lay) {
		if k != "column axis padding" && k != "free axis padding" && k != "column gap" || !full && at%7 != 0 {
			continue
		}
		for _, x := range []int64{6, 1}[:padded] { // 6 is a row of the dynamic table's padding
			p := l.cheating(func(now string, v fr.Vector) {
				if now == "columns" {
					v[at].SetInt64(x)
				}
			})
			if err := l.verify(p.Bytes); err == nil {
				t.Errorf("%s at %d set to %d: accepted", k, at, x)
			}
		}
	}
}

// TestP7_MovedMultiplicity moves a count from one row to another: the sum of the multiplicities stays right.
func TestP7_MovedMultiplicity(t *testing.T) {
	l := toyLab(t)
	n := 1 << l.lay.TableVars
	move := func(from, to int) error {
		p := l.cheating(func(now string, v fr.Vector) {
			if now == "W" {
				one := fr.One()
				m := v[l.lay.M : l.lay.M+n]
				m[from].Sub(&m[from], &one)
				m[to].Add(&m[to], &one)
			}
		})
		return l.verify(p.Bytes)
	}
	for i := range l.lay.Tables {
		at := l.lay.TableAt[i]
		want(t, "a count moved into a table", move(0, at), verify.CodeOpening)
		want(t, "a count moved out of a table", move(at, 0), verify.CodeOpening)
		want(t, "a count moved within a table", move(at, at+1), verify.CodeOpening)
	}
	want(t, "a count moved between two padding rows, which are one row", move(0, n-1), "")
}

// TestShiftedHelper adds c to one entry of h and takes it from another, and moves it to h_T: the sums agree, the zero
// checks do not.
func TestShiftedHelper(t *testing.T) {
	l := toyLab(t)
	c := fr.NewElement(5)
	for _, pair := range [][2]int{
		{l.lay.Helpers[0], l.lay.Helpers[0] + 1},
		{l.lay.Helpers[0], l.lay.Helpers[len(l.lay.Helpers)-1] + 3},
		{l.lay.HT, l.lay.HT + 5},
	} {
		p := l.cheating(func(now string, v fr.Vector) {
			if now == "H" {
				v[pair[0]].Add(&v[pair[0]], &c)
				v[pair[1]].Sub(&v[pair[1]], &c)
			}
		})
		want(t, "helpers shifted", l.verify(p.Bytes), verify.CodeOpening)
	}
	p := l.cheating(func(now string, v fr.Vector) {
		if now == "H" {
			v[l.lay.Helpers[0]].Add(&v[l.lay.Helpers[0]], &c)
			v[l.lay.HT].Add(&v[l.lay.HT], &c)
		}
	})
	want(t, "h and h_T shifted", l.verify(p.Bytes), verify.CodeOpening)
}
