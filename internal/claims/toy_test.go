package claims

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// The file of tools/toy/vectors.py: the toy network's circuit, geometry and claims, computed by the Python reference.
type toyFile struct {
	Circuit toyCircuit
	Layouts []toyLayout
	Lt      []struct {
		D       int
		Point   []number
		Lt      number
		IndexLt number `json:"index_lt"`
	}
	AxisRelations []struct {
		Kind    string
		Params  []int64
		Lengths []int
		Points  [][]number
		Value   number
		Summed  number `json:"last_letter_summed"`
	} `json:"axis_relations"`
	Claims toyClaims
}

type toyCircuit struct {
	Blocks []struct {
		Name, Role string
		Dims       []int
		Lo, Hi     int64
		KeyTable   int `json:"key_table"`
	}
	Tables    []toyTable
	KeyTables []toyTable `json:"key_tables"`
	Slots     [][]struct {
		In    string
		Out   *string
		Table int
	}
	Groups    [][]int
	Relations []struct {
		Name    string
		Letters []struct {
			Name string
			Len  int
		}
		Out string
		LHS toyExpr
		Sum []struct {
			Inner string
			A     toyExpr
			B     *toyExpr
			R     []struct {
				Kind, Letters string
				Params        []int64
			}
		}
	}
	Inputs []string
}

type toyTable struct {
	Lo      int64
	Size    int
	Out     *string
	Dynamic bool
}

type toyExpr struct {
	Letters string
	Terms   []struct {
		Coef  int64
		Block *string
		Axes  string
	}
}

type toyLayout struct {
	LogRow int `json:"log_row"`
	Key    bool
	N      int
	Rows   map[string]struct{ First, Count int }
	At     map[string]int
	Slots  []struct{ In, Out int }

	Helpers                                 []int
	M, HT, Mask                             int
	TableAt                                 []int `json:"table_at"`
	Degrees                                 []int
	HeightVars, TableVars, N1, IndexVars    int
	RhoVars, ZetaVars, ClaimCount, MaskSize int
	TagEval                                 []toyTag `json:"tag_eval"`
	TableEval                               struct {
		Point  []number
		ID, In number
	} `json:"table_eval"`
	MaskAt []int `json:"mask_at"`
	Cover  int
	CoverH int `json:"cover_h"`
	G2At   int `json:"g2_at"`
	G2Size int `json:"g2_size"`
}

type toyTag struct {
	Slot  int
	Point []number
	Value number
}

type toyClaims struct {
	LogRow             int `json:"log_row"`
	Instance           map[string][]int64
	Alpha, Beta, Gamma number
	Rho, Zeta, Point   []number
	Values             []number
	S, Last            number
	R                  []number
	Start              struct{ Eval, Known number }
	Final              number
	Claims             []struct{ Eval, Value number }
}

// number is a decimal field element.
type number struct{ fr.Element }

func (n *number) UnmarshalJSON(b []byte) error {
	_, err := n.SetString(strings.Trim(string(b), `"`))
	return err
}

func elements(list []number) []fr.Element {
	out := make([]fr.Element, len(list))
	for i := range list {
		out[i] = list[i].Element
	}
	return out
}

func readToy(t *testing.T) *toyFile {
	b, err := os.ReadFile("../layout/testdata/toy.json")
	if err != nil {
		t.Fatal(err)
	}
	f := &toyFile{}
	if err := json.Unmarshal(b, f); err != nil {
		t.Fatal(err)
	}
	return f
}

