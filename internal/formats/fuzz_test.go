package formats

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stable checks what every reader owes: errors of one line, and a value that is written and read again without a change.
func stable(t *testing.T, v io.WriterTo, err error, again func([]byte) (io.WriterTo, error)) {
	if err != nil {
		if strings.ContainsAny(err.Error(), "\r\n") {
			t.Fatalf("an error of several lines: %q", err)
		}
		return
	}
	first := text(t, v)
	w, err := again([]byte(first))
	if err != nil {
		t.Fatalf("what was written cannot be read: %v\n%s", err, first)
	}
	if second := text(t, w); second != first {
		t.Fatalf("written as\n%s\nthen as\n%s", first, second)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add(golden(f, "settings.json"))
	f.Add(golden(f, "settings_hashed.json"))
	f.Add([]byte(strings.Replace(string(golden(f, "settings.json")), `"timestamp"`,
		`"ezkl_go":{"format":1,"model_sha256":"`+strings.Repeat("0a", 32)+`","scales":"auto","logrows_wanted":9,"calibration":{"a":[1,2]}},"timestamp"`, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		parse := func(b []byte) (io.WriterTo, error) { return ParseSettings("f", b) }
		v, err := parse(data)
		stable(t, v, err, parse)
		if err == nil {
			_ = v.(*Settings).RunArgs.Check()
		}
	})
}

func FuzzWitness(f *testing.F) {
	f.Add(golden(f, "witness.json"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parse := func(b []byte) (io.WriterTo, error) { return ParseWitness("f", b) }
		v, err := parse(data)
		stable(t, v, err, parse)
	})
}

func FuzzProof(f *testing.F) {
	f.Add(golden(f, "proof.json"))
	f.Add([]byte(`{"instances":[[]],"proof":[1,2]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		parse := func(b []byte) (io.WriterTo, error) { return ParseProof("f", b) }
		v, err := parse(data)
		stable(t, v, err, parse)
	})
}

func FuzzCompiled(f *testing.F) {
	b := []byte(text(f, sampleCompiled()))
	f.Add(b[:len(b)-sha256.Size])
	f.Fuzz(func(t *testing.T, data []byte) {
		sum := sha256.Sum256(data) // so that the fuzzer gets past the checksum
		c, err := ParseCompiled("f", append(bytes.Clone(data), sum[:]...))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") {
				t.Fatalf("an error of several lines: %q", err)
			}
			return
		}
		stable(t, c, nil, func(b []byte) (io.WriterTo, error) { return ParseCompiled("f", b) })
	})
}

func FuzzData(f *testing.F) {
	f.Add([]byte(`{"input_data": [[0.5, -1, 3e2], [true, false], ["` + IntHex(-5) + `"]], "output_data": [[9, 7]]}`))
	names, err := filepath.Glob("testdata/numpy/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseData("f", data)
		if err == nil {
			stable(t, d, nil, func(b []byte) (io.WriterTo, error) { return ParseData("f", b) })
			_, _, err = d.Match([]InputShape{{"a", []int{2, 3}}, {"b", []int{2}}}, 0)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\r\n") {
			t.Fatalf("an error of several lines: %q", err)
		}
	})
}
