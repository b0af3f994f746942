package audit

import (
	"bytes"
	"fmt"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/formats"
)

// settings compares a settings file with the one in the compiled circuit.
func (r *Report) settings(s *Subject) {
	if s.Given == nil {
		return
	}
	const title = "the settings file is the one that the circuit was compiled with"
	var a, b bytes.Buffer
	_, err := s.Given.WriteTo(&a)
	if err == nil {
		_, err = s.Settings.WriteTo(&b)
	}
	switch {
	case err != nil:
		r.add("settings", Fail, title, err.Error(), []string{"M3"})
	case !bytes.Equal(a.Bytes(), b.Bytes()):
		r.add("settings", Fail, title, "they differ: compile again, or use the settings of this circuit", []string{"M3"})
	default:
		r.add("settings", Pass, title, "equal", []string{"M3"})
	}
}

// flags lists the choices that decide what a proof says, the weak ones as warnings.
func (r *Report) flags(s *Subject) {
	c := s.Circuit
	var public, hidden []string
	inputs := false
	for i := range r.Tensors {
		t := &r.Tensors[i]
		if t.Visibility == "private" {
			hidden = append(hidden, t.Name)
			continue
		}
		public = append(public, t.Name)
		inputs = inputs || t.Kind == "input"
	}
	const says = "a proof says something about values that the verifier knows"
	if public == nil {
		r.add("statement", Warning, says, "inputs and outputs are all private: a proof says only that some input exists", []string{"M4"})
	} else {
		r.add("statement", Pass, says, fmt.Sprintf("%d public or fixed, %d private", len(public), len(hidden)), []string{"M4"}, public...)
	}
	if !inputs {
		r.add("input-binding", Note, "the inputs are bound to something outside of the proof",
			"all inputs are private and nothing hashes or commits to them in public: the prover may take any inputs in range, and may use the same proof again (bind it with a public input)", []string{"E10"})
	}
	fixed, private := r.parameters(c)
	switch {
	case private == 0 && fixed == 0:
		r.add("parameters", Note, "the parameters are hidden", "the network has no parameters in the key", []string{"M4"})
	case private == 0:
		r.add("parameters", Note, "the parameters are hidden", fmt.Sprintf("%d parameters are public: whoever has the compiled circuit reads them, and whoever has the key can test guesses", fixed), []string{"M4", "P15"})
	default:
		r.add("parameters", Pass, "the parameters are hidden", fmt.Sprintf("%d integers of parameters in blinded rows of the key", private), []string{"M4", "P15"})
	}
	if private > 0 {
		r.publicNumbers(c)
	}
	if s.Settings != nil && !s.Settings.Calibrated() {
		r.add("calibration", Warning, "ranges were measured on data", "they were guessed from random inputs: honest inputs may have no proof (run calibrate-settings)", []string{"C10", "M1"})
	} else if s.Settings != nil {
		detail := "scales were set by hand"
		if o := s.Settings.EzklGo; o != nil && o.Samples > 0 {
			detail = fmt.Sprintf("measured on %d inputs", o.Samples)
		}
		r.add("calibration", Pass, "ranges were measured on data", detail, []string{"C10", "M1"})
	}
	if s.Settings != nil {
		a := &s.Settings.RunArgs
		if a.IgnoreRangeCheckIO || a.CheckMode != formats.DefaultRunArgs().CheckMode {
			r.add("weak-settings", Note, "no setting weakens the circuit",
				"settings ask for unchecked inputs, outputs or proofs: here these have no effect, everything is checked", []string{"M5"})
		} else {
			r.add("weak-settings", Pass, "no setting weakens the circuit", "none is set", []string{"M5"})
		}
	}
}

// parameters counts the integers of the network's parameters: tables' values, inputs and outputs are none of them.
func (r *Report) parameters(c *circuit.Circuit) (fixed, private int) {
	other := map[int]bool{}
	for i := range c.Tables {
		if c.Tables[i].Out != circuit.None && !c.Tables[i].Dynamic {
			other[c.Tables[i].Out] = true
		}
	}
	for i := range r.Tensors {
		for _, b := range r.Tensors[i].Blocks {
			other[b] = true
		}
	}
	for i := range c.Blocks {
		n := circuit.Count(c.Blocks[i].Dims)
		switch {
		case c.Blocks[i].Role == circuit.Private:
			private += n
		case c.Blocks[i].Role == circuit.Fixed && !other[i]:
			fixed += n
		}
	}
	return fixed, private
}

// publicNumbers names what a reader of the key learns of constants although parameters are private: function tables (their
// names hold the function), fixed blocks and literal summands.
func (r *Report) publicNumbers(c *circuit.Circuit) {
	var fixed []string
	for i := range c.Blocks {
		if c.Blocks[i].Role == circuit.Fixed {
			fixed = append(fixed, c.Blocks[i].Name)
		}
	}
	literals := 0
	for i := range c.Relations {
		for _, t := range c.Relations[i].LHS.Terms {
			if t.Block == circuit.None {
				literals++
			}
		}
	}
	const title = "no parameter is part of the circuit itself"
	if fixed == nil && literals == 0 {
		r.add("public-constants", Pass, title, "it holds no constant", []string{"P15"})
		return
	}
	r.add("public-constants", Note, title, fmt.Sprintf("%d functions and constants and %d literal summands (rounding offsets among them) are public whatever the visibility of parameters: see that no secret number is among them (docs/security.md)",
		len(fixed), literals), []string{"P15"}, fixed...)
}
