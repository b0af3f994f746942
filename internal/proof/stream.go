package proof

import (
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/transcript"
)

// Errors of the decoder.
var (
	ErrShort    = errors.New("too short")
	ErrTrailing = errors.New("trailing bytes")
	ErrPoint    = errors.New("not a canonical point of the curve")
)

// Reader hands out a proof's messages and absorbs each into the transcript in the same call, so that no message can be
// used before it is bound.
type Reader struct {
	rest []byte
	T    *transcript.Transcript
}

// NewReader reads a proof.
func NewReader(b []byte, t *transcript.Transcript) *Reader { return &Reader{b, t} }

// Scalars reads and absorbs n canonical scalars.
func (r *Reader) Scalars(label string, n int) ([]fr.Element, error) {
	if len(r.rest)/fr.Bytes < n {
		return nil, fmt.Errorf("%s: %w", label, ErrShort)
	}
	out := make([]fr.Element, n)
	for i := range out {
		var err error
		if out[i], err = field.Decode(r.rest[:fr.Bytes]); err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", label, i, err)
		}
		r.rest = r.rest[fr.Bytes:]
	}
	r.T.Scalars(label, out)
	return out, nil
}

// Points reads and absorbs n points.
func (r *Reader) Points(label string, n int) ([]bn254.G1Affine, error) {
	if len(r.rest)/PointBytes < n {
		return nil, fmt.Errorf("%s: %w", label, ErrShort)
	}
	out := make([]bn254.G1Affine, n)
	for i := range out {
		var err error
		if out[i], err = DecodePoint(r.rest[:PointBytes]); err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", label, i, err)
		}
		r.rest = r.rest[PointBytes:]
	}
	r.T.Points(label, out)
	return out, nil
}

// Close refuses leftover bytes.
func (r *Reader) Close() error {
	if len(r.rest) != 0 {
		return ErrTrailing
	}
	return nil
}

// Writer collects the prover's messages and absorbs each.
type Writer struct {
	Bytes []byte
	T     *transcript.Transcript
}

// NewWriter starts a proof.
func NewWriter(t *transcript.Transcript) *Writer { return &Writer{T: t} }

// Scalars sends scalars.
func (w *Writer) Scalars(label string, xs ...fr.Element) {
	for i := range xs {
		b := xs[i].Bytes()
		w.Bytes = append(w.Bytes, b[:]...)
	}
	w.T.Scalars(label, xs)
}

// Points sends points.
func (w *Writer) Points(label string, ps ...bn254.G1Affine) {
	for i := range ps {
		w.Bytes = AppendPoint(w.Bytes, &ps[i])
	}
	w.T.Points(label, ps)
}

// PointBytes is the size of an encoded point.
const PointBytes = 64

// AppendPoint appends x and y.
func AppendPoint(b []byte, p *bn254.G1Affine) []byte {
	x, y := p.X.Bytes(), p.Y.Bytes()
	return append(append(b, x[:]...), y[:]...)
}

// DecodePoint reads one point: coordinates below q and on the curve y^2 = x^3 + 3 (G1 has cofactor 1), or (0, 0).
func DecodePoint(b []byte) (bn254.G1Affine, error) {
	var p bn254.G1Affine
	if len(b) != PointBytes {
		return p, ErrShort
	}
	if p.X.SetBytesCanonical(b[:32]) != nil || p.Y.SetBytesCanonical(b[32:]) != nil {
		return bn254.G1Affine{}, ErrPoint
	}
	if !p.IsInfinity() && !p.IsOnCurve() {
		return bn254.G1Affine{}, ErrPoint
	}
	return p, nil
}
