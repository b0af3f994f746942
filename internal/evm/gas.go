package evm

import "encoding/binary"

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
	gas += (p.tapeGas(int(h.Tape1)) + p.tapeGas(int(h.Tape2))) * 6 / 5
	words := int(h.Inputs)/32 + p.Instances
	gas += 3*words + words*words/512
	return IntrinsicGas(calldata, false) + uint64(gas)
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
		for range read(2) {
			switch op {
			case opMul:
				gas += 290
				pc += 16
			case opSum:
				n := read(1)
				gas += 130 + 115*n
				pc += 8 * n
			case opSum2:
				gas += 120
				pc += 8
			case opEq:
				gas += 150 + 75*read(1)
				pc += 4
			case opLt:
				gas += 130 + 120*read(1)
				pc += 6
			case opSame:
				gas += 170 + 230*read(1)
				pc += 8
			case opTable:
				gas += 150 + 88<<read(1)
				pc += 2
			case opDot:
				gas += 260 + 62*read(2)
				pc += 6
			case opFold:
				rows := read(2)
				gas += 150 + rows*(170+62*read(2))
				pc += 6
			}
		}
	}
}
