package proof_test

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/test/toynet"
)

// sample is a key of the right shape; its key proof is no proof.
func sample(t testing.TB) *proof.ProvingKey {
	n, err := toynet.New(1, layout.Arrange)
	if err != nil {
		t.Fatal(err)
	}
	_, _, g, g2 := bn254.Generators()
	var minus bn254.G1Affine
	minus.Neg(&g)
	vk := &proof.VerifyingKey{Circuit: n.C, Rows: []bn254.G1Affine{g, minus, {}}, Unsafe: true, KeyProof: []byte("abc")}
	vk.Tau.ScalarMultiplication(&g2, big.NewInt(12345))
	return &proof.ProvingKey{VK: vk, Blinders: []fr.Element{fr.NewElement(3), fr.NewElement(4)}}
}

func TestKeyRoundTrip(t *testing.T) {
	k := sample(t)
	b := k.Encode()
	got, err := proof.DecodeProvingKey(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Encode(), b) || got.VK.Digest() != k.VK.Digest() || !slices.Equal(got.Blinders, k.Blinders) {
		t.Error("the decoded key differs")
	}
	k.VK.Unsafe, k.VK.KeyProof = false, nil
	vb := k.VK.Encode()
	vk, err := proof.DecodeVerifyingKey(vb)
	if err != nil || vk.Unsafe || !bytes.Equal(vk.Encode(), vb) {
		t.Errorf("the decoded verifying key differs: %v", err)
	}
}

// TestDigest: everything that a proof speaks of is in the digest; the key proof is not.
func TestDigest(t *testing.T) {
	k := sample(t).VK
	d := k.Digest()
	if c := k.Circuit.Digest(); d == c {
		t.Error("the digest is the circuit's")
	}
	k.KeyProof = nil
	if k.Digest() != d {
		t.Error("the digest depends on the key proof")
	}
	seen := map[[32]byte]string{d: "the key"}
	note := func(what string) {
		if other, ok := seen[k.Digest()]; ok {
			t.Errorf("%s: the digest of %s", what, other)
		}
		seen[k.Digest()] = what
	}
	k.Unsafe = false
	note("another mark")
	k.Tau.Neg(&k.Tau)
	note("another tau")
	k.Rows[0], k.Rows[1] = k.Rows[1], k.Rows[0]
	note("rows swapped")
	k.Rows = append(k.Rows, bn254.G1Affine{})
	note("a row of infinity more")
	k.Rows = nil
	note("no rows")
	k.Circuit.Relations[0].Name += "x"
	note("another circuit")
}

// parts cuts an encoded verifying key at its fields.
func parts(t *testing.T, b []byte) (magic, mark, circuit, rows, tau, keyProof []byte) {
	t.Helper()
	cut := func(n int) []byte {
		out := b[:n:n]
		b = b[n:]
		return out
	}
	magic, mark = cut(len(proof.MagicVK)), cut(1)
	n, k := binary.Uvarint(b)
	circuit = cut(k + int(n))
	n, k = binary.Uvarint(b)
	rows = cut(k + 64*int(n))
	tau = cut(128)
	return magic, mark, circuit, rows, tau, b
}

