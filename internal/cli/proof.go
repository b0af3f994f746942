package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

func (a *app) genWitness() *cobra.Command {
	var data, compiled, output, vk, srs string
	cmd := &cobra.Command{Use: "gen-witness", Short: "Run the network on an input: write witness.json"}
	f := cmd.Flags()
	f.StringVarP(&data, "data", "D", ezkl.DefaultData, "input: a file (.json, .npy, .npz), @file or JSON text")
	f.StringVarP(&compiled, "compiled-circuit", "M", ezkl.DefaultCompiled, "compiled circuit")
	f.StringVarP(&output, "output", "O", ezkl.DefaultWitness, "witness to write")
	f.StringVarP(&vk, "vk-path", "V", "", "accepted for ezkl's sake, without effect (for the visibility polycommit)")
	f.StringVarP(&srs, "srs-path", "P", "", "accepted for ezkl's sake, without effect (for the visibility polycommit)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := ezkl.LoadCircuit(compiled)
		if err != nil {
			return err
		}
		d, err := a.data(data)
		if err != nil {
			return err
		}
		w, err := ezkl.GenWitness(cmd.Context(), c, d)
		if err != nil {
			return err
		}
		a.warnSurplus(d, len(c.Inputs()))
		if err := ezkl.Save(output, w); err != nil {
			return err
		}
		return a.result(struct {
			Witness string     `json:"witness"`
			Outputs [][]string `json:"outputs"`
		}{output, w.Pretty.RescaledOutputs}, "wrote %s\n%s", output, outputs(c, w))
	}
	return cmd
}

// outputs lists the first entries of each output.
func outputs(c *ezkl.Circuit, w *ezkl.Witness) string {
	text := ""
	for i, values := range w.Pretty.RescaledOutputs {
		if i > 0 {
			text += "\n"
		}
		text += fmt.Sprintf("%s = [", c.Outputs()[i].Name)
		for j, v := range values {
			if j == 10 {
				text += fmt.Sprintf(" .. (%d values)", len(values))
				break
			}
			if j > 0 {
				text += " "
			}
			text += v
		}
		text += "]"
	}
	return text
}

func (a *app) mock() *cobra.Command {
	var witness, compiled string
	cmd := &cobra.Command{Use: "mock", Short: "Check every relation and lookup of a witness, without a proof"}
	cmd.Flags().StringVarP(&witness, "witness", "W", ezkl.DefaultWitness, "witness")
	cmd.Flags().StringVarP(&compiled, "model", "M", ezkl.DefaultCompiled, "compiled circuit")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := ezkl.LoadCircuit(compiled)
		if err != nil {
			return err
		}
		w, err := ezkl.LoadWitness(witness)
		if err != nil {
			return err
		}
		r, err := ezkl.Mock(cmd.Context(), c, w)
		if err != nil {
			return err
		}
		return a.result(r, "%s", r)
	}
	return cmd
}

func (a *app) prove() *cobra.Command {
	var witness, compiled, pkPath, path, srsPath string
	var timings bool
	var o ezkl.ProveOptions
	mode := "safe"
	cmd := &cobra.Command{Use: "prove", Short: "Prove a witness: write proof.json"}
	f := cmd.Flags()
	f.StringVarP(&witness, "witness", "W", ezkl.DefaultWitness, "witness")
	f.StringVarP(&compiled, "compiled-circuit", "M", ezkl.DefaultCompiled, "compiled circuit")
	f.StringVar(&pkPath, "pk-path", ezkl.DefaultPK, "proving key")
	f.StringVar(&path, "proof-path", ezkl.DefaultProof, "proof to write")
	f.StringVar(&srsPath, "srs-path", "", "SRS (default: $EZKL_REPO_PATH/srs/kzg{logrows}.srs)")
	f.StringVar(&mode, "check-mode", mode, "safe: verify the proof before writing it; unsafe: do not")
	f.StringVar(&o.Transcript, "transcript", "evm", "hash of the proof: evm (Keccak-256) or poseidon (cheap inside another proof)")
	f.BoolVar(&timings, "timings", false, "also print how long each stage took")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var watch *stopwatch
		if timings {
			watch = &stopwatch{}
		}
		o.Progress = watch.progress(a.bar.progress())
		if mode != "safe" && mode != "unsafe" {
			return fmt.Errorf("--check-mode %q: use safe or unsafe", mode)
		}
		o.SkipCheck = mode == "unsafe"
		watch.start("read files")
		c, err := ezkl.LoadCircuit(compiled)
		if err != nil {
			return err
		}
		w, err := ezkl.LoadWitness(witness)
		if err != nil {
			return err
		}
		pk, err := ezkl.LoadProvingKey(pkPath)
		if err != nil {
			return err
		}
		s, err := ezkl.FindSRS(srsPath, pk.LogRows())
		if err != nil {
			return err
		}
		p, err := ezkl.Prove(cmd.Context(), c, pk, s, w, o)
		if err != nil {
			return err
		}
		watch.start("write proof")
		if err := ezkl.Save(path, p); err != nil {
			return err
		}
		return a.result(struct {
			Proof     string      `json:"proof"`
			Bytes     int         `json:"proof_bytes"`
			Instances int         `json:"instances"`
			Checked   bool        `json:"verified"`
			Unsafe    bool        `json:"srs_unsafe"`
			Timings   []stageTime `json:"timings,omitempty"`
		}{path, len(p.Bytes), len(p.Instances), !o.SkipCheck, pk.Unsafe(), watch.list()},
			"wrote %s: %s of proof for %d instances%s%s", path, size(int64(len(p.Bytes))), len(p.Instances), checked(!o.SkipCheck), watch.text())
	}
	return cmd
}

