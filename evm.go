package ezkl

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// EVMVerifier is what a chain needs to verify proofs of one key: a program (VKA) and the contracts that interpret it.
type EVMVerifier struct{ program *evm.Program }

// NewEVMVerifier compiles an accepted key. Keys of ordinary circuits are refused if they have too many rows; Setup of a
// circuit made by ForEVM avoids that, and halves the gas.
func NewEVMVerifier(k *VerifyingKey) (*EVMVerifier, error) {
	p, err := evm.Compile(k.raw)
	if err != nil {
		return nil, err
	}
	return &EVMVerifier{p}, nil
}

// VKA is the program: registered at a reusable verifier, or part of a circuit's own.
func (v *EVMVerifier) VKA() []byte { return v.program.Bytes }

// Digest identifies the program, as 64 hexadecimal digits.
func (v *EVMVerifier) Digest() string {
	d := v.program.Digest()
	return hex.EncodeToString(d[:])
}

// Creation is the creation bytecode of the circuit's own verifier.
func (v *EVMVerifier) Creation() []byte { return v.program.Creation() }

// Calldata is a call of verifyProof at the circuit's own verifier; packed, of verifyPacked.
func (v *EVMVerifier) Calldata(p *Proof, packed bool) ([]byte, error) {
	if err := checkEVMProof(p); err != nil {
		return nil, err
	}
	if len(p.Bytes) != v.program.ProofSize || len(p.Instances) != v.program.Instances {
		return nil, errors.New("the proof is of another circuit")
	}
	if packed {
		return v.program.PackedCalldata(p.Bytes, p.Instances, nil)
	}
	return evm.Calldata(p.Bytes, p.Instances, nil), nil
}

func checkEVMProof(p *Proof) error {
	kind, err := transcriptKind(p.Transcript)
	if err == nil && kind != transcript.EVM {
		err = fmt.Errorf("the proof has transcript %s: contracts verify proofs of prove --transcript evm", kind)
	}
	return err
}
