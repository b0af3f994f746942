// Package fetch downloads structured reference strings. It is apart from package srs, so that only the commands that need it
// link an HTTP client.
package fetch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/ezkl-go/ezkl/internal/srs"
)

// BaseURL is where ezkl's files of the public ceremony lie; the logrows follow.
const BaseURL = "https://trusted-setup-halo2kzg.s3.eu-central-1.amazonaws.com/perpetual-powers-of-tau-raw-"

// Stall is how long a download may stand still.
const Stall = 30 * time.Second

// Options say what to fetch. LogRows and Path are needed.
type Options struct {
	LogRows int    // 1 to srs.MaxLogRows
	Path    string // of the file; its folder is made if missing
	// URL is empty for the public ceremony's file, whose digest must then be the known one. A file from another URL may have any
	// digest: its origin is unknown unless it is that file.
	URL      string
	Client   *http.Client            // nil: a client that waits Stall for the answer's header
	Progress func(done, total int64) // may be nil; called often, from one goroutine
	Stall    time.Duration           // 0: the constant Stall
}

// Error is one line: what failed, for which URL, and why.
type Error struct {
	URL  string
	What string
	Err  error
}

func (e *Error) Error() string {
	s := "get-srs: " + e.URL + ": " + e.What
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Download fetches a halo2 file of 2^LogRows powers to a temporary file, checks its size, its points and the digest of the
// public ceremony's file or else the powers ([srs.SRS.Verify]), and renames it to Path. On an error, or when ctx ends, no file is left. The errors are
// *Error, *srs.FileError or about Options.
func Download(ctx context.Context, o Options) (srs.Origin, error) {
	if o.LogRows < 1 || o.LogRows > srs.MaxLogRows {
		return srs.Unknown, fmt.Errorf("get-srs: logrows %d: must be from 1 to %d", o.LogRows, srs.MaxLogRows)
	}
	digest, known := srs.CeremonyDigest(o.LogRows)
	from := o.URL
	if from == "" {
		if from = fmt.Sprint(BaseURL, o.LogRows); !known {
			return srs.Unknown, fmt.Errorf("get-srs: logrows %d: the public ceremony has files up to %d: give an URL", o.LogRows, srs.MaxCeremony)
		}
	}
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o755); err != nil {
		return srs.Unknown, fmt.Errorf("get-srs: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(o.Path), "."+filepath.Base(o.Path)+".*")
	if err != nil {
		return srs.Unknown, fmt.Errorf("get-srs: %w", err)
	}
	defer os.Remove(tmp.Name()) // fails after the rename
	got, err := get(ctx, o, from, tmp)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return srs.Unknown, err
	}
	origin := srs.Unknown
	if known && got == digest {
		origin = srs.Ceremony
	} else if o.URL == "" {
		return srs.Unknown, &Error{URL: from, What: fmt.Sprintf("SHA-256 is %x, not %x as published: the file was tampered with or damaged: not kept", got, digest)}
	}
	s, err := srs.Read(tmp.Name(), 0)
	if err == nil && origin != srs.Ceremony { // the published file's powers need no second proof
		err = s.Verify()
	}
	if err != nil {
		var fe *srs.FileError
		if errors.As(err, &fe) {
			fe.Path = from
		}
		return srs.Unknown, err
	}
	if err := os.Rename(tmp.Name(), o.Path); err != nil {
		return srs.Unknown, fmt.Errorf("get-srs: %w", err)
	}
	return origin, nil
}

// get copies the answer's body to w and returns its SHA-256. The body must have the size of a halo2 file.
func get(ctx context.Context, o Options, from string, w io.Writer) (digest [sha256.Size]byte, err error) {
	stall, client := o.Stall, o.Client
	if stall == 0 {
		stall = Stall
	}
	if client == nil {
		client = http.DefaultClient
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := fmt.Errorf("nothing came for %v: try again", stall)
	timer := time.AfterFunc(stall, func() { cancel(stalled) })
	defer timer.Stop()
	fail := func(what string, err error) error {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return &Error{URL: from, What: what, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return digest, &Error{URL: from, What: "not a URL", Err: err}
	}
	resp, err := client.Do(req)
	if err != nil {
		return digest, fail("cannot fetch", unwrapURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return digest, &Error{URL: from, What: "the server answers " + resp.Status}
	}
	want := srs.Halo2Size(o.LogRows)
	if resp.ContentLength >= 0 && resp.ContentLength != want {
		return digest, &Error{URL: from, What: fmt.Sprintf("%d bytes offered, an SRS of logrows %d has %d", resp.ContentLength, o.LogRows, want)}
	}
	h := sha256.New()
	buf := make([]byte, 1<<16)
	done := int64(0)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			timer.Reset(stall)
			if done += int64(n); done > want {
				return digest, &Error{URL: from, What: fmt.Sprintf("more than the %d bytes of an SRS of logrows %d", want, o.LogRows)}
			}
			h.Write(buf[:n])
			if _, err := w.Write(buf[:n]); err != nil {
				return digest, fmt.Errorf("get-srs: %w", err)
			}
			if o.Progress != nil {
				o.Progress(done, want)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return digest, fail(fmt.Sprintf("broken off after %d of %d bytes", done, want), err)
		}
	}
	if done != want {
		return digest, &Error{URL: from, What: fmt.Sprintf("%d bytes, an SRS of logrows %d has %d", done, o.LogRows, want)}
	}
	h.Sum(digest[:0])
	return digest, nil
}

// unwrapURL removes the method and URL that http.Client puts before an error.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
