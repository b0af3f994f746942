package srs

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	magic      = "EZKLSRS1"
	flagUnsafe = 1
	maxSource  = 1 << 10
)

// locateOwn checks the header of a file of our own kind, whose magic has been seen.
func locateOwn(r io.ReaderAt, size int64) (*layout, *FileError) {
	var b [12]byte
	if err := readAt(r, b[:], int64(len(magic))); err != nil {
		return nil, err
	}
	flags, k, n := binary.LittleEndian.Uint32(b[:]), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	if flags&^flagUnsafe != 0 || k > MaxLogRows || n > maxSource {
		return nil, &FileError{Code: Malformed, What: fmt.Sprintf("header has flags %#x, logrows %d, source of %d bytes", flags, k, n), Hint: "was it made by a newer version?"}
	}
	source := make([]byte, n)
	at := int64(len(magic) + len(b))
	if err := readAt(r, source, at); err != nil {
		return nil, err
	}
	l := &layout{kind: Own, powers: 1 << k, unsafe: flags&flagUnsafe != 0, source: string(source), digest: at + int64(n)}
	l.g2 = l.digest + sha256.Size
	l.tauG2 = l.g2 + g2Bytes
	l.g1 = l.tauG2 + g2Bytes
	if want := l.g1 + g1Bytes<<k; size != want {
		code := Truncated
		if size > want {
			code = Malformed
		}
		return nil, &FileError{Code: code, What: fmt.Sprintf("%d bytes, but the header says %d", size, want), Hint: "make or fetch it again"}
	}
	return l, nil
}

// Write writes a file of our own kind: to a temporary name, renamed at the end. The number of powers must be a power of two.
// The same SRS gives the same bytes.
func (s *SRS) Write(path string) (err error) {
	n := len(s.G1)
	if n == 0 || n&(n-1) != 0 || log2(n) > MaxLogRows || len(s.Source) > maxSource {
		return &FileError{Code: Malformed, Path: path, What: fmt.Sprintf("cannot write %d powers with a source of %d bytes", n, len(s.Source)), Hint: "the number must be a power of two"}
	}
	return WriteFile(path, func(w io.Writer) error { return s.encode(w) })
}

// encode writes the file's bytes.
func (s *SRS) encode(w io.Writer) error {
	flags := uint32(0)
	if s.Unsafe {
		flags |= flagUnsafe
	}
	head := binary.LittleEndian.AppendUint32([]byte(magic), flags)
	head = binary.LittleEndian.AppendUint32(head, uint32(s.LogRows()))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(s.Source)))
	head = append(head, s.Source...)
	h := sha256.New()
	h.Write(head)
	s.encodePoints(h) // a hash never fails
	head = h.Sum(head)
	if _, err := w.Write(head); err != nil {
		return err
	}
	return s.encodePoints(w)
}

func (s *SRS) encodePoints(w io.Writer) error {
	b := appendG2(appendG2(nil, &s.G2), &s.TauG2)
	for i := range s.G1 {
		if b = appendG1(b, &s.G1[i]); len(b) >= 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// WriteFile has write fill a temporary file next to path, then renames it to path. On an error nothing is left behind.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	fail := func(err error) error {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return &FileError{Code: NotFound, Path: path, What: "cannot write", Err: err}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fail(err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fail(err)
	}
	return nil
}
