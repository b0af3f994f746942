package evm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/pcs"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/sumcheck"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// machine is the contract's memory, by words, while it interprets a program. The Go code here is the specification of the
// contract's tapes; what is not a tape is that of package verify.
type machine struct {
	p    []byte
	h    header
	mem  []fr.Element
	next int // the next result, in words
}

// Verify checks a proof as the contract does: by the program, not by the circuit. observe, if set, sees
// the challenges.
func (p *Program) Verify(tau *bn254.G2Affine, instances []fr.Element, b []byte, observe func(string, *fr.Element)) error {
	m := &machine{p: p.Bytes, h: p.header()}
	h := &m.h
	if len(instances) != int(h.Instances) {
		return errors.New("wrong number of instances")
	}
	m.mem = make([]fr.Element, (int(h.Inputs)+32*len(instances))/32)
	for at := constsAt; at < int(h.Degrees)&^31; at += 32 {
		m.mem[(programAt+at)/32].SetBytes(p.Bytes[at : at+32])
	}
	copy(m.mem[h.Inputs/32:], instances)
	rest := instances
	for _, iv := range p.intervals {
		for _, x := range rest[:iv.count] {
			v, ok := field.ToInt(&x)
			if !ok || v < iv.lo || uint64(v-iv.lo) > iv.span {
				return errors.New("an instance outside its interval")
			}
		}
		rest = rest[iv.count:]
	}
	t := transcript.New(transcript.EVM, claims.DomainProof)
	t.Observe = observe
	r := proof.NewReader(b, t)
	t.Digest("key", [32]byte(p.Bytes[:32]))
	t.Scalars("instances", instances)
	return m.check(r, tau)
}

func (m *machine) word(addr int) *fr.Element { return &m.mem[addr/32] }

func (m *machine) register(i int) *fr.Element { return m.word(int(m.h.Registers) + 32*i) }

// point stores a coordinate: x, 1-x, 2x-1.
func (m *machine) point(at *int, x fr.Element) {
	one := fr.One()
	*m.register(*at) = x
	m.register(*at+1).Sub(&one, &x)
	m.register(*at+2).Double(&x).Sub(m.register(*at+2), &one)
	*at += coordinateWords
}

func (m *machine) check(r *proof.Reader, tau *bn254.G2Affine) error {
	h, t := &m.h, r.T
	wPoints, err := r.Points("C_W", int(h.PointsW))
	if err != nil {
		return err
	}
	*m.register(regAlpha), *m.register(regBeta) = t.Challenge("alpha"), t.Challenge("beta")
	hPoints, err := r.Points("C_H", int(h.PointsH))
	if err != nil {
		return err
	}
	at := regClaims + int(h.Claims)
	for range h.RhoVars {
		m.point(&at, t.Challenge("rho"))
	}
	for range h.ZetaVars {
		m.point(&at, t.Challenge("zeta"))
	}
	*m.register(regGamma) = t.Challenge("gamma")
	first, err := r.Scalars("S", 1)
	if err != nil {
		return err
	}
	*m.register(regS) = first[0]
	degrees := make([]int, h.Rounds)
	for i := range degrees {
		degrees[i] = int(m.p[int(h.Degrees)+i])
	}
	point, last, err := sumcheck.Verify(r, "round1", degrees, first[0])
	if err != nil {
		return err
	}
	for _, x := range point {
		m.point(&at, x)
	}
	*m.register(regLast) = last
	values, err := r.Scalars("claims", int(h.Claims))
	if err != nil {
		return err
	}
	for i := range values {
		*m.register(regClaims + i) = values[i]
	}
	*m.register(regDelta) = t.Challenge("delta")
	m.next = int(h.Results) / 32
	if err := m.tape(int(h.Tape1)); err != nil {
		return err
	}

	g2, err := r.Scalars("G2", 1)
	if err != nil {
		return err
	}
	mu := t.Challenge("mu")
	var claim fr.Element
	claim.Mul(&mu, &g2[0]).Add(&claim, m.word(int(h.K)))
	r2, last, err := sumcheck.Verify(r, "round2", claims.Degrees2(int(h.N)), claim)
	if err != nil {
		return err
	}
	for _, x := range r2 {
		m.point(&at, x)
	}
	if err := m.tape(int(h.Tape2)); err != nil {
		return err
	}

	l := int(h.L)
	o := pcs.Opening{U: r2[:l], N: wPoints[h.CoverRow], EAt: int(h.G2At), E: claims.MaskWeights(claims.Degrees2(int(h.N)), r2),
		A: *m.word(int(h.E)), Mu: mu, Claim: last}
	for i := range int(h.KeyRows) {
		row, err := proof.DecodePoint(m.p[int(h.Keys)+64*i:][:64])
		if err != nil {
			return err
		}
		o.Points = append(o.Points, row)
	}
	o.Points = append(append(o.Points, wPoints...), hPoints...)
	for i := range o.Points {
		o.Scalars = append(o.Scalars, *m.word(int(binary.BigEndian.Uint16(m.p[int(h.Weights)+2*i:]))))
	}
	if !bytes.Equal(g2Bytes(tau), m.p[32:5*32]) {
		return errors.New("the program is of another SRS")
	}
	if err := pcs.Verify(r, &o, tau); err != nil {
		return err
	}
	return r.Close()
}