// build turns the file's circuit into ours.
func (f *toyCircuit) build(logRow int) (*circuit.Circuit, map[string]int) {
	c := &circuit.Circuit{LogRow: logRow, Groups: f.Groups}
	at := map[string]int{}
	roles := map[string]circuit.Role{"public": circuit.Public, "fixed": circuit.Fixed, "private": circuit.Private, "column": circuit.Column, "free": circuit.Free}
	for i, b := range f.Blocks {
		at[b.Name] = i
		c.Blocks = append(c.Blocks, circuit.Block{Name: b.Name, Dims: b.Dims, Role: roles[b.Role], Lo: b.Lo, Hi: b.Hi, KeyTable: b.KeyTable})
	}
	block := func(name *string) int {
		if name == nil {
			return circuit.None
		}
		return at[*name]
	}
	table := func(x toyTable) circuit.Table {
		return circuit.Table{Lo: x.Lo, Size: x.Size, Out: block(x.Out), Dynamic: x.Dynamic}
	}
	for _, x := range f.Tables {
		c.Tables = append(c.Tables, table(x))
	}
	for _, x := range f.KeyTables {
		c.KeyTables = append(c.KeyTables, table(x))
	}
	for _, s := range f.Slots {
		var slot circuit.Slot
		for _, l := range s {
			slot.Lookups = append(slot.Lookups, circuit.Lookup{In: at[l.In], Out: block(l.Out), Table: l.Table})
		}
		c.Slots = append(c.Slots, slot)
	}
	for _, name := range f.Inputs {
		c.Inputs = append(c.Inputs, at[name])
	}
	for _, r := range f.Relations {
		rel := circuit.Relation{Name: r.Name}
		names := ""
		for _, l := range r.Letters {
			rel.Letters = append(rel.Letters, circuit.Axis{Name: l.Name, Len: l.Len})
			names += l.Name
		}
		letters := func(s string) []circuit.Letter {
			out := []circuit.Letter{}
			for i := range s {
				out = append(out, circuit.Letter(strings.IndexByte(names, s[i])))
			}
			return out
		}
		expr := func(e toyExpr) circuit.Expr {
			out := circuit.Expr{Letters: letters(e.Letters)}
			for _, x := range e.Terms {
				out.Terms = append(out.Terms, circuit.Term{Coef: x.Coef, Block: block(x.Block), Axes: letters(x.Axes)})
			}
			return out
		}
		rel.Out, rel.LHS = letters(r.Out), expr(r.LHS)
		for _, k := range r.Sum {
			x := circuit.Contraction{Inner: letters(k.Inner), A: expr(k.A)}
			if k.B != nil {
				e := expr(*k.B)
				x.B = &e
			}
			for _, a := range k.R {
				x.R = append(x.R, circuit.AxisRelation{Kind: kinds[a.Kind], Letters: letters(a.Letters), Params: a.Params})
			}
			rel.Sum = append(rel.Sum, x)
		}
		c.Relations = append(c.Relations, rel)
	}
	return c, at
}

var kinds = map[string]circuit.AxisKind{"same": circuit.Same, "window": circuit.Window, "affine": circuit.Affine, "index": circuit.Index, "reshape": circuit.Reshape}

// TestToyLayouts compares the geometry of the toy network, and of its key proof, with the reference's.
func TestToyLayouts(t *testing.T) {
	f := readToy(t)
	for _, want := range f.Layouts {
		c, at := f.Circuit.build(want.LogRow)
		lay, err := layout.New(c)
		if want.Key {
			lay, err = layout.ForKey(c)
		}
		if err != nil {
			t.Fatal(err)
		}
		equal := func(what string, got, want int) {
			if got != want {
				t.Errorf("L=%d key=%v: %s is %d, the reference has %d", lay.L, lay.Key, what, got, want)
			}
		}
		equal("N", lay.N, want.N)
		for seg, name := range []string{"P", "F", "W", "H"} {
			if want.Rows[name].Count > 0 {
				equal("first row of "+name, lay.Rows[seg].First, want.Rows[name].First)
			}
			equal("rows of "+name, lay.Rows[seg].Count, want.Rows[name].Count)
		}
		for name, offset := range want.At {
			equal("offset of "+name, lay.At[at[name]], offset)
		}
		for i, s := range want.Slots {
			equal("in column", lay.Slots[i].In, s.In)
			equal("out column", lay.Slots[i].Out, s.Out)
		}
		for i, h := range want.Helpers {
			equal("helper", lay.Helpers[i], h)
		}
		equal("m", lay.M, want.M)
		equal("h_T", lay.HT, want.HT)
		equal("mask", lay.Mask, want.Mask)
		equal("rounds", len(lay.Degrees), len(want.Degrees))
		for i := range want.Degrees {
			equal("degree", lay.Degrees[i], want.Degrees[i])
		}
		for i, x := range want.TableAt {
			equal("table offset", lay.TableAt[i], x)
		}
		equal("mask size", lay.MaskSize, lay.MaskG1+layout.MaskCoeffs(lay.Degrees))
		equal("masks", len(lay.MaskAt), len(want.MaskAt))
		for i, at := range want.MaskAt {
			equal("mask's place", lay.MaskAt[i], at)
		}
		equal("cover block", lay.Cover, want.Cover)
		equal("g2", lay.G2At(), want.G2At)
		equal("g2's coefficients", lay.G2Size(), want.G2Size)
		equal("cover block of H", lay.CoverH, want.CoverH)
		for _, x := range want.TagEval {
			if got := lay.TagEval(x.Slot, elements(x.Point)); !got.Equal(&x.Value.Element) {
				t.Errorf("L=%d key=%v: tag of slot %d differs", lay.L, lay.Key, x.Slot)
			}
		}
		id, in := lay.TableEval(elements(want.TableEval.Point))
		if !id.Equal(&want.TableEval.ID.Element) || !in.Equal(&want.TableEval.In.Element) {
			t.Errorf("L=%d key=%v: table columns differ", lay.L, lay.Key)
		}
	}
	for _, x := range f.Lt {
		lt, index := poly.Lt(x.D, elements(x.Point)), poly.IndexLt(x.D, elements(x.Point))
		if !lt.Equal(&x.Lt.Element) || !index.Equal(&x.IndexLt.Element) {
			t.Errorf("lt(%d) differs", x.D)
		}
	}
}

