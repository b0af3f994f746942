// Package cli is the command line: flags, progress, printing and exit codes over the API of the root package. It holds no
// logic of its own.
//
// Rules of output: results go to stdout, as text or, with --json, as one JSON object on one line. Errors go to stderr, each
// a line "ezkl: error: ..", with lines "ezkl: hint: .." and "ezkl: warning: .." beside them, without capitals and without
// periods at the end. Progress is drawn only on a terminal. Exit codes: 0 success, 1 failure, 130 interrupted.
package cli
