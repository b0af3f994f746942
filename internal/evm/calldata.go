package evm

import (
	"errors"
	"fmt"
	"slices"

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

	sigBatch               = "verifyBatch(bytes,uint256[])"
	sigPackedBatch         = "verifyPackedBatch(bytes,bytes)"
	sigBatchReusable       = "verifyBatch(bytes,uint256[],bytes32)"
	sigPackedBatchReusable = "verifyPackedBatch(bytes,bytes,bytes32)"
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
	return call([2]string{sigVerify, sigVerifyReusable}, proof, elements(instances), digest)
}

// BatchCalldata is a call of verifyBatch: proofs of one key, each with its instances. There is at least one.
func BatchCalldata(proofs [][]byte, instances [][]fr.Element, digest *[32]byte) []byte {
	return call([2]string{sigBatch, sigBatchReusable}, slices.Concat(proofs...), elements(slices.Concat(instances...)), digest)
}

// elements is the ABI encoding of an array of field elements.
func elements(list []fr.Element) []byte {
	out := word(len(list))
	for i := range list {
		b := list[i].Bytes()
		out = append(out, b[:]...)
	}
	return out
}

// PackedCalldata is Calldata for verifyPacked.
func (p *Program) PackedCalldata(proof []byte, instances []fr.Element, digest *[32]byte) ([]byte, error) {
	b, err := p.Pack(instances)
	if err != nil {
		return nil, err
	}
	return call([2]string{sigPacked, sigPackedReusable}, proof, lengthAnd(b), digest), nil
}

// PackedBatchCalldata is BatchCalldata for verifyPackedBatch.
func (p *Program) PackedBatchCalldata(proofs [][]byte, instances [][]fr.Element, digest *[32]byte) ([]byte, error) {
	var all []byte
	for _, list := range instances {
		b, err := p.Pack(list)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	return call([2]string{sigPackedBatch, sigPackedBatchReusable}, slices.Concat(proofs...), lengthAnd(all), digest), nil
}

// lengthAnd is the ABI encoding of bytes, without their offset.
func lengthAnd(b []byte) []byte { return append(word(len(b)), padded(b)...) }

// call is a call of a function of a circuit's own verifier, or, with a digest, of the other signature, the reusable one's.
func call(signatures [2]string, proof, instances []byte, digest *[32]byte) []byte {
	head := 64
	signature := signatures[0]
	if digest != nil {
		head, signature = 96, signatures[1]
	}
	proofWords := lengthAnd(proof)
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
