package determinism

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Rules that read a relation and rules that read a lookup, tried in this order. Each returns the step that it justifies.
var (
	relationRules = []func(*state, int) (Step, bool){alone, digits, quotient, maximum}
	lookupRules   = []func(*state, int, int) (Step, bool){tableOut}
)

// Undetermined says that the rules do not pin some blocks.
type Undetermined struct {
	Blocks []int
	// Certificate is what the rules do pin; it has neither intervals nor bits.
	Certificate *Certificate
	text        string
}

func (e *Undetermined) Error() string { return e.text }

// state is the set of known blocks, and indices into the circuit.
type state struct {
	c      *circuit.Circuit
	known  []bool
	uses   [][]int    // relations that hold each block, in order
	at     [][2]int32 // slot and lookup of each Column block
	tables [][][2]int // lookups of the dynamic tables that are made of each block
}

// Certify proves that a checked circuit determines its witness, or says which blocks are not determined (*Undetermined) or
// which relation may wrap (*Overflow).
func Certify(c *circuit.Circuit) (*Certificate, error) {
	s := newState(c)
	cert := &Certificate{c: c, By: make([]int, len(c.Blocks))}
	for i := range cert.By {
		cert.By[i] = circuit.None
	}
	used := make([]bool, len(c.Relations))
	queue := newQueue(s)
	take := func(st Step) {
		for _, b := range st.Blocks {
			s.known[b] = true
			cert.By[b] = len(cert.Steps)
		}
		cert.Steps = append(cert.Steps, st)
		for _, b := range st.Blocks {
			queue.wake(b)
		}
	}
	for {
		slot, at, ok := queue.pop()
		if !ok {
			break
		}
		if slot >= 0 {
			for _, rule := range lookupRules {
				if st, ok := rule(s, slot, at); ok {
					take(st)
					break
				}
			}
			continue
		}
		if used[at] {
			continue
		}
		for _, rule := range relationRules {
			if st, ok := rule(s, at); ok {
				used[at] = true
				take(st)
				break
			}
		}
	}
	if err := s.undetermined(cert); err != nil {
		return nil, err
	}
	for i, u := range used {
		if !u {
			cert.Checks = append(cert.Checks, i)
		}
	}
	if err := cert.bound(s); err != nil {
		return nil, err
	}
	return cert, nil
}

func newState(c *circuit.Circuit) *state {
	n := len(c.Blocks)
	s := &state{c: c, known: make([]bool, n), uses: make([][]int, n), at: make([][2]int32, n), tables: make([][][2]int, n)}
	for i := range c.Blocks {
		r := c.Blocks[i].Role
		s.known[i] = r == circuit.Fixed || r == circuit.Private
	}
	for _, i := range c.Inputs {
		s.known[i] = true
	}
	for i := range c.Relations {
		r := &c.Relations[i]
		eachBlock(r, func(b int) {
			if u := s.uses[b]; len(u) == 0 || u[len(u)-1] != i {
				s.uses[b] = append(u, i)
			}
		})
	}
	for i := range c.Slots {
		for j, l := range c.Slots[i].Lookups {
			s.at[l.In] = [2]int32{int32(i), int32(j)}
			if l.Out != circuit.None {
				s.at[l.Out] = s.at[l.In]
			}
			if t := &c.Tables[l.Table]; t.Dynamic {
				s.tables[t.Out] = append(s.tables[t.Out], [2]int{i, j})
			}
		}
	}
	return s
}

// eachBlock calls f for every occurrence of a block in a relation.
func eachBlock(r *circuit.Relation, f func(block int)) {
	for e := range r.Expressions {
		for i := range e.Terms {
			if b := e.Terms[i].Block; b != circuit.None {
				f(b)
			}
		}
	}
}

// lookup is the lookup that holds a Column block.
func (s *state) lookup(b int) *circuit.Lookup {
	return &s.c.Slots[s.at[b][0]].Lookups[s.at[b][1]]
}

// unknown lists the LHS terms and the contractions of a relation that hold unknown blocks.
func (s *state) unknown(r *circuit.Relation) (terms, contractions []int) {
	for i := range r.LHS.Terms {
		if b := r.LHS.Terms[i].Block; b != circuit.None && !s.known[b] {
			terms = append(terms, i)
		}
	}
	for i := range r.Sum {
		k := &r.Sum[i]
		if !s.knownExpr(&k.A) || k.B != nil && !s.knownExpr(k.B) {
			contractions = append(contractions, i)
		}
	}
	return terms, contractions
}

func (s *state) knownExpr(e *circuit.Expr) bool {
	for i := range e.Terms {
		if b := e.Terms[i].Block; b != circuit.None && !s.known[b] {
			return false
		}
	}
	return true
}

func (s *state) undetermined(cert *Certificate) error {
	e := &Undetermined{Certificate: cert}
	var text []string
	for i := range s.known {
		if s.known[i] {
			continue
		}
		e.Blocks = append(e.Blocks, i)
		in := "in no relation"
		if u := s.uses[i]; len(u) > 0 {
			var names []string
			for _, r := range u[:min(len(u), 3)] {
				names = append(names, fmt.Sprintf("%q", s.c.Relations[r].Name))
			}
			in = "in " + strings.Join(names, ", ")
			if len(u) > 3 {
				in += ", .."
			}
		}
		text = append(text, fmt.Sprintf("%q (%s)", s.c.Blocks[i].Name, in))
	}
	if e.Blocks == nil {
		return nil
	}
	e.text = fmt.Sprintf("circuit: %d blocks that inputs and key do not determine: %s", len(text), strings.Join(text, "; "))
	return e
}

// queue holds the relations (slot -1) and lookups that may have become useful, first in first out, each at most once.
type queue struct {
	s       *state
	items   [][2]int
	pending map[[2]int]bool
}

func newQueue(s *state) *queue {
	q := &queue{s: s, pending: map[[2]int]bool{}}
	for i := range s.c.Slots {
		for j := range s.c.Slots[i].Lookups {
			q.push(i, j)
		}
	}
	for i := range s.c.Relations {
		q.push(-1, i)
	}
	return q
}

func (q *queue) push(slot, at int) {
	k := [2]int{slot, at}
	if !q.pending[k] {
		q.pending[k] = true
		q.items = append(q.items, k)
	}
}

func (q *queue) pop() (slot, at int, ok bool) {
	if len(q.items) == 0 {
		return 0, 0, false
	}
	k := q.items[0]
	q.items = q.items[1:]
	delete(q.pending, k)
	return k[0], k[1], true
}

// wake queues everything that a newly known block may complete. Its lookups come first.
func (q *queue) wake(b int) {
	if q.s.c.Blocks[b].Role == circuit.Column {
		q.push(int(q.s.at[b][0]), int(q.s.at[b][1]))
	}
	for _, l := range q.s.tables[b] {
		q.push(l[0], l[1])
	}
	for _, r := range q.s.uses[b] {
		q.push(-1, r)
	}
}

// full reports whether a term carries every output letter: its block has one entry for each output index.
func full(r *circuit.Relation, t *circuit.Term) bool {
	return len(t.Axes) == len(r.Out) // distinct letters of LHS.Letters = Out
}

// distinctBlocks reports whether no block occurs twice.
func distinctBlocks(ds []Digit) bool {
	var seen []int
	for _, d := range ds {
		if slices.Contains(seen, d.Block) {
			return false
		}
		seen = append(seen, d.Block)
	}
	return true
}