func TestKeyRefuses(t *testing.T) {
	k := sample(t)
	b := k.VK.Encode()
	magic, mark, circuit, rows, tau, keyProof := parts(t, b)
	if !bytes.Equal(slices.Concat(magic, mark, circuit, rows, tau, keyProof), b) {
		t.Fatal("the parts are not the key")
	}
	flip := func(b []byte, at int) []byte {
		out := slices.Clone(b)
		out[at] ^= 1
		return out
	}
	_, _, _, g2 := bn254.Generators()
	g2Raw := g2.RawBytes()
	compressed := g2.Bytes()
	// a point of the twist outside the subgroup: y for some small x
	off := outsideSubgroup(t)
	var q big.Int
	q.SetString("21888242871839275222246405745257275088696311157297823662689037894645226208583", 10)
	plusQ := slices.Clone(tau)
	new(big.Int).Add(new(big.Int).SetBytes(tau[:32]), &q).FillBytes(plusQ[:32])
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"empty":                {nil, "this is not a"},
		"magic only":           {magic, "another version"},
		"another version":      {slices.Concat([]byte("EZKLVK01"), b[8:]), "another version"},
		"a proving key":        {k.Encode(), "this is not a verifying key"},
		"JSON":                 {[]byte(`{"a":1}` + strings.Repeat(" ", 20)), "this is not a verifying key"},
		"unknown flag":         {slices.Concat(magic, []byte{2}, circuit, rows, tau, keyProof), "flags"},
		"damaged circuit":      {slices.Concat(magic, mark, flip(circuit, 4), rows, tau, keyProof), ""},
		"circuit cut":          {slices.Concat(magic, mark, circuit[:9]), "short"},
		"long varint":          {slices.Concat(magic, mark, circuit, []byte{0x83, 0}, rows[1:], tau, keyProof), "short"},
		"no varint":            {slices.Concat(magic, mark, circuit), "short"},
		"endless varint":       {slices.Concat(magic, mark, circuit, []byte(strings.Repeat("\xff", 20))), "short"},
		"2^60 rows":            {slices.Concat(magic, mark, circuit, binary.AppendUvarint(nil, 1<<60), rows[1:]), "short"},
		"2^64-1 bytes":         {slices.Concat(magic, mark, circuit, rows, tau, binary.AppendUvarint(nil, 1<<64-1)), "short"},
		"a row cut":            {slices.Concat(magic, mark, circuit, rows[:100]), "short"},
		"a row off the curve":  {slices.Concat(magic, mark, circuit, flip(rows, 64), tau, keyProof), "row 0"},
		"tau cut":              {slices.Concat(magic, mark, circuit, rows, tau[:127]), "short"},
		"tau missing":          {slices.Concat(magic, mark, circuit, rows), "short"},
		"tau off the curve":    {slices.Concat(magic, mark, circuit, rows, flip(tau, 127), keyProof), "[tau]_2"},
		"tau of small order":   {slices.Concat(magic, mark, circuit, rows, off, keyProof), "[tau]_2"},
		"tau at infinity":      {slices.Concat(magic, mark, circuit, rows, make([]byte, 128), keyProof), "[tau]_2"},
		"tau's flag infinity":  {slices.Concat(magic, mark, circuit, rows, append([]byte{0x40}, make([]byte, 127)...), keyProof), "[tau]_2"},
		"tau compressed":       {slices.Concat(magic, mark, circuit, rows, compressed[:], make([]byte, 64), keyProof), "[tau]_2"},
		"tau's x + q":          {slices.Concat(magic, mark, circuit, rows, plusQ, keyProof), "[tau]_2"},
		"tau with a flag":      {slices.Concat(magic, mark, circuit, rows, append([]byte{tau[0] | 0x20}, tau[1:]...), keyProof), "[tau]_2"},
		"key proof cut":        {slices.Concat(magic, mark, circuit, rows, tau, keyProof[:2]), "short"},
		"key proof missing":    {slices.Concat(magic, mark, circuit, rows, tau), "short"},
		"trailing":             {append(slices.Clone(b), 0), "trailing"},
		"the generator as tau": {slices.Concat(magic, mark, circuit, rows, g2Raw[:], keyProof), "-"},
	} {
		_, err := proof.DecodeVerifyingKey(c.b)
		if c.want == "-" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "verifying key: ") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// outsideSubgroup is a point of the twist that is not in G2.
func outsideSubgroup(t *testing.T) []byte {
	t.Helper()
	_, _, _, g2 := bn254.Generators()
	for i := range uint64(100) {
		p := g2
		p.X.A0.SetUint64(i)
		p.X.A1.SetUint64(1)
		// y^2 = x^3 + b with b = y0^2 - x0^3 of the generator
		var b, rhs bn254.E2
		b.Square(&g2.Y)
		rhs.Square(&g2.X).Mul(&rhs, &g2.X)
		b.Sub(&b, &rhs)
		rhs.Square(&p.X).Mul(&rhs, &p.X).Add(&rhs, &b)
		if rhs.Legendre() != 1 {
			continue
		}
		p.Y.Sqrt(&rhs)
		if p.IsOnCurve() && !p.IsInSubGroup() {
			raw := p.RawBytes()
			return raw[:]
		}
	}
	t.Fatal("no point outside the subgroup")
	return nil
}

