package evm

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

//go:embed contract/EzklVerifier.sol
var source string

// Solidity is the source of the contracts, which is that of the reusable verifier and of the base of all others.
func Solidity() []byte { return []byte(source) }

// CircuitName is the contract of one circuit in its source: EzklVerifier with the program inlined.
const CircuitName = "EzklCircuitVerifier"

// Solidity is the source of the circuit's verifier. Compiled, it is what Creation deploys.
func (p *Program) Solidity() []byte {
	srs := "of a public ceremony"
	if Unsafe(p.Bytes) {
		srs = "UNSAFE, made by gen-srs: for tests only"
	}
	return fmt.Appendf(nil, `%s
/// @title Verifier of the verifying key %x.
/// @notice SRS: %s. vkaDigest: %x.
contract %s is %s {
    constructor() %s(%s
    ) {}
}
`, source, p.Bytes[:32], srs, Digest(p.Bytes), CircuitName, VerifierName, VerifierName, literals(p.Bytes))
}

// literals are hex literals of 64 bytes a line, which Solidity joins.
func literals(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		n := min(64, len(b))
		fmt.Fprintf(&out, "\n        hex\"%x\"", b[:n])
		b = b[n:]
	}
	return out.String()
}

// Contract is what a source of Solidity's deploys.
type Contract struct {
	Creation []byte
	Program  []byte // nil: the reusable verifier
}

// ErrSource is the reason why a source cannot be deployed.
var ErrSource = errors.New("not a contract as create-evm-verifier of this version writes it (compile a changed one, and deploy it, with tools of your own)")

// ParseSource recognises what Solidity wrote: there is no compiler here, so the text must be that of the embedded bytecode.
func ParseSource(text []byte) (*Contract, error) {
	rest, ok := bytes.CutPrefix(text, []byte(source))
	if !ok {
		return nil, ErrSource
	}
	if len(rest) == 0 {
		return &Contract{Creation: ReusableCreation()}, nil
	}
	p := &Program{}
	for _, line := range strings.Split(string(rest), "\n") {
		line, ok := strings.CutPrefix(line, "        hex\"")
		if !ok {
			continue
		}
		b, err := hex.DecodeString(strings.TrimSuffix(line, "\""))
		if err != nil {
			return nil, ErrSource
		}
		p.Bytes = append(p.Bytes, b...)
	}
	if !IsProgram(p.Bytes) || !bytes.Equal(p.Solidity(), text) {
		return nil, ErrSource
	}
	return &Contract{p.Creation(), p.Bytes}, nil
}
