package formats

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// RunArgs are the choices that shape a circuit: ezkl's run_args, with its names, types and order.
type RunArgs struct {
	InputScale            int        `json:"input_scale"` // log2 of the multiplier of real inputs
	ParamScale            int        `json:"param_scale"` // log2 of the multiplier of real weights
	RebaseScale           *int       `json:"rebase_scale"`
	ScaleRebaseMultiplier int        `json:"scale_rebase_multiplier"`
	LookupRange           [2]int64   `json:"lookup_range"`
	LogRows               int        `json:"logrows"` // here: log2 of the size of the SRS that is needed
	NumInnerCols          int        `json:"num_inner_cols"`
	Variables             []Variable `json:"variables"`
	InputVisibility       Visibility `json:"input_visibility"`
	OutputVisibility      Visibility `json:"output_visibility"`
	ParamVisibility       Visibility `json:"param_visibility"`
	RebaseFracZero        bool       `json:"rebase_frac_zero_constants"`
	CheckMode             CheckMode  `json:"check_mode"`
	DecompBase            int        `json:"decomp_base"`
	DecompLegs            int        `json:"decomp_legs"`
	BoundedLogLookup      bool       `json:"bounded_log_lookup"`
	IgnoreRangeCheckIO    bool       `json:"ignore_range_check_inputs_outputs"`
	Epsilon               *float64   `json:"epsilon"`
	DisableFreivalds      bool       `json:"disable_freivalds"`
}

// Variable binds a symbolic dimension of the network to a length. Its JSON form is ["name", length].
type Variable struct {
	Name string
	Len  int
}

func (v Variable) MarshalJSON() ([]byte, error) { return json.Marshal([]any{v.Name, v.Len}) }

// CheckMode is ezkl's SAFE or UNSAFE (the zero value).
type CheckMode uint8

const (
	Unsafe CheckMode = iota
	Safe
)

// ParseCheckMode reads "safe" or "unsafe", in any letter case.
func ParseCheckMode(s string) (CheckMode, error) {
	switch strings.ToLower(s) {
	case "safe":
		return Safe, nil
	case "unsafe":
		return Unsafe, nil
	}
	return Unsafe, fmt.Errorf("unknown check mode %q: use safe or unsafe", s)
}

func (c CheckMode) String() string {
	if c == Safe {
		return "safe"
	}
	return "unsafe"
}

// Set and Type make a CheckMode a command-line flag.
func (c *CheckMode) Set(s string) error {
	m, err := ParseCheckMode(s)
	if err == nil {
		*c = m
	}
	return err
}

func (*CheckMode) Type() string { return "safe|unsafe" }

func (c CheckMode) MarshalJSON() ([]byte, error) {
	return []byte(strconv.Quote(strings.ToUpper(c.String()))), nil
}

// DefaultRunArgs are the defaults of ezkl's command line: private inputs and parameters, public outputs.
func DefaultRunArgs() RunArgs {
	eps := 2.220446049250313e-16
	return RunArgs{
		InputScale: 7, ParamScale: 7, ScaleRebaseMultiplier: 1, LookupRange: [2]int64{-32768, 32768}, LogRows: 17,
		NumInnerCols: 2, Variables: []Variable{{"batch_size", 1}},
		InputVisibility: Visibility{Kind: Private}, OutputVisibility: Visibility{Kind: Public},
		ParamVisibility: Visibility{Kind: Private}, DecompBase: 16384, DecompLegs: 2, Epsilon: &eps,
	}
}

// Limits of what run_args may say. Scales beyond these have no use and could overflow.
const (
	MaxScale   = 40
	MaxLogRows = 28
)

