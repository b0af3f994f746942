// Command conformance runs ONNX's node tests, as bench/conformance.py exports them, through the API: settings, calibration
// on the test's own input, compilation, witness, comparison and mock; a sample also proves and verifies.
//
//	go run ./internal/test/conformance [-limit 60s] [-every 16] [-run REGEXP] DIR OUT.tsv
//
// OUT.tsv has a line for each case in scope: name, operator, pass | proven | wrong | miss | crash | hang, variant,
// milliseconds, and the reason of a miss. The exit code is 1 if a case crashes or hangs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/ezkl-go/ezkl"
)

// testCase is an entry of cases.json.
type testCase struct {
	Name     string `json:"name"`
	Op       string `json:"op"`
	Out      string `json:"out"` // why the case is out of scope; "" if it is not
	Sets     int    `json:"sets"`
	Variants string `json:"variants"` // of "asp", one letter each
}

// outcome is the result of a case, or of one variant of it.
type outcome struct {
	status, variant, reason string
	took                    time.Duration
}

type runner struct {
	dir   string
	limit time.Duration
	every uint32
	srs   *ezkl.SRS
}

func main() {
	limit := flag.Duration("limit", time.Minute, "time for one variant of a case")
	every := flag.Uint("every", 16, "also prove one passed case in so many; 0: none")
	only := flag.String("run", "", "regular expression that names must match")
	flag.Parse()
	bad, err := run(flag.Args(), *limit, uint32(*every), *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	if err != nil || bad {
		os.Exit(1)
	}
}

func run(args []string, limit time.Duration, every uint32, only string) (bad bool, err error) {
	if len(args) != 2 {
		return false, fmt.Errorf("want DIR OUT.tsv")
	}
	pattern, err := regexp.Compile(only)
	if err != nil {
		return false, err
	}
	raw, err := os.ReadFile(filepath.Join(args[0], "cases.json"))
	if err != nil {
		return false, err
	}
	var index struct{ Cases []testCase }
	if err := json.Unmarshal(raw, &index); err != nil {
		return false, err
	}
	r := &runner{dir: args[0], limit: limit, every: every}
	if every > 0 {
		if r.srs, err = ezkl.UnsafeSRS(context.Background(), 15); err != nil {
			return false, err
		}
	}
	file, err := os.Create(args[1])
	if err != nil {
		return false, err
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	count := map[string]int{}
	start := time.Now()
	for _, c := range index.Cases {
		if c.Out != "" || !pattern.MatchString(c.Name) {
			continue
		}
		o := r.test(c)
		count[o.status]++
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%d\t%s\n", c.Name, c.Op, o.status, o.variant, o.took.Milliseconds(), o.reason)
		out.Flush()
	}
	fmt.Printf("%v in %v\n", count, time.Since(start).Round(time.Second))
	return count["crash"]+count["hang"] > 0, out.Flush()
}

// test tries a case's variants in order until one passes. The reason of a failure is that of the first variant whose shapes
// are static: as written, a shape may be an input.
func (r *runner) test(c testCase) outcome {
	var first outcome
	for i, v := range c.Variants {
		o := r.variant(c, string(v))
		if o.status == "pass" || o.status == "proven" {
			return o
		}
		worse := o.status == "crash" || o.status == "hang"
		if i == 0 || worse || v == 's' && first.status == "miss" {
			first = o
		}
		if worse {
			break
		}
	}
	return first
}

// variant runs one variant with a time limit. What does not stop then is left behind.
func (r *runner) variant(c testCase, v string) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), r.limit)
	defer cancel()
	start := time.Now()
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{status: "crash", reason: line(fmt.Sprint(p))}
			}
		}()
		done <- r.attempt(ctx, c, v)
	}()
	var o outcome
	select {
	case o = <-done:
		if ctx.Err() != nil {
			o = outcome{status: "hang", reason: fmt.Sprintf("no result after %v", r.limit)}
		}
	case <-time.After(r.limit + 5*time.Second):
		o = outcome{status: "hang", reason: fmt.Sprintf("no result after %v, and cannot be stopped", r.limit)}
	}
	o.variant, o.took = v, time.Since(start)
	return o
}

func line(s string) string { return strings.Join(strings.Fields(s), " ") }

func (r *runner) attempt(ctx context.Context, c testCase, v string) outcome {
	miss := func(err error) outcome { return outcome{status: "miss", reason: line(err.Error())} }
	dir := filepath.Join(r.dir, c.Name)
	m, err := ezkl.LoadModel(filepath.Join(dir, v+".onnx"), ezkl.ModelOptions{})
	if err != nil {
		return miss(err)
	}
	status := "pass"
	for k := range c.Sets {
		data, err := ezkl.LoadData(filepath.Join(dir, fmt.Sprintf("%s.%d.json", v, k)))
		if err != nil {
			return miss(err)
		}
		s, err := ezkl.GenSettings(ctx, m, ezkl.SettingsOptions{RunArgs: ezkl.DefaultRunArgs()})
		if err != nil {
			return miss(err)
		}
		if _, err = ezkl.Calibrate(ctx, m, s, data, ezkl.CalibrateOptions{}); err != nil {
			return miss(err)
		}
		circuit, err := ezkl.Compile(ctx, m, s, ezkl.CompileOptions{})
		if err != nil {
			return miss(err)
		}
		w, err := ezkl.GenWitness(ctx, circuit, data)
		if err != nil {
			return miss(err)
		}
		if why, err := compare(w, filepath.Join(dir, fmt.Sprintf("%d.out.json", k))); err != nil {
			return miss(err)
		} else if why != "" {
			return outcome{status: "wrong", reason: why}
		}
		if _, err := ezkl.Mock(ctx, circuit, w); err != nil {
			return outcome{status: "wrong", reason: "mock: " + line(err.Error())}
		}
		if k == 0 && r.sampled(c.Name) && circuit.LogRows() <= r.srs.LogRows() {
			if err := r.prove(ctx, circuit, w); err != nil {
				return outcome{status: "wrong", reason: "prove: " + line(err.Error())}
			}
			status = "proven"
		}
	}
	return outcome{status: status}
}

// sampled says whether a case also proves: by its name, so the same ones each time.
func (r *runner) sampled(name string) bool {
	h := fnv.New32a()
	h.Write([]byte(name))
	return r.every > 0 && h.Sum32()%r.every == 0
}

func (r *runner) prove(ctx context.Context, c *ezkl.Circuit, w *ezkl.Witness) error {
	pk, vk, err := ezkl.Setup(ctx, c, r.srs, ezkl.SetupOptions{})
	if err != nil {
		return err
	}
	proof, err := ezkl.Prove(ctx, c, pk, r.srs, w, ezkl.ProveOptions{SkipCheck: true})
	if err != nil {
		return err
	}
	return ezkl.Verify(vk, proof, ezkl.VerifyOptions{})
}
