package ezkl

import (
	"context"
	"fmt"
	"os"

	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/unsafesrs"
)

// SRS is a structured reference string: powers of a secret that nobody may know.
type SRS struct {
	s    *srs.SRS
	path string
}

// Unsafe reports that the secret was known to whoever made the SRS: proofs under it convince only those who trust them.
func (s *SRS) Unsafe() bool { return s.s.Unsafe }

// Origin says what is known about the secret: "public ceremony ..", "unsafe ..", or "unknown". It reads the whole file.
func (s *SRS) Origin() (string, error) {
	if s.s.Unsafe || s.path == "" {
		return srs.Insecure.String(), nil
	}
	o, err := srs.Provenance(s.path)
	return o.String(), err
}

// LogRows is log2 of its size.
func (s *SRS) LogRows() int { return s.s.LogRows() }

// Save writes the SRS to a file that carries its mark.
func (s *SRS) Save(path string) error { return s.s.Write(path) }

// UnsafeSRS makes an SRS of 2^logRows powers. Its secret was known to this process, so that it is good for tests only. It
// returns at once when ctx ends; the work stops a little later.
func UnsafeSRS(ctx context.Context, logRows int) (*SRS, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type result struct {
		s   *srs.SRS
		err error
	}
	done := make(chan result, 1)
	go func() {
		s, err := unsafesrs.New(logRows)
		done <- result{s, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.err != nil {
			return nil, r.err
		}
		return &SRS{s: r.s}, nil
	}
}

// LoadSRS reads an SRS file: of our own kind, a halo2 .srs or a .ptau. Only the powers for circuits of logRows are read; 0
// reads all.
func LoadSRS(path string, logRows int) (*SRS, error) {
	need := 0
	if logRows > 0 {
		need = needed(logRows)
	}
	s, err := srs.Read(path, need)
	if err != nil {
		return nil, err
	}
	return &SRS{s, path}, nil
}

// needed is the number of powers that a circuit of logRows uses: rows have half of 2^logRows entries, and a blinder.
func needed(logRows int) int { return 1<<(logRows-1) + 1 }

// SRSPath is where get-srs keeps an SRS.
func SRSPath(logRows int) (string, error) { return srs.FilePath(logRows) }

// FindSRS reads the SRS of path, or, if path is empty, the smallest one that is large enough in the folder of get-srs.
func FindSRS(path string, logRows int) (*SRS, error) {
	if path != "" {
		return LoadSRS(path, logRows)
	}
	for k := logRows; k <= srs.MaxLogRows; k++ {
		p, err := SRSPath(k)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(p); err == nil {
			return LoadSRS(p, logRows)
		}
	}
	p, err := SRSPath(logRows)
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s: no such file, an SRS is needed (run get-srs --logrows %d, or give --srs-path)", p, logRows)
}