// Check returns all that is wrong with the arguments, each a line of its own (errors.Join), or nil.
func (a *RunArgs) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if a.InputScale < -MaxScale || a.InputScale > MaxScale {
		bad("input_scale %d is outside %d..%d", a.InputScale, -MaxScale, MaxScale)
	}
	if a.ParamScale < -MaxScale || a.ParamScale > MaxScale {
		bad("param_scale %d is outside %d..%d", a.ParamScale, -MaxScale, MaxScale)
	}
	if a.RebaseScale != nil && (*a.RebaseScale < -MaxScale || *a.RebaseScale > MaxScale) {
		bad("rebase_scale %d is outside %d..%d", *a.RebaseScale, -MaxScale, MaxScale)
	}
	if a.ScaleRebaseMultiplier < 1 {
		bad("scale_rebase_multiplier is %d, it must be at least 1", a.ScaleRebaseMultiplier)
	}
	if a.LookupRange[0] > a.LookupRange[1] {
		bad("lookup_range %d->%d: the minimum is above the maximum", a.LookupRange[0], a.LookupRange[1])
	}
	if a.LogRows < 1 || a.LogRows > MaxLogRows {
		bad("logrows is %d, it must be 1..%d", a.LogRows, MaxLogRows)
	}
	if a.NumInnerCols < 1 {
		bad("num_inner_cols is %d, it must be at least 1", a.NumInnerCols)
	}
	names := map[string]bool{}
	for _, v := range a.Variables {
		if names[v.Name] {
			bad("variables: %q occurs twice", printable(v.Name))
		}
		names[v.Name] = true
		if v.Len < 1 || v.Len > 1<<28 {
			bad("variables: %s is %d, it must be 1..%d", printable(v.Name), v.Len, 1<<28)
		}
	}
	switch {
	case a.DecompBase < 1:
		bad("decomp_base is %d, it must be at least 1", a.DecompBase)
	case a.DecompLegs < 1:
		bad("decomp_legs is %d, it must be at least 1", a.DecompLegs)
	case a.DecompLegs > 127 && a.DecompBase > 1, bigPower(a.DecompBase, a.DecompLegs).BitLen() > 127:
		bad("decomp_base %d to the power of decomp_legs %d is above 2^127", a.DecompBase, a.DecompLegs)
	}
	if a.Epsilon != nil && !(*a.Epsilon >= 0 && *a.Epsilon < math.MaxFloat32) {
		bad("epsilon is %v, it must be a small number that is not negative", *a.Epsilon)
	}
	errs = append(errs, a.checkVisibility()...)
	return errors.Join(errs...)
}

func bigPower(base, exp int) *big.Int {
	return new(big.Int).Exp(big.NewInt(int64(base)), big.NewInt(int64(min(exp, 128))), nil)
}

func (a *RunArgs) checkVisibility() (errs []error) {
	open := false
	for _, v := range []struct {
		name string
		v    Visibility
	}{{"input", a.InputVisibility}, {"output", a.OutputVisibility}, {"param", a.ParamVisibility}} {
		switch v.v.Kind {
		case Hashed, KZGCommit:
			errs = append(errs, fmt.Errorf("%s visibility %s: not there yet (use private, public or fixed)", v.name, v.v))
		case Public:
			if v.name == "param" {
				errs = append(errs, errors.New("param visibility public: parameters cannot be instances (use fixed)"))
			}
		}
		open = open || v.v.Kind != Private
	}
	if !open {
		errs = append(errs, errors.New("input, output and param are all private: a proof would say nothing (make one public or fixed)"))
	}
	return errs
}

// ParseVariables reads the flag form name->length,name->length.
func ParseVariables(s string) ([]Variable, error) {
	out := []Variable{}
	if strings.TrimSpace(s) == "" {
		return out, nil
	}
	for _, t := range strings.Split(s, ",") {
		name, length, ok := strings.Cut(t, "->")
		n, err := strconv.Atoi(strings.TrimSpace(length))
		if name = strings.TrimSpace(name); !ok || err != nil || name == "" {
			return nil, fmt.Errorf("variable %q: want name->length, such as batch_size->1", t)
		}
		out = append(out, Variable{name, n})
	}
	return out, nil
}

// ParseRange reads the flag form min->max.
func ParseRange(s string) ([2]int64, error) {
	lo, hi, ok := strings.Cut(s, "->")
	a, err1 := strconv.ParseInt(strings.TrimSpace(lo), 10, 64)
	b, err2 := strconv.ParseInt(strings.TrimSpace(hi), 10, 64)
	if !ok || err1 != nil || err2 != nil {
		return [2]int64{}, fmt.Errorf("range %q: want min->max, such as -32768->32768", s)
	}
	return [2]int64{a, b}, nil
}

