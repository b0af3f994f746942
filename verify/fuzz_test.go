package verify_test

import (
	"bytes"
	"runtime"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/tamper"
	"github.com/ezkl-go/ezkl/verify"
)

// allocated is what f allocates, in bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// FuzzVerify: any bytes as a proof, any as instances: never a panic, bounded memory, and only the known proof is accepted.
func FuzzVerify(f *testing.F) {
	l := toyLab(f)
	f.Add([]byte(nil), uint8(0), uint64(0))
	f.Add(l.proof.Bytes, uint8(0), uint64(1))
	f.Add(l.vk.KeyProof, uint8(1), uint64(2))
	f.Add(bytes.Repeat([]byte{0}, len(l.proof.Bytes)), uint8(0), uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, kind uint8, x uint64) {
		inst := slices.Clone(l.instances)
		if x%2 == 1 {
			inst[int(x>>1)%len(inst)] = fr.NewElement(x)
		}
		var err error
		n := allocated(func() { err = l.accepted.Verify(inst, b, kinds[kind%2]) })
		if err == nil && !(bytes.Equal(b, l.proof.Bytes) && kind%2 == 0 && slices.Equal(inst, l.instances)) {
			t.Error("accepted")
		}
		if n > 16<<20+8*uint64(len(b)) {
			t.Errorf("%d bytes allocated for a proof of %d", n, len(b))
		}
	})
}

// FuzzVerifyPrefix: a valid prefix, then mutated: the verifier gets deep into the protocol.
func FuzzVerifyPrefix(f *testing.F) {
	l := toyLab(f)
	size := len(l.proof.Bytes)
	f.Add(uint16(size), []byte(nil), uint16(0), uint8(0))
	f.Add(uint16(0), []byte("x"), uint16(0), uint8(0))
	at := 0
	for _, m := range tamper.Manifest(l.lay) {
		f.Add(uint16(at), make([]byte, m.Size()), uint16(at), uint8(1))
		f.Add(uint16(size), []byte(nil), uint16(at), uint8(0x80))
		at += m.Size()
	}
	f.Fuzz(func(t *testing.T, prefix uint16, middle []byte, flip uint16, with uint8) {
		// the proof's start, then the middle in the place of as many bytes, then its end; one byte flipped
		n := int(prefix) % (size + 1)
		b := slices.Concat(l.proof.Bytes[:n], middle)
		if len(b) < size {
			b = append(b, l.proof.Bytes[len(b):]...)
		}
		b[int(flip)%len(b)] ^= with
		if err := l.verify(b); err == nil && !bytes.Equal(b, l.proof.Bytes) {
			t.Error("accepted")
		}
	})
}

// FuzzParseKey: any bytes as a key, and a valid key mutated: never a panic, bounded memory, one encoding; and a key that
// is accepted is the known key or has another digest.
func FuzzParseKey(f *testing.F) {
	l := toyLab(f)
	good := l.vk.Encode()
	f.Add(good, uint16(0), uint8(0), uint16(0), uint8(0))
	f.Add([]byte(nil), uint16(3), uint8(1), uint16(9), uint8(255))
	for at := 0; at < len(good); at += 97 {
		f.Add([]byte(nil), uint16(at), uint8(at), uint16(at+1), uint8(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, at uint16, x uint8, at2 uint16, x2 uint8) {
		if len(b) == 0 {
			b = slices.Clone(good)
			b[int(at)%len(b)] ^= x
			b[int(at2)%len(b)] ^= x2
		}
		var k *verify.Key
		var err error
		n := allocated(func() { k, err = verify.ParseKey(b) })
		if n > 64<<20+64*uint64(len(b)) {
			t.Errorf("%d bytes allocated for a key of %d", n, len(b))
		}
		if err != nil {
			want(t, "a key", err, verify.CodeKey)
			return
		}
		if k.Digest() == l.accepted.Digest() && !bytes.Equal(b, good) {
			// the key proof is not in the digest, but has one encoding of the same length
			t.Error("another encoding of the same key")
		}
		if k.InstanceCount() < 1<<16 {
			want(t, "garbage under a parsed key", k.Verify(make([]fr.Element, k.InstanceCount()), []byte("garbage"), verify.EVM), code(t, k.Verify(make([]fr.Element, k.InstanceCount()), []byte("garbage"), verify.EVM)))
		}
	})
}
