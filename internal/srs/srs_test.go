package srs_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/unsafesrs"
)

const logRows = 4

var tau = fr.NewElement(123456789)

// golden is the SHA-256 of the file of our own kind for tau and logRows.
const golden = "6566f6a3c041e60df36a5b21d862377b1f726a91ce6853289ec50e78e9ac2cb7"

// raw appends coordinates as the files have them, computed with big integers from the definition: x 2^256 mod q, little-endian.
func raw(b []byte, xs ...fp.Element) []byte {
	for i := range xs {
		v := xs[i].BigInt(new(big.Int))
		v.Lsh(v, 256).Mod(v, fp.Modulus())
		var be [32]byte
		v.FillBytes(be[:])
		for j := range be {
			b = append(b, be[31-j])
		}
	}
	return b
}

func g1(b []byte, p bn254.G1Affine) []byte { return raw(b, p.X, p.Y) }

func g2(b []byte, p bn254.G2Affine) []byte { return raw(b, p.X.A0, p.X.A1, p.Y.A0, p.Y.A1) }

// halo2 returns a halo2 file, with a right Lagrange half.
func halo2(s *srs.SRS) []byte {
	n := len(s.G1)
	b := binary.LittleEndian.AppendUint32(nil, uint32(s.LogRows()))
	for _, p := range s.G1 {
		b = g1(b, p)
	}
	omega, _ := fr.Generator(uint64(n))
	var tn, one, w fr.Element
	one.SetOne()
	tn.Exp(tau, big.NewInt(int64(n))).Sub(&tn, &one)
	w.SetOne()
	for range n { // w (tau^n - 1) / (n (tau - w))
		var num, den fr.Element
		num.Mul(&w, &tn)
		den.Sub(&tau, &w)
		nn := fr.NewElement(uint64(n))
		den.Mul(&den, &nn)
		num.Div(&num, &den)
		var p bn254.G1Affine
		p.ScalarMultiplicationBase(num.BigInt(new(big.Int)))
		b = g1(b, p)
		w.Mul(&w, &omega)
	}
	return g2(g2(b, s.G2), s.TauG2)
}

// ptau returns a snarkjs file with sections 1 to 3, in the given order, and an empty section 7.
func ptau(k int, order ...uint32) []byte {
	s := unsafesrs.FromTau(2<<k-1, tau)
	u32 := binary.LittleEndian.AppendUint32
	sections := map[uint32][]byte{7: nil}
	h := u32(nil, 32)
	var be [32]byte
	fp.Modulus().FillBytes(be[:])
	for j := range be {
		h = append(h, be[31-j])
	}
	sections[1] = u32(u32(h, uint32(k)), 28)
	for _, p := range s.G1 {
		sections[2] = g1(sections[2], p)
	}
	q := s.G2
	for range 1 << k {
		sections[3] = g2(sections[3], q)
		q.ScalarMultiplication(&q, tau.BigInt(new(big.Int)))
	}
	b := u32(u32([]byte("ptau"), 1), uint32(len(order)))
	for _, id := range order {
		b = binary.LittleEndian.AppendUint64(u32(b, id), uint64(len(sections[id])))
		b = append(b, sections[id]...)
	}
	return b
}

