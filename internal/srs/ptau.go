package srs

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// locatePtau checks a snarkjs container, whose magic has been seen.
func locatePtau(r io.ReaderAt, size int64) (*layout, *FileError) {
	malformed := func(format string, args ...any) (*layout, *FileError) {
		return nil, &FileError{Code: Malformed, What: "ptau: " + fmt.Sprintf(format, args...), Hint: "is it a powers-of-tau file for BN254?"}
	}
	var b [12]byte
	if err := readAt(r, b[:], 0); err != nil {
		return nil, err
	}
	version, sections := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
	if version != 1 || sections > 64 {
		return malformed("version %d with %d sections", version, sections)
	}
	var at, length [4]int64 // of sections 1 to 3
	pos := int64(len(b))
	for range sections {
		if err := readAt(r, b[:], pos); err != nil {
			return nil, err
		}
		pos += int64(len(b))
		id, n := binary.LittleEndian.Uint32(b[:]), binary.LittleEndian.Uint64(b[4:])
		if n > uint64(size-pos) {
			return nil, &FileError{Code: Truncated, What: fmt.Sprintf("ptau: section %d has %d bytes, the file has %d left", id, n, size-pos), Hint: "fetch the file again"}
		}
		if id >= 1 && id <= 3 {
			if at[id] != 0 {
				return malformed("section %d occurs twice", id)
			}
			at[id], length[id] = pos, int64(n)
		}
		pos += int64(n)
	}
	const header = 4 + fp.Bytes + 8
	if at[1] == 0 || at[2] == 0 || at[3] == 0 || length[1] != header {
		return malformed("section 1, 2 or 3 is missing or has a wrong size")
	}
	var h [header]byte
	if err := readAt(r, h[:], at[1]); err != nil {
		return nil, err
	}
	var prime []byte
	for _, limb := range modulus {
		prime = binary.LittleEndian.AppendUint64(prime, limb)
	}
	if binary.LittleEndian.Uint32(h[:]) != fp.Bytes || !bytes.Equal(h[4:4+fp.Bytes], prime) {
		return malformed("another curve's prime")
	}
	k := binary.LittleEndian.Uint32(h[4+fp.Bytes:])
	if k > MaxLogRows {
		return malformed("power %d", k)
	}
	n := int64(2)<<k - 1
	if length[2] != n*g1Bytes || length[3] != g2Bytes<<k || k < 1 {
		return malformed("the sections' sizes do not fit power %d", k)
	}
	return &layout{kind: Ptau, powers: int(n), g1: at[2], g2: at[3], tauG2: at[3] + g2Bytes}, nil
}
