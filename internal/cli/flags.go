package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ezkl-go/ezkl"
)

// parsed is a flag whose text is parsed by the API.
type parsed[T any] struct {
	to    *T
	parse func(string) (T, error)
	text  string
	kind  string
}

func (p *parsed[T]) String() string { return p.text }
func (p *parsed[T]) Type() string   { return p.kind }
func (p *parsed[T]) Set(s string) error {
	v, err := p.parse(s)
	if err == nil {
		*p.to, p.text = v, s
	}
	return err
}

func variablesFlag(f *pflag.FlagSet, to *[]ezkl.Variable) {
	*to = ezkl.DefaultRunArgs().Variables
	f.VarP(&parsed[[]ezkl.Variable]{to, ezkl.ParseVariables, "batch_size->1", "name->n,.."}, "variables", "V",
		"lengths of the network's symbolic dimensions")
}

// runArgs are the flags that shape a circuit, of gen-settings and table.
type runArgs struct {
	args ezkl.RunArgs
}

func (r *runArgs) flags(cmd *cobra.Command) {
	r.args = ezkl.DefaultRunArgs()
	f, a := cmd.Flags(), &r.args
	f.SortFlags = false
	f.IntVarP(&a.InputScale, "input-scale", "S", a.InputScale, "log2 of the multiplier of real inputs (default: by calibration)")
	f.IntVar(&a.ParamScale, "param-scale", a.ParamScale, "log2 of the multiplier of real weights (default: by calibration)")
	f.Var(&optionalInt{&a.RebaseScale}, "rebase-scale", "scale to return to after products (default: the larger of the two above)")
	f.IntVar(&a.ScaleRebaseMultiplier, "scale-rebase-multiplier", a.ScaleRebaseMultiplier, "return to the scale when it exceeds this multiple")
	f.VarP(&parsed[[2]int64]{&a.LookupRange, ezkl.ParseRange, "-32768->32768", "min->max"}, "lookup-range", "B",
		"range of lookup inputs (accepted; the circuit sets its own)")
	f.IntVarP(&a.LogRows, "logrows", "K", a.LogRows, "log2 of the SRS size (default: what the circuit needs)")
	f.IntVarP(&a.NumInnerCols, "num-inner-cols", "N", a.NumInnerCols, "accepted for ezkl's sake, without effect")
	variablesFlag(f, &a.Variables)
	f.Var(&a.InputVisibility, "input-visibility", "private, public or fixed")
	f.Var(&a.OutputVisibility, "output-visibility", "private, public or fixed")
	f.Var(&a.ParamVisibility, "param-visibility", "private or fixed")
	f.BoolVar(&a.RebaseFracZero, "rebase-frac-zero-constants", false, "accepted for ezkl's sake, without effect")
	f.Var(&a.CheckMode, "check-mode", "accepted for ezkl's sake, without effect: checks are always on")
	f.IntVar(&a.DecompBase, "decomp-base", a.DecompBase, "accepted for ezkl's sake, without effect")
	f.IntVar(&a.DecompLegs, "decomp-legs", a.DecompLegs, "accepted for ezkl's sake, without effect")
	f.BoolVar(&a.BoundedLogLookup, "bounded-log-lookup", false, "accepted for ezkl's sake, without effect")
	f.BoolVar(&a.IgnoreRangeCheckIO, "ignore-range-check-inputs-outputs", false, "accepted for ezkl's sake, without effect: inputs and outputs are always checked")
	f.Var(&optionalFloat{&a.Epsilon}, "epsilon", "added to denominators that are 0")
	f.BoolVar(&a.DisableFreivalds, "disable-freivalds", false, "accepted for ezkl's sake, without effect")
}

// options are the arguments, and which of those that override calibration were on the command line.
func (r *runArgs) options(cmd *cobra.Command) ezkl.SettingsOptions {
	changed := cmd.Flags().Changed
	return ezkl.SettingsOptions{
		RunArgs:      r.args,
		GlobalScales: changed("input-scale") || changed("param-scale") || changed("rebase-scale") || changed("scale-rebase-multiplier"),
		KeepLogRows:  changed("logrows"),
	}
}

type optionalInt struct{ to **int }

func (o *optionalInt) Type() string { return "int" }
func (o *optionalInt) String() string {
	if o.to == nil || *o.to == nil {
		return ""
	}
	return strconv.Itoa(**o.to)
}

func (o *optionalInt) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil {
		return fmt.Errorf("%q is no integer", s)
	}
	*o.to = &v
	return nil
}

type optionalFloat struct{ to **float64 }

func (o *optionalFloat) Type() string { return "float" }
func (o *optionalFloat) String() string {
	if o.to == nil || *o.to == nil {
		return ""
	}
	return strconv.FormatFloat(**o.to, 'g', -1, 64)
}

func (o *optionalFloat) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return fmt.Errorf("%q is no number", s)
	}
	*o.to = &v
	return nil
}
