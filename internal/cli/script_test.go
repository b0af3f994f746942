package cli

import (
	"os"
	"path/filepath"
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
	robust, err := filepath.Abs("../robust/testdata")
	if err != nil {
		t.Fatal(err)
	}
	quickstart, err := filepath.Abs("../../quickstart")
	if err != nil {
		t.Fatal(err)
	}
	models, err := filepath.Abs("testdata/models")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_GOLDEN") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("EZKL_REPO_PATH", e.WorkDir+"/.ezkl")
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("QUICKSTART", quickstart)
			e.Setenv("MODELS", models)
			e.Setenv("ROBUST", robust)
			return nil
		},
	})
}
