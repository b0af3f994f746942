package ezkl

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/evm"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// EVMVerifier is what a chain needs to verify proofs of one key: a program (VKA) and the contracts that interpret it.
type EVMVerifier struct {
	program *evm.Program
	unsafe  bool
}

// NewEVMVerifier compiles an accepted key. A key with many rows, or of a very large circuit, is refused; Setup of a circuit
// made by Circuit.ForEVM has few rows, and proofs that cost about half the gas.
func NewEVMVerifier(k *VerifyingKey) (*EVMVerifier, error) {
	p, err := evm.Compile(k.raw)
	if err != nil {
		return nil, err
	}
	return &EVMVerifier{p, k.Unsafe()}, nil
}

// EVMSizes says what a chain stores and charges. Gas is estimated, by Cancun's prices.
type EVMSizes struct {
	Code      int    `json:"contract_bytes"`  // the verifier's code
	Data      int    `json:"vka_bytes"`       // the program's data contract
	Limit     int    `json:"code_size_limit"` // of each of them
	DeployGas uint64 `json:"deploy_gas"`
	VerifyGas uint64 `json:"verify_gas"` // with instances without zero bytes
	PackedGas uint64 `json:"verify_packed_gas"`
	Calldata  int    `json:"calldata_bytes"`
	Packed    int    `json:"packed_calldata_bytes"`
}

// Sizes are those of the circuit's own verifier.
func (v *EVMVerifier) Sizes() EVMSizes {
	p := v.program
	words, packed := p.TypicalGas()
	call, frame := 4+p.ProofSize, (4*32+31)&^31
	return EVMSizes{evm.RuntimeSize(evm.VerifierName), p.DataSize(), evm.MaxCode, p.CreationGas(), words, packed,
		call + 32*p.Instances + frame, call + p.Packed + frame}
}

func (s EVMSizes) String() string {
	return fmt.Sprintf("contract %d + %d bytes (limit %d each), about %d gas to deploy, %d to verify a proof, %d with packed instances",
		s.Code, s.Data, s.Limit, s.DeployGas, s.VerifyGas, s.PackedGas)
}

// ReusableEVMSize is the size of the reusable verifier's code.
func ReusableEVMSize() int { return evm.RuntimeSize(evm.ReusableName) }

// VKA is the program: registered at a reusable verifier, or inlined in a circuit's own.
func (v *EVMVerifier) VKA() []byte { return v.program.Bytes }

// Digest identifies the program, as 64 hexadecimal digits: contracts return it.
func (v *EVMVerifier) Digest() string { return digestOf(v.program.Bytes) }

func digestOf(vka []byte) string {
	d := evm.Digest(vka)
	return hex.EncodeToString(d[:])
}

// Unsafe reports that the key is of an unsafe SRS.
func (v *EVMVerifier) Unsafe() bool { return v.unsafe }

// Creation is the creation bytecode of the circuit's own verifier.
func (v *EVMVerifier) Creation() []byte { return v.program.Creation() }

// Source is Solidity of the circuit's own verifier; ABI its interface.
func (v *EVMVerifier) Source() []byte { return v.program.Solidity() }

// ABI is the interface of a circuit's own verifier as JSON.
func (v *EVMVerifier) ABI() []byte { return evm.ABI(evm.VerifierName) }

// ReusableEVMSource is Solidity of the verifier of all registered circuits, and its interface as JSON.
func ReusableEVMSource() (source, abi []byte) { return evm.Solidity(), evm.ABI(evm.ReusableName) }

// Calldata is a call of verifyProof at the circuit's own verifier.
func (v *EVMVerifier) Calldata(p *Proof) ([]byte, error) {
	if err := v.check(p); err != nil {
		return nil, err
	}
	return evm.Calldata(p.Bytes, p.Instances, nil), nil
}

