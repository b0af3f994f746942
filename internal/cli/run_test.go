package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// With --json every command prints one JSON object on one line, and nothing else on stdout.
func TestJSONResults(t *testing.T) {
	quickstartDir(t)
	for _, args := range [][]string{
		{"table"}, {"gen-random-data", "--data", "random.json"}, {"gen-settings"}, {"calibrate-settings"}, {"compile-circuit"},
		{"gen-srs", "--srs-path", "new.srs", "--logrows", "14"}, {"get-srs", "--logrows", "13", "--from", "new.srs", "--srs-path", "got.srs"},
		{"setup", "--srs-path", "got.srs"}, {"gen-witness"}, {"gen-witness", "--data", "random.json"}, {"mock"},
		{"prove", "--srs-path", "got.srs"}, {"verify"}, {"version"}, {"quickstart"},
	} {
		code, stdout, stderr := run(append(args, "--json")...)
		var v map[string]any
		if err := json.Unmarshal([]byte(stdout), &v); code != 0 || err != nil || strings.Count(stdout, "\n") != 1 {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
		if unsafe, ok := v["srs_unsafe"]; ok && unsafe != true {
			t.Errorf("%v: the mark of the SRS is lost", args)
		}
	}
}

// Ctrl-C ends a long command with exit code 130 and leaves no file.
func TestInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "ezkl")
	if out, err := exec.Command("go", "build", "-o", bin, "../../cmd/ezkl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(bin, "gen-srs", "--srs-path", "big.srs", "--logrows", "22")
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_ = cmd.Wait()
	if late := time.Since(start); late > 5*time.Second {
		t.Errorf("it ended after %v", late)
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("files are left: %v", files)
	}
}