func TestProvingKeyRefuses(t *testing.T) {
	k := sample(t)
	b := k.Encode()
	var q big.Int
	q.Set(fr.Modulus())
	last := b[len(b)-32:]
	above := slices.Concat(b[:len(b)-32], new(big.Int).Add(&q, new(big.Int).SetBytes(last)).FillBytes(make([]byte, 32)))
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"empty":             {nil, "this is not a"},
		"a verifying key":   {k.VK.Encode(), "this is not a proving key"},
		"a blinder + p":     {above, "modulus"},
		"a byte less":       {b[:len(b)-1], "short"},
		"a byte more":       {append(slices.Clone(b), 0), "short"},
		"a blinder less":    {b[:len(b)-32], "short"},
		"a blinder more":    {append(slices.Clone(b), make([]byte, 32)...), "short"},
		"no blinders":       {b[:len(b)-65], "short"},
		"2^59 blinders":     {append(slices.Clone(b[:len(b)-65]), binary.AppendUvarint(nil, 1<<59)...), "short"}, // 2^59 * 32 = 2^64
		"damaged inner key": {append(append(slices.Clone(b[:12]), b[12]^1), b[13:]...), ""},
		"cut":               {b[:100], "short"},
	} {
		if _, err := proof.DecodeProvingKey(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestP13_BoundedMemory: a file of a few bytes that announces long lists makes nobody allocate them.
func TestP13_BoundedMemory(t *testing.T) {
	head := append([]byte(proof.MagicVK), 0)
	wrap := func(c []byte) []byte { return append(binary.AppendUvarint(slices.Clone(head), uint64(len(c))), c...) }
	start := append([]byte(circuit.Magic), circuit.Version)
	empty := (&circuit.Circuit{LogRow: 8}).Encode()
	for name, b := range map[string][]byte{
		"blocks":         wrap(binary.AppendUvarint(slices.Clone(start), circuit.MaxBlocks)),
		"circuit":        binary.AppendUvarint(slices.Clone(head), 1<<40),
		"rows":           binary.AppendUvarint(wrap(empty), 1<<40),
		"blocks, padded": wrap(append(binary.AppendUvarint(slices.Clone(start), circuit.MaxBlocks), make([]byte, 100)...)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := proof.DecodeVerifyingKey(b); err == nil {
			t.Errorf("%s: no error", name)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, n, len(b))
		}
	}
}

// TestP11_EveryByte: no altered byte gives a key that encodes to the original bytes, and what decodes encodes to itself.
func TestP11_EveryByte(t *testing.T) {
	b := sample(t).VK.Encode()
	for at := range b {
		for _, x := range []byte{1, 0x80} {
			c := slices.Clone(b)
			c[at] ^= x
			if k, err := proof.DecodeVerifyingKey(c); err == nil && !bytes.Equal(k.Encode(), c) {
				t.Errorf("byte %d: decodes to a key of other bytes", at)
			}
		}
	}
}

// FuzzDecodeKey: any bytes; no panic, and one encoding for each key.
func FuzzDecodeKey(f *testing.F) {
	k := sample(f)
	f.Add(k.VK.Encode())
	f.Add(k.Encode())
	f.Add([]byte(proof.MagicVK))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := proof.DecodeVerifyingKey(b); err == nil && !bytes.Equal(k.Encode(), b) {
			t.Error("another encoding of a verifying key")
		}
		if k, err := proof.DecodeProvingKey(b); err == nil && !bytes.Equal(k.Encode(), b) {
			t.Error("another encoding of a proving key")
		}
	})
}