// own returns a file of our own kind.
func own(t testing.TB, s *srs.SRS) []byte {
	path := filepath.Join(t.TempDir(), "own.srs")
	if err := s.Write(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(b []byte, need int) (*srs.SRS, error) {
	return srs.ReadFrom(bytes.NewReader(b), int64(len(b)), need)
}

func TestReadKinds(t *testing.T) {
	want := unsafesrs.FromTau(1<<logRows, tau)
	long := unsafesrs.FromTau(2<<logRows, tau)
	for name, c := range map[string]struct {
		file   []byte
		kind   srs.Kind
		powers int
		unsafe bool
	}{
		"own":            {own(t, want), srs.Own, 1 << logRows, true},
		"halo2":          {halo2(want), srs.Halo2, 1 << logRows, false},
		"ptau":           {ptau(logRows, 1, 2, 3), srs.Ptau, 2<<logRows - 1, false},
		"ptau, shuffled": {ptau(logRows, 7, 3, 1, 2), srs.Ptau, 2<<logRows - 1, false},
	} {
		for _, need := range []int{0, 1, 2, 5, 1 << logRows} {
			s, err := read(c.file, need)
			if err != nil {
				t.Errorf("%s: need %d: %v", name, need, err)
				continue
			}
			n := need
			if n == 0 {
				n = c.powers
			}
			if len(s.G1) != n || s.Powers != c.powers || s.Kind != c.kind || s.Unsafe != c.unsafe || !s.G2.Equal(&want.G2) || !s.TauG2.Equal(&want.TauG2) {
				t.Errorf("%s: need %d: got %d of %d powers, kind %v, unsafe %v", name, need, len(s.G1), s.Powers, s.Kind, s.Unsafe)
			}
			for i := range s.G1 {
				if !s.G1[i].Equal(&long.G1[i]) {
					t.Errorf("%s: need %d: power %d differs", name, need, i)
					break
				}
			}
			if n > 1 && s.ID() != want.ID() {
				t.Errorf("%s: need %d: another ID", name, need)
			}
			if err := s.Verify(); err != nil {
				t.Errorf("%s: need %d: %v", name, need, err)
			}
		}
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	a, b := own(t, unsafesrs.FromTau(1<<12, tau)), own(t, unsafesrs.FromTau(1<<12, tau))
	if !bytes.Equal(a, b) {
		t.Error("two files differ")
	}
	const want = 8 + 12 + 47 + 32 + 256 + 64<<12
	if len(a) != want {
		t.Errorf("%d bytes, want %d", len(a), want)
	}
	s, err := read(a, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(own(t, s), a) {
		t.Error("reading and writing changes the file")
	}
	if h := fmt.Sprintf("%x", sha256.Sum256(own(t, unsafesrs.FromTau(1<<logRows, tau)))); h != golden {
		t.Errorf("the format changed: %s", h)
	}
}

func TestWriteLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	s := unsafesrs.FromTau(3, tau)
	if err := s.Write(filepath.Join(dir, "a.srs")); code(err) != srs.Malformed {
		t.Errorf("3 powers: %v", err)
	}
	s = unsafesrs.FromTau(4, tau)
	if err := os.Mkdir(filepath.Join(dir, "b.srs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(filepath.Join(dir, "b.srs")); code(err) != srs.NotFound {
		t.Errorf("a folder in the way: %v", err)
	}
	if err := s.Write(filepath.Join(dir, "none", "c.srs")); code(err) != srs.NotFound {
		t.Errorf("no folder: %v", err)
	}
	if es, _ := os.ReadDir(dir); len(es) != 1 {
		t.Errorf("left: %v", es)
	}
}

func code(err error) srs.Code {
	var e *srs.FileError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// edit returns a copy of b with the bytes at an offset (from the end if negative) replaced.
func edit(b []byte, at int, with ...byte) []byte {
	c := bytes.Clone(b)
	if at < 0 {
		at += len(c)
	}
	copy(c[at:], with)
	return c
}

func TestBadFiles(t *testing.T) {
	s := unsafesrs.FromTau(1<<logRows, tau)
	o, h, p := own(t, s), halo2(s), ptau(logRows, 1, 2, 3)
	ownG1 := len(o) - 64<<logRows
	ones := bytes.Repeat([]byte{0xff}, 32)
	other := unsafesrs.FromTau(1<<logRows, fr.NewElement(5))
	var notInG2 []byte // a point of the twist outside the subgroup
	for x := uint64(1); notInG2 == nil; x++ {
		var q bn254.G2Affine
		q.X.A0.SetUint64(x)
		y2 := q.X
		y2.Square(&y2).Mul(&y2, &q.X)
		var b bn254.G2Affine
		_, _, _, b = bn254.Generators()
		c := b.X
		c.Square(&c).Mul(&c, &b.X)
		d := b.Y
		d.Square(&d).Sub(&d, &c) // the twist's constant
		y2.Add(&y2, &d)
		if y2.Legendre() == 1 {
			q.Y.Sqrt(&y2)
			if !q.IsInSubGroup() {
				notInG2 = g2(nil, q)
			}
		}
	}
	for _, c := range []struct {
		name string
		file []byte
		need int
		want srs.Code
		text string
	}{
		{"empty", nil, 0, srs.Truncated, "0 bytes"},
		{"7 bytes", []byte("EZKLSRS"), 0, srs.Truncated, "7 bytes"},
		{"text", []byte("<!DOCTYPE html><html>"), 0, srs.WrongKind, "not an SRS file"},
		{"own, magic only", []byte("EZKLSRS1"), 0, srs.Truncated, "ends early"},
		{"own, unknown flag", edit(o, 8, 3), 0, srs.Malformed, "flags 0x3"},
		{"own, huge logrows", edit(o, 12, 29), 0, srs.Malformed, "logrows 29"},
		{"own, other logrows", edit(o, 12, logRows+1), 0, srs.Truncated, "header says"},
		{"own, longer source", edit(o, 16, 255, 3), 0, srs.Truncated, "header says"},
		{"own, huge source", edit(o, 16, 255, 255, 255, 255), 0, srs.Malformed, "source of 4294967295"},
		{"own, cut", o[:len(o)-1], 0, srs.Truncated, "header says"},
		{"own, a byte more", append(bytes.Clone(o), 0), 0, srs.Malformed, "header says"},
		{"own, mark removed", edit(o, 8, 0), 0, srs.BadDigest, "digest"},
		{"own, other source", edit(o, 20, 'M'), 0, srs.BadDigest, "digest"},
		{"own, last power", edit(o, -1, 0), 0, srs.BadPoint, "power 15 is not"},
		{"own, other order", append(bytes.Clone(o[:ownG1+128]), append(bytes.Clone(o[ownG1+192:]), o[ownG1+128:ownG1+192]...)...), 0, srs.BadDigest, "digest"},
		{"halo2, cut", h[:len(h)-1], 0, srs.Truncated, "an SRS of logrows 4 has"},
		{"halo2, a byte more", append(bytes.Clone(h), 0), 0, srs.Malformed, "an SRS of logrows 4 has"},
		{"halo2, wrong logrows", edit(h, 0, 5), 0, srs.Truncated, "logrows 5"},
		{"halo2, not canonical", edit(h, 4+64, ones...), 0, srs.BadPoint, "power 1 is not"},
		{"halo2, modulus", edit(h, 4+128, modulusBytes()...), 0, srs.BadPoint, "power 2 is not"},
		{"halo2, infinity", edit(h, 4+64, make([]byte, 64)...), 0, srs.BadPoint, "power 1 is not"},
		{"halo2, other generator", edit(h, 4, h[4+64:4+128]...), 0, srs.BadPoint, "generator of G1"},
		{"halo2, other G2", edit(h, -256, h[len(h)-128:]...), 0, srs.BadPoint, "generator"},
		{"halo2, G2 not canonical", edit(h, -128, ones...), 0, srs.BadPoint, "modulus"},
		{"halo2, G2 off the curve", edit(h, -128, 1), 0, srs.BadPoint, "[tau]_2"},
		{"halo2, G2 infinity", edit(h, -128, make([]byte, 128)...), 0, srs.BadPoint, "[tau]_2"},
		{"halo2, G2 not in the subgroup", edit(h, -128, notInG2...), 0, srs.BadPoint, "[tau]_2"},
		{"halo2, other tau in G1", edit(h, 4+64, g1(nil, other.G1[1])...), 0, srs.NotPowers, "pairing"},
		{"halo2, other tau in G2", edit(h, -128, g2(nil, other.TauG2)...), 0, srs.NotPowers, "pairing"},
		{"halo2, too small", h, 17, srs.TooSmall, "has 2^4 powers, 17 needed: run get-srs --logrows 5"},
		{"halo2, negative", h, -1, srs.TooSmall, "has 2^4"},
		{"ptau, version 2", edit(p, 4, 2), 0, srs.Malformed, "version 2"},
		{"ptau, many sections", edit(p, 8, 255), 0, srs.Malformed, "255 sections"},
		{"ptau, no section 3", ptau(logRows, 1, 2), 0, srs.Malformed, "missing"},
		{"ptau, section twice", ptau(logRows, 1, 1, 2, 3), 0, srs.Malformed, "twice"},
		{"ptau, cut", p[:len(p)-1], 0, srs.Truncated, "section 3"},
		{"ptau, other prime", edit(p, 28, 0), 0, srs.Malformed, "prime"},
		{"ptau, other power", edit(p, 60, logRows+1), 0, srs.Malformed, "do not fit"},
		{"ptau, huge power", edit(p, 60, 255), 0, srs.Malformed, "power 255"},
		{"ptau, power 0", edit(p, 60, 0), 0, srs.Malformed, "do not fit"},
		{"ptau, too small", p, 64, srs.TooSmall, "has 31 powers, 2^6 needed: run get-srs --logrows 6"},
	} {
		s, err := read(c.file, c.need)
		if s != nil || code(err) != c.want || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v (code %d), want code %d and %q", c.name, err, code(err), c.want, c.text)
		}
	}
}

func modulusBytes() []byte {
	b := make([]byte, 32)
	fp.Modulus().FillBytes(b)
	for i := range 16 {
		b[i], b[31-i] = b[31-i], b[i]
	}
	return b
}

// TestP16_Verify changes powers that the other checks do not see.
func TestP16_Verify(t *testing.T) {
	for name, change := range map[string]func(p []bn254.G1Affine){
		"two exchanged":    func(p []bn254.G1Affine) { p[5], p[6] = p[6], p[5] },
		"last":             func(p []bn254.G1Affine) { p[15] = p[14] },
		"third":            func(p []bn254.G1Affine) { p[2] = p[1] },
		"opposite":         func(p []bn254.G1Affine) { p[9].Neg(&p[9]) },
		"all from another": func(p []bn254.G1Affine) { copy(p[2:], unsafesrs.FromTau(16, fr.NewElement(7)).G1[2:]) },
	} {
		s := unsafesrs.FromTau(1<<logRows, tau)
		change(s.G1)
		s, err := read(halo2(s), 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err := s.Verify(); code(err) != srs.NotPowers {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadPath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kzg4.srs")
	for _, c := range []struct {
		path, want string
		need       int
	}{
		{path, "srs: " + path + ": cannot read the SRS: no such file or directory: run get-srs", 0},
		{path, "srs: " + path + ": cannot read the SRS: no such file or directory: run get-srs --logrows 14", 1 << 14},
		{dir, "srs: " + dir + ": cannot read the SRS: not a regular file", 0},
	} {
		if _, err := srs.Read(c.path, c.need); err == nil || err.Error() != c.want || code(err) != srs.NotFound {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	s := unsafesrs.FromTau(16, tau)
	if err := s.Write(path); err != nil {
		t.Fatal(err)
	}
	want := "srs: " + path + ": has 2^4 powers, 2^14 needed: run get-srs --logrows 14"
	if _, err := srs.Read(path, 1<<14); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if o, err := srs.Provenance(path); o != srs.Insecure || err != nil {
		t.Errorf("own: %v, %v", o, err)
	}
	if err := os.WriteFile(path, halo2(s), 0o644); err != nil {
		t.Fatal(err)
	}
	if o, err := srs.Provenance(path); o != srs.Unknown || err != nil {
		t.Errorf("halo2: %v, %v", o, err)
	}
	if _, err := srs.Provenance(dir + "/none"); code(err) != srs.NotFound {
		t.Errorf("no file: %v", err)
	}
}

func TestCeremonyDigests(t *testing.T) {
	seen := map[[32]byte]bool{}
	for k := -1; k <= srs.MaxCeremony+1; k++ {
		d, ok := srs.CeremonyDigest(k)
		if ok != (k >= 1 && k <= 26) || ok && seen[d] {
			t.Errorf("k = %d: %x, %v", k, d, ok)
		}
		seen[d] = true
	}
}

func TestFilePath(t *testing.T) {
	t.Setenv("EZKL_REPO_PATH", "")
	t.Setenv("HOME", "/home/x")
	if p, err := srs.FilePath(17); p != filepath.Join("/home/x", ".ezkl", "srs", "kzg17.srs") || err != nil {
		t.Errorf("%s, %v", p, err)
	}
	t.Setenv("EZKL_REPO_PATH", "/data")
	if p, err := srs.FilePath(9); p != filepath.Join("/data", "srs", "kzg9.srs") || err != nil {
		t.Errorf("%s, %v", p, err)
	}
	t.Setenv("EZKL_REPO_PATH", "")
	t.Setenv("HOME", "")
	if _, err := srs.FilePath(9); err == nil || !strings.Contains(err.Error(), "EZKL_REPO_PATH") {
		t.Error(err)
	}
}

func FuzzReadSRS(f *testing.F) {
	s := unsafesrs.FromTau(4, tau)
	for _, b := range [][]byte{own(f, s), halo2(s), ptau(1, 1, 2, 3), []byte("EZKLSRS1"), {}} {
		f.Add(b, 0)
		f.Add(b, 2)
		f.Add(b[:len(b)/2], 0)
	}
	f.Fuzz(func(t *testing.T, b []byte, need int) {
		s, err := read(b, need)
		if err != nil {
			if code(err) == 0 || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q", err)
			}
			return
		}
		if need > 0 && len(s.G1) != need || len(s.G1) > s.Powers || 64*s.Powers > len(b) {
			t.Errorf("need %d: %d of %d powers from %d bytes", need, len(s.G1), s.Powers, len(b))
		}
		for i := range s.G1 {
			if !s.G1[i].IsOnCurve() || s.G1[i].IsInfinity() {
				t.Errorf("power %d is off the curve", i)
			}
		}
	})
}
