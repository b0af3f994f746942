package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

func modelFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVarP(to, "model", "M", ezkl.DefaultModel, "ONNX file")
}

func (a *app) table() *cobra.Command {
	var model string
	var args runArgs
	cmd := &cobra.Command{Use: "table", Short: "List the nodes of a network"}
	modelFlag(cmd, &model)
	args.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := ezkl.LoadModel(model, ezkl.ModelOptions{Variables: args.args.Variables})
		if err != nil {
			return err
		}
		t := m.Table()
		return a.result(struct {
			Model   string            `json:"model"`
			Inputs  []ezkl.TensorInfo `json:"inputs"`
			Outputs []ezkl.TensorInfo `json:"outputs"`
			Nodes   []ezkl.TableRow   `json:"nodes"`
		}{model, m.Inputs(), m.Outputs(), t}, "%s", ezkl.FormatTable(m))
	}
	return cmd
}

func (a *app) genSettings() *cobra.Command {
	var model, path string
	var args runArgs
	cmd := &cobra.Command{Use: "gen-settings", Short: "Choose visibilities and scales: write settings.json"}
	modelFlag(cmd, &model)
	cmd.Flags().StringVarP(&path, "settings-path", "O", ezkl.DefaultSettings, "settings to write")
	args.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o := args.options(cmd)
		if err := o.RunArgs.Check(); err != nil {
			return err
		}
		m, err := ezkl.LoadModel(model, ezkl.ModelOptions{Variables: o.RunArgs.Variables})
		if err != nil {
			return err
		}
		s, err := ezkl.GenSettings(cmd.Context(), m, o)
		if err != nil {
			return err
		}
		if err := ezkl.Save(path, s); err != nil {
			return err
		}
		return a.result(struct {
			Settings string `json:"settings"`
			LogRows  int    `json:"logrows"`
		}{path, s.RunArgs.LogRows}, "wrote %s (input %s, output %s, param %s)", path,
			s.RunArgs.InputVisibility, s.RunArgs.OutputVisibility, s.RunArgs.ParamVisibility)
	}
	return cmd
}

func (a *app) genRandomData() *cobra.Command {
	var model, path string
	var o ezkl.RandomOptions
	cmd := &cobra.Command{Use: "gen-random-data", Short: "Write random input data"}
	modelFlag(cmd, &model)
	f := cmd.Flags()
	var variables []ezkl.Variable
	f.StringVarP(&path, "data", "D", ezkl.DefaultData, "input data to write")
	variablesFlag(f, &variables)
	f.Uint64Var(&o.Seed, "seed", 21242, "seed of the generator")
	f.Float64Var(&o.Min, "min", 0, "smallest value")
	f.Float64Var(&o.Max, "max", 1, "bound of the values, exclusive")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := ezkl.LoadModel(model, ezkl.ModelOptions{Variables: variables})
		if err != nil {
			return err
		}
		d, err := ezkl.RandomData(m, o)
		if err != nil {
			return err
		}
		if err := ezkl.Save(path, d); err != nil {
			return err
		}
		return a.result(map[string]any{"data": path}, "wrote %s", path)
	}
	return cmd
}

