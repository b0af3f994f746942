package ezkl

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ezkl-go/ezkl/internal/evm"
)

// EVMContract is a contract as create-evm-verifier wrote it, ready to be deployed.
type EVMContract struct {
	Creation []byte // creation bytecode, constructor arguments included
	Reusable bool   // the verifier of all registered circuits
	Unsafe   bool   // of a key whose SRS is unsafe
}

// LoadEVMSource reads Solidity that create-evm-verifier wrote. There is no compiler here: the embedded bytecode is used, and a
// source that differs from what it was compiled from is refused.
func LoadEVMSource(path string) (*EVMContract, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: no such file, a contract is needed (run create-evm-verifier)", path)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, err
	}
	c, err := evm.ParseSource(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &EVMContract{c.Creation, c.Program == nil, c.Program != nil && evm.Unsafe(c.Program)}, nil
}

// RegisterCalldata is a call of registerVka at the reusable verifier.
func RegisterCalldata(vka []byte) []byte { return evm.RegisterCalldata(vka) }

// VKADigest is the digest by which a VKA is registered.
func VKADigest(vka []byte) [32]byte { return evm.Digest(vka) }

// VKAUnsafe reports that a VKA is of a key whose SRS is unsafe.
func VKAUnsafe(vka []byte) bool { return evm.Unsafe(vka) }

// CheckEVMOutput checks what a contract returned for a call of EVMCalldata: true, and, of the reusable verifier, the VKA's
// digest. A contract that refuses a proof reverts, and returns nothing.
func CheckEVMOutput(output, vka []byte) error {
	want := make([]byte, 32, 64)
	want[31] = 1
	if vka != nil {
		d := evm.Digest(vka)
		want = append(want, d[:]...)
	}
	if string(output) != string(want) {
		return errors.New("the contract returned 0x" + hex.EncodeToString(output[:min(len(output), 64)]) + ": it is no verifier of this kind")
	}
	return nil
}
