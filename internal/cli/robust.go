package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

// errRobust ends a run whose report fails: the report says why.
var errRobust = errors.New("the network fails: see the findings marked FAIL")

// robustRun are the flags that all checks share, and the options that they fill.
type robustRun struct {
	model, data, labels, settings string
	html, hits, report, save      string
	members, others               string
	suspects, training            string
	references, norms, sigmas     []string
	eps                           string
	take                          int
	o                             ezkl.RobustOptions
	noise                         ezkl.NoiseOptions
	attack                        ezkl.AttackOptions
	membership                    ezkl.MembershipOptions
	poison                        ezkl.PoisonOptions
	disagree                      ezkl.DisagreeOptions
}

func (a *app) robust() *cobra.Command {
	cmd := &cobra.Command{Use: "robust", Short: "Check the network itself: noise, attacks, membership, poison, disagreement", Args: a.noArgs,
		Long: `Check the network itself, as a real network and in integers, by forward inference only.

Data: .npz (arrays x and y), .npy with --labels, .csv (label in the last column or one named label), input.json (with "labels").
The exit code is 1 if a finding fails; the --min and --max flags say when. A pass is what the search did not find, not a proof.`,
		RunE: func(*cobra.Command, []string) error {
			return hint(errors.New("a check is needed"), "ezkl robust suite makes all of them; ezkl robust --help lists them")
		}}
	type check struct {
		name, short string
		on          []string
	}
	for _, c := range []check{
		{"noise", "Accuracy under random noise", []string{"noise"}},
		{"attack", "Search for wrong answers close to samples, by queries only", []string{"attack"}},
		{"membership", "Tell training samples from others by the network's answers", []string{"membership"}},
		{"poison", "Look for signs of poisoned training data", []string{"poison"}},
		{"disagree", "Search for inputs on which the real and the integer network differ", []string{"disagree"}},
		{"suite", "All checks that the given data allows", []string{"noise", "attack", "membership", "poison", "disagree"}},
	} {
		cmd.AddCommand(a.robustCheck(c.name, c.short, c.on))
	}
	return cmd
}

func (a *app) robustCheck(name, short string, on []string) *cobra.Command {
	r := &robustRun{}
	cmd := &cobra.Command{Use: name, Short: short, Args: a.noArgs}
	r.shared(cmd)
	flags := map[string]func(*cobra.Command){"noise": r.noiseFlags, "attack": r.attackFlags, "membership": r.membershipFlags, "poison": r.poisonFlags, "disagree": r.disagreeFlags}
	for _, check := range on {
		flags[check](cmd)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.runRobust(cmd, r, on) }
	return cmd
}

func (r *robustRun) shared(cmd *cobra.Command) {
	modelFlag(cmd, &r.model)
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&r.data, "data", "D", "data.npz", "samples, with labels: .npz, .npy, .csv or .json")
	f.StringVar(&r.labels, "labels", "", "labels in a file of their own")
	f.StringVarP(&r.settings, "settings-path", "S", "", "settings of the integer network (default: calibrated on the data)")
	f.BoolVar(&r.o.FloatOnly, "float-only", false, "leave out the integer network")
	f.StringVar(&r.o.Task, "task", "", "classify or regress (default: regress if the output has one entry)")
	f.Float64Var(&r.o.Tolerance, "tolerance", 0, "regression: an answer within it is right (default: a quarter of the outputs' deviation)")
	f.IntVar(&r.o.Output, "output", 0, "index of the network's output to look at")
	f.IntVar(&r.take, "take", 0, "read only the first samples of the data (default: all)")
	f.Uint64Var(&r.o.Seed, "seed", 1, "equal seeds give equal results")
	f.StringVar(&r.report, "report", "", "write the report as JSON to this file")
	f.StringVar(&r.hits, "hits", "", "write every input that was found to this file, a JSON object a line")
	f.StringVar(&r.html, "html", "", "write the report as one HTML page to this file")
	f.Float64Var(&r.o.Checks.MinRate, "min-accuracy", 0, "fail if fewer of the samples are answered rightly")
}

func (r *robustRun) noiseFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&r.sigmas, "sigmas", nil, "strengths in units of the input range (default 0.02,0.05,0.1,0.2,0.3,0.5)")
	f.IntVar(&r.noise.Repeats, "repeats", 5, "draws of noise for each sample and strength")
	f.Float64Var(&r.noise.MinRate, "min-noise-accuracy", 0, "fail if the accuracy under noise of strength --noise-at is lower")
	f.Float64Var(&r.noise.At, "noise-at", 0, "strength to judge (default: the smallest)")
}

func (r *robustRun) attackFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&r.attack.Methods, "method", nil, "attacks: "+strings.Join(ezkl.AttackMethods(), ", ")+" (default: without simba-dct and spsa)")
	f.StringSliceVar(&r.norms, "norm", []string{"linf", "l2"}, "norms: linf, l2, l0")
	f.StringVar(&r.eps, "eps", "", "budget of distance: a number, or linf=0.1,l2=0.5,l0=3 (default: a tenth of the range, for l0 a twentieth of the entries)")
	f.IntVar(&r.attack.Queries, "queries", 500, "queries for each sample")
	f.IntVar(&r.attack.Samples, "samples", 100, "rightly answered samples to attack")
	f.Float64Var(&r.attack.MinRate, "min-robust-accuracy", 0, "fail if the robust accuracy is lower")
	f.StringVar(&r.save, "save", "", "write the found inputs with their right labels to this .npz, for adversarial training")
}

