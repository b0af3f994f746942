package proof

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"golang.org/x/crypto/sha3"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/field"
)

// Magic bytes of the key files; the last two characters are the version.
const (
	MagicVK = "EZKLVK04"
	MagicPK = "EZKLPK04"
)

// VerifyingKey is everything a verifier stores for one circuit and its constants.
type VerifyingKey struct {
	Circuit *circuit.Circuit
	Rows    []bn254.G1Affine // C_K: the rows of segment F, then those of P
	Tau     bn254.G2Affine   // [tau]_2 of the SRS
	// Unsafe says that somebody may know tau: the SRS was made by gen-srs.
	Unsafe bool
	// KeyProof shows that every entry of segment P lies in its interval and that all padding is zero. Empty if P is.
	KeyProof []byte
}

// ProvingKey is a verifying key with the secrets of its commitments. The constants themselves lie in the compiled circuit.
type ProvingKey struct {
	VK       *VerifyingKey
	Blinders []fr.Element // of segment P's rows
}

// Encode is the canonical file form of the key.
func (k *ProvingKey) Encode() []byte {
	out := appendBytes([]byte(MagicPK), k.VK.Encode())
	out = binary.AppendUvarint(out, uint64(len(k.Blinders)))
	for i := range k.Blinders {
		b := k.Blinders[i].Bytes()
		out = append(out, b[:]...)
	}
	return out
}

// DecodeProvingKey reads a key file.
func DecodeProvingKey(b []byte) (*ProvingKey, error) {
	k, err := decodePK(b)
	if err != nil {
		return nil, fmt.Errorf("proving key: %w", err)
	}
	return k, nil
}

func decodePK(b []byte) (*ProvingKey, error) {
	if len(b) < len(MagicPK) || string(b[:len(MagicPK)]) != MagicPK {
		return nil, notKey(b, MagicPK, "a proving key")
	}
	enc, b, err := cutBytes(b[len(MagicPK):])
	if err != nil {
		return nil, err
	}
	k := &ProvingKey{}
	if k.VK, err = DecodeVerifyingKey(enc); err != nil {
		return nil, err
	}
	n, b, err := cutUvarint(b)
	if err != nil {
		return nil, err
	}
	if uint64(len(b)) != n*fr.Bytes || n > uint64(len(b)) {
		return nil, ErrShort
	}
	k.Blinders = make([]fr.Element, n)
	for i := range k.Blinders {
		if k.Blinders[i], err = field.Decode(b[:fr.Bytes]); err != nil {
			return nil, err
		}
		b = b[fr.Bytes:]
	}
	return k, nil
}

// Digest binds the circuit, C_K, the SRS and its mark: every transcript starts with it.
func (k *VerifyingKey) Digest() [32]byte {
	h := sha3.NewLegacyKeccak256()
	h.Write([]byte("ezkl-go/1 verifying key"))
	d := k.Circuit.Digest()
	h.Write(d[:])
	var b []byte
	for i := range k.Rows {
		b = AppendPoint(b, &k.Rows[i])
	}
	tau := k.Tau.RawBytes()
	b = append(b, tau[:]...)
	b = append(b, mark(k.Unsafe))
	h.Write(b)
	var out [32]byte
	h.Sum(out[:0])
	return out
}

func mark(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// Encode is the canonical file form of the key.
func (k *VerifyingKey) Encode() []byte {
	out := append([]byte(MagicVK), mark(k.Unsafe))
	out = appendBytes(out, k.Circuit.Encode())
	out = binary.AppendUvarint(out, uint64(len(k.Rows)))
	for i := range k.Rows {
		out = AppendPoint(out, &k.Rows[i])
	}
	tau := k.Tau.RawBytes()
	out = append(out, tau[:]...)
	return appendBytes(out, k.KeyProof)
}

// DecodeVerifyingKey reads a key file. It allocates no more than a small multiple of the file's size.
func DecodeVerifyingKey(b []byte) (*VerifyingKey, error) {
	k, rest, err := decodeVK(b)
	if err == nil && len(rest) != 0 {
		err = ErrTrailing
	}
	if err != nil {
		return nil, fmt.Errorf("verifying key: %w", err)
	}
	return k, nil
}

func decodeVK(b []byte) (*VerifyingKey, []byte, error) {
	if len(b) < len(MagicVK)+1 || string(b[:len(MagicVK)]) != MagicVK {
		return nil, nil, notKey(b, MagicVK, "a verifying key")
	}
	b = b[len(MagicVK):]
	if b[0] > 1 {
		return nil, nil, errors.New("unknown flags")
	}
	k := &VerifyingKey{Unsafe: b[0] == 1}
	enc, b, err := cutBytes(b[1:])
	if err != nil {
		return nil, nil, err
	}
	if k.Circuit, err = circuit.Decode(enc); err != nil {
		return nil, nil, err
	}
	n, b, err := cutUvarint(b)
	if err != nil {
		return nil, nil, err
	}
	if uint64(len(b))/PointBytes < n {
		return nil, nil, ErrShort
	}
	k.Rows = make([]bn254.G1Affine, n)
	for i := range k.Rows {
		if k.Rows[i], err = DecodePoint(b[:PointBytes]); err != nil {
			return nil, nil, fmt.Errorf("row %d: %w", i, err)
		}
		b = b[PointBytes:]
	}
	const g2Bytes = bn254.SizeOfG2AffineUncompressed
	if len(b) < g2Bytes {
		return nil, nil, ErrShort
	}
	if _, err = k.Tau.SetBytes(b[:g2Bytes]); err != nil {
		return nil, nil, fmt.Errorf("[tau]_2: %w", err)
	}
	if again := k.Tau.RawBytes(); string(again[:]) != string(b[:g2Bytes]) || k.Tau.IsInfinity() {
		return nil, nil, fmt.Errorf("[tau]_2: %w", ErrPoint)
	}
	k.KeyProof, b, err = cutBytes(b[g2Bytes:])
	return k, b, err
}

// notKey is the error for bytes that do not start as a key's of this version.
func notKey(b []byte, magic, name string) error {
	if len(b) >= len(magic) && string(b[:6]) == magic[:6] {
		return fmt.Errorf("%s of another version: make it again with this version", name)
	}
	return fmt.Errorf("this is not %s", name)
}

func appendBytes(out, b []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(b))), b...)
}

func cutUvarint(b []byte) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 { // a shorter form exists
		return 0, nil, ErrShort
	}
	return v, b[n:], nil
}

func cutBytes(b []byte) ([]byte, []byte, error) {
	n, b, err := cutUvarint(b)
	if err != nil {
		return nil, nil, err
	}
	if uint64(len(b)) < n {
		return nil, nil, ErrShort
	}
	return b[:n:n], b[n:], nil
}
