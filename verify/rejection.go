package verify

import "fmt"

// Code is a stable name for the reason of a rejection.
type Code string

const (
	CodeKey       Code = "key"       // the verifying key is malformed, or its own proof fails
	CodeInstance  Code = "instance"  // wrong number of instances, or one outside its interval
	CodeEncoding  Code = "encoding"  // the proof is too short, too long, or has a non-canonical scalar or point
	CodeOpening   Code = "opening"   // the polynomial commitment's opening fails: the statement is not proven
	CodeChallenge Code = "challenge" // a challenge hits an exceptional value (probability below 2^-240)
)

// Rejection says why a proof or key was refused.
type Rejection struct {
	Code Code
	Err  error
}

// Error is one line.
func (r *Rejection) Error() string { return fmt.Sprintf("rejected (%s): %v", r.Code, r.Err) }

// Unwrap is the cause.
func (r *Rejection) Unwrap() error { return r.Err }