func checked(yes bool) string {
	if yes {
		return ", verified"
	}
	return ""
}

func (a *app) verify() *cobra.Command {
	var settings, path, vkPath, srsPath, compiled, witness string
	var reduced bool
	var o ezkl.VerifyOptions
	cmd := &cobra.Command{Use: "verify", Short: "Verify a proof"}
	f := cmd.Flags()
	f.StringVarP(&settings, "settings-path", "S", ezkl.DefaultSettings, "accepted for ezkl's sake: the key holds all that is needed")
	f.StringVar(&path, "proof-path", ezkl.DefaultProof, "proof")
	f.StringVar(&vkPath, "vk-path", ezkl.DefaultVK, "verifying key")
	f.StringVar(&srsPath, "srs-path", "", "also check that the key was made with this SRS")
	f.BoolVar(&reduced, "reduced-srs", false, "accepted for ezkl's sake, without effect: no SRS is needed")
	f.StringVarP(&compiled, "compiled-circuit", "M", "", "also check that the key is one of this compiled circuit (needs --srs-path)")
	f.BoolVar(&o.RequireCeremony, "require-ceremony", false, "refuse a key whose SRS is not the public ceremony's (compared with --srs-path or a file of get-srs)")
	f.StringVarP(&witness, "witness", "W", "", "witness with the values of fixed inputs and outputs, for --compiled-circuit")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if compiled != "" && srsPath == "" {
			return errors.New("--compiled-circuit needs --srs-path: the key's public rows are computed again")
		}
		if cmd.Flags().Changed("settings-path") {
			if _, err := ezkl.LoadSettings(settings); err != nil {
				return err
			}
		}
		vk, err := ezkl.LoadVerifyingKey(vkPath)
		if err != nil {
			return err
		}
		p, err := ezkl.LoadProof(path)
		if err != nil {
			return err
		}
		if srsPath != "" {
			s, err := ezkl.LoadSRS(srsPath, vk.LogRows())
			if err != nil {
				return err
			}
			var c *ezkl.Circuit
			var w *ezkl.Witness
			if compiled != "" {
				if c, err = ezkl.LoadCircuit(compiled); err != nil {
					return err
				}
			}
			if witness != "" {
				if w, err = ezkl.LoadWitness(witness); err != nil {
					return err
				}
			}
			o.CeremonySRS = srsPath
			if err := ezkl.CheckKey(cmd.Context(), vk, c, s, w); err != nil {
				return err
			}
		}
		if vk.Unsafe() && !o.RequireCeremony {
			a.warnUnsafe()
		}
		out := struct {
			Verified bool   `json:"verified"`
			Code     string `json:"code,omitempty"`
			Reason   string `json:"reason,omitempty"`
			Digest   string `json:"vk_digest"`
			Unsafe   bool   `json:"srs_unsafe"`
		}{Verified: true, Digest: vk.Digest(), Unsafe: vk.Unsafe()}
		if err := ezkl.Verify(vk, p, o); err != nil {
			if a.json {
				out.Verified, out.Code, out.Reason = false, ezkl.RejectionCode(err), err.Error()
				if perr := a.result(out, ""); perr != nil {
					return perr
				}
			}
			return err
		}
		return a.result(out, "verified: true")
	}
	return cmd
}
