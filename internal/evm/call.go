package evm

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/field"
)

// Call is what a circuit's own contract makes of a call of verifyProof or verifyPacked: nil if it returns true. The contract takes
// the one ABI encoding of its circuit's lengths; so does Call.
func (p *Program) Call(tau *bn254.G2Affine, calldata []byte) error {
	bad := errors.New("not the encoding of a call of this contract")
	if len(calldata) < 4 {
		return bad
	}
	packed := bytes.Equal(calldata[:4], selector(sigPacked))
	if !packed && !bytes.Equal(calldata[:4], selector(sigVerify)) {
		return bad
	}
	const head = 64
	from := 4 + head + 32
	inst := from + len(padded(make([]byte, p.ProofSize))) + 32
	if len(calldata) < inst {
		return bad
	}
	b := calldata[from : from+p.ProofSize]
	instances, err := p.calledWith(calldata[inst:], packed)
	if err != nil {
		return err
	}
	want := Calldata(b, instances, nil)
	if packed {
		if want, err = p.PackedCalldata(b, instances, nil); err != nil {
			return err
		}
	}
	if !bytes.Equal(calldata, want) {
		return bad
	}
	return p.Verify(tau, instances, b, nil)
}

// calledWith reads the instances of a call.
func (p *Program) calledWith(b []byte, packed bool) ([]fr.Element, error) {
	short := errors.New("too few instances")
	var out []fr.Element
	for _, iv := range p.intervals {
		width := fr.Bytes
		if packed {
			width = iv.width
		}
		for range iv.count {
			if len(b) < width {
				return nil, short
			}
			var x fr.Element
			if packed {
				var v [8]byte
				copy(v[8-width:], b)
				x = field.FromInt(iv.lo + int64(binary.BigEndian.Uint64(v[:])))
			} else {
				var err error
				if x, err = field.Decode(b[:width]); err != nil {
					return nil, err
				}
			}
			out = append(out, x)
			b = b[width:]
		}
	}
	return out, nil
}
