package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

func (a *app) genSRS() *cobra.Command {
	var path string
	var logRows int
	cmd := &cobra.Command{Use: "gen-srs", Short: "Make an SRS of one's own, unsafe but for tests",
		Long: `Make an SRS of one's own.

Whoever makes an SRS could keep its secret and prove anything. So the file, every key made with it and the report of every
proof under such a key are marked unsafe. For anything but tests, use get-srs.`}
	cmd.Flags().StringVar(&path, "srs-path", "", "SRS to write (required)")
	cmd.Flags().IntVar(&logRows, "logrows", 0, "log2 of its size (required; settings.json has it as run_args.logrows)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if path == "" || logRows == 0 {
			return hint(errors.New("gen-srs needs --srs-path and --logrows"), "run_args.logrows in settings.json is the size that a circuit needs")
		}
		s, err := ezkl.UnsafeSRS(cmd.Context(), logRows)
		if err != nil {
			return err
		}
		if err := s.Save(path); err != nil {
			return err
		}
		a.warn("%s is unsafe: whoever made it can forge proofs; use it for tests only (get-srs fetches one of a ceremony)", path)
		return a.result(struct {
			Path    string `json:"srs"`
			LogRows int    `json:"logrows"`
			Unsafe  bool   `json:"srs_unsafe"`
		}{path, logRows, true}, "wrote %s (2^%d)", path, logRows)
	}
	return cmd
}

func (a *app) getSRS() *cobra.Command {
	var settings string
	o := ezkl.GetSRSOptions{Progress: a.bar.progress()}
	cmd := &cobra.Command{Use: "get-srs", Short: "Fetch and check the SRS of a public ceremony"}
	f := cmd.Flags()
	f.StringVar(&o.Path, "srs-path", "", "where it shall lie (default: $EZKL_REPO_PATH/srs/kzg{logrows}.srs)")
	f.StringVarP(&settings, "settings-path", "S", ezkl.DefaultSettings, "settings, for logrows")
	f.IntVar(&o.LogRows, "logrows", 0, "log2 of its size (default: that of the settings)")
	f.StringVar(&o.From, "from", "", "URL or file to take it from: a halo2 .srs or a .ptau (default: the ceremony's mirror)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.LogRows == 0 {
			s, err := ezkl.LoadSettings(settings)
			if err != nil {
				return err
			}
			o.LogRows = s.RunArgs.LogRows
		}
		r, err := ezkl.GetSRS(cmd.Context(), o)
		if err != nil {
			return err
		}
		if r.Unsafe {
			a.warn("%s is unsafe: whoever made it can forge proofs; use it for tests only", r.Path)
		}
		return a.result(r, "%s", r)
	}
	return cmd
}

func (a *app) setup() *cobra.Command {
	var compiled, srsPath, vkPath, pkPath, witness string
	target := "local"
	var noCompression bool
	o := ezkl.SetupOptions{Progress: a.bar.progress()}
	cmd := &cobra.Command{Use: "setup", Short: "Commit to the network: write vk.key and pk.key"}
	f := cmd.Flags()
	f.StringVarP(&compiled, "compiled-circuit", "M", ezkl.DefaultCompiled, "compiled circuit")
	f.StringVar(&srsPath, "srs-path", "", "SRS (default: $EZKL_REPO_PATH/srs/kzg{logrows}.srs)")
	f.StringVar(&vkPath, "vk-path", ezkl.DefaultVK, "verifying key to write")
	f.StringVar(&pkPath, "pk-path", ezkl.DefaultPK, "proving key to write")
	f.StringVarP(&witness, "witness", "W", "", "witness with the values of fixed inputs and outputs")
	f.StringVar(&target, "target", target, "what proofs shall be cheap for: local (prover and verify), or evm (gas of a contract)")
	f.BoolVar(&noCompression, "disable-selector-compression", false, "accepted for ezkl's sake, without effect")
	f.BoolVar(&o.RequireCeremony, "require-ceremony", false, "refuse an SRS that is not the public ceremony's (known by its digest, or compared with a file of get-srs)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := ezkl.LoadCircuit(compiled)
		if err != nil {
			return err
		}
		if witness != "" {
			if o.Witness, err = ezkl.LoadWitness(witness); err != nil {
				return err
			}
		}
		switch target {
		case "local":
		case "evm":
			if c, err = c.ForEVM(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("--target %q: use local or evm", target)
		}
		s, err := ezkl.FindSRS(srsPath, c.LogRows())
		if err != nil {
			return err
		}
		pk, vk, err := ezkl.Setup(cmd.Context(), c, s, o)
		if err != nil {
			return err
		}
		vkBytes, pkBytes := &counter{WriterTo: vk}, &counter{WriterTo: pk}
		if err := ezkl.SaveAll(map[string]io.WriterTo{vkPath: vkBytes, pkPath: pkBytes}); err != nil {
			return err
		}
		if vk.Unsafe() {
			a.warnUnsafe()
		}
		return a.result(struct {
			VK      string `json:"vk"`
			PK      string `json:"pk"`
			VKBytes int64  `json:"vk_bytes"`
			PKBytes int64  `json:"pk_bytes"`
			Digest  string `json:"vk_digest"`
			Unsafe  bool   `json:"srs_unsafe"`
		}{vkPath, pkPath, vkBytes.n, pkBytes.n, vk.Digest(), vk.Unsafe()},
			"wrote %s (%s) and %s (%s)", vkPath, size(vkBytes.n), pkPath, size(pkBytes.n))
	}
	return cmd
}

// warnUnsafe is the one loud line about a key of an unsafe SRS.
func (a *app) warnUnsafe() {
	a.warn("UNSAFE SRS: this key was made with an SRS of gen-srs, whose maker can forge proofs; use it for tests only")
}

// counter counts the bytes of an artefact as it is written.
type counter struct {
	io.WriterTo
	n int64
}

func (c *counter) WriteTo(w io.Writer) (int64, error) {
	n, err := c.WriterTo.WriteTo(w)
	c.n = n
	return n, err
}
