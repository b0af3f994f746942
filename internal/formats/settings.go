package formats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Settings is settings.json: ezkl's keys in its order, and one object of ours under "ezkl_go". ezkl refuses a file with an
// unknown top-level key, and so do we; files that ezkl wrote are read.
type Settings struct {
	RunArgs             RunArgs      `json:"run_args"`
	NumRows             int64        `json:"num_rows"`          // here: committed rows of the witness
	TotalAssignments    int64        `json:"total_assignments"` // here: committed entries of the witness
	TotalConstSize      int64        `json:"total_const_size"`  // here: committed entries of the key
	TotalDynamicColSize int64        `json:"total_dynamic_col_size"`
	MaxDynamicInputLen  int64        `json:"max_dynamic_input_len"`
	NumDynamicLookups   int64        `json:"num_dynamic_lookups"`
	NumShuffles         int64        `json:"num_shuffles"`
	TotalShuffleColSize int64        `json:"total_shuffle_col_size"`
	EinsumParams        EinsumParams `json:"einsum_params"`
	ModelInstanceShapes [][]int      `json:"model_instance_shapes"` // public inputs, then public outputs
	ModelOutputScales   []int        `json:"model_output_scales"`
	ModelInputScales    []int        `json:"model_input_scales"`
	ModuleSizes         ModuleSizes  `json:"module_sizes"`
	// RequiredLookups are ezkl's lookup operations; we write none, since ours are in the circuit.
	RequiredLookups     []json.RawMessage `json:"required_lookups"`
	RequiredRangeChecks [][2]int64        `json:"required_range_checks"`
	CheckMode           CheckMode         `json:"check_mode"`
	Version             string            `json:"version"`
	NumBlindingFactors  *int64            `json:"num_blinding_factors"`
	Timestamp           *int64            `json:"timestamp"` // milliseconds since 1970
	InputTypes          []string          `json:"input_types"`
	OutputTypes         []string          `json:"output_types"`
	EzklGo              *Own              `json:"ezkl_go,omitempty"`
}

// EinsumParams describes ezkl's randomised matrix products. Ours are not: empty.
type EinsumParams struct {
	Equations          []json.RawMessage `json:"equations"`
	TotalEinsumColSize int64             `json:"total_einsum_col_size"`
}

// ModuleSizes describes ezkl's hash and commitment modules.
type ModuleSizes struct {
	Polycommit []int64  `json:"polycommit"`
	Poseidon   Poseidon `json:"poseidon"`
}

// Poseidon is [rows, [hashes of instances]].
type Poseidon struct {
	Rows      int64
	Instances []int64
}

func (p Poseidon) MarshalJSON() ([]byte, error) {
	n := p.Instances
	if n == nil {
		n = []int64{0}
	}
	return json.Marshal([]any{p.Rows, n})
}

// OwnFormat is the version of the "ezkl_go" object.
const OwnFormat = 1

// Own is what this implementation adds to settings.json, under "ezkl_go".
type Own struct {
	Format      int    `json:"format"`       // OwnFormat
	ModelSHA256 string `json:"model_sha256"` // of the ONNX file, 64 hexadecimal digits
	// Scales: "auto" gives each tensor its own scale by calibration; "global" uses the scales of run_args.
	Scales string `json:"scales"`
	// LogRowsWanted is the value of --logrows, or null: the compiler's choice. (run_args.logrows is the result.)
	LogRowsWanted *int `json:"logrows_wanted"`
	// Calibration is what calibrate-settings measured on Samples inputs, or, with Samples = 0, what gen-settings guessed
	// from random ones, or null. Package quant reads it.
	Samples     int             `json:"samples"`
	Calibration json.RawMessage `json:"calibration"`
}

// Scale modes of Own.Scales.
const (
	ScalesAuto   = "auto"
	ScalesGlobal = "global"
)

// Calibrated reports whether scales are global or were measured; if not, they were guessed from random inputs.
func (t *Settings) Calibrated() bool {
	return t.EzklGo == nil || t.EzklGo.Scales == ScalesGlobal || t.EzklGo.Samples > 0
}