func (a *app) calibrateSettings() *cobra.Command {
	var data, model, path string
	o := ezkl.CalibrateOptions{Progress: a.bar.progress()}
	cmd := &cobra.Command{Use: "calibrate-settings", Short: "Choose the scale of every tensor from sample inputs: update settings.json"}
	modelFlag(cmd, &model)
	f := cmd.Flags()
	f.StringVarP(&data, "data", "D", ezkl.DefaultCalibration, "sample inputs: a file, @file or JSON text")
	f.StringVarP(&path, "settings-path", "O", ezkl.DefaultSettings, "settings to update")
	f.StringVar(&o.Target, "target", "balanced", "balanced (values of 16 bits, or up to 20 if those are not accurate), resources (the cheapest widths within --max-error) or accuracy (the most accurate)")
	f.Float64Var(&o.MaxError, "max-error", 1e-3, "error that target resources may make, over the largest output or 1")
	f.StringVar(&o.Completeness, "completeness", "calibrated", "which inputs have a proof: calibrated (like the samples), guaranteed (all in --input-range) or clamp (all, by saturation)")
	f.Var(&parsed[map[string]ezkl.Range]{&o.InputRanges, ezkl.ParseInputRanges, "", "[name=]lo:hi,.."}, "input-range",
		"inputs that --completeness guaranteed is about (default: what the samples span, with headroom)")
	f.Float64Var(&o.LookupSafetyMargin, "lookup-safety-margin", 2, "headroom over the largest value seen")
	f.IntSliceVar(&o.Scales, "scales", nil, "scales to try, for all tensors alike (default: a scale for each tensor)")
	f.IntSliceVar(&o.ScaleRebaseMultiplier, "scale-rebase-multiplier", nil, "multipliers to try with --scales")
	f.IntVar(&o.MaxLogRows, "max-logrows", 0, "largest SRS size to use, log2 (default: no limit)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := ezkl.LoadSettings(path)
		if err != nil {
			return err
		}
		m, err := ezkl.LoadModel(model, ezkl.ModelOptions{Variables: s.RunArgs.Variables})
		if err != nil {
			return err
		}
		d, err := a.data(data)
		if err != nil {
			return calibrationHint(data, err)
		}
		r, err := ezkl.Calibrate(cmd.Context(), m, s, d, o)
		if err != nil {
			return err
		}
		if err := ezkl.Save(path, s); err != nil {
			return err
		}
		a.warnSurplus(d, len(m.Inputs()))
		for _, w := range r.Warnings {
			a.warn("%s", w)
		}
		return a.result(struct {
			Settings string                  `json:"settings"`
			LogRows  int                     `json:"logrows"`
			Report   *ezkl.CalibrationReport `json:"report"`
		}{path, s.RunArgs.LogRows, r}, "%s\nwrote %s (logrows %d)", r, path, s.RunArgs.LogRows)
	}
	return cmd
}

// calibrationHint says that one input will do where the default calibration file is missing.
func calibrationHint(data string, err error) error {
	if data == ezkl.DefaultCalibration && missing(data) && !missing(ezkl.DefaultData) {
		return hint(err, "%s can serve: --data %s", ezkl.DefaultData, ezkl.DefaultData)
	}
	return err
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

func (a *app) compileCircuit() *cobra.Command {
	var model, path, settings string
	cmd := &cobra.Command{Use: "compile-circuit", Short: "Turn a network into a circuit: write model.compiled"}
	modelFlag(cmd, &model)
	cmd.Flags().StringVar(&path, "compiled-circuit", ezkl.DefaultCompiled, "compiled circuit to write")
	cmd.Flags().StringVarP(&settings, "settings-path", "S", ezkl.DefaultSettings, "settings")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := ezkl.LoadSettings(settings)
		if err != nil {
			return err
		}
		if err := s.RunArgs.Check(); err != nil {
			return err
		}
		m, err := ezkl.LoadModel(model, ezkl.ModelOptions{Variables: s.RunArgs.Variables})
		if err != nil {
			return err
		}
		c, err := ezkl.Compile(cmd.Context(), m, s, ezkl.CompileOptions{Progress: a.bar.progress()})
		if err != nil {
			return err
		}
		if err := ezkl.Save(path, c); err != nil {
			return err
		}
		if !s.Calibrated() {
			a.warn("%s is not calibrated: ranges are guesses, and inputs outside them will be refused (run calibrate-settings)", settings)
		}
		i := c.Info()
		return a.result(struct {
			Compiled string `json:"compiled_circuit"`
			ezkl.CircuitInfo
		}{path, i}, "wrote %s: %s", path, i)
	}
	return cmd
}

// warnSurplus says that arrays of the data were left out.
func (a *app) warnSurplus(d *ezkl.Data, inputs int) {
	if n := d.Surplus(inputs); n > 0 {
		a.warn("%s has %d arrays, the network %d inputs: the last %d are not used", d.Name, inputs+n, inputs, n)
	}
}

// data reads input data as flags give it: @file, JSON text, or a path.
func (a *app) data(arg string) (*ezkl.Data, error) { return ezkl.DataArgument(arg) }
