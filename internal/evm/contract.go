package evm

import (
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"sync"
)

// MaxCode is the largest contract that a chain takes (EIP-170).
const MaxCode = 24576

// Names of the contracts.
const (
	VerifierName = "EzklVerifier"         // of one circuit
	ReusableName = "EzklVerifierReusable" // of all registered ones
)

//go:embed contract.json
var contractJSON []byte

// artefact is a compiled contract.
type artefact struct {
	ABI      json.RawMessage `json:"abi"`
	Creation string          `json:"creation"`
	Runtime  int             `json:"runtime"`
}

var artefacts = sync.OnceValue(func() map[string]artefact {
	var f struct{ Contracts map[string]artefact }
	if err := json.Unmarshal(contractJSON, &f); err != nil {
		panic("evm: internal error: " + err.Error())
	}
	return f.Contracts
})

// creation is the embedded creation bytecode of a contract, without constructor arguments.
func creation(name string) []byte {
	b, err := hex.DecodeString(artefacts()[name].Creation)
	if err != nil {
		panic("evm: internal error: " + err.Error())
	}
	return b
}

// Creation is the creation bytecode of the verifier of one circuit: it is deployed as it is.
func (p *Program) Creation() []byte { return append(creation(VerifierName), encodeBytes(p.Bytes)...) }

// encodeBytes is the ABI encoding of one argument of type bytes.
func encodeBytes(b []byte) []byte {
	return append(append(word(32), word(len(b))...), padded(b)...)
}

// ReusableCreation is the creation bytecode of the verifier of all registered circuits.
func ReusableCreation() []byte { return creation(ReusableName) }

// ABI is the interface of a contract as JSON.
func ABI(name string) json.RawMessage { return artefacts()[name].ABI }

// RuntimeSize is the number of bytes of a contract on chain.
func RuntimeSize(name string) int { return artefacts()[name].Runtime }

// DataSize is the number of bytes of the program's data contract on chain.
func (p *Program) DataSize() int { return len(p.Bytes) + 1 }

// word is a number as 32 bytes.
func word(n int) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 24, 32), uint64(n))
}

// padded is b with zeros up to a multiple of 32 bytes.
func padded(b []byte) []byte {
	return append(b[:len(b):len(b)], make([]byte, -len(b)&31)...)
}
