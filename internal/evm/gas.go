package evm

import (
	"bytes"
	"encoding/binary"
)

// IntrinsicGas is the gas of a transaction before its execution: the base fee and 4 for each zero byte, 16 for each other
// byte of its data (EIP-2028); a creation also pays for its contract and the words of its code (EIP-3860).
func IntrinsicGas(data []byte, create bool) uint64 {
	gas := uint64(21000)
	if create {
		gas += 32000 + 2*uint64((len(data)+31)/32)
	}
	for _, b := range data {
		if b == 0 {
			gas += 4
		} else {
			gas += 16
		}
	}
	return gas
}

// FloorGas is what a transaction with this data costs at least from Prague on: 10 for each zero byte, 40 for each other one
// (EIP-7623).
func FloorGas(data []byte) uint64 {
	gas := uint64(21000)
	for _, b := range data {
		if b == 0 {
			gas += 10
		} else {
			gas += 40
		}
	}
	return gas
}

// CreationGas is the gas of deploying the circuit's verifier: the transaction, the code of both contracts at 200 a byte.
func (p *Program) CreationGas() uint64 {
	return IntrinsicGas(p.Creation(), true) + 200*uint64(RuntimeSize(VerifierName)+p.DataSize()) + 32000 + 10*uint64(len(p.Bytes))/32 + 6000
}

// VerifyGas estimates, within a few per cent, the gas of a transaction that verifies a proof with these instances: it
// depends on nothing else. Cancun's prices; measured figures are those of package machine.
func (p *Program) VerifyGas(calldata []byte) uint64 {
	h := p.header()
	points := int(h.PointsW + h.PointsH + 3)
	scalars := p.ProofSize/32 - 2*points
	rounds := int(h.Rounds + h.N)
	gas := 124_000 + 6170*(points+int(h.KeyRows)) + 190*points + 75*scalars + 420*rounds + 200*int(h.RhoVars+h.ZetaVars+h.N) + 210*int(h.L)
	gas += 72*p.Instances + 12_000
	if len(calldata) < p.ProofSize+32*p.Instances { // packed: what fits the bytes of its interval is not compared with it
		for _, iv := range p.intervals {
			if iv.span+1 == 1<<(8*iv.width) {
				gas -= 17 * iv.count
			}
		}
	}
	gas += p.tapeGas(int(h.Tape1)) + p.tapeGas(int(h.Tape2))
	words := int(h.Inputs)/32 + p.Instances
	gas += 3*words + words*words/512
	return IntrinsicGas(calldata, false) + uint64(gas)
}

// TypicalGas estimates the gas of a transaction that verifies some proof, its bytes taken as none of them zero: with an instance a
// word, and with packed instances.
func (p *Program) TypicalGas() (words, packed uint64) {
	of := func(instances int) uint64 {
		return p.VerifyGas(bytes.Repeat([]byte{1}, 4+p.ProofSize+instances)) + 600 // the frame of the call
	}
	return of(32 * p.Instances), of(p.Packed)
}

// tapeGas is about the gas of a tape.
func (p *Program) tapeGas(pc int) int {
	read := func(width int) int {
		var b [8]byte
		copy(b[8-width:], p.Bytes[pc:])
		pc += width
		return int(binary.BigEndian.Uint64(b[:]))
	}
	gas := 0
	for {
		op := read(1)
		if op == opEnd {
			return gas
		}
		gas += 150
		if op == opJump {
			read(2)
			gas += 150
			continue
		}
		for range read(2) {
			n, m := 0, 0
			width := map[int]int{opMul: 4, opSum: 16, opSum2: 8, opEq: 4, opSame: 8, opTable: 2, opFold: 6, opPoly: 6}[op]
			switch op {
			case opEq, opSame, opTable, opPoly:
				n = read(1)
			case opFold:
				n, m = read(2), read(2)
			}
			gas += itemGas(op, n, m)
			pc += width
		}
	}
}

// itemGas is about the gas of an item with counts n and m, as measured.
func itemGas(op, n, m int) int {
	switch op {
	case opMul:
		return 68
	case opSum:
		return 225
	case opSum2:
		return 137
	case opEq:
		return 205 + 97*n
	case opSame:
		return 228 + 218*n
	case opTable:
		return []int{0, 505, 250, 830, 1420}[min(n, 4)] + 74*(1<<n-1<<min(n, 4))
	case opPoly:
		return 250 + 154*n
	}
	return 180 + n*(130+54*m) // opFold
}
