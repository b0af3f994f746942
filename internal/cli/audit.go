package cli

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

// errAudit ends an audit whose report fails: the report says why.
var errAudit = errors.New("the audit fails: see the checks marked FAIL")

// audited are the files that audit and verify-key look at.
type audited struct {
	compiled, vk, srs, settings, witness string
	ceremony                             bool
}

func (f *audited) flags(cmd *cobra.Command, vk string) {
	cmd.Flags().StringVar(&f.vk, "vk-path", vk, "verifying key")
	cmd.Flags().StringVar(&f.srs, "srs-path", "", "SRS of the key: its powers, its origin, and the key's public rows computed again")
	cmd.Flags().StringVarP(&f.witness, "witness", "W", "", "witness with the values of fixed inputs and outputs")
	cmd.Flags().BoolVar(&f.ceremony, "require-ceremony", false, "fail if the SRS is not shown to be the public ceremony's")
}

// load reads what is given; the circuit is nil if there is none.
func (f *audited) load() (*ezkl.Circuit, ezkl.AuditOptions, error) {
	o := ezkl.AuditOptions{CircuitPath: f.compiled, KeyPath: f.vk, RequireCeremony: f.ceremony}
	var c *ezkl.Circuit
	var err error
	if f.compiled != "" {
		if c, err = ezkl.LoadCircuit(f.compiled); err != nil {
			return nil, o, err
		}
	}
	if f.srs != "" {
		rows := 1 // [tau]_2 is enough
		if c != nil {
			rows = c.LogRows()
		}
		if o.SRS, err = ezkl.LoadSRS(f.srs, rows); err != nil {
			return nil, o, err
		}
	}
	if f.witness != "" {
		if o.Witness, err = ezkl.LoadWitness(f.witness); err != nil {
			return nil, o, err
		}
	}
	if f.settings != "" {
		if o.Settings, err = ezkl.LoadSettings(f.settings); err != nil {
			return nil, o, err
		}
	}
	return c, o, nil
}

func (a *app) audit() *cobra.Command {
	var f audited
	var sarif, html string
	var exhaustive bool
	cmd := &cobra.Command{Use: "audit", Short: "Collect evidence about a circuit and its key for an auditor",
		Long: `Collect evidence about a compiled circuit and its key for an auditor.

The report says why each integer is determined and how far it is from wrapping, what the tables cover, what is public and
what binds it, how many bits of security a proof has, where the SRS comes from, and which choices weaken a proof. It needs
neither the network nor an input. The exit code is 1 if a check fails or an integer is not determined.`}
	f.flags(cmd, "")
	cmd.Flags().StringVarP(&f.compiled, "compiled-circuit", "M", ezkl.DefaultCompiled, "compiled circuit")
	cmd.Flags().StringVarP(&f.settings, "settings-path", "S", "", "settings that should be those of the circuit")
	cmd.Flags().StringVar(&sarif, "sarif", "", "also write the checks as SARIF 2.1.0 to this file")
	cmd.Flags().StringVar(&html, "html", "", "also write the report as one HTML page to this file")
	cmd.Flags().BoolVar(&exhaustive, "exhaustive", false, "also search for second witnesses by enumeration")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, o, err := f.load()
		if err != nil {
			return err
		}
		o.Exhaustive, o.Progress = exhaustive, a.bar.progress()
		r, err := ezkl.Audit(cmd.Context(), c, o)
		if err != nil {
			return err
		}
		files := map[string]io.WriterTo{}
		if sarif != "" {
			files[sarif] = ezkl.AuditSARIF(r)
		}
		if html != "" {
			files[html] = ezkl.AuditHTML(r)
		}
		if err := ezkl.SaveAll(files); err != nil {
			return err
		}
		var text strings.Builder
		if err := r.WriteText(&text); err != nil {
			return err
		}
		if err := a.result(r, "%s", strings.TrimSuffix(text.String(), "\n")); err != nil {
			return err
		}
		if r.Failed() {
			return errAudit
		}
		return nil
	}
	return cmd
}

func (a *app) verifyKey() *cobra.Command {
	var f audited
	cmd := &cobra.Command{Use: "verify-key", Short: "Check a verifying key that somebody else made",
		Long: `Check a verifying key that somebody else made: its encoding, its points, its key proof; with --srs-path, that it was made
with this SRS; with --compiled-circuit, that it is one of this circuit, whose public constants are committed again.
The exit code is 1 if a check fails, or, with --compiled-circuit, could not be made.`}
	f.flags(cmd, ezkl.DefaultVK)
	cmd.Flags().StringVarP(&f.compiled, "compiled-circuit", "M", "", "compiled circuit that the key should be of (needs --srs-path)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.compiled != "" && f.srs == "" {
			return errors.New("--compiled-circuit needs --srs-path: the key's public rows are computed again")
		}
		c, o, err := f.load()
		if err != nil {
			return err
		}
		r, err := ezkl.VerifyKey(cmd.Context(), c, o)
		if err != nil {
			return err
		}
		if err := a.result(r, "%s", r.Text()); err != nil {
			return err
		}
		if r.Failed() {
			return errors.New("the key fails: see the checks marked FAIL")
		}
		skipped := func(c ezkl.AuditCheck) bool { return c.Verdict == "skipped" }
		if f.compiled != "" && slices.ContainsFunc(r.Checks, skipped) {
			return errors.New("the key is not checked whole: see the checks marked SKIPPED")
		}
		return nil
	}
	return cmd
}
