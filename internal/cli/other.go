package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: a.noArgs, RunE: func(*cobra.Command, []string) error {
		return a.result(map[string]string{"version": ezkl.Version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH},
			"ezkl %s (%s, %s/%s)", ezkl.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}}
}

func (a *app) quickstart() *cobra.Command {
	var o ezkl.QuickstartOptions
	cmd := &cobra.Command{Use: "quickstart", Short: "Run the whole workflow on a small network, and refuse a tampered proof"}
	cmd.Flags().StringVar(&o.Dir, "dir", "", "folder to keep the files in (default: none are kept)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Step = func(s ezkl.QuickstartStep) {
			if !a.json {
				a.bar.clear()
				fmt.Fprintln(a.out, s)
			}
		}
		r, err := ezkl.Quickstart(cmd.Context(), o)
		if err != nil {
			return err
		}
		return a.result(r, "%s", r)
	}
	return cmd
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 10_000_000:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	case n < 10_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
