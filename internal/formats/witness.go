package formats

import (
	"fmt"
	"io"
	"math"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// Witness is witness.json: the network's inputs and outputs as integers. The rest of a witness follows from the inputs and
// is solved again by the prover.
type Witness struct {
	Inputs  [][]int64
	Pretty  *PrettyElements
	Outputs [][]int64
	// MinLookup, MaxLookup and MaxRange are the extreme lookup inputs, as ezkl reports them: MinLookup <= 0 <= MaxLookup.
	MaxLookup, MinLookup, MaxRange int64
	Version                        string
}

type witnessJSON struct {
	Inputs           [][]string      `json:"inputs"`
	Pretty           *PrettyElements `json:"pretty_elements"`
	Outputs          [][]string      `json:"outputs"`
	ProcessedInputs  *struct{}       `json:"processed_inputs"`
	ProcessedParams  *struct{}       `json:"processed_params"`
	ProcessedOutputs *struct{}       `json:"processed_outputs"`
	MaxLookup        int64           `json:"max_lookup_inputs"`
	MinLookup        int64           `json:"min_lookup_inputs"`
	MaxRange         int64           `json:"max_range_size"`
	Version          *string         `json:"version"`
}

// WriteTo writes one line, as ezkl does.
func (w *Witness) WriteTo(to io.Writer) (int64, error) {
	j := witnessJSON{Inputs: feltTensors(w.Inputs), Pretty: w.Pretty, Outputs: feltTensors(w.Outputs),
		MaxLookup: w.MaxLookup, MinLookup: w.MinLookup, MaxRange: w.MaxRange}
	if w.Version != "" {
		j.Version = &w.Version
	}
	return writeJSON(to, &j)
}

func feltTensors(tensors [][]int64) [][]string {
	out := make([][]string, len(tensors))
	for t, values := range tensors {
		out[t] = make([]string, len(values))
		for i, v := range values {
			out[t][i] = IntHex(v)
		}
	}
	return out
}

// ParseWitness reads witness.json; name is the file's name for messages.
func ParseWitness(name string, data []byte) (*Witness, error) {
	s := newScanner(name, data)
	if s.peek() != '{' {
		return nil, wrongJSON(name, data, WitnessFile)
	}
	w := &Witness{}
	seen := map[string]bool{}
	err := s.object(func(key string) (err error) {
		seen[key] = true
		switch key {
		case "inputs":
			w.Inputs, err = s.intTensors()
		case "outputs":
			w.Outputs, err = s.intTensors()
		case "pretty_elements":
			w.Pretty, err = s.prettyElements()
		case "max_lookup_inputs":
			w.MaxLookup, err = s.integer(0, math.MaxInt64)
		case "min_lookup_inputs":
			w.MinLookup, err = s.integer(math.MinInt64, 0)
		case "max_range_size":
			w.MaxRange, err = s.integer(0, math.MaxInt64)
		case "version":
			if !s.null() {
				w.Version, err = s.text("a string")
			}
		case "processed_inputs", "processed_params", "processed_outputs":
			if !s.null() {
				err = s.fail("hashes and commitments in a witness are not there yet, want null")
			}
		default:
			err = s.fail("unknown key")
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		if k := otherKind(data, WitnessFile); k != Unknown {
			return nil, WrongKind(name, k, WitnessFile)
		}
		return nil, err
	}
	if !seen["inputs"] && !seen["outputs"] {
		return nil, wrongJSON(name, data, WitnessFile)
	}
	return w, s.require(seen, "inputs", "outputs")
}

func (s *scanner) intTensors() ([][]int64, error) {
	out := [][]int64{}
	err := s.list(func(int) error {
		t := []int64{}
		err := s.list(func(int) error {
			h, err := s.text("a field element")
			if err != nil {
				return err
			}
			v, err := ParseFeltInt(h)
			if err != nil {
				return s.fail("%v", err)
			}
			t = append(t, v)
			return nil
		})
		out = append(out, t)
		return err
	})
	return out, err
}

// Proof is proof.json.
type Proof struct {
	Instances []fr.Element // public inputs, then public outputs
	Bytes     []byte
	Pretty    *PrettyElements
	Timestamp *int64 // milliseconds since 1970
	Version   string
}

type proofJSON struct {
	Protocol  *struct{}       `json:"protocol"`
	Instances [][]string      `json:"instances"`
	Proof     []int           `json:"proof"` // not []byte, which JSON would write as text
	HexProof  string          `json:"hex_proof"`
	Split     *struct{}       `json:"split"`
	Pretty    *PrettyElements `json:"pretty_public_inputs"`
	Timestamp *int64          `json:"timestamp"`
	Version   *string         `json:"version"`
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
	return writeJSON(to, &j)
}

// ParseProof reads proof.json; name is the file's name for messages. Unknown keys are ignored, as in ezkl. The redundant
// parts (hex_proof, the field elements of pretty_public_inputs) must agree with the proof that is verified.
func ParseProof(name string, data []byte) (*Proof, error) {
	s := newScanner(name, data)
	if s.peek() != '{' {
		return nil, wrongJSON(name, data, ProofFile)
	}
	p := &Proof{}
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
