package srs

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/parallel"
)

// MaxLogRows bounds k: the public ceremony's size.
const MaxLogRows = 28

// Read reads the first need powers of an SRS file, or all if need is 0, and checks them (see the package's comment). Time and
// memory grow with need, not with the file. Errors are *FileError.
func Read(path string, need int) (*SRS, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, openError(path, need, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, openError(path, need, err)
	}
	s, err := ReadFrom(f, info.Size(), need)
	var e *FileError
	if errors.As(err, &e) {
		e.Path = path
	}
	return s, err
}

func openError(path string, need int, err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	e := &FileError{Code: NotFound, Path: path, What: "cannot read the SRS", Err: err}
	if errors.Is(err, os.ErrNotExist) {
		e.Hint = "run get-srs"
		if need > 0 {
			e.Hint = tooSmall(0, need).Hint
		}
	}
	return e
}

// layout says where the parts of a file lie.
type layout struct {
	kind   Kind
	powers int // in G1
	g1     int64
	g2     int64
	tauG2  int64
	unsafe bool
	source string
	digest int64 // where the digest lies; own kind only
}

// ReadFrom is [Read] for a file of size bytes that is open already. Its errors have no path.
func ReadFrom(r io.ReaderAt, size int64, need int) (*SRS, error) {
	l, ferr := locate(r, size)
	if ferr != nil {
		return nil, ferr
	}
	if need < 0 || need > l.powers {
		return nil, tooSmall(l.powers, need)
	}
	if need == 0 {
		need = l.powers
	}
	s := &SRS{Unsafe: l.unsafe, Source: l.source, Kind: l.kind, Powers: l.powers}
	var b [g2Bytes]byte
	for _, g := range []struct {
		p  *bn254.G2Affine
		at int64
	}{{&s.G2, l.g2}, {&s.TauG2, l.tauG2}} {
		if err := readAt(r, b[:], g.at); err != nil {
			return nil, err
		}
		if !readG2(g.p, b[:]) {
			return nil, &FileError{Code: BadPoint, What: "a coordinate in G2 is not below the modulus", Hint: "the file is damaged: fetch it again"}
		}
	}
	if err := s.readPowers(r, l.g1, need); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if l.kind == Own && (need == l.powers || !l.unsafe) { // one bit makes a file unsafe: if it is not set, read the digest
		if err := checkDigest(r, size, l.digest); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readPowers reads and checks the first need powers, from offset at on.
func (s *SRS) readPowers(r io.ReaderAt, at int64, need int) error {
	const chunk = 1 << 12
	s.G1 = make([]bn254.G1Affine, need)
	chunks := (need + chunk - 1) / chunk
	errs := make([]error, chunks)
	var failed atomic.Bool
	parallel.Tasks(chunks, func(c int) {
		if failed.Load() {
			return
		}
		lo, hi := c*chunk, min((c+1)*chunk, need)
		b := make([]byte, (hi-lo)*g1Bytes)
		if err := readAt(r, b, at+int64(lo)*g1Bytes); err != nil {
			errs[c] = err
			failed.Store(true)
			return
		}
		for i := lo; i < hi; i++ {
			if !readG1(&s.G1[i], b[(i-lo)*g1Bytes:]) {
				errs[c] = &FileError{Code: BadPoint, What: fmt.Sprintf("power %d is not a point of the curve", i), Hint: "the file is damaged: fetch it again"}
				failed.Store(true)
				return
			}
		}
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// locate recognises the kind of a file and checks its size.
func locate(r io.ReaderAt, size int64) (*layout, *FileError) {
	if size < 8 {
		return nil, &FileError{Code: Truncated, What: fmt.Sprintf("%d bytes are no SRS", size), Hint: "fetch the file again"}
	}
	var b [8]byte
	if err := readAt(r, b[:], 0); err != nil {
		return nil, err
	}
	switch {
	case string(b[:]) == magic:
		return locateOwn(r, size)
	case string(b[:4]) == "ptau":
		return locatePtau(r, size)
	}
	k := binary.LittleEndian.Uint32(b[:])
	if k > MaxLogRows {
		return nil, &FileError{Code: WrongKind, What: "not an SRS file (halo2 .srs, .ptau or ezkl-go's own)", Hint: "run get-srs"}
	}
	n := int64(1) << k
	if want := Halo2Size(int(k)); size < want {
		return nil, &FileError{Code: Truncated, What: fmt.Sprintf("%d bytes, but an SRS of logrows %d has %d", size, k, want), Hint: "fetch the file again"}
	} else if size > want {
		return nil, &FileError{Code: Malformed, What: fmt.Sprintf("%d bytes, but an SRS of logrows %d has %d", size, k, want), Hint: "is it an SRS file?"}
	}
	return &layout{kind: Halo2, powers: int(n), g1: 4, g2: 4 + 2*n*g1Bytes, tauG2: 4 + 2*n*g1Bytes + g2Bytes}, nil
}

// Halo2Size is the size in bytes of a halo2 file of 2^k powers.
func Halo2Size(k int) int64 { return 4 + int64(2*g1Bytes)<<k + 2*g2Bytes }

// readAt fills b.
func readAt(r io.ReaderAt, b []byte, at int64) *FileError {
	if n, err := r.ReadAt(b, at); n < len(b) {
		if err == io.EOF {
			return &FileError{Code: Truncated, What: "the file ends early", Hint: "fetch it again"}
		}
		return &FileError{Code: NotFound, What: "cannot read the SRS", Err: err}
	}
	return nil
}

// checkDigest checks the digest of a file of our own kind.
func checkDigest(r io.ReaderAt, size, at int64) error {
	h := sha256.New()
	for _, part := range []*io.SectionReader{io.NewSectionReader(r, 0, at), io.NewSectionReader(r, at+sha256.Size, size-at-sha256.Size)} {
		if _, err := io.Copy(h, part); err != nil {
			return &FileError{Code: NotFound, What: "cannot read the SRS", Err: err}
		}
	}
	var want [sha256.Size]byte
	if err := readAt(r, want[:], at); err != nil {
		return err
	}
	if [sha256.Size]byte(h.Sum(nil)) != want {
		return &FileError{Code: BadDigest, What: "the digest does not match", Hint: "the file is damaged: make or fetch it again"}
	}
	return nil
}