// TestToyAxisRelations compares axis relations at random points with the reference's.
func TestToyAxisRelations(t *testing.T) {
	for _, x := range readToy(t).AxisRelations {
		rel := &circuit.Relation{}
		r := circuit.AxisRelation{Kind: kinds[x.Kind], Params: x.Params}
		c := Coupling{Rel: &r}
		for i, n := range x.Lengths {
			rel.Letters = append(rel.Letters, circuit.Axis{Len: n})
			r.Letters = append(r.Letters, circuit.Letter(i))
			c.Out = append(c.Out, poly.EqTable(elements(x.Points[i]), fr.One()))
			c.Axis = append(c.Axis, -1)
		}
		c.Letters = rel.Letters
		if got := c.eval(nil); !got.Equal(&x.Value.Element) {
			t.Errorf("%s %v differs", x.Kind, x.Params)
		}
		c.Out[len(c.Out)-1] = nil
		if got := c.eval(nil); !got.Equal(&x.Summed.Element) {
			t.Errorf("%s %v with its last letter summed differs", x.Kind, x.Params)
		}
	}
}

// TestToyClaims compares every claim of a proof at random challenges with the reference's.
func TestToyClaims(t *testing.T) {
	f := readToy(t)
	x := f.Claims
	c, at := f.Circuit.build(x.LogRow)
	lay, err := layout.New(c)
	if err != nil {
		t.Fatal(err)
	}
	inst := make(Instances, len(c.Blocks))
	for name, v := range x.Instance {
		b := at[name]
		inst[b] = make(fr.Vector, 1<<circuit.PaddedLog(c.Blocks[b].Dims))
		copy(inst[b], field.FromInts(v))
	}
	ch := &Challenges{Alpha: x.Alpha.Element, Beta: x.Beta.Element, Gamma: x.Gamma.Element, Rho: elements(x.Rho), Zeta: elements(x.Zeta), R: elements(x.Point)}
	start, known := Start(lay, ch, inst)
	r := elements(x.R)
	if got := start.Eval(r); !got.Equal(&x.Start.Eval.Element) || !known.Equal(&x.Start.Known.Element) {
		t.Error("the functional of S differs")
	}
	values := elements(x.Values)
	if got := FinalTotal(lay, ch, inst, values); !got.Equal(&x.Final.Element) {
		t.Error("the final value of sumcheck 1 differs")
	}
	all := All(lay, ch, inst, values, &x.S.Element, &x.Last.Element)
	if len(all) != len(x.Claims) {
		t.Fatalf("%d claims, the reference has %d", len(all), len(x.Claims))
	}
	for i, want := range x.Claims {
		if got := all[i].F.Eval(r); !got.Equal(&want.Eval.Element) || !all[i].Value.Equal(&want.Value.Element) {
			t.Errorf("claim %d differs", i)
		}
		dense := make(fr.Vector, 1<<lay.N) // the dense weights have the same MLE
		for j := range all[i].F {
			w := all[i].F[j].Dense()
			part := dense[all[i].F[j].Offset:][:len(w)]
			part.Add(part, w)
		}
		if got := poly.Eval(dense, r); !got.Equal(&want.Eval.Element) {
			t.Errorf("claim %d: its dense weights differ from its closed form", i)
		}
	}
}
