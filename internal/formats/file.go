package formats

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// MaxJSON is the length of the longest JSON or NumPy file that is read.
const MaxJSON = 2 << 30

// MaxBinary is the length of the longest binary file that is read into memory.
const MaxBinary = 8 << 30

// ReadFile reads a whole file that should be of kind want. A missing file and a binary file of another kind each give one
// line that says so and how to get the right one; JSON files are told apart by their readers.
func ReadFile(path string, want Kind) ([]byte, error) {
	f, size, err := OpenFile(path, want)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	limit := int64(MaxBinary)
	if want >= SettingsFile {
		limit = MaxJSON
	}
	if size > limit {
		return nil, fmt.Errorf("%s: %d bytes, at most %d are read", path, size, limit)
	}
	var b bytes.Buffer
	b.Grow(int(size) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(f, limit)); err != nil {
		return nil, fileError(path, err)
	}
	return b.Bytes(), nil
}

// OpenFile opens a file that should be of kind want and gives its length. Input data may also be of kind NPY or NPZ, and
// an SRS of kind PTau.
func OpenFile(path string, want Kind) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && kinds[want].from != "" {
			return nil, 0, fmt.Errorf("%s: no such file, %s is needed (%s)", path, kinds[want].name, kinds[want].from)
		}
		return nil, 0, fileError(path, err)
	}
	size, err := check(f, path, want)
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, size, nil
}

func check(f *os.File, path string, want Kind) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fileError(path, err)
	}
	if info.IsDir() {
		return 0, fmt.Errorf("%s is a folder, %s is needed", path, kinds[want].name)
	}
	if !info.Mode().IsRegular() { // a pipe or device: its reader judges it
		return 0, nil
	}
	if info.Size() == 0 {
		return 0, fmt.Errorf("%s is empty, %s is needed", path, kinds[want].name)
	}
	head := make([]byte, min(info.Size(), SniffLen))
	if _, err := io.ReadFull(f, head); err != nil {
		return 0, fileError(path, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, fileError(path, err)
	}
	return info.Size(), CheckKind(path, head, info.Size(), want)
}

// CheckKind refuses what is of another kind than want, judged as Sniff does.
func CheckKind(name string, head []byte, size int64, want Kind) error {
	got := Sniff(head, size)
	switch {
	case got == want, got == Unknown && want < SettingsFile:
	case got >= SettingsFile && want >= SettingsFile: // JSON is judged by its reader
	case want == DataFile && (got == NPY || got == NPZ), want == SRSFile && got == PTau, want == PTau && got == SRSFile:
	default:
		return WrongKind(name, got, want)
	}
	return nil
}

// fileError drops Go's verb from a file error: "open x: permission denied" becomes "x: permission denied".
func fileError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file or folder", path)
	}
	return fmt.Errorf("%s: %v", path, err)
}

// Pending is a file that is being written. It has a temporary name until Commit; Abort removes it, and does nothing after
// Commit, so that it can be deferred. Write errors stick: the next Write and Commit return them.
type Pending struct {
	path, temp string
	f          *os.File
	w          *bufio.Writer
	done       bool
}

// Create starts writing path. The file itself appears, whole, at Commit.
func Create(path string) (*Pending, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	p := &Pending{path: path}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder: cannot write a file there", path)
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0) // a device or pipe, such as /dev/stdout
		if err != nil {
			return nil, fileError(path, err)
		}
		p.f, p.w = f, bufio.NewWriterSize(f, 1<<16)
		return p, nil
	}
	var tag [6]byte
	_, _ = rand.Read(tag[:]) // never fails: crypto/rand
	p.temp = filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+hex.EncodeToString(tag[:])+".tmp")
	f, err := os.OpenFile(p.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fileError(path, err)
	}
	p.f, p.w = f, bufio.NewWriterSize(f, 1<<16)
	return p, nil
}

func (p *Pending) Write(b []byte) (int, error) { return p.w.Write(b) }

// Commit finishes the file and gives it its name.
func (p *Pending) Commit() error {
	if p.done {
		return nil
	}
	err := p.w.Flush()
	if cerr := p.f.Close(); err == nil {
		err = cerr
	}
	p.done = true
	if p.temp == "" {
		if err != nil {
			return fileError(p.path, err)
		}
		return nil
	}
	if err == nil {
		err = os.Rename(p.temp, p.path)
	}
	if err != nil {
		os.Remove(p.temp)
		return fileError(p.path, err)
	}
	return nil
}

// Abort removes the temporary file.
func (p *Pending) Abort() {
	if p.done {
		return
	}
	p.done = true
	p.f.Close()
	if p.temp != "" {
		os.Remove(p.temp)
	}
}

// WriteFile writes one file: all of it or none.
func WriteFile(path string, content io.WriterTo) error {
	p, err := Create(path)
	if err != nil {
		return err
	}
	defer p.Abort()
	if _, err := content.WriteTo(p); err != nil {
		return fileError(path, err)
	}
	return p.Commit()
}
