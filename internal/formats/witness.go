package formats

import (
	"io"
	"math"
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
