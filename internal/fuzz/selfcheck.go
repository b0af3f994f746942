package fuzz

// SelfCheck says what the campaigns find when a check is missing.
type SelfCheck struct{}

func (s *SelfCheck) String() string { return "" }
