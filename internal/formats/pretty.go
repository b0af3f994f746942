package formats

import (
	"math"
	"strconv"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/field"
)

// PrettyElements are the values of a witness or proof for people: decimal numbers, and big-endian field elements.
type PrettyElements struct {
	RescaledInputs   [][]string `json:"rescaled_inputs"`
	Inputs           [][]string `json:"inputs"`
	ProcessedInputs  [][]string `json:"processed_inputs"`
	ProcessedParams  [][]string `json:"processed_params"`
	ProcessedOutputs [][]string `json:"processed_outputs"`
	RescaledOutputs  [][]string `json:"rescaled_outputs"`
	Outputs          [][]string `json:"outputs"`
}

// Pretty shows integer tensors at their scales; a nil list of tensors stays empty (they are not public).
func Pretty(inputs [][]int64, inputScales []int, outputs [][]int64, outputScales []int) *PrettyElements {
	p := &PrettyElements{ProcessedInputs: [][]string{}, ProcessedParams: [][]string{}, ProcessedOutputs: [][]string{}}
	p.Inputs, p.RescaledInputs = pretty(inputs, inputScales)
	p.Outputs, p.RescaledOutputs = pretty(outputs, outputScales)
	return p
}

func pretty(tensors [][]int64, scales []int) (hex, decimal [][]string) {
	hex, decimal = [][]string{}, [][]string{}
	for t, values := range tensors {
		h, d := make([]string, len(values)), make([]string, len(values))
		for i, v := range values {
			e := field.FromInt(v)
			h[i], d[i] = PrettyHex(&e), Decimal(v, scales[t])
		}
		hex, decimal = append(hex, h), append(decimal, d)
	}
	return hex, decimal
}

// Decimal is v / 2^scale, without an exponent.
func Decimal(v int64, scale int) string {
	return strconv.FormatFloat(math.Ldexp(float64(v), -scale), 'f', -1, 64)
}

// matches says whether the public inputs and outputs, in order, are the instances.
func (p *PrettyElements) matches(instances []fr.Element) bool {
	i := 0
	for _, list := range [][][]string{p.Inputs, p.Outputs} {
		for _, t := range list {
			for _, h := range t {
				if i >= len(instances) || h != PrettyHex(&instances[i]) {
					return false
				}
				i++
			}
		}
	}
	return i == len(instances)
}

// prettyElements reads the object, or null.
func (s *scanner) prettyElements() (*PrettyElements, error) {
	if s.null() {
		return nil, nil
	}
	p := &PrettyElements{}
	return p, s.object(func(key string) error {
		var to *[][]string
		switch key {
		case "rescaled_inputs":
			to = &p.RescaledInputs
		case "inputs":
			to = &p.Inputs
		case "processed_inputs":
			to = &p.ProcessedInputs
		case "processed_params":
			to = &p.ProcessedParams
		case "processed_outputs":
			to = &p.ProcessedOutputs
		case "rescaled_outputs":
			to = &p.RescaledOutputs
		case "outputs":
			to = &p.Outputs
		default:
			return s.fail("unknown key")
		}
		*to = [][]string{}
		return s.list(func(int) error {
			t := []string{}
			err := s.list(func(int) error {
				e, err := s.text("a string")
				t = append(t, e)
				return err
			})
			*to = append(*to, t)
			return err
		})
	})
}
