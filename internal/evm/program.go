package evm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"golang.org/x/crypto/sha3"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/pcs"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Errors of Compile.
var (
	ErrTooLarge = errors.New("the circuit is too large for the EVM verifier")
	ErrRows     = errors.New("the key has too many rows for the EVM verifier: run setup with --target evm")
)

// MaxProgram is the size limit of a program: it lies in the code of a contract, after one byte (EIP-170).
const MaxProgram = MaxCode - 1

// Places in the contract's memory and in a program.
const (
	programAt  = 0x1000 // the program; below it one message of the transcript
	maxMessage = programAt - 0x40
	constsAt   = 0x120 // in the program: constants, after the nine words of the header
	memoryEnd  = 1 << 16
)

// Program is what the contract interprets: a verifying key, compiled. It is called VKA on the command line.
//
//	word 0      digest of the verifying key, with which the transcript starts
//	words 1-4   [tau]_2: x imaginary, x real, y imaginary, y real
//	words 5-7   the header's numbers, 4 bytes each (type header)
//	word 8      "EZKLVKA5", two more numbers, zeros, and 1 in the last byte if somebody may know tau: the key is of an unsafe SRS
//	constants, degrees (1 byte each), intervals, key rows, tape 1, weights of the rows (addresses), tape 2
type Program struct {
	Bytes     []byte
	Instances int // number of instances
	ProofSize int // bytes of a proof
	Packed    int // bytes of packed instances
	intervals []interval
}

// header are the numbers of words 5 to 7: counts, then offsets in the program, then addresses in memory; and the first half
// of word 8: magic, the place of the cover block's row in C_W, and where g2 begins in that row.
type header struct {
	PointsW, PointsH, RhoVars, ZetaVars, Rounds, Claims, N, L uint32

	KeyRows, Instances, Proof, Degrees, Intervals, Keys, Tape1, Weights uint32

	Tape2, K, E, Registers, Results, Inputs, Runs, Packed uint32

	Magic          [8]byte
	CoverRow, G2At uint32
}

// interval is a run of instances with one declared interval: lo .. lo+span; packed, each takes width bytes.
type interval struct {
	count int
	lo    int64
	span  uint64
	width int
}

// magic starts word 8; its last character is the version.
const magic = "EZKLVKA5"

// IsProgram reports whether bytes look like a program of this version.
func IsProgram(b []byte) bool {
	return len(b) >= constsAt && len(b) <= MaxProgram && string(b[8*32:8*32+len(magic)]) == magic
}

// Unsafe reports that the program's key is of an unsafe SRS; IsProgram holds.
func Unsafe(program []byte) bool { return program[constsAt-1] != 0 }

// Digest is the Keccak-256 of a program, by which the reusable verifier knows it.
func Digest(program []byte) (d [32]byte) {
	h := sha3.NewLegacyKeccak256()
	h.Write(program)
	h.Sum(d[:0])
	return d
}

// Compile turns an accepted verifying key into a program. The caller has checked the key's own proof (package verify).
func Compile(vk *proof.VerifyingKey) (p *Program, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case tooLarge:
			if p == nil {
				err = ErrTooLarge
			}
		default:
			panic(r)
		}
	}()
	lay, err := layout.New(vk.Circuit)
	if err != nil {
		return nil, err
	}
	if len(vk.Rows) != lay.Rows[layout.SegF].Count+lay.Rows[layout.SegP].Count {
		return nil, errors.New("wrong number of key rows")
	}
	if lay.N-lay.L > 10 {
		return nil, ErrRows
	}
	h := header{
		PointsW: uint32(lay.Rows[layout.SegW].Count), PointsH: uint32(lay.Rows[layout.SegH].Count),
		RhoVars: uint32(lay.RhoVars), ZetaVars: uint32(lay.ZetaVars), Rounds: uint32(len(lay.Degrees)), Claims: uint32(lay.ClaimCount),
		N: uint32(lay.N), L: uint32(lay.L), KeyRows: uint32(len(vk.Rows)),
		Magic: [8]byte([]byte(magic)), CoverRow: uint32(lay.CoverRow() - lay.Rows[layout.SegW].First),
		G2At: uint32(lay.G2At() & (1<<lay.L - 1)),
	}
	if 64*max(h.PointsW, h.PointsH) > maxMessage {
		return nil, ErrRows
	}
	if 32*h.Claims > maxMessage {
		return nil, ErrTooLarge
	}
	err = ErrTooLarge
	for digit := 1; digit <= 3; digit++ {
		q, failed := compileDigits(vk, lay, h, digit)
		p, err = cheaper(p, err, q, failed)
	}
	return p, err
}

