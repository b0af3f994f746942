package fetch

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/unsafesrs"
)

// file is a halo2 file of 2^k powers; its Lagrange half is empty.
func file(k int, change func(*srs.SRS)) []byte {
	s := unsafesrs.FromTau(1<<k, fr.NewElement(99))
	change(s)
	b := binary.LittleEndian.AppendUint32(nil, uint32(k))
	put := func(xs ...fp.Element) {
		for _, x := range xs {
			for _, limb := range x {
				b = binary.LittleEndian.AppendUint64(b, limb)
			}
		}
	}
	for _, p := range s.G1 {
		put(p.X, p.Y)
	}
	b = append(b, make([]byte, 64<<k)...)
	put(s.G2.X.A0, s.G2.X.A1, s.G2.Y.A0, s.G2.Y.A1)
	put(s.TauG2.X.A0, s.TauG2.X.A1, s.TauG2.Y.A0, s.TauG2.Y.A1)
	return b
}

func serve(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestDownload(t *testing.T) {
	good := file(6, func(*srs.SRS) {})
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(good) })
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "kzg6.srs")
	var last, total int64
	origin, err := Download(context.Background(), Options{LogRows: 6, Path: path, URL: url, Progress: func(d, n int64) {
		if d < last {
			t.Error("progress goes back")
		}
		last, total = d, n
	}})
	if err != nil || origin != srs.Unknown {
		t.Fatalf("%v, %v", origin, err)
	}
	if last != int64(len(good)) || total != last {
		t.Errorf("progress ends at %d of %d", last, total)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, good) {
		t.Errorf("the file differs: %v", err)
	}
	if es, _ := os.ReadDir(filepath.Dir(path)); len(es) != 1 {
		t.Errorf("left behind: %v", es)
	}
}

func TestDownloadFails(t *testing.T) {
	good := file(6, func(*srs.SRS) {})
	wrong := file(6, func(s *srs.SRS) { s.G1[9], s.G1[10] = s.G1[10], s.G1[9] })
	off := bytes.Clone(good)
	off[4+64*20]++
	chunked := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Write(b[:100])
			w.(http.Flusher).Flush()
			w.Write(b[100:])
		}
	}
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
		k    int
		want string
	}{
		{"not found", http.NotFound, 6, "404"},
		{"too long, announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "8453")
			w.Write(append(bytes.Clone(good), 0))
		}, 6, "bytes offered"},
		{"too long", chunked(append(bytes.Clone(good), 0)), 6, "more than the"},
		{"too short", chunked(good[:len(good)-1]), 6, "has 8452"},
		{"other size", func(w http.ResponseWriter, _ *http.Request) { w.Write(good) }, 7, "logrows 7"},
		{"endless", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, 6, "more than the"},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "8452")
			w.Write(good[:5000])
		}, 6, "broken off after 5000 of 8452"},
		{"off the curve", chunked(off), 6, "power 20 is not a point"},
		{"not powers", chunked(wrong), 6, "not powers of one tau"},
		{"stalls in the body", func(w http.ResponseWriter, r *http.Request) {
			w.Write(good[:5000])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 6, "nothing came for"},
		{"stalls at once", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 6, "nothing came for"},
		{"logrows 0", http.NotFound, 0, "must be from 1"},
		{"logrows 29", http.NotFound, 29, "must be from 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			url := serve(t, c.h)
			_, err := Download(context.Background(), Options{LogRows: c.k, Path: filepath.Join(dir, "kzg.srs"), URL: url, Stall: 300 * time.Millisecond})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if es, _ := os.ReadDir(dir); len(es) != 0 {
				t.Errorf("left behind: %v", es)
			}
		})
	}
}

// redirect sends every request to a test server, whatever its URL.
type redirect struct{ to string }

func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(r.to, "http://")
	return http.DefaultTransport.RoundTrip(req)
}

// TestPublicFile serves a file with another digest as the public ceremony's.
func TestPublicFile(t *testing.T) {
	var asked string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		w.Write(file(6, func(*srs.SRS) {}))
	})
	path := filepath.Join(t.TempDir(), "kzg6.srs")
	o := Options{LogRows: 6, Path: path, Client: &http.Client{Transport: redirect{url}}}
	_, err := Download(context.Background(), o)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "85030b2924111fc60acaf4fb8a7bad89531fbe0271aeab0c21e545f71eee273d as published") {
		t.Errorf("got %v", err)
	}
	if asked != "/perpetual-powers-of-tau-raw-6" {
		t.Errorf("asked for %s", asked)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was kept")
	}
	o.LogRows = 27
	if _, err := Download(context.Background(), o); err == nil || !strings.Contains(err.Error(), "up to 26") {
		t.Errorf("got %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	dir := t.TempDir()
	_, err := Download(ctx, Options{LogRows: 6, Path: filepath.Join(dir, "kzg6.srs"), URL: url})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if es, _ := os.ReadDir(dir); len(es) != 0 {
		t.Errorf("left behind: %v", es)
	}
}
