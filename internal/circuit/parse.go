package circuit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads what Text prints. The result passes Check; errors name the line.
func Parse(text string) (c *Circuit, err error) {
	p := &parser{c: &Circuit{}}
	if err := p.scan(text); err != nil {
		return nil, err
	}
	defer func() { // a syntax error unwinds the recursive descent; every other panic goes on
		if r := recover(); r != nil {
			e, ok := r.(syntaxError)
			if !ok {
				panic(r)
			}
			c, err = nil, fmt.Errorf("circuit text: line %d: %s", p.toks[max(p.at-1, 0)].line, string(e))
		}
	}()
	for p.peek() != "" {
		p.statement()
		if p.peek() != "" {
			p.want("\n")
		}
	}
	if err := p.c.Check(); err != nil {
		return nil, err
	}
	return p.c, nil
}

type syntaxError string

// token: a number, a name (quoted names unquoted), "@", punctuation, "\n" between statements, or "" at the end.
type token struct {
	text string
	name bool
	line int
}

type parser struct {
	c    *Circuit
	toks []token
	at   int

	blocks, tables, keys scope
	letters              scope
}

// scope resolves references to declared names.
type scope struct {
	count int
	names map[string]int
}

func (s *scope) declare(name string) {
	if s.names == nil {
		s.names = map[string]int{}
	}
	if _, ok := s.names[name]; !ok {
		s.names[name] = s.count
	}
	s.count++
}

func (p *parser) scan(text string) error {
	for n, line := range strings.Split(text, "\n") {
		if s := strings.TrimSpace(line); s == "" || s[0] == '#' {
			continue
		}
		if line[0] != ' ' && line[0] != '\t' && len(p.toks) > 0 {
			p.toks = append(p.toks, token{"\n", false, n + 1})
		}
		for i := 0; i < len(line); {
			j := i + 1
			switch ch := line[i]; {
			case ch == ' ' || ch == '\t' || ch == '\r':
				i++
				continue
			case ch == '#':
				i = len(line)
				continue
			case ch == '"':
				q, err := strconv.QuotedPrefix(line[i:])
				if err != nil {
					return fmt.Errorf("circuit text: line %d: a quoted name that does not end", n+1)
				}
				s, _ := strconv.Unquote(q)
				p.toks = append(p.toks, token{s, true, n + 1})
				i += len(q)
				continue
			case ch >= '0' && ch <= '9':
				for j < len(line) && line[j] >= '0' && line[j] <= '9' {
					j++
				}
			case ch == '_' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z':
				for j < len(line) && ident(line[i:j+1]) == line[i:j+1] {
					j++
				}
				p.toks = append(p.toks, token{line[i:j], true, n + 1})
				i = j
				continue
			}
			p.toks = append(p.toks, token{line[i:j], false, n + 1})
			i = j
		}
	}
	p.toks = append(p.toks, token{line: strings.Count(text, "\n") + 1})
	return nil
}

func (p *parser) fail(format string, args ...any) { panic(syntaxError(fmt.Sprintf(format, args...))) }

// peek is the next punctuation or number; names give "name", so that a quoted name is never taken for anything else.
func (p *parser) peek() string {
	if t := p.toks[p.at]; !t.name {
		return t.text
	}
	return "name"
}

func (p *parser) next() token {
	t := p.toks[p.at]
	if p.at < len(p.toks)-1 {
		p.at++
	}
	return t
}

func (p *parser) accept(s string) bool {
	if p.peek() == s {
		p.at++
		return true
	}
	return false
}

func (p *parser) want(s string) {
	if !p.accept(s) {
		p.fail("%q where %q is expected", p.toks[p.at].text, s)
	}
}

func (p *parser) name() string {
	if p.peek() != "name" {
		p.fail("%q where a name is expected", p.toks[p.at].text)
	}
	return p.next().text
}

func (p *parser) number() int64 {
	sign := ""
	if p.accept("-") {
		sign = "-"
	}
	v, err := strconv.ParseInt(sign+p.peek(), 10, 64)
	if err != nil {
		p.fail("%q where a number is expected", p.toks[p.at].text)
	}
	p.at++
	return v
}

func (p *parser) digit() bool { s := p.peek(); return s != "" && s[0] >= '0' && s[0] <= '9' }

// ref reads a reference: a name or @index.
func (p *parser) ref(s *scope, what string) int {
	if p.accept("@") {
		v := p.number()
		if v < 0 || v >= int64(s.count) {
			p.fail("%s @%d does not exist", what, v)
		}
		return int(v)
	}
	name := p.name()
	i, ok := s.names[name]
	if !ok {
		p.at--
		p.fail("%s %q does not exist", what, name)
	}
	return i
}

func (p *parser) pair() (lo, hi int64) {
	p.want("[")
	lo = p.number()
	p.want(",")
	hi = p.number()
	p.want("]")
	return lo, hi
}

