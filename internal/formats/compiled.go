package formats

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Compiled is model.compiled: a circuit with everything that the prover's side must know about it.
//
// The file is: magic, version, then, with every length as a varint: the digest of the ONNX file, digit width,
// settings.json, the canonical circuit encoding, inputs, outputs, key values (zigzag varints); at last the SHA-256 of all before.
type Compiled struct {
	ModelDigest [32]byte // SHA-256 of the ONNX file
	Settings    []byte   // settings.json
	Circuit     []byte   // circuit.Encode
	Inputs      []IO
	Outputs     []IO
	Key         [][]int64 // values of Fixed and Private blocks, in padding-free row-major order; nil for the others
	Width       int       // bits of a digit
}

// Part is one summand of an integer tensor: Coef * block.
type Part struct {
	Coef  int64
	Block int
}

// IO is one input or output of the network: its integers are the sum of Parts, its reals the integers / 2^Scale.
type IO struct {
	Name  string
	Dims  []int
	Type  string // ezkl's name of the element type: F32, Int, Bool, ..
	Scale int
	Parts []Part
	// Visibility is Private, Public (its entries are instances) or Fixed (its entries are in the key).
	Visibility VisibilityKind
	Lo, Hi     int64 // integers of an input that the circuit can prove
}

// Magic and version of model.compiled.
const (
	MagicCompiled   = "EZKLCIRC"
	compiledVersion = 1
)

// Limits of what a compiled circuit may hold.
const (
	maxIO     = 1 << 12
	maxBlocks = 1 << 20
	maxRank   = 16
	maxParts  = 1 << 12
	maxScale  = 256
	maxName   = 1 << 16
)

// WriteTo writes the file.
func (c *Compiled) WriteTo(to io.Writer) (int64, error) {
	w := &compiledWriter{h: sha256.New(), to: to}
	w.buf = bufio.NewWriterSize(w, 1<<16)
	w.bytes([]byte(MagicCompiled))
	w.uint(compiledVersion)
	w.bytes(c.ModelDigest[:])
	w.uint(uint64(c.Width))
	w.framed(c.Settings)
	w.framed(c.Circuit)
	for _, list := range [][]IO{c.Inputs, c.Outputs} {
		w.uint(uint64(len(list)))
		for i := range list {
			w.io(&list[i])
		}
	}
	w.uint(uint64(len(c.Key)))
	for _, block := range c.Key {
		if block == nil {
			w.uint(0)
			continue
		}
		w.uint(uint64(len(block)) + 1)
		for _, v := range block {
			w.int(v)
		}
	}
	if err := w.buf.Flush(); err != nil {
		return w.n, err
	}
	sum := w.h.Sum(nil)
	n, err := to.Write(sum)
	return w.n + int64(n), err
}

// compiledWriter hashes and counts what it passes on. Errors stick in buf.
type compiledWriter struct {
	h   hash.Hash
	to  io.Writer
	buf *bufio.Writer
	n   int64
}

func (w *compiledWriter) Write(b []byte) (int, error) {
	w.h.Write(b)
	n, err := w.to.Write(b)
	w.n += int64(n)
	return n, err
}

func (w *compiledWriter) bytes(b []byte) { _, _ = w.buf.Write(b) }

func (w *compiledWriter) uint(v uint64) {
	w.buf.Write(binary.AppendUvarint(w.buf.AvailableBuffer(), v))
}

func (w *compiledWriter) int(v int64) {
	w.buf.Write(binary.AppendVarint(w.buf.AvailableBuffer(), v))
}

func (w *compiledWriter) framed(b []byte) {
	w.uint(uint64(len(b)))
	w.bytes(b)
}

func (w *compiledWriter) io(x *IO) {
	w.framed([]byte(x.Name))
	w.uint(uint64(len(x.Dims)))
	for _, d := range x.Dims {
		w.uint(uint64(d))
	}
	w.framed([]byte(x.Type))
	w.int(int64(x.Scale))
	w.uint(uint64(len(x.Parts)))
	for _, p := range x.Parts {
		w.int(p.Coef)
		w.uint(uint64(p.Block))
	}
	w.uint(uint64(x.Visibility))
	w.int(x.Lo)
	w.int(x.Hi)
}