// tape runs the operations from an offset of the program.
func (m *machine) tape(pc int) error {
	u16 := func() int {
		pc += 2
		return int(binary.BigEndian.Uint16(m.p[pc-2:]))
	}
	u8 := func() int {
		pc++
		return int(m.p[pc-1])
	}
	u32 := func() int {
		pc += 4
		return int(binary.BigEndian.Uint32(m.p[pc-4:]))
	}
	emit := func(x fr.Element) {
		m.mem[m.next] = x
		m.next++
	}
	dot := func(n, a, b int) fr.Element {
		var acc fr.Element
		for i := range n {
			var t fr.Element
			t.Mul(m.word(a+32*i), m.word(b+32*i))
			acc.Add(&acc, &t)
		}
		return acc
	}
	coordinates := func(n, a int) []fr.Element {
		out := make([]fr.Element, n)
		for i := range out {
			out[i] = *m.word(a + 32*coordinateWords*i)
		}
		return out
	}
	for {
		op := u8()
		if op == opEnd {
			return nil
		}
		items := u16()
		if op == opJump {
			m.next = items / 32
			continue
		}
		for range items {
			switch op {
			case opMul:
				a, b := u16(), u16()
				emit(dot(1, a, b))
			case opSum, opSum2:
				n := 4
				if op == opSum2 {
					n = 2
				}
				var acc fr.Element
				for range n {
					a, b := u16(), u16()
					t := dot(1, a, b)
					acc.Add(&acc, &t)
				}
				emit(acc)
			case opEq:
				n, a, b := u8(), u16(), u16()
				emit(poly.Eq(coordinates(n, a), coordinates(n, b)))
			case opTable:
				n, a := u8(), u16()
				for _, x := range poly.EqTable(coordinates(n, a), fr.One()) {
					emit(x)
				}
			case opFold:
				rows, n, a, b := u16(), u16(), u16(), u32()
				for i := range rows {
					emit(dot(n, a, b+32*n*i))
				}
			case opPoly:
				n, a, b, c := u8(), u16(), u16(), u16()
				var acc fr.Element
				for i, x := range coordinates(n, b) {
					v := fr.Element{}
					for j := 2; j >= 0; j-- {
						v.Add(&v, m.word(c+32*j)).Mul(&v, &x)
					}
					acc.Add(&acc, v.Mul(&v, m.word(a+32*i)))
				}
				emit(acc)
			case opSame:
				n, a, b := u8(), u16(), u16()
				d := u32()
				x, y := poly.EqTable(coordinates(n, a), fr.One()), poly.EqTable(coordinates(n, b), fr.One())
				emit(poly.Dot(x[:d], y[:d]))
			default:
				return fmt.Errorf("program: unknown operation %d", op)
			}
		}
	}
}
