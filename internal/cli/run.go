package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

// app is one run of the program.
type app struct {
	in       io.Reader
	out, err io.Writer
	json     bool
	bar      *bar
}

// Exit codes.
const (
	exitOK          = 0
	exitFailure     = 1
	exitInterrupted = 130
)

// Run runs one command and returns the exit code. It changes the working folder if EZKL_WORKING_DIR is set.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{in: stdin, out: stdout, err: stderr}
	a.bar = newBar(stderr)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends the process at once
	}()
	if dir := os.Getenv("EZKL_WORKING_DIR"); dir != "" {
		if err := os.Chdir(dir); err != nil {
			a.fail(fmt.Errorf("EZKL_WORKING_DIR: %w", err))
			return exitFailure
		}
	}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := execute(ctx, root)
	a.bar.clear()
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "ezkl: interrupted")
		return exitInterrupted
	}
	a.fail(err)
	return exitFailure
}

// execute runs a command. A broken invariant of ours becomes an error of one line; EZKL_DEBUG shows where it broke.
func execute(ctx context.Context, root *cobra.Command) (err error) {
	if os.Getenv("EZKL_DEBUG") == "" {
		defer func() {
			if r := recover(); r != nil {
				line, _, _ := strings.Cut(fmt.Sprint(r), "\n")
				err = hint(fmt.Errorf("internal error: %s", line), "this is a bug of ezkl: EZKL_DEBUG=1 shows where, please report it")
			}
		}()
	}
	return root.ExecuteContext(ctx)
}

// fail prints an error: a line for each of joined errors, then its hint.
func (a *app) fail(err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			fmt.Fprintf(a.err, "ezkl: error: %s\n", line)
		}
	}
	var h *hinted
	if errors.As(err, &h) {
		fmt.Fprintf(a.err, "ezkl: hint: %s\n", h.hint)
	}
}

func (a *app) warn(format string, args ...any) {
	a.bar.clear()
	fmt.Fprintf(a.err, "ezkl: warning: "+format+"\n", args...)
}

// hinted is an error with a hint line.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

func hint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// result prints what a command found: obj with --json, otherwise the text.
func (a *app) result(obj any, format string, args ...any) error {
	a.bar.clear()
	if !a.json {
		_, err := fmt.Fprintf(a.out, format+"\n", args...)
		return err
	}
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(obj)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ezkl",
		Short: "Prove neural network inference in zero knowledge",
		Long: `ezkl proves in zero knowledge that a public output is what a committed neural network computes.

Workflow: gen-settings, calibrate-settings, compile-circuit, get-srs, setup, gen-witness, mock, prove, verify.
Try it: ezkl quickstart`,
		Version:       ezkl.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          a.noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if shell, _ := cmd.Flags().GetString("generate"); shell != "" {
				return complete(cmd, shell)
			}
			return hint(errors.New("a command is needed"), "ezkl --help lists the commands; ezkl quickstart shows them at work")
		},
	}
	root.SetVersionTemplate("ezkl {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return hint(err, "%s --help lists the flags", cmd.CommandPath())
	})
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print the result as one JSON object")
	root.Flags().String("generate", "", "print shell completions: bash, zsh, fish or powershell")
	root.AddGroup(&cobra.Group{ID: "model", Title: "The circuit:"}, &cobra.Group{ID: "keys", Title: "The keys:"},
		&cobra.Group{ID: "proof", Title: "The proof:"}, &cobra.Group{ID: "chain", Title: "On chain:"}, &cobra.Group{ID: "checks", Title: "Is it safe?"})
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			if c.Args == nil {
				c.Args = a.noArgs
			}
			root.AddCommand(c)
		}
	}
	add("model", a.table(), a.checkModel(), a.render(), a.genSettings(), a.genRandomData(), a.calibrateSettings(), a.compileCircuit())
	add("keys", a.genSRS(), a.getSRS(), a.setup())
	add("proof", a.genWitness(), a.mock(), a.prove(), a.verify())
	add("chain", a.createEVMVerifier(), a.createEVMVKA(), a.encodeEVMCalldata(), a.deployEVM(), a.registerVKA(), a.verifyEVM())
	add("checks", a.audit(), a.fuzz(), a.robust(), a.verifyKey())
	add("", a.quickstart(), a.version())
	for name, what := range notYet {
		root.AddCommand(absent(name, what))
	}
	return root
}

// noArgs refuses positional arguments: all of ezkl's are flags.
func (a *app) noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		err := fmt.Errorf("unknown command %q", args[0])
		if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
			return hint(err, "did you mean %s?", strings.Join(s, " or "))
		}
		return hint(err, "ezkl --help lists the commands")
	}
	return hint(fmt.Errorf("unexpected argument %q: %s takes flags only", args[0], cmd.Name()), "%s --help lists the flags", cmd.CommandPath())
}

// notYet are commands of ezkl that do not exist here yet.
var notYet = map[string]string{
	"swap-proof-commitments": "the visibility polycommit",
	"update":                 "", "mock-aggregate": "aggregation", "setup-aggregate": "aggregation", "aggregate": "aggregation",
	"verify-aggr": "aggregation", "create-evm-verifier-aggr": "aggregation", "create-evm-da": "data attestation",
	"deploy-evm-da": "data attestation", "setup-test-evm-data": "data attestation",
}

func absent(name, what string) *cobra.Command {
	return &cobra.Command{Use: name, Hidden: true, DisableFlagParsing: true, RunE: func(*cobra.Command, []string) error {
		if what == "" {
			return fmt.Errorf("%s: not there yet", name)
		}
		return fmt.Errorf("%s: %s is not there yet", name, what)
	}}
}

// complete prints a completion script, for ezkl's --generate.
func complete(cmd *cobra.Command, shell string) error {
	root, out := cmd.Root(), cmd.OutOrStdout()
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(out, true)
	case "zsh":
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(out)
	case "elvish":
		return errors.New("completions for elvish are not there yet (bash, zsh, fish and powershell are)")
	}
	return fmt.Errorf("unknown shell %q: use bash, zsh, fish or powershell", shell)
}
