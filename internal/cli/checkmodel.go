package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

// checkFlags are the flags of the commands that look at a model: settings, or the flags of gen-settings.
type checkFlags struct {
	model, settings string
	args            runArgs
}

func (c *checkFlags) flags(cmd *cobra.Command) {
	modelFlag(cmd, &c.model)
	cmd.Flags().StringVar(&c.settings, "settings-path", "", "settings to compile with (default: those that gen-settings would write)")
	c.args.flags(cmd)
}

func (c *checkFlags) report(cmd *cobra.Command) (*ezkl.ModelReport, error) {
	o := ezkl.CheckOptions{SettingsOptions: c.args.options(cmd)}
	if c.settings != "" {
		s, err := ezkl.LoadSettings(c.settings)
		if err != nil {
			return nil, err
		}
		o.Settings = s
	}
	return ezkl.CheckModel(cmd.Context(), c.model, o)
}

func (a *app) checkModel() *cobra.Command {
	var c checkFlags
	cmd := &cobra.Command{Use: "check-model", Short: "Say for every node whether and how it is proven, and what proofs cost"}
	c.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := c.report(cmd)
		if err != nil {
			return err
		}
		if err := a.result(struct {
			Model string `json:"model"`
			*ezkl.ModelReport
		}{c.model, r}, "%s", r); err != nil {
			return err
		}
		if !r.Supported {
			return errors.New("the model is not supported")
		}
		return nil
	}
	return cmd
}

func (a *app) render() *cobra.Command {
	var c checkFlags
	var path string
	cmd := &cobra.Command{Use: "render", Short: "Draw a network: what is proven how, as SVG or HTML"}
	c.flags(cmd)
	cmd.Flags().StringVarP(&path, "output", "O", "network.svg", "picture to write: .svg, or .html with the table of check-model")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ext := strings.ToLower(filepath.Ext(path))
		if ext != ".svg" && ext != ".html" {
			return fmt.Errorf("--output %s: want a name that ends in .svg or .html", path)
		}
		r, err := c.report(cmd)
		if err != nil {
			return err
		}
		if err := ezkl.Save(path, ezkl.Picture{Report: r, Title: filepath.Base(c.model), HTML: ext == ".html"}); err != nil {
			return err
		}
		return a.result(struct {
			Picture   string `json:"picture"`
			Supported bool   `json:"supported"`
		}{path, r.Supported}, "wrote %s", path)
	}
	return cmd
}
