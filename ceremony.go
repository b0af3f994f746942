package ezkl

import (
	"errors"
	"fmt"
	"os"

	"github.com/consensys/gnark-crypto/ecc/bn254"

	"github.com/ezkl-go/ezkl/internal/srs"
)

// ErrNotCeremony is the reason of errors of RequireCeremony.
var ErrNotCeremony = errors.New("the SRS is not shown to be the public ceremony's")

// provenance is a variable for tests, which have no file of the ceremony.
var provenance = srs.Provenance

// requireCeremony refuses an SRS whose [tau]_2 is not the public ceremony's. What that is, the first of the given files, and
// then of those in the folder of get-srs, tells whose digest is known: all sizes have the same secret, so the smallest will do.
func requireCeremony(tau *bn254.G2Affine, unsafe bool, files ...string) error {
	if unsafe {
		return fmt.Errorf("%w: it was made by gen-srs, so that its maker can forge proofs", ErrNotCeremony)
	}
	for k := 1; k <= srs.MaxCeremony; k++ {
		p, err := SRSPath(k)
		if err != nil {
			break
		}
		files = append(files, p)
	}
	for _, p := range files {
		if _, err := os.Stat(p); p == "" || err != nil {
			continue
		}
		if o, err := provenance(p); err != nil || o != srs.Ceremony {
			continue
		}
		s, err := srs.Read(p, 2)
		if err != nil {
			return err
		}
		if !s.TauG2.Equal(tau) {
			return fmt.Errorf("%w: it has another secret than %s", ErrNotCeremony, p)
		}
		return nil
	}
	return fmt.Errorf("%w: there is no file of the ceremony to compare with (run get-srs --logrows 1)", ErrNotCeremony)
}