func (p *parser) statement() {
	c := p.c
	switch word := p.name(); word {
	case "circuit":
		if w := p.name(); w != "row" {
			p.fail("%q where row is expected", w)
		}
		c.LogRow = int(p.number())
	case "keytable":
		t := p.table()
		p.keys.declare(t.Name)
		c.KeyTables = append(c.KeyTables, t)
	case "block":
		b := Block{Name: p.name(), KeyTable: None}
		role := p.name()
		i := slices.Index(roleNames[:], role)
		if i < 0 {
			p.fail("%q is no role", role)
		}
		b.Role = Role(i)
		p.want("[")
		for !p.accept("]") {
			b.Dims = append(b.Dims, int(p.number()))
			p.accept(",")
		}
		switch b.Role {
		case Public, Fixed:
			b.Lo, b.Hi = p.pair()
		case Private:
			b.KeyTable = p.ref(&p.keys, "key table")
			t := &c.KeyTables[b.KeyTable]
			b.Lo, b.Hi = t.Lo, t.Lo+int64(t.Size)-1
		}
		p.blocks.declare(b.Name)
		c.Blocks = append(c.Blocks, b)
	case "table":
		t := p.table()
		if p.peek() == "name" || p.peek() == "@" {
			t.Out = p.ref(&p.blocks, "block")
			if p.peek() == "name" {
				if w := p.name(); w != "dynamic" {
					p.fail("%q where dynamic is expected", w)
				}
				t.Dynamic = true
			}
		}
		p.tables.declare(t.Name)
		c.Tables = append(c.Tables, t)
	case "slot":
		var s Slot
		for p.accept("(") {
			l := Lookup{In: p.ref(&p.blocks, "block"), Out: None}
			if p.accept(",") {
				l.Out = p.ref(&p.blocks, "block")
			}
			p.want(")")
			l.Table = p.ref(&p.tables, "table")
			s.Lookups = append(s.Lookups, l)
			if !p.accept(",") {
				break
			}
		}
		c.Slots = append(c.Slots, s)
	case "group":
		var g []int
		for p.digit() {
			g = append(g, int(p.number()))
		}
		c.Groups = append(c.Groups, g)
	case "relation":
		c.Relations = append(c.Relations, p.relation())
	case "inputs":
		for p.peek() == "name" || p.peek() == "@" {
			c.Inputs = append(c.Inputs, p.ref(&p.blocks, "block"))
		}
	default:
		p.at--
		p.fail("%q is no statement", word)
	}
}

func (p *parser) table() Table {
	t := Table{Name: p.name(), Out: None}
	lo, hi := p.pair()
	t.Lo = lo
	if lo < -MaxInterval || lo > MaxInterval || hi < lo || hi-lo >= MaxTableSize {
		p.fail("a table over [%d, %d]", lo, hi)
	}
	t.Size = int(hi - lo + 1)
	return t
}

// lettersTo reads letters up to an end, with or without commas.
func (p *parser) lettersTo(end ...string) []Letter {
	var ls []Letter
	for !slices.Contains(end, p.peek()) && len(ls) < 64 {
		ls = append(ls, Letter(p.ref(&p.letters, "letter")))
		p.accept(",")
	}
	return ls
}

func (p *parser) relation() Relation {
	r := Relation{Name: p.name()}
	p.letters = scope{}
	p.want("{")
	for !p.accept("}") {
		a := Axis{Name: p.name()}
		p.want("=")
		a.Len = int(p.number())
		if p.letters.declare(a.Name); p.letters.count > 64 {
			p.fail("more than 64 letters")
		}
		r.Letters = append(r.Letters, a)
	}
	// the output letters end where the left side begins: at a number, a sign, or a name before "["
	for p.peek() == "name" || p.peek() == "@" {
		at := p.at
		if p.accept("@") {
			p.number()
		} else {
			p.name()
		}
		block := p.peek() == "["
		p.at = at
		if block {
			break
		}
		r.Out = append(r.Out, Letter(p.ref(&p.letters, "letter")))
	}
	r.LHS = Expr{Letters: r.Out, Terms: p.terms("=")}
	p.want("=")
	if p.accept("0") {
		return r
	}
	for {
		if w := p.name(); w != "sum" {
			p.fail("%q where sum is expected", w)
		}
		r.Sum = append(r.Sum, p.contraction())
		if !p.accept("+") {
			return r
		}
	}
}

func (p *parser) contraction() Contraction {
	k := Contraction{Inner: p.lettersTo(":")}
	p.want(":")
	k.A = p.factor()
	if p.accept("*") {
		b := p.factor()
		k.B = &b
	}
	for p.peek() == "name" {
		kind := p.name()
		i := slices.Index(axisNames[:], kind)
		if i < 0 {
			p.fail("%q is no axis relation", kind)
		}
		a := AxisRelation{Kind: AxisKind(i)}
		p.want("(")
		a.Letters = p.lettersTo("|", ";", ")")
		switch {
		case p.accept("|"):
			a.Params = []int64{int64(len(a.Letters))}
			a.Letters = append(a.Letters, p.lettersTo(")")...)
		case p.accept(";"):
			for p.peek() != ")" {
				a.Params = append(a.Params, p.number())
				p.accept(",")
			}
		}
		p.want(")")
		k.R = append(k.R, a)
	}
	return k
}

func (p *parser) factor() Expr {
	var e Expr
	p.want("(")
	explicit := p.accept("{")
	if explicit {
		e.Letters = p.lettersTo("}")
		p.want("}")
	}
	e.Terms = p.terms(")")
	p.want(")")
	if !explicit {
		if len(e.Terms) == 0 {
			p.fail("an empty expression without its letters")
		}
		e.Letters = slices.Clone(e.Terms[0].Axes)
	}
	return e
}

// terms reads a sum up to a token, which it leaves.
func (p *parser) terms(end string) []Term {
	var out []Term
	for p.peek() != end {
		sign := int64(1)
		if p.accept("-") {
			sign = -1
		} else if len(out) > 0 {
			p.want("+")
		}
		t := Term{Coef: sign, Block: None}
		constant := p.digit()
		if constant {
			t.Coef = sign * p.number()
		}
		if !constant || p.accept("*") {
			t.Block = p.ref(&p.blocks, "block")
			p.want("[")
			t.Axes = p.lettersTo("]")
			p.want("]")
		}
		out = append(out, t)
	}
	return out
}
