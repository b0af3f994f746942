//go:build testscript

package cli

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts register the program itself as the command ezkl.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ezkl": func() { os.Exit(Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_GOLDEN") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("EZKL_REPO_PATH", e.WorkDir+"/.ezkl")
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}