func (r *robustRun) membershipFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.members, "members", "", "training samples with labels")
	f.StringVar(&r.others, "non-members", "", "samples that were not trained on, with labels (default: --data)")
	f.StringSliceVar(&r.references, "reference", nil, "networks trained in the same way without these samples, for lira and rmia")
	f.Float64Var(&r.membership.MaxAUC, "max-auc", 0.6, "fail if the area under some signal's curve surely exceeds it")
}

func (r *robustRun) poisonFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.suspects, "suspects", "", "inputs that may carry a trigger, for strip")
	f.StringVar(&r.training, "training", "", "training samples with the labels trained on, for clustering (default: --data)")
	f.StringVar(&r.poison.Tensor, "tensor", "", "inner tensor for clustering (default: what the last layer reads)")
	f.Float64Var(&r.poison.MaxArea, "max-area", 0.1, "largest patch of the trigger sweep, as a share of the entries")
	f.Float64Var(&r.poison.MaxRate, "max-trigger-rate", 0.8, "fail if a patch surely turns more of the samples into one label")
}

func (r *robustRun) disagreeFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&r.disagree.Samples, "searches", 50, "starts of the search for disagreement")
	f.IntVar(&r.disagree.Queries, "pairs", 500, "pairs of queries for each of them")
	f.Float64Var(&r.disagree.MaxLead, "max-lead", 0.05, "fail if both networks are surer than this of different labels (regression: --tolerance)")
	f.Float64Var(&r.disagree.MaxRate, "max-disagreement", 0.02, "fail if they differ on more of the data")
}

// options turns the flags' texts into options.
func (r *robustRun) options(on []string, suite bool) error {
	for _, s := range r.sigmas {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0) {
			return fmt.Errorf("--sigmas: %q is no strength", s)
		}
		r.noise.Sigmas = append(r.noise.Sigmas, v)
	}
	for _, s := range r.norms {
		n, err := ezkl.ParseNorm(s)
		if err != nil {
			return err
		}
		r.attack.Norms = append(r.attack.Norms, n)
	}
	if r.eps != "" {
		r.attack.Eps = map[ezkl.RobustNorm]float64{}
		for part := range strings.SplitSeq(r.eps, ",") {
			name, text, named := strings.Cut(part, "=")
			if !named {
				text = name
			}
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("--eps: %q is no number", text)
			}
			for _, n := range r.attack.Norms {
				if !named || string(n) == name {
					r.attack.Eps[n] = v
				}
			}
		}
	}
	for _, check := range on {
		c := &r.o.Checks
		switch check {
		case "noise":
			c.Noise = &r.noise
		case "attack":
			c.Attack = &r.attack
		case "membership":
			if r.members == "" && suite {
				continue
			}
			if r.members == "" {
				return errors.New("membership: --members is needed: training samples with labels")
			}
			c.Membership = &r.membership
		case "poison":
			c.Poison = &r.poison
		case "disagree":
			if r.o.FloatOnly && suite {
				continue
			}
			c.Disagree = &r.disagree
		}
	}
	return nil
}

func (a *app) runRobust(cmd *cobra.Command, r *robustRun, on []string) error {
	suite := len(on) > 1
	if err := r.options(on, suite); err != nil {
		return err
	}
	m, err := ezkl.LoadModel(r.model, ezkl.ModelOptions{})
	if err != nil {
		return err
	}
	data, err := ezkl.LoadSamples(r.data, r.labels, m, r.take)
	if err != nil {
		return err
	}
	for _, d := range []struct {
		path string
		to   **ezkl.RobustSamples
	}{{r.members, &r.o.Members}, {r.others, &r.o.NonMembers}, {r.suspects, &r.o.Suspects}, {r.training, &r.o.Training}} {
		if d.path == "" {
			continue
		}
		if *d.to, err = ezkl.LoadSamples(d.path, "", m, 0); err != nil {
			return err
		}
	}
	for _, path := range r.references {
		ref, err := ezkl.LoadModel(path, ezkl.ModelOptions{})
		if err != nil {
			return err
		}
		r.o.References = append(r.o.References, ref)
	}
	var s *ezkl.Settings
	if r.settings != "" {
		if s, err = ezkl.LoadSettings(r.settings); err != nil {
			return err
		}
	}
	r.o.Progress, r.o.ModelPath = a.bar.progress(), r.model
	report, err := ezkl.Robust(cmd.Context(), m, s, data, r.o)
	if err != nil {
		return err
	}
	files := map[string]io.WriterTo{}
	if r.report != "" {
		files[r.report] = ezkl.RobustJSON(report)
	}
	if r.hits != "" {
		files[r.hits] = ezkl.RobustHits(report)
	}
	if r.html != "" {
		files[r.html] = ezkl.RobustHTML(report)
	}
	if r.save != "" {
		w, err := ezkl.Adversarial(m, report)
		if err != nil {
			a.warn("%v", err)
		} else {
			files[r.save] = w
		}
	}
	if err := ezkl.SaveAll(files); err != nil {
		return err
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		return err
	}
	if err := a.result(report, "%s", strings.TrimSuffix(text.String(), "\n")); err != nil {
		return err
	}
	if report.Failed() {
		return errRobust
	}
	return nil
}