// PackedCalldata is a call of verifyPacked: instances in as few bytes as their intervals need. reusable: at the reusable
// verifier.
func (v *EVMVerifier) PackedCalldata(p *Proof, reusable bool) ([]byte, error) {
	if err := v.check(p); err != nil {
		return nil, err
	}
	var digest *[32]byte
	if reusable {
		d := evm.Digest(v.program.Bytes)
		digest = &d
	}
	return v.program.PackedCalldata(p.Bytes, p.Instances, digest)
}

// PackedBatchCalldata is a call of verifyPackedBatch: proofs of one key, at least one.
func (v *EVMVerifier) PackedBatchCalldata(proofs []*Proof, reusable bool) ([]byte, error) {
	for _, p := range proofs {
		if err := v.check(p); err != nil {
			return nil, err
		}
	}
	list, instances, err := batch(proofs)
	if err != nil {
		return nil, err
	}
	var digest *[32]byte
	if reusable {
		d := evm.Digest(v.program.Bytes)
		digest = &d
	}
	return v.program.PackedBatchCalldata(list, instances, digest)
}

// EVMBatchCalldata is a call of verifyBatch, which takes proofs of one key, at least one: at a circuit's own verifier, or,
// with a VKA, at the reusable one.
func EVMBatchCalldata(proofs []*Proof, vka []byte) ([]byte, error) {
	list, instances, err := batch(proofs)
	if err != nil {
		return nil, err
	}
	if vka == nil {
		return evm.BatchCalldata(list, instances, nil), nil
	}
	d := evm.Digest(vka)
	return evm.BatchCalldata(list, instances, &d), nil
}

func batch(proofs []*Proof) (list [][]byte, instances [][]fr.Element, err error) {
	if len(proofs) == 0 {
		return nil, nil, errors.New("a batch needs a proof")
	}
	for i, p := range proofs {
		if err := checkEVMProof(p); err != nil {
			return nil, nil, err
		}
		if len(p.Bytes) != len(proofs[0].Bytes) || len(p.Instances) != len(proofs[0].Instances) {
			return nil, nil, fmt.Errorf("proof %d of the batch is of another circuit than the first", i+1)
		}
		list, instances = append(list, p.Bytes), append(instances, p.Instances)
	}
	return list, instances, nil
}

func (v *EVMVerifier) check(p *Proof) error {
	if err := checkEVMProof(p); err != nil {
		return err
	}
	if len(p.Bytes) != v.program.ProofSize || len(p.Instances) != v.program.Instances {
		return errors.New("the proof is of another circuit than the verifying key")
	}
	return nil
}

// EVMCalldata is a call of verifyProof: at a circuit's own verifier, or, with a VKA, at the reusable one.
func EVMCalldata(p *Proof, vka []byte) ([]byte, error) {
	if err := checkEVMProof(p); err != nil {
		return nil, err
	}
	if vka == nil {
		return evm.Calldata(p.Bytes, p.Instances, nil), nil
	}
	d := evm.Digest(vka)
	return evm.Calldata(p.Bytes, p.Instances, &d), nil
}

func checkEVMProof(p *Proof) error {
	kind, err := transcriptKind(p.Transcript)
	if err == nil && kind != transcript.EVM {
		err = fmt.Errorf("the proof has transcript %s: contracts verify proofs of prove --transcript evm", kind)
	}
	return err
}

// LoadVKA reads vka.bytes.
func LoadVKA(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, evm.MaxProgram+1))
	if err != nil {
		return nil, err
	}
	if !evm.IsProgram(b) {
		return nil, fmt.Errorf("%s: not a VKA of this version (make it with create-evm-vka)", path)
	}
	return b, nil
}

// rawBytes is an artefact of bytes.
type rawBytes []byte

// RawBytes makes bytes an artefact for Save.
func RawBytes(b []byte) io.WriterTo { return rawBytes(b) }

// WriteTo writes the bytes.
func (b rawBytes) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(b)
	return int64(n), err
}
