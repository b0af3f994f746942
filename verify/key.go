package verify

import (
	"errors"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// Transcript kinds of a proof.
const (
	EVM      = transcript.EVM
	Poseidon = transcript.Poseidon
)

// Key is an accepted verifying key.
type Key struct {
	vk     *proof.VerifyingKey
	lay    *layout.Layout
	digest [32]byte
}

// ParseKey decodes a verifying key and checks its key proof: every private constant lies in its interval and all padding
// is zero.
func ParseKey(b []byte) (*Key, error) {
	vk, err := proof.DecodeVerifyingKey(b)
	if err != nil {
		return nil, &Rejection{CodeKey, err}
	}
	return NewKey(vk)
}

// NewKey accepts a decoded verifying key, like ParseKey.
func NewKey(vk *proof.VerifyingKey) (*Key, error) {
	lay, err := layout.New(vk.Circuit)
	if err != nil {
		return nil, &Rejection{CodeKey, err}
	}
	if len(vk.Rows) != lay.Rows[layout.SegF].Count+lay.Rows[layout.SegP].Count {
		return nil, &Rejection{CodeKey, errors.New("wrong number of key rows")}
	}
	k := &Key{vk, lay, vk.Digest()}
	keyLay, err := layout.ForKey(vk.Circuit)
	if err != nil {
		return nil, &Rejection{CodeKey, err}
	}
	if keyLay == nil {
		if len(vk.KeyProof) != 0 {
			return nil, &Rejection{CodeKey, errors.New("a key proof without private constants")}
		}
		return k, nil
	}
	s := statement{lay: keyLay, domain: claims.DomainKey, digest: k.digest, tau: &vk.Tau}
	s.rows[layout.SegP] = vk.Rows[lay.Rows[layout.SegF].Count:]
	if err := s.verify(vk.KeyProof, EVM); err != nil {
		return nil, &Rejection{CodeKey, err}
	}
	return k, nil
}

// Unsafe reports that the secret of the key's SRS was known to whoever made it: proofs under such a key convince only
// those who trust that person.
func (k *Key) Unsafe() bool { return k.vk.Unsafe }

// Digest identifies the key: circuit, commitments and SRS.
func (k *Key) Digest() [32]byte { return k.digest }

// InstanceCount is the number of instances: the entries of all public tensors, in the order of the circuit's blocks.
func (k *Key) InstanceCount() int {
	n := 0
	for i := range k.vk.Circuit.Blocks {
		if b := &k.vk.Circuit.Blocks[i]; b.Role == circuit.Public {
			n += circuit.Count(b.Dims)
		}
	}
	return n
}

// instances checks the public tensors' shapes and declared intervals, and pads them.
func (k *Key) instances(flat []fr.Element) (claims.Instances, error) {
	if len(flat) != k.InstanceCount() {
		return nil, errors.New("wrong number of instances")
	}
	inst := make(claims.Instances, len(k.vk.Circuit.Blocks))
	for i := range inst {
		b := &k.vk.Circuit.Blocks[i]
		if b.Role != circuit.Public {
			continue
		}
		inst[i] = make(fr.Vector, 1<<circuit.PaddedLog(b.Dims))
		ok := true
		layout.Inside(b.Dims, func(at int) {
			v, small := field.ToInt(&flat[0])
			ok = ok && small && b.Lo <= v && v <= b.Hi
			inst[i][at] = flat[0]
			flat = flat[1:]
		})
		if !ok {
			return nil, errors.New("an entry of " + b.Name + " lies outside its interval")
		}
	}
	return inst, nil
}

// Verify checks a proof of the key's circuit for these instances. It returns nil or a *Rejection.
func (k *Key) Verify(instances []fr.Element, proofBytes []byte, kind transcript.Kind) error {
	inst, err := k.instances(instances)
	if err != nil {
		return &Rejection{CodeInstance, err}
	}
	s := statement{lay: k.lay, domain: claims.DomainProof, digest: k.digest, tau: &k.vk.Tau, flat: instances, inst: inst}
	f := k.lay.Rows[layout.SegF].Count
	s.rows[layout.SegF], s.rows[layout.SegP] = k.vk.Rows[:f], k.vk.Rows[f:]
	return s.verify(proofBytes, kind)
}