var errDamaged = errors.New("damaged (its checksum does not match): run compile-circuit again")

// ParseCompiled reads model.compiled; name is the file's name for messages. The circuit and settings inside are not read
// here. Its checksum stands against accidents only: whoever made the file can make it say anything.
func ParseCompiled(name string, data []byte) (*Compiled, error) {
	if !bytes.HasPrefix(data, []byte(MagicCompiled)) {
		return nil, WrongKind(name, Sniff(data, int64(len(data))), CompiledFile)
	}
	c, err := parseCompiled(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func parseCompiled(data []byte) (*Compiled, error) {
	r := &compiledReader{rest: data[len(MagicCompiled):]}
	if v := r.uint(1 << 32); r.err == nil && v != compiledVersion {
		return nil, fmt.Errorf("version %d, this program reads version %d: run compile-circuit again", v, compiledVersion)
	}
	if len(data) < sha256.Size+len(MagicCompiled) {
		return nil, errDamaged
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(sum, want[:]) || len(r.rest) < sha256.Size {
		return nil, errDamaged
	}
	r.rest = r.rest[:len(r.rest)-sha256.Size]
	c := &Compiled{}
	copy(c.ModelDigest[:], r.take(32))
	c.Width = int(r.uint(16))
	c.Settings = bytes.Clone(r.framed())
	c.Circuit = bytes.Clone(r.framed())
	for _, list := range []*[]IO{&c.Inputs, &c.Outputs} {
		n := r.uint(maxIO)
		for range n {
			*list = append(*list, r.io())
		}
	}
	n := r.uint(min(uint64(len(r.rest)), maxBlocks))
	if n > 0 && r.err == nil {
		c.Key = make([][]int64, n)
	}
	for i := range c.Key {
		count := r.uint(uint64(len(r.rest)) + 1)
		if count == 0 || r.err != nil {
			continue
		}
		c.Key[i] = make([]int64, count-1)
		for j := range c.Key[i] {
			c.Key[i][j] = r.int()
		}
	}
	if r.err == nil && len(r.rest) != 0 {
		r.err = errors.New("bytes after the end")
	}
	if r.err != nil {
		return nil, fmt.Errorf("malformed: %w", r.err)
	}
	return c, nil
}

// compiledReader cuts values off rest. After an error it gives zeros.
type compiledReader struct {
	rest []byte
	err  error
}

func (r *compiledReader) fail() {
	if r.err == nil {
		r.err = errors.New("a length or number out of range")
	}
	r.rest = nil
}

func (r *compiledReader) uint(limit uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > limit {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *compiledReader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *compiledReader) take(n int) []byte {
	if n > len(r.rest) {
		r.fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *compiledReader) framed() []byte { return r.take(int(r.uint(uint64(len(r.rest))))) }

func (r *compiledReader) io() IO {
	var x IO
	if x.Name = string(r.framed()); len(x.Name) > maxName {
		r.fail()
	}
	rank := r.uint(maxRank)
	size := uint64(1)
	for range rank {
		d := r.uint(1 << 28)
		if size *= d; size > 1<<28 {
			r.fail()
			size = 1
		}
		x.Dims = append(x.Dims, int(d))
	}
	if x.Type = string(r.framed()); r.err == nil && !inputTypes[x.Type] {
		r.fail()
	}
	x.Scale = int(r.int())
	if x.Scale < -maxScale || x.Scale > maxScale {
		r.fail()
	}
	for range r.uint(maxParts) {
		x.Parts = append(x.Parts, Part{r.int(), int(r.uint(maxBlocks))})
	}
	x.Visibility = VisibilityKind(r.uint(uint64(Fixed)))
	x.Lo, x.Hi = r.int(), r.int()
	if x.Lo > x.Hi {
		r.fail()
	}
	return x
}