// runArgs reads the run_args object. As in ezkl, unknown keys are ignored, and all keys but rebase_scale and epsilon are
// required.
func (s *scanner) runArgs() (RunArgs, error) {
	a := RunArgs{}
	seen := map[string]bool{}
	integer := func(to *int, lo, hi int64) error {
		v, err := s.integer(lo, hi)
		*to = int(v)
		return err
	}
	const i32 = math.MaxInt32
	err := s.object(func(key string) (err error) {
		seen[key] = true
		switch key {
		case "input_scale":
			return integer(&a.InputScale, -i32, i32)
		case "param_scale":
			return integer(&a.ParamScale, -i32, i32)
		case "rebase_scale":
			if s.null() {
				return nil
			}
			a.RebaseScale = new(int)
			return integer(a.RebaseScale, -i32, i32)
		case "scale_rebase_multiplier":
			return integer(&a.ScaleRebaseMultiplier, 0, math.MaxUint32)
		case "lookup_range":
			n := 0
			err := s.list(func(i int) error {
				if n++; n > 2 {
					return s.fail("a range has two ends")
				}
				a.LookupRange[i], err = s.integer(math.MinInt64, math.MaxInt64)
				return err
			})
			if err == nil && n != 2 {
				err = s.fail("a range has two ends, not %d", n)
			}
			return err
		case "logrows":
			return integer(&a.LogRows, 0, math.MaxUint32)
		case "num_inner_cols":
			return integer(&a.NumInnerCols, 0, math.MaxInt64)
		case "variables":
			a.Variables = []Variable{}
			return s.list(func(int) error {
				v, err := s.variable()
				a.Variables = append(a.Variables, v)
				return err
			})
		case "input_visibility":
			a.InputVisibility, err = s.visibility()
		case "output_visibility":
			a.OutputVisibility, err = s.visibility()
		case "param_visibility":
			a.ParamVisibility, err = s.visibility()
		case "rebase_frac_zero_constants":
			a.RebaseFracZero, err = s.boolean()
		case "check_mode":
			a.CheckMode, err = s.checkMode()
		case "decomp_base":
			return integer(&a.DecompBase, 0, math.MaxInt64)
		case "decomp_legs":
			return integer(&a.DecompLegs, 0, math.MaxInt64)
		case "bounded_log_lookup":
			a.BoundedLogLookup, err = s.boolean()
		case "ignore_range_check_inputs_outputs":
			a.IgnoreRangeCheckIO, err = s.boolean()
		case "epsilon":
			if s.null() {
				return nil
			}
			a.Epsilon = new(float64)
			*a.Epsilon, err = s.float()
		case "disable_freivalds":
			a.DisableFreivalds, err = s.boolean()
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return a, err
	}
	return a, s.require(seen, "input_scale", "param_scale", "scale_rebase_multiplier", "lookup_range", "logrows",
		"num_inner_cols", "variables", "input_visibility", "output_visibility", "param_visibility",
		"rebase_frac_zero_constants", "check_mode", "decomp_base", "decomp_legs", "bounded_log_lookup",
		"ignore_range_check_inputs_outputs", "disable_freivalds")
}

// require says which of the keys an object did not have.
func (s *scanner) require(seen map[string]bool, keys ...string) error {
	var missing []string
	for _, k := range keys {
		if !seen[k] {
			missing = append(missing, k)
		}
	}
	if missing == nil {
		return nil
	}
	return s.fail("missing: %s", strings.Join(missing, ", "))
}

func (s *scanner) variable() (v Variable, err error) {
	n := 0
	err = s.list(func(i int) (err error) {
		switch n++; i {
		case 0:
			v.Name, err = s.text("a name")
		case 1:
			var l int64
			l, err = s.integer(0, math.MaxInt64)
			v.Len = int(l)
		default:
			err = s.fail("a variable is [name, length]")
		}
		return err
	})
	if err == nil && n != 2 {
		err = s.fail("a variable is [name, length]")
	}
	return v, err
}

func (s *scanner) checkMode() (CheckMode, error) {
	t, err := s.text("\"SAFE\" or \"UNSAFE\"")
	if err != nil {
		return Unsafe, err
	}
	if t != "SAFE" && t != "UNSAFE" {
		return Unsafe, s.fail("found %q, want \"SAFE\" or \"UNSAFE\"", printable(t))
	}
	return ParseCheckMode(t)
}
