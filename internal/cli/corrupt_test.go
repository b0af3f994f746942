package cli

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl"
)

// run runs a command in-process.
func run(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = Run(args, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// quickstartDir is a folder with all files of the quickstart workflow; it becomes the working folder.
func quickstartDir(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if code, _, stderr := run("quickstart", "--dir", dir); code != 0 {
		t.Fatal(stderr)
	}
	t.Chdir(dir)
}

// checkFailure wants exit code 1, one line of error (with warnings and hints beside it), and no output file.
func checkFailure(t *testing.T, what string, code int, stderr string, outputs ...string) {
	t.Helper()
	errors := 0
	for line := range strings.Lines(stderr) {
		switch {
		case strings.HasPrefix(line, "ezkl: error: "):
			errors++
		case strings.HasPrefix(line, "ezkl: warning: "), strings.HasPrefix(line, "ezkl: hint: "):
		default:
			t.Errorf("%s: a line of another kind: %q", what, line)
		}
	}
	if code != 1 || errors != 1 {
		t.Errorf("%s: exit code %d, stderr %q", what, code, stderr)
	}
	for _, o := range outputs {
		if _, err := os.Stat(o); err == nil {
			t.Errorf("%s: %s was written", what, o)
			os.Remove(o)
		}
	}
	if left, _ := filepath.Glob(".*.tmp"); len(left) > 0 {
		t.Errorf("%s: temporary files are left: %v", what, left)
	}
}

// Every file of the workflow, damaged in many ways, gives one line or leaves what the file means as it was.
func TestDamagedFiles(t *testing.T) {
	quickstartDir(t)
	setup := []string{"setup", "--srs-path", "kzg.srs", "--vk-path", "out", "--pk-path", "out2"}
	prove := []string{"prove", "--srs-path", "kzg.srs", "--proof-path", "out"}
	for _, c := range []struct {
		file string
		args []string
		runs int
	}{
		{"network.onnx", []string{"gen-settings", "--settings-path", "out"}, 60},
		{"settings.json", []string{"compile-circuit", "--compiled-circuit", "out"}, 60},
		{"calibration.json", []string{"calibrate-settings"}, 30},
		{"input.json", []string{"gen-witness", "--output", "out"}, 60},
		{"model.compiled", []string{"gen-witness", "--output", "out"}, 60},
		{"kzg.srs", setup, 30},
		{"model.compiled", setup, 20},
		{"witness.json", []string{"mock"}, 60},
		{"witness.json", prove, 10},
		{"pk.key", prove, 20},
		{"vk.key", []string{"verify"}, 100},
		{"proof.json", []string{"verify"}, 100},
	} {
		good, err := os.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewSource(1))
		for i := range c.runs {
			bad := damage(rng, good)
			if err := os.WriteFile(c.file, bad, 0o666); err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("%s: damage %d of %s", c.args[0], i, c.file)
			code, _, stderr := run(c.args...)
			if code == 0 && harmless(c.file, good, bad) {
				os.Remove("out")
				os.Remove("out2")
				continue
			}
			checkFailure(t, what, code, stderr, "out", "out2")
		}
		if err := os.WriteFile(c.file, good, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func damage(rng *rand.Rand, good []byte) []byte {
	b := bytes.Clone(good)
	at := rng.Intn(len(b))
	switch rng.Intn(5) {
	case 0:
		return b[:at]
	case 1:
		b[at] ^= 1 << rng.Intn(8)
	case 2:
		b[at] = byte(rng.Intn(256))
	case 3:
		n := min(1+rng.Intn(64), len(b)-at)
		copy(b[at:at+n], make([]byte, n))
	default:
		return slices.Insert(b, at, byte(rng.Intn(256)))
	}
	return b
}

// harmless says whether a damaged file may be accepted: an ONNX or JSON file that still means something, an SRS damaged
// where nobody reads it, a proof whose instances and bytes are as before, and nothing else.
func harmless(file string, good, bad []byte) bool {
	if bytes.Equal(good, bad) {
		return true
	}
	switch file {
	case "network.onnx", "settings.json", "calibration.json", "input.json", "witness.json":
		return true
	case "kzg.srs": // of its 2^k powers, setup reads 2^(k-1)+1
		n := len(good)/2 + 512
		return len(good) == len(bad) && bytes.Equal(good[:n], bad[:n])
	case "proof.json":
		p, err := ezkl.ReadProof(file, bytes.NewReader(good))
		q, err2 := ezkl.ReadProof(file, bytes.NewReader(bad))
		return err == nil && err2 == nil && slices.Equal(p.Instances, q.Instances) && bytes.Equal(p.Bytes, q.Bytes)
	}
	return false
}

// Files in the place of others: one line each.
func TestSwappedFiles(t *testing.T) {
	quickstartDir(t)
	files := []string{"network.onnx", "settings.json", "input.json", "model.compiled", "kzg.srs", "pk.key", "vk.key", "witness.json", "proof.json"}
	for _, c := range []struct {
		args []string
		flag string
		want []string
	}{
		{[]string{"gen-settings", "--settings-path", "out"}, "--model", []string{"network.onnx"}},
		{[]string{"compile-circuit", "--compiled-circuit", "out"}, "--settings-path", []string{"settings.json"}},
		{[]string{"gen-witness", "--output", "out"}, "--compiled-circuit", []string{"model.compiled"}},
		{[]string{"gen-witness", "--output", "out"}, "--data", []string{"input.json", "calibration.json"}},
		{[]string{"setup", "--vk-path", "out", "--pk-path", "out2"}, "--srs-path", []string{"kzg.srs"}},
		{[]string{"mock"}, "--witness", []string{"witness.json"}},
		{[]string{"prove", "--srs-path", "kzg.srs", "--proof-path", "out"}, "--pk-path", []string{"pk.key"}},
		{[]string{"verify"}, "--vk-path", []string{"vk.key"}},
		{[]string{"verify"}, "--proof-path", []string{"proof.json"}},
	} {
		for _, f := range files {
			if slices.Contains(c.want, f) {
				continue
			}
			code, _, stderr := run(append(slices.Clone(c.args), c.flag, f)...)
			checkFailure(t, fmt.Sprintf("%s %s %s", c.args[0], c.flag, f), code, stderr, "out", "out2")
			if !strings.Contains(stderr, " is ") && !strings.Contains(stderr, "not an SRS") && !strings.Contains(stderr, "no SRS") {
				t.Errorf("%s %s %s: the message does not say what the file is: %s", c.args[0], c.flag, f, stderr)
			}
		}
	}
}
