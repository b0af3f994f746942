package tamper

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Statement is a changed list of public inputs.
type Statement struct {
	Operator, Field string
	Make            func() []fr.Element
	// Outside says that the list cannot be that of any witness: an entry is outside its interval, or their number is wrong.
	Outside bool
}

// Instances lists changes of the public inputs of a circuit's proof, entry by entry and as a list. other, if not nil, are
// those of another input of the same circuit.
func Instances(c *circuit.Circuit, inst, other []fr.Element) []Statement {
	var out []Statement
	k := 0
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if b.Role != circuit.Public {
			continue
		}
		for j := range circuit.Count(b.Dims) {
			out = append(out, instance(fmt.Sprintf("%s[%d]", b.Name, j), inst, k, b.Lo, b.Hi)...)
			k++
		}
	}
	whole := func(operator string, list []fr.Element) {
		out = append(out, Statement{operator, "instances", func() []fr.Element { return list }, len(list) != len(inst)})
	}
	whole("extend", append(slices.Clone(inst), fr.Element{}))
	whole("duplicate", slices.Concat(inst, inst))
	if len(inst) > 0 {
		whole("drop", inst[1:])
		whole("truncate", inst[:len(inst)-1])
		whole("empty", nil)
		reversed := slices.Clone(inst)
		slices.Reverse(reversed)
		whole("reorder", reversed)
		whole("zero", make([]fr.Element, len(inst)))
	}
	if other != nil {
		whole("replay for another input", other)
	}
	return out
}

// instance lists changes of one entry.
func instance(field string, inst []fr.Element, at int, lo, hi int64) []Statement {
	var out []Statement
	add := func(operator string, f func(x *fr.Element)) {
		list := slices.Clone(inst)
		f(&list[at])
		x := list[at].BigInt(new(big.Int))
		if half := new(big.Int).Rsh(fr.Modulus(), 1); x.Cmp(half) > 0 {
			x.Sub(x, fr.Modulus())
		}
		outside := x.Cmp(big.NewInt(lo)) < 0 || x.Cmp(big.NewInt(hi)) > 0
		out = append(out, Statement{operator, field, func() []fr.Element { return list }, outside})
	}
	plus := func(d fr.Element) func(x *fr.Element) { return func(x *fr.Element) { x.Add(x, &d) } }
	set := func(v int64) func(x *fr.Element) { return func(x *fr.Element) { x.SetInt64(v) } }
	one, two := fr.One(), fr.NewElement(2)
	var minus, half fr.Element
	minus.Neg(&one)
	half.Inverse(&two)
	add("+1", plus(one))
	add("-1", plus(minus))
	add("negate", func(x *fr.Element) { x.Neg(x) })
	add("zero", set(0))
	add("lowest", set(lo))
	add("highest", set(hi))
	add("below the lowest", func(x *fr.Element) { x.SetInt64(lo).Sub(x, &one) })
	add("above the highest", func(x *fr.Element) { x.SetInt64(hi).Add(x, &one) })
	add("+1/2 mod p", plus(half))
	add("p-1", func(x *fr.Element) { *x = minus })
	for _, bits := range []uint{31, 62, 63, 64, 65, 128, 192, 253} { // +- 2^k keeps the low limbs of x or of -x
		var power fr.Element
		power.SetBigInt(new(big.Int).Lsh(big.NewInt(1), bits))
		add(fmt.Sprintf("+2^%d", bits), plus(power))
		power.Neg(&power)
		add(fmt.Sprintf("-2^%d", bits), plus(power))
	}
	if next := (at + 1) % len(inst); next != at {
		swapped := slices.Clone(inst)
		swapped[at], swapped[next] = swapped[next], swapped[at]
		out = append(out, Statement{"swap", field, func() []fr.Element { return swapped }, false})
	}
	return out
}
