package evm

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"golang.org/x/crypto/sha3"

	"github.com/ezkl-go/ezkl/internal/field"
)

// Signatures of the contracts' functions.
const (
	sigVerify         = "verifyProof(bytes,uint256[])"
	sigPacked         = "verifyPacked(bytes,bytes)"
	sigVerifyReusable = "verifyProof(bytes,uint256[],bytes32)"
	sigPackedReusable = "verifyPacked(bytes,bytes,bytes32)"
	sigRegister       = "registerVka(bytes)"
)

// Selector is the first four bytes of a call.
func selector(signature string) []byte {
	h := sha3.NewLegacyKeccak256()
	h.Write([]byte(signature))
	return h.Sum(nil)[:4]
}

// Calldata is a call of verifyProof: of a circuit's own verifier, or, with the digest of a registered program, of the
// reusable one.
func Calldata(proof []byte, instances []fr.Element, digest *[32]byte) []byte {
	list := word(len(instances))
	for i := range instances {
		b := instances[i].Bytes()
		list = append(list, b[:]...)
	}
	return call(sigVerify, sigVerifyReusable, proof, list, digest)
}

// PackedCalldata is Calldata for verifyPacked.
func (p *Program) PackedCalldata(proof []byte, instances []fr.Element, digest *[32]byte) ([]byte, error) {
	b, err := p.Pack(instances)
	if err != nil {
		return nil, err
	}
	return call(sigPacked, sigPackedReusable, proof, append(word(len(b)), padded(b)...), digest), nil
}

func call(own, reusable string, proof, instances []byte, digest *[32]byte) []byte {
	head := 64
	signature := own
	if digest != nil {
		head, signature = 96, reusable
	}
	proofWords := append(word(len(proof)), padded(proof)...)
	out := append(selector(signature), word(head)...)
	out = append(out, word(head+len(proofWords))...)
	if digest != nil {
		out = append(out, digest[:]...)
	}
	return append(append(out, proofWords...), instances...)
}

// RegisterCalldata is a call of registerVka.
func RegisterCalldata(vka []byte) []byte {
	return append(selector(sigRegister), encodeBytes(vka)...)
}

// Pack writes each instance x as x - lo, in as many bytes as its declared interval needs.
func (p *Program) Pack(instances []fr.Element) ([]byte, error) {
	if len(instances) != p.Instances {
		return nil, fmt.Errorf("%d instances, the circuit has %d", len(instances), p.Instances)
	}
	var out []byte
	for _, iv := range p.intervals {
		for i := range instances[:iv.count] {
			x, ok := field.ToInt(&instances[i])
			if !ok || x < iv.lo || uint64(x-iv.lo) > iv.span {
				return nil, errors.New("an instance lies outside its interval")
			}
			for k := iv.width - 1; k >= 0; k-- {
				out = append(out, byte(uint64(x-iv.lo)>>(8*k)))
			}
		}
		instances = instances[iv.count:]
	}
	return out, nil
}
