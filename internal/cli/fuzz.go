package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

// fuzz runs in two forms: of a network with its input (-M network.onnx -D input.json), and, as ezkl 9 did, of a compiled
// circuit with a witness (-M model.compiled -W witness.json).
func (a *app) fuzz() *cobra.Command {
	var model, data, witness, sarif, html string
	var noCompression bool
	var args runArgs
	o := ezkl.FuzzOptions{Progress: a.bar.progress()}
	cmd := &cobra.Command{Use: "fuzz", Short: "Try to break a circuit, its keys and its proofs",
		Long: `Try to break a circuit, its keys and its proofs: honest inputs at the edges of the model's domain must be provable, and
changed files, forged proofs and wrong witnesses must be refused. Keys and SRS are made for the run.

Two forms: -M network.onnx -D input.json compiles and calibrates first; -M model.compiled -W witness.json takes a circuit as
it is. The exit code is 1 if anything false was accepted, anything true refused, or anything crashed or hung.`}
	args.flags(cmd)
	f := cmd.Flags()
	f.StringVarP(&model, "model", "M", ezkl.DefaultModel, "ONNX file, or compiled circuit")
	f.StringVar(&model, "compiled-circuit", ezkl.DefaultModel, "the same as --model")
	f.StringVarP(&data, "data", "D", ezkl.DefaultData, "input: a file, @file or JSON text")
	f.StringVarP(&witness, "witness", "W", "", "witness of a compiled circuit (default: witness.json beside it)")
	f.StringVar(&o.Transcript, "transcript", "evm", "hash of the proofs: evm or poseidon")
	f.IntVar(&o.NumRuns, "num-runs", 10, "witnesses to prove; also scales how many changes are tried")
	f.BoolVar(&noCompression, "disable-selector-compression", false, "accepted for ezkl's sake, without effect")
	f.Uint64Var(&o.Seed, "seed", 0, "seed: the same one tries the same cases")
	f.DurationVar(&o.Time, "time", 0, "keep going for about this long, such as 10m (default: as long as --num-runs asks for)")
	f.StringSliceVar(&o.Targets, "targets", nil, "only these: "+strings.Join(ezkl.FuzzTargets(), ","))
	f.StringVar(&o.Save, "save", "", "folder for the files that reproduce findings")
	f.StringVar(&sarif, "sarif", "", "also write the findings as SARIF 2.1.0")
	f.StringVar(&html, "html", "", "also write the report as one HTML page")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.NumRuns < 1 {
			return fmt.Errorf("--num-runs %d: at least 1", o.NumRuns)
		}
		if o.Time < 0 {
			return fmt.Errorf("--time %v: a positive time", o.Time)
		}
		start := time.Now()
		r, err := a.fuzzRun(cmd, model, data, witness, &args, o)
		if err != nil {
			return err
		}
		r.Seconds = time.Since(start).Seconds()
		for path, write := range map[string]func(io.Writer) error{sarif: r.SARIF, html: r.HTML} {
			if path == "" {
				continue
			}
			var b bytes.Buffer
			if err := write(&b); err != nil {
				return err
			}
			if err := ezkl.Save(path, &b); err != nil {
				return err
			}
		}
		if err := a.result(r, "%s", r); err != nil {
			return err
		}
		if n := len(r.Findings); n > 0 {
			err := fmt.Errorf("fuzz: %d findings", n)
			if o.Save == "" {
				return hint(err, "--save DIR keeps the files that reproduce them; --seed %d repeats the run", o.Seed)
			}
			return err
		}
		return nil
	}
	return cmd
}

// fuzzRun tells the two forms apart by what the model file is.
func (a *app) fuzzRun(cmd *cobra.Command, model, data, witness string, args *runArgs, o ezkl.FuzzOptions) (*ezkl.FuzzReport, error) {
	if cmd.Flags().Changed("witness") || isCompiled(model) {
		if cmd.Flags().Changed("data") {
			return nil, errors.New("--data is for a network: a compiled circuit takes --witness")
		}
		if witness == "" {
			witness = ezkl.DefaultWitness
		}
		c, err := ezkl.LoadCircuit(model)
		if err != nil {
			return nil, err
		}
		w, err := ezkl.LoadWitness(witness)
		if err != nil {
			return nil, err
		}
		return ezkl.FuzzCircuit(cmd.Context(), c, w, o)
	}
	s := args.options(cmd)
	if err := s.RunArgs.Check(); err != nil {
		return nil, err
	}
	m, err := ezkl.LoadModel(model, ezkl.ModelOptions{Variables: s.RunArgs.Variables})
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(model)
	if err != nil {
		return nil, err
	}
	d, err := a.data(data)
	if err != nil {
		return nil, err
	}
	return ezkl.Fuzz(cmd.Context(), m, raw, d, s, o)
}

func isCompiled(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var b [8]byte
	_, err = io.ReadFull(f, b[:])
	return err == nil && string(b[:]) == "EZKLCIRC"
}
