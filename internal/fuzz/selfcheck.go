package fuzz

import (
	_ "embed" // the figure of the self-check
	"encoding/json"
	"fmt"
)

// selfcheck.json is written by `make fuzz-selfcheck`.
//
//go:embed selfcheck.json
var selfcheck []byte

// SelfCheck says how many of the verifier's checks the campaigns miss when one at a time is removed: "all rejected" proves
// nothing of campaigns that would not notice. It is measured by `make fuzz-selfcheck`, in a build of its own; a verifier that
// could be weakened at run time is no verifier, so the program that prints this cannot repeat it.
type SelfCheck struct {
	Checks int `json:"checks"` // removed one at a time
	Found  int `json:"found"`
	Exempt int `json:"exempt"` // checks whose absence no changed file can show; tools/mutants has the reasons
}

func measured() *SelfCheck {
	s := &SelfCheck{}
	if json.Unmarshal(selfcheck, s) != nil || s.Checks == 0 {
		return nil
	}
	return s
}

func (s *SelfCheck) String() string {
	return fmt.Sprintf("of the verifier's checks, removed one at a time in a build of their own (make fuzz-selfcheck), these campaigns find %d of %d; not measured in this run",
		s.Found, s.Checks)
}
