package quant

import (
	"fmt"
	"maps"
	"math"
)

// Params is what lowering needs to know beside the graph. It is stored in settings.json, so that compilation depends on
// the network and the settings alone.
type Params struct {
	// Exponents gives, for each tensor of the network by name, the smallest e with |x| * margin <= 2^e over all samples (a margin of 1 is 1 + 1/128).
	// Tensors without an entry, or with Zero, are bounded by their operands alone.
	Exponents map[string]int `json:"exponents,omitempty"`
	// Global, if set, fixes all scales, as ezkl's --input-scale, --param-scale and --scale-rebase-multiplier do.
	Global *Global `json:"global,omitempty"`
	// Bits is the width of values between nodes, 8 to 20, and TableBits log2 of the rows of function tables, 8 to 20; 0: 16.
	Bits      int `json:"bits,omitempty"`
	TableBits int `json:"table_bits,omitempty"`
	// Completeness says which inputs have a proof: "" those that calibration covers, Guaranteed or Clamp.
	Completeness string `json:"completeness,omitempty"`
	// Joined says that tensors which are one tensor at several steps (Steps) have one scale.
	Joined bool `json:"joined,omitempty"`
	// Ranges are the declared intervals of the inputs, by name; Guaranteed needs all of them.
	Ranges map[string]Range `json:"ranges,omitempty"`
}

// Values of Completeness.
const (
	Guaranteed = "guaranteed" // every input inside Ranges
	Clamp      = "clamp"      // every input: values beyond the calibrated range saturate
)

// Range is a closed interval of reals.
type Range struct {
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

// Global are scales in bits: unit 2^-scale.
type Global struct {
	Input  int `json:"input_scale"`
	Param  int `json:"param_scale"`
	Rebase int `json:"rebase_scale"` // of every requantised tensor
}

// Zero is the exponent of a tensor that is zero on all samples.
const Zero = -1 << 10

// Bound is the largest magnitude expected of a tensor, headroom included; 0 if nothing is known.
func (p *Params) Bound(name string) float64 {
	if p == nil {
		return 0
	}
	e, ok := p.Exponents[name]
	if !ok || e == Zero {
		return 0
	}
	return math.Ldexp(1, e)
}

// Join gives the tensors of each class the largest exponent of one of them.
func (p *Params) Join(classes [][]string) *Params {
	out := *p
	out.Exponents = maps.Clone(p.Exponents)
	for _, names := range classes {
		most := Zero
		for _, name := range names {
			if e, seen := p.Exponents[name]; seen {
				most = max(most, e)
			}
		}
		for _, name := range names {
			if _, seen := p.Exponents[name]; seen {
				out.Exponents[name] = most
			}
		}
	}
	return &out
}

// Check refuses exponents and scales that no circuit can use.
func (p *Params) Check() error {
	for name, e := range p.Exponents {
		if e != Zero && (e < -60 || e > 60) {
			return fmt.Errorf("quant: tensor %q has magnitude 2^%d: outside 2^-60..2^60", name, e)
		}
	}
	for _, k := range []int{p.Bits, p.TableBits} {
		if k != 0 && (k < 8 || k > 20) {
			return fmt.Errorf("quant: %d bits outside 8..20", k)
		}
	}
	switch p.Completeness {
	case "", Guaranteed, Clamp:
	default:
		return fmt.Errorf("quant: unknown completeness %q: use %s or %s", p.Completeness, Guaranteed, Clamp)
	}
	for name, r := range p.Ranges {
		if m := max(math.Abs(r.Lo), math.Abs(r.Hi)); !(r.Lo <= r.Hi) || m > 1<<60 {
			return fmt.Errorf("quant: input %q: [%g, %g] is no range inside 2^60", name, r.Lo, r.Hi)
		}
	}
	if g := p.Global; g != nil {
		for _, s := range []int{g.Input, g.Param, g.Rebase} {
			if s < -32 || s > 32 {
				return fmt.Errorf("quant: scale %d outside -32..32", s)
			}
		}
	}
	return nil
}