// cheaper is the program of less gas, if there is any; else the error of the second.
func cheaper(p *Program, err error, q *Program, failed error) (*Program, error) {
	switch {
	case failed == nil && (p == nil || q.VerifyGas(nil) < p.VerifyGas(nil)):
		return q, nil
	case p == nil:
		return nil, failed
	}
	return p, err
}

// compileDigits is the cheapest program with digits of a number of bits.
func compileDigits(vk *proof.VerifyingKey, lay *layout.Layout, h header, digit int) (p *Program, err error) {
	c := newCompiler(lay, digit)
	k, e := c.compile()
	// every result has its place now: tape 1 before sumcheck 2, tape 2 after it
	var weights []ref
	for _, seg := range []layout.Segment{layout.SegF, layout.SegP, layout.SegW, layout.SegH} {
		for i := range lay.Rows[seg].Count {
			weights = append(weights, c.eqIndex(lay.Rows[seg].First+i, c.r2[lay.L:]))
		}
	}
	c.shareEq()
	c.zero() // the operand of padding
	err = ErrTooLarge
	for _, how := range packings {
		for i := range c.nodes {
			c.nodes[i].tape = 0
		}
		orders := [][]int{c.scheduleBy(1, how.sums, []ref{k}), c.scheduleBy(2, how.sums, append(weights, e))}
		tapes, words := c.place(orders, append(weights, k, e), how)
		a := &assembly{c, vk, lay, h, tapes, words, weights, k, e}
		q, failed := a.program()
		p, err = cheaper(p, err, q, failed)
	}
	return p, err
}

// assembly is a compiled circuit whose results have their places.
type assembly struct {
	c       *compiler
	vk      *proof.VerifyingKey
	lay     *layout.Layout
	h       header // without what the places decide
	tapes   [][]chunk
	words   int
	weights []ref
	k, e    ref
}

