package srs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ezkl-go/ezkl/internal/srs"
	"github.com/ezkl-go/ezkl/internal/srs/unsafesrs"
)

// BenchmarkRead reads a file of our own kind: all of it (with the digest), and a quarter (without).
func BenchmarkRead(b *testing.B) {
	for _, k := range []int{13, 18} {
		s, err := unsafesrs.New(k)
		if err != nil {
			b.Fatal(err)
		}
		path := filepath.Join(b.TempDir(), "kzg.srs")
		if err := s.Write(path); err != nil {
			b.Fatal(err)
		}
		for _, need := range []int{1 << k, 1 << (k - 2)} {
			b.Run(fmt.Sprintf("logrows=%d/need=%d", k, need), func(b *testing.B) {
				for b.Loop() {
					if _, err := srs.Read(path, need); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*need), "ns/power")
			})
		}
		b.Run(fmt.Sprintf("logrows=%d/provenance", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := srs.Provenance(path); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("logrows=%d/verify", k), func(b *testing.B) {
			for b.Loop() {
				if err := s.Verify(); err != nil {
					b.Fatal(err)
				}
			}
		})
		os.Remove(path)
	}
}
