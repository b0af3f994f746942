package circuit

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Decode reads what Encode wrote. It accepts exactly one encoding of each circuit, allocates no more than a constant times
// the input's length, never panics, and ends with Check.
func Decode(b []byte) (*Circuit, error) {
	if len(b) <= len(Magic) || string(b[:len(Magic)]) != Magic {
		return nil, errors.New("circuit: not a circuit")
	}
	if v := b[len(Magic)]; v != Version {
		return nil, fmt.Errorf("circuit: version %d, this program reads %d", v, Version)
	}
	d := &decoder{b: b[len(Magic)+1:]}
	c := &Circuit{}
	c.Blocks = items(d, MaxBlocks, 6, d.block)
	c.Tables = items(d, MaxTables, 5, d.table)
	c.KeyTables = items(d, MaxTables, 5, d.table)
	c.Slots = items(d, MaxSlots, 1, func() Slot {
		return Slot{Lookups: items(d, MaxBlocks, 3, func() Lookup {
			return Lookup{In: d.index(MaxBlocks), Out: d.ref(MaxBlocks), Table: d.index(MaxTables)}
		})}
	})
	c.Groups = items(d, MaxSlots, 1, func() []int {
		return items(d, MaxGroup, 1, func() int { return d.index(MaxSlots) })
	})
	c.Relations = items(d, MaxRelations, 6, d.relation)
	c.Inputs = items(d, MaxBlocks, 1, func() int { return d.index(MaxBlocks) })
	c.LogRow = d.index(MaxLogRow + 1)
	if d.err == nil && len(d.b) != 0 {
		d.fail("bytes after the end")
	}
	if d.err != nil {
		return nil, fmt.Errorf("circuit: malformed encoding: %w", d.err)
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	return c, nil
}

// decoder reads from b. After the first failure every read gives zero.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
	d.b = nil
}

// items reads a list of at most limit elements, each of at least size bytes.
func items[T any](d *decoder, limit, size int, f func() T) []T {
	n := d.index(limit + 1)
	if n > len(d.b)/size {
		d.fail("a list of %d elements in %d bytes", n, len(d.b))
	}
	if d.err != nil || n == 0 {
		return nil
	}
	out := make([]T, 0, n)
	for range n {
		out = append(out, f())
		if d.err != nil {
			return nil
		}
	}
	return out
}

// uvarint reads a minimal varint.
func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || n > 1 && d.b[n-1] == 0 {
		d.fail("a varint that is cut off, too long or not minimal")
		return 0
	}
	d.b = d.b[n:]
	return v
}

// index reads a number below limit.
func (d *decoder) index(limit int) int {
	v := d.uvarint()
	if v >= uint64(limit) {
		d.fail("%d where at most %d is possible", v, limit-1)
		return 0
	}
	return int(v)
}

func (d *decoder) ref(limit int) int { return d.index(limit+1) - 1 }

func (d *decoder) int() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (d *decoder) bool() bool { return d.index(2) == 1 }

func (d *decoder) string() string {
	n := d.index(MaxName + 1)
	if n > len(d.b) {
		d.fail("a string of %d bytes in %d", n, len(d.b))
	}
	if d.err != nil {
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) letters() []Letter {
	return items(d, 64, 1, func() Letter { return Letter(d.index(64)) })
}

func (d *decoder) block() Block {
	return Block{
		Name: d.string(),
		Dims: items(d, MaxRank, 1, func() int { return d.index(1<<MaxBlockLog + 1) }),
		Role: Role(d.index(int(Free) + 1)),
		Lo:   d.int(), Hi: d.int(),
		KeyTable: d.ref(MaxTables),
	}
}

func (d *decoder) table() Table {
	return Table{Name: d.string(), Lo: d.int(), Size: d.index(MaxTableSize + 1), Out: d.ref(MaxBlocks), Dynamic: d.bool()}
}

func (d *decoder) expr() Expr {
	return Expr{Letters: d.letters(), Terms: items(d, 1<<12, 3, func() Term {
		return Term{Coef: d.int(), Block: d.ref(MaxBlocks), Axes: d.letters()}
	})}
}

func (d *decoder) relation() Relation {
	return Relation{
		Name: d.string(),
		Letters: items(d, 64, 2, func() Axis {
			return Axis{Name: d.string(), Len: d.index(1<<MaxBlockLog + 1)}
		}),
		Out: d.letters(),
		LHS: d.expr(),
		Sum: items(d, 1<<10, 5, d.contraction),
	}
}

func (d *decoder) contraction() Contraction {
	k := Contraction{Inner: d.letters(), A: d.expr()}
	if d.bool() {
		e := d.expr()
		k.B = &e
	}
	k.R = items(d, 64, 3, func() AxisRelation {
		return AxisRelation{
			Kind:    AxisKind(d.index(int(Reshape) + 1)),
			Letters: d.letters(),
			Params:  items(d, 1<<MaxBlockLog, 1, d.int),
		}
	})
	return k
}