// program encodes it.
func (a *assembly) program() (p *Program, err error) {
	c, vk, lay, h := a.c, a.vk, a.lay, a.h

	p = &Program{intervals: intervalsOf(vk.Circuit)}
	for _, iv := range p.intervals {
		p.Instances += iv.count
		p.Packed += iv.count * iv.width
	}
	p.ProofSize = ProofSize(lay)
	h.Instances, h.Proof, h.Packed = uint32(p.Instances), uint32(p.ProofSize), uint32(p.Packed)
	resolve := func(r ref) int {
		switch r.node {
		case baseRegister:
			return int(h.Registers) + 32*r.off
		case baseConst:
			return programAt + constsAt + 32*r.off
		case baseInstance:
			return int(h.Inputs) + 32*r.off
		}
		return int(h.Results) + 32*(c.nodes[r.node].word+r.off)
	}
	// twice: the addresses depend on the program's length, which does not depend on them
	var tail, tape1, tape2 []byte
	for range 2 {
		if tape1, err = c.tape(a.tapes[0], resolve); err != nil {
			return nil, err
		}
		if tape2, err = c.tape(a.tapes[1], resolve); err != nil {
			return nil, err
		}
		tail = nil
		at := constsAt + 32*len(c.consts)
		put := func(b []byte) uint32 {
			tail = append(tail, b...)
			return uint32(at + len(tail) - len(b))
		}
		var degrees []byte
		for _, d := range lay.Degrees {
			degrees = append(degrees, byte(d))
		}
		h.Degrees = put(degrees)
		h.Intervals, h.Runs = put(encodeIntervals(p.intervals)), uint32(len(p.intervals))
		var rows []byte
		for i := range vk.Rows {
			rows = proof.AppendPoint(rows, &vk.Rows[i])
		}
		h.Keys = put(rows)
		h.Tape1 = put(tape1)
		var list []byte
		for _, w := range a.weights {
			list = binary.BigEndian.AppendUint16(list, uint16(resolve(w)))
		}
		h.Weights = put(list)
		h.Tape2 = put(tape2)
		for len(tail)%32 != 0 {
			tail = append(tail, 0)
		}
		h.Registers = uint32(programAt + at + len(tail))
		h.Results = h.Registers + uint32(32*c.registers)
		h.Inputs = h.Results + uint32(32*a.words) + 64 // the state and the tag of their message lie before the instances
		if h.Inputs > memoryEnd {                      // programs would be cut, addresses too
			h.K, h.E = 0, 0
		}
		h.K, h.E = uint32(resolve(a.k)), uint32(resolve(a.e))
	}
	if h.Inputs > memoryEnd {
		return nil, fmt.Errorf("%w: it needs %d bytes of memory, %d are addressable", ErrTooLarge, h.Inputs, memoryEnd)
	}
	digest := vk.Digest()
	p.Bytes = append(p.Bytes, digest[:]...)
	p.Bytes = append(p.Bytes, g2Bytes(&vk.Tau)...)
	if p.Bytes, err = binary.Append(p.Bytes, binary.BigEndian, &h); err != nil {
		return nil, err
	}
	mark := [16]byte{}
	if vk.Unsafe {
		mark[15] = 1
	}
	p.Bytes = append(p.Bytes, mark[:]...)
	for i := range c.consts {
		b := c.consts[i].Bytes()
		p.Bytes = append(p.Bytes, b[:]...)
	}
	p.Bytes = append(p.Bytes, tail...)
	if len(p.Bytes) > MaxProgram {
		return nil, fmt.Errorf("%w: its program has %d bytes, a contract holds %d", ErrTooLarge, len(p.Bytes), MaxProgram)
	}
	return p, nil
}

// ProofSize is the number of bytes of a proof: the messages of docs/protocol.md, section 6.
func ProofSize(lay *layout.Layout) int {
	points := lay.Rows[layout.SegW].Count + lay.Rows[layout.SegH].Count + 3 // C_S, W, W'
	scalars := 1 + lay.ClaimCount + 1 + 2*lay.N + pcs.ValueCount
	for _, d := range lay.Degrees {
		scalars += d
	}
	return 64*points + 32*scalars
}

func intervalsOf(c *circuit.Circuit) []interval {
	var out []interval
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if b.Role != circuit.Public {
			continue
		}
		span := uint64(b.Hi - b.Lo)
		iv := interval{circuit.Count(b.Dims), b.Lo, span, max(1, (bits.Len64(span)+7)/8)}
		if n := len(out); n > 0 && out[n-1].lo == iv.lo && out[n-1].span == iv.span {
			out[n-1].count += iv.count
			continue
		}
		out = append(out, iv)
	}
	return out
}

func encodeIntervals(list []interval) []byte {
	var out []byte
	for _, iv := range list {
		var lo fr.Element
		lo.SetInt64(iv.lo)
		b := lo.Bytes()
		out = binary.BigEndian.AppendUint32(out, uint32(iv.count))
		out = append(out, b[:]...)
		out = binary.BigEndian.AppendUint64(out, iv.span)
		out = append(out, byte(iv.width))
	}
	return out
}

// g2Bytes is a point of G2 as EIP-197 wants it.
func g2Bytes(p *bn254.G2Affine) []byte {
	var out []byte
	for _, x := range []*bn254.E2{&p.X, &p.Y} {
		im, re := x.A1.Bytes(), x.A0.Bytes()
		out = append(append(out, im[:]...), re[:]...)
	}
	return out
}

// header decodes the header's numbers.
func (p *Program) header() (h header) {
	_, _ = binary.Decode(p.Bytes[5*32:], binary.BigEndian, &h) // the bytes are there
	return h
}