// WriteTo writes one line, as ezkl does.
func (t *Settings) WriteTo(w io.Writer) (int64, error) {
	o := *t // nil lists are written as [], which ezkl wants
	o.EinsumParams.Equations = notNil(o.EinsumParams.Equations)
	o.ModelInstanceShapes = notNil(o.ModelInstanceShapes)
	o.ModelOutputScales, o.ModelInputScales = notNil(o.ModelOutputScales), notNil(o.ModelInputScales)
	o.ModuleSizes.Polycommit = notNil(o.ModuleSizes.Polycommit)
	o.RequiredLookups, o.RequiredRangeChecks = notNil(o.RequiredLookups), notNil(o.RequiredRangeChecks)
	o.RunArgs.Variables = notNil(o.RunArgs.Variables)
	return writeJSON(w, &o)
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func writeJSON(w io.Writer, v any) (int64, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return 0, err
	}
	n, err := w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return int64(n), err
}

// Names of ezkl's input types.
var inputTypes = map[string]bool{"Bool": true, "F16": true, "F32": true, "F64": true, "Int": true, "TDim": true, "Unknown": true}

// ParseSettings reads settings.json; name is the file's name for messages. run_args are read but not checked (Check).
func ParseSettings(name string, data []byte) (*Settings, error) {
	t := &Settings{}
	s := newScanner(name, data)
	if s.peek() != '{' {
		return nil, wrongJSON(name, data, SettingsFile)
	}
	seen := map[string]bool{}
	err := s.object(func(key string) error {
		seen[key] = true
		return s.setting(t, key)
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		if k := otherKind(data, SettingsFile); k != Unknown {
			return nil, WrongKind(name, k, SettingsFile)
		}
		return nil, err
	}
	if !seen["run_args"] {
		return nil, wrongJSON(name, data, SettingsFile)
	}
	return t, s.require(seen, "run_args", "num_rows", "total_assignments", "total_const_size", "model_instance_shapes",
		"model_output_scales", "model_input_scales", "module_sizes", "required_lookups", "required_range_checks",
		"check_mode", "version")
}

// otherKind is the kind of a JSON file that is recognised as one of ours, but not as want; otherwise Unknown.
func otherKind(data []byte, want Kind) Kind {
	if k := Sniff(data, int64(len(data))); k >= SettingsFile && k < JSON && k != want {
		return k
	}
	return Unknown
}

// wrongJSON is the error for a text whose top level is not that of kind want.
func wrongJSON(name string, data []byte, want Kind) error {
	if got := Sniff(data, int64(len(data))); got != want && got != Unknown {
		return WrongKind(name, got, want)
	}
	s := newScanner(name, data)
	if s.peek() == '{' {
		return fmt.Errorf("%s: %s is needed", name, kinds[want].name)
	}
	return s.want(kinds[want].name + " (a JSON object)")
}

func (s *scanner) setting(t *Settings, key string) (err error) {
	count := func(to *int64) error {
		*to, err = s.integer(0, math.MaxInt64)
		return err
	}
	optional := func(to **int64) error {
		if s.null() {
			return nil
		}
		*to = new(int64)
		return count(*to)
	}
	switch key {
	case "run_args":
		t.RunArgs, err = s.runArgs()
	case "num_rows":
		return count(&t.NumRows)
	case "total_assignments":
		return count(&t.TotalAssignments)
	case "total_const_size":
		return count(&t.TotalConstSize)
	case "total_dynamic_col_size":
		return count(&t.TotalDynamicColSize)
	case "max_dynamic_input_len":
		return count(&t.MaxDynamicInputLen)
	case "num_dynamic_lookups":
		return count(&t.NumDynamicLookups)
	case "num_shuffles":
		return count(&t.NumShuffles)
	case "total_shuffle_col_size":
		return count(&t.TotalShuffleColSize)
	case "dynamic_lookup_params", "shuffle_params": // of older files
		return s.skip()
	case "einsum_params":
		return s.einsumParams(&t.EinsumParams)
	case "model_instance_shapes":
		return s.list(func(int) error {
			d, err := s.ints(0, math.MaxInt32)
			t.ModelInstanceShapes = append(t.ModelInstanceShapes, d)
			return err
		})
	case "model_output_scales":
		t.ModelOutputScales, err = s.ints(math.MinInt32, math.MaxInt32)
	case "model_input_scales":
		t.ModelInputScales, err = s.ints(math.MinInt32, math.MaxInt32)
	case "module_sizes":
		return s.moduleSizes(&t.ModuleSizes)
	case "required_lookups":
		return s.list(func(int) error {
			r, err := s.raw()
			t.RequiredLookups = append(t.RequiredLookups, r)
			return err
		})
	case "required_range_checks":
		return s.list(func(int) error {
			r, err := s.ints(math.MinInt64, math.MaxInt64)
			if err == nil && len(r) != 2 {
				err = s.fail("a range has two ends, not %d", len(r))
			}
			if err == nil {
				t.RequiredRangeChecks = append(t.RequiredRangeChecks, [2]int64{int64(r[0]), int64(r[1])})
			}
			return err
		})
	case "check_mode":
		t.CheckMode, err = s.checkMode()
	case "version":
		t.Version, err = s.text("a string")
	case "num_blinding_factors":
		return optional(&t.NumBlindingFactors)
	case "timestamp":
		return optional(&t.Timestamp)
	case "input_types":
		t.InputTypes, err = s.types()
	case "output_types":
		t.OutputTypes, err = s.types()
	case "ezkl_go":
		t.EzklGo, err = s.own()
	default:
		return s.fail("unknown key")
	}
	return err
}

func (s *scanner) ints(lo, hi int64) ([]int, error) {
	out := []int{}
	err := s.list(func(int) error {
		v, err := s.integer(lo, hi)
		out = append(out, int(v))
		return err
	})
	return out, err
}

func (s *scanner) types() ([]string, error) {
	if s.null() {
		return nil, nil
	}
	out := []string{}
	err := s.list(func(int) error {
		t, err := s.text("an element type")
		if err == nil && !inputTypes[t] {
			err = s.fail("unknown element type %q", printable(t))
		}
		out = append(out, t)
		return err
	})
	return out, err
}

func (s *scanner) einsumParams(e *EinsumParams) error {
	return s.object(func(key string) (err error) {
		switch key {
		case "equations":
			return s.list(func(int) error {
				r, err := s.raw()
				e.Equations = append(e.Equations, r)
				return err
			})
		case "total_einsum_col_size":
			e.TotalEinsumColSize, err = s.integer(0, math.MaxInt64)
			return err
		}
		return s.skip()
	})
}

func (s *scanner) moduleSizes(m *ModuleSizes) error {
	return s.object(func(key string) error {
		switch key {
		case "polycommit":
			return s.list(func(int) error {
				v, err := s.integer(0, math.MaxInt64)
				m.Polycommit = append(m.Polycommit, v)
				return err
			})
		case "poseidon":
			return s.list(func(i int) (err error) {
				switch i {
				case 0:
					m.Poseidon.Rows, err = s.integer(0, math.MaxInt64)
				case 1:
					m.Poseidon.Instances = []int64{}
					err = s.list(func(int) error {
						v, err := s.integer(0, math.MaxInt64)
						m.Poseidon.Instances = append(m.Poseidon.Instances, v)
						return err
					})
				default:
					err = s.fail("found a third element, want [rows, [..]]")
				}
				return err
			})
		}
		return s.skip()
	})
}

func (s *scanner) own() (*Own, error) {
	o := &Own{}
	seen := map[string]bool{}
	err := s.object(func(key string) (err error) {
		seen[key] = true
		switch key {
		case "format":
			var v int64
			if v, err = s.integer(0, math.MaxInt32); err == nil && v != OwnFormat {
				err = s.fail("version %d, this program reads version %d (run gen-settings again)", v, OwnFormat)
			}
			o.Format = int(v)
		case "model_sha256":
			if o.ModelSHA256, err = s.text("a digest"); err == nil && !isDigest(o.ModelSHA256) {
				err = s.fail("want 64 hexadecimal digits")
			}
		case "scales":
			if o.Scales, err = s.text("a string"); err == nil && o.Scales != ScalesAuto && o.Scales != ScalesGlobal {
				err = s.fail("found %q, want %q or %q", printable(o.Scales), ScalesAuto, ScalesGlobal)
			}
		case "logrows_wanted":
			if s.null() {
				return nil
			}
			var v int64
			v, err = s.integer(1, MaxLogRows)
			n := int(v)
			o.LogRowsWanted = &n
		case "samples":
			var v int64
			v, err = s.integer(0, math.MaxInt32)
			o.Samples = int(v)
		case "calibration":
			if s.null() {
				return nil
			}
			o.Calibration, err = s.raw()
		default:
			err = s.fail("unknown key")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, s.require(seen, "format", "model_sha256", "scales")
}

func isDigest(t string) bool {
	if len(t) != 64 {
		return false
	}
	for _, c := range t {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}
