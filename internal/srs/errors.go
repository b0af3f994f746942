package srs

import "fmt"

// Code says what is wrong with a file.
type Code uint8

const (
	NotFound  Code = iota + 1 // the file cannot be opened or read
	WrongKind                 // no known kind of SRS file
	Truncated                 // shorter than its header says
	Malformed                 // a header field is out of range or contradicts the size
	BadPoint                  // not canonical, not on the curve, or not the generator
	NotPowers                 // a pairing check failed
	BadDigest                 // a digest does not match
	TooSmall                  // fewer powers than needed
)

// FileError is one line: where, what, what to do.
type FileError struct {
	Code Code
	Path string
	What string
	Hint string // may be empty
	Err  error  // cause; may be nil
}

func (e *FileError) Error() string {
	s := "srs: "
	if e.Path != "" {
		s += e.Path + ": "
	}
	s += e.What
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	return s
}

func (e *FileError) Unwrap() error { return e.Err }

// tooSmall is the error of a file with fewer powers than needed.
func tooSmall(have, need int) *FileError {
	k := 0
	for 1<<k < need {
		k++
	}
	return &FileError{Code: TooSmall, What: fmt.Sprintf("has %s powers, %s needed", power(have), power(need)),
		Hint: fmt.Sprintf("run get-srs --logrows %d", k)}
}

// power writes n as 2^k where it is one.
func power(n int) string {
	for k := range 62 {
		if n == 1<<k {
			return fmt.Sprintf("2^%d", k)
		}
	}
	return fmt.Sprint(n)
}
