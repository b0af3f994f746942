package ezkl

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/srs"
)

// TestRequireCeremony lets one file pass for the ceremony's: SRS files of its secret are accepted, all others refused.
func TestRequireCeremony(t *testing.T) {
	ctx := t.Context()
	t.Setenv("EZKL_REPO_PATH", t.TempDir())
	one, err1 := UnsafeSRS(ctx, 4)
	other, err2 := UnsafeSRS(ctx, 4)
	cache, err3 := SRSPath(3)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	tau := &one.s.TauG2
	refused := func(err error, want string) {
		t.Helper()
		if !errors.Is(err, ErrNotCeremony) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refused(requireCeremony(tau, true), "gen-srs")
	refused(requireCeremony(tau, false), "get-srs --logrows 1")

	file := filepath.Join(t.TempDir(), "a.srs")
	if err := one.Save(file); err != nil {
		t.Fatal(err)
	}
	refused(requireCeremony(tau, false, file), "get-srs --logrows 1") // a file of unknown origin tells nothing
	defer func() { provenance = srs.Provenance }()
	provenance = func(p string) (srs.Origin, error) {
		if filepath.Base(p) == "b.srs" {
			return srs.Unknown, nil
		}
		return srs.Ceremony, nil
	}
	if err := requireCeremony(tau, false, file); err != nil {
		t.Error(err)
	}
	refused(requireCeremony(&other.s.TauG2, false, file), "another secret")
	refused(requireCeremony(tau, true, file), "gen-srs")

	// the file that is to be checked is of unknown origin, one in the folder of get-srs is the ceremony's
	unknown := filepath.Join(t.TempDir(), "b.srs")
	if err := errors.Join(one.Save(unknown), os.MkdirAll(filepath.Dir(cache), 0o777), other.Save(cache)); err != nil {
		t.Fatal(err)
	}
	refused(requireCeremony(tau, false, unknown), "another secret")
	if err := requireCeremony(&other.s.TauG2, false, unknown); err != nil {
		t.Error(err)
	}
}
