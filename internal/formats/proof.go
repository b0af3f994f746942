package formats

import (
	"fmt"
	"io"
	"math"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// Proof is proof.json.
type Proof struct {
	Instances []fr.Element // public inputs, then public outputs
	Bytes     []byte
	Pretty    *PrettyElements
	Timestamp *int64 // milliseconds since 1970
	Version   string
	// Transcript is "EVM", the default, or "Poseidon". The file has it, under ezkl's former key transcript_type, only if it
	// is not EVM.
	Transcript string
}

// Transcripts of proofs, as Proof.Transcript and the files spell them.
const (
	TranscriptEVM      = "EVM"
	TranscriptPoseidon = "Poseidon"
)

type proofJSON struct {
	Protocol  *struct{}       `json:"protocol"`
	Instances [][]string      `json:"instances"`
	Proof     []int           `json:"proof"` // not []byte, which JSON would write as text
	HexProof  string          `json:"hex_proof"`
	Split     *struct{}       `json:"split"`
	Pretty    *PrettyElements `json:"pretty_public_inputs"`
	Timestamp *int64          `json:"timestamp"`
	Version   *string         `json:"version"`
	// Transcript is left out for EVM.
	Transcript string `json:"transcript_type,omitempty"`
}

// WriteTo writes one line, as ezkl does.
func (p *Proof) WriteTo(to io.Writer) (int64, error) {
	j := proofJSON{Instances: [][]string{make([]string, len(p.Instances))}, Proof: make([]int, len(p.Bytes)),
		HexProof: fmt.Sprintf("0x%x", p.Bytes), Pretty: p.Pretty, Timestamp: p.Timestamp}
	for i := range p.Instances {
		j.Instances[0][i] = FeltHex(&p.Instances[i])
	}
	for i, b := range p.Bytes {
		j.Proof[i] = int(b)
	}
	if p.Version != "" {
		j.Version = &p.Version
	}
	if p.Transcript != TranscriptEVM {
		j.Transcript = p.Transcript
	}
	return writeJSON(to, &j)
}

// ParseProof reads proof.json; name is the file's name for messages. Unknown keys are ignored, as in ezkl. The redundant
// parts (hex_proof, the field elements of pretty_public_inputs) must agree with the proof that is verified.
func ParseProof(name string, data []byte) (*Proof, error) {
	s := newScanner(name, data)
	if s.peek() != '{' {
		return nil, wrongJSON(name, data, ProofFile)
	}
	p := &Proof{Transcript: TranscriptEVM}
	seen := map[string]bool{}
	hexProof := ""
	err := s.object(func(key string) (err error) {
		seen[key] = true
		switch key {
		case "instances":
			err = s.list(func(i int) error {
				if i > 0 {
					return s.fail("a second column of instances, want one")
				}
				return s.list(func(int) error {
					h, err := s.text("a field element")
					if err != nil {
						return err
					}
					e, err := ParseFelt(h)
					if err != nil {
						return s.fail("%v", err)
					}
					p.Instances = append(p.Instances, e)
					return nil
				})
			})
		case "proof":
			if s.peek() == '"' {
				return s.want("a list of byte values, such as [1,255] (hex belongs in hex_proof)")
			}
			err = s.list(func(int) error {
				b, err := s.integer(0, 255)
				p.Bytes = append(p.Bytes, byte(b))
				return err
			})
		case "hex_proof":
			if s.null() {
				delete(seen, key)
				return nil
			}
			hexProof, err = s.text("a string")
		case "pretty_public_inputs":
			p.Pretty, err = s.prettyElements()
		case "timestamp":
			if !s.null() {
				p.Timestamp = new(int64)
				*p.Timestamp, err = s.integer(0, math.MaxInt64)
			}
		case "version":
			if !s.null() {
				p.Version, err = s.text("a string")
			}
		case "transcript_type":
			p.Transcript, err = s.text("a string")
			if err == nil && p.Transcript != TranscriptEVM && p.Transcript != TranscriptPoseidon {
				err = s.fail("found %q, want %q or %q", printable(p.Transcript), TranscriptEVM, TranscriptPoseidon)
			}
		default:
			err = s.skip()
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, err
	}
	if !seen["instances"] && !seen["proof"] {
		return nil, wrongJSON(name, data, ProofFile)
	}
	if err := s.require(seen, "instances", "proof"); err != nil {
		return nil, err
	}
	if seen["hex_proof"] && hexProof != fmt.Sprintf("0x%x", p.Bytes) {
		return nil, fmt.Errorf("%s: hex_proof and proof are not the same bytes", name)
	}
	if p.Pretty != nil && !p.Pretty.matches(p.Instances) {
		return nil, fmt.Errorf("%s: pretty_public_inputs and instances are not the same values", name)
	}
	return p, nil
}
