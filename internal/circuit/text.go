package circuit

import (
	"fmt"
	"strconv"
	"strings"
)

var (
	roleNames = [...]string{"public", "fixed", "private", "column", "free"}
	axisNames = [...]string{"same", "window", "affine", "index", "reshape"}
)

// Text is a listing that people read and Parse reads back, of a circuit that passes Check. One statement a line; a line that
// starts with a space continues the one above; # starts a comment.
//
//	circuit row 12
//	keytable k4 [-8, 7]
//	block x column [3, 2]
//	block w private [3, 2] k4
//	block y public [3] [-100, 100]
//	table s4 [-8, 7]
//	table relu [-128, 127] f            output column f
//	table rows [0, 7] x dynamic
//	slot (x) s4, (q, y) relu
//	group 0 1
//	relation conv {g=3 o=2 i=5 G=3 u=3 a=5} g o i
//	    4*q[g,o,i] + r[g,o,i] - 7
//	    = sum u G a: (x[G,a]) * (w[G,o,u]) same(g,G) window(i,u,a; 1,1,1)
//	    + sum: ({o} 2)
//	inputs x
//
// Names that are no identifiers are quoted; ones that are empty or not unique are printed as @index. An expression begins
// with the letters that it holds, in braces, unless they are those of its first term.
func (c *Circuit) Text() string {
	p := &printer{blocks: refs(len(c.Blocks), func(i int) string { return c.Blocks[i].Name })}
	tables := refs(len(c.Tables), func(i int) string { return c.Tables[i].Name })
	keys := refs(len(c.KeyTables), func(i int) string { return c.KeyTables[i].Name })
	p.print("circuit row %d\n", c.LogRow)
	for i := range c.KeyTables {
		t := &c.KeyTables[i]
		p.print("keytable %s [%d, %d]\n", ident(t.Name), t.Lo, t.Lo+int64(t.Size)-1)
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		p.print("block %s %s %s", ident(b.Name), roleNames[b.Role], strings.ReplaceAll(fmt.Sprint(b.Dims), " ", ", "))
		switch b.Role {
		case Public, Fixed:
			p.print(" [%d, %d]", b.Lo, b.Hi)
		case Private:
			p.print(" %s", keys[b.KeyTable])
		}
		p.print("\n")
	}
	for i := range c.Tables {
		t := &c.Tables[i]
		p.print("table %s [%d, %d]", ident(t.Name), t.Lo, t.Lo+int64(t.Size)-1)
		if t.Out != None {
			p.print(" %s", p.blocks[t.Out])
		}
		if t.Dynamic {
			p.print(" dynamic")
		}
		p.print("\n")
	}
	for _, s := range c.Slots {
		sep := "slot "
		for _, l := range s.Lookups {
			p.print("%s(%s", sep, p.blocks[l.In])
			if l.Out != None {
				p.print(", %s", p.blocks[l.Out])
			}
			p.print(") %s", tables[l.Table])
			sep = ", "
		}
		if len(s.Lookups) == 0 {
			p.print("slot")
		}
		p.print("\n")
	}
	for _, g := range c.Groups {
		p.print("group %s\n", strings.Trim(fmt.Sprint(g), "[]"))
	}
	for i := range c.Relations {
		p.relation(&c.Relations[i])
	}
	p.print("inputs")
	for _, i := range c.Inputs {
		p.print(" %s", p.blocks[i])
	}
	p.print("\n")
	return p.out.String()
}

type printer struct {
	out     strings.Builder
	blocks  []string
	letters []string
}

func (p *printer) print(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

// ident is a name as it is declared.
func ident(s string) string {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return strconv.Quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// refs are the ways to refer to n declared names.
func refs(n int, name func(int) string) []string {
	count := map[string]int{}
	for i := range n {
		count[name(i)]++
	}
	out := make([]string, n)
	for i := range out {
		if s := name(i); s == "" || count[s] > 1 {
			out[i] = fmt.Sprintf("@%d", i)
		} else {
			out[i] = ident(s)
		}
	}
	return out
}

func (p *printer) list(ls []Letter, sep string) string {
	var s []string
	for _, l := range ls {
		s = append(s, p.letters[l])
	}
	return strings.Join(s, sep)
}

func (p *printer) relation(r *Relation) {
	p.letters = refs(len(r.Letters), func(i int) string { return r.Letters[i].Name })
	p.print("relation %s {", ident(r.Name))
	for i, a := range r.Letters {
		if i > 0 {
			p.print(" ")
		}
		p.print("%s=%d", ident(a.Name), a.Len)
	}
	p.print("} %s\n    ", p.list(r.Out, " "))
	p.terms(r.LHS.Terms)
	for i := range r.Sum {
		k := &r.Sum[i]
		p.print("\n    %c sum", "=+"[min(i, 1)])
		for _, l := range k.Inner {
			p.print(" %s", p.letters[l])
		}
		p.print(": ")
		p.factor(&k.A)
		if k.B != nil {
			p.print(" * ")
			p.factor(k.B)
		}
		for j := range k.R {
			a := &k.R[j]
			ls, ps := p.list(a.Letters, ","), ""
			if a.Kind == Reshape {
				ls = p.list(a.Letters[:a.Params[0]], ",") + " | " + p.list(a.Letters[a.Params[0]:], ",")
			} else if len(a.Params) > 0 {
				ps = "; " + strings.ReplaceAll(strings.Trim(fmt.Sprint(a.Params), "[]"), " ", ",")
			}
			p.print(" %s(%s%s)", axisNames[a.Kind], ls, ps)
		}
	}
	if len(r.Sum) == 0 {
		p.print(" = 0")
	}
	p.print("\n")
}

func (p *printer) factor(e *Expr) {
	p.print("(")
	if len(e.Terms) == 0 || string(e.Letters) != string(e.Terms[0].Axes) {
		p.print("{%s} ", p.list(e.Letters, ","))
	}
	p.terms(e.Terms)
	p.print(")")
}

func (p *printer) terms(ts []Term) {
	for i, t := range ts {
		coef := t.Coef
		switch {
		case i > 0 && coef < 0:
			p.print(" - ")
			coef = -coef
		case i > 0:
			p.print(" + ")
		case coef < 0:
			p.print("-")
			coef = -coef
		}
		switch {
		case t.Block == None:
			p.print("%d", coef)
		case coef == 1:
			p.print("%s[%s]", p.blocks[t.Block], p.list(t.Axes, ","))
		default:
			p.print("%d*%s[%s]", coef, p.blocks[t.Block], p.list(t.Axes, ","))
		}
	}
}
