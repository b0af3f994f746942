package ezkl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/fetch"
)

// GetSRSOptions shape GetSRS.
type GetSRSOptions struct {
	LogRows int    // log2 of the size
	Path    string // where it shall lie; empty: SRSPath(LogRows)
	// From is a URL of a halo2 .srs, or a file: a halo2 .srs, a .ptau, or one of our own kind. Empty: the mirror of the
	// public ceremony, whose digests are known.
	From     string
	Progress Progress
}

// GetSRSReport says what GetSRS found.
type GetSRSReport struct {
	Path    string `json:"srs"`
	LogRows int    `json:"logrows"`
	Origin  string `json:"srs_origin"`
	Unsafe  bool   `json:"srs_unsafe"`
	Fetched bool   `json:"fetched"` // false: the file was there already
}

func (r *GetSRSReport) String() string {
	verb := "checked"
	if r.Fetched {
		verb = "wrote"
	}
	return fmt.Sprintf("%s %s (2^%d), origin: %s", verb, r.Path, r.LogRows, r.Origin)
}

// GetSRS fetches an SRS, unless the file is there, and checks it: digests where they are known, and by pairings that it
// holds powers of one secret.
func GetSRS(ctx context.Context, o GetSRSOptions) (*GetSRSReport, error) {
	if o.LogRows < 1 || o.LogRows > srs.MaxLogRows {
		return nil, fmt.Errorf("get-srs: logrows %d, it must be 1..%d", o.LogRows, srs.MaxLogRows)
	}
	if o.Path == "" {
		p, err := SRSPath(o.LogRows)
		if err != nil {
			return nil, err
		}
		o.Path = p
	}
	if _, err := os.Stat(o.Path); err == nil && o.From == "" {
		return checkSRS(o, o.Path, false)
	}
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o777); err != nil {
		return nil, err
	}
	if o.From != "" && !strings.Contains(o.From, "://") {
		return importSRS(ctx, o)
	}
	origin, err := fetch.Download(ctx, fetch.Options{LogRows: o.LogRows, Path: o.Path, URL: o.From, Progress: func(done, total int64) {
		o.Progress.report("fetch SRS", done, total)
	}})
	if err != nil {
		return nil, err
	}
	return &GetSRSReport{o.Path, o.LogRows, origin.String(), origin == srs.Insecure, true}, nil
}

// checkSRS reads a whole SRS and checks it.
func checkSRS(o GetSRSOptions, path string, fetched bool) (*GetSRSReport, error) {
	origin, err := srs.Provenance(path)
	if err != nil {
		return nil, err
	}
	s, err := srs.Read(path, 1<<o.LogRows)
	if err != nil {
		return nil, err
	}
	if origin != srs.Ceremony {
		if err := s.Verify(); err != nil {
			var fe *srs.FileError
			if errors.As(err, &fe) {
				fe.Path = path
			}
			return nil, err
		}
	}
	return &GetSRSReport{path, s.LogRows(), origin.String(), s.Unsafe, fetched}, nil
}

// importSRS takes the first powers of a file.
func importSRS(ctx context.Context, o GetSRSOptions) (*GetSRSReport, error) {
	o.Progress.report("check SRS", 0, 0)
	r, err := checkSRS(o, o.From, true)
	if err != nil {
		return nil, err
	}
	s, err := srs.Read(o.From, 1<<o.LogRows)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.Source == "" {
		s.Source = fmt.Sprintf("first 2^%d powers of %s file %s, origin: %s", o.LogRows, s.Kind, filepath.Base(o.From), r.Origin)
	}
	r.Path, r.LogRows = o.Path, o.LogRows
	return r, s.Write(o.Path)
}
