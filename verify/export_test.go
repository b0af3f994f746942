package verify

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// VerifyOn is Key.Verify on a transcript of the caller's: tests observe or program challenges by it.
func (k *Key) VerifyOn(instances []fr.Element, proofBytes []byte, t *transcript.Transcript) error {
	inst, err := k.instances(instances)
	if err != nil {
		return err
	}
	s := statement{lay: k.lay, digest: k.digest, tau: &k.vk.Tau, flat: instances, inst: inst}
	f := k.lay.Rows[layout.SegF].Count
	s.rows[layout.SegF], s.rows[layout.SegP] = k.vk.Rows[:f], k.vk.Rows[f:]
	return s.check(proof.NewReader(proofBytes, t))
}

// VerifyCoded is VerifyOn with the codes of the opening's errors.
func (k *Key) VerifyCoded(instances []fr.Element, proofBytes []byte, t *transcript.Transcript) error {
	return coded(k.VerifyOn(instances, proofBytes, t))
}

// VerifyKeyProofOn checks a key proof for the key's rows on a transcript of the caller's.
func (k *Key) VerifyKeyProofOn(keyProof []byte, t *transcript.Transcript) error {
	keyLay, err := layout.ForKey(k.vk.Circuit)
	if err != nil {
		return err
	}
	s := statement{lay: keyLay, domain: claims.DomainKey, digest: k.digest, tau: &k.vk.Tau}
	s.rows[layout.SegP] = k.vk.Rows[k.lay.Rows[layout.SegF].Count:]
	return s.check(proof.NewReader(keyProof, t))
}

// Unchecked is a key without its key proof's verification: what goes wrong without it.
func Unchecked(vk *proof.VerifyingKey) *Key {
	lay, err := layout.New(vk.Circuit)
	if err != nil {
		panic(err)
	}
	return &Key{vk, lay, vk.Digest()}
}
