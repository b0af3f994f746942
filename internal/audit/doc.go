// Package audit collects evidence about a compiled circuit, its verifying key and its SRS, for people who did not make
// them. It runs no model and makes no proof: everything is read from the files, or computed from them again.
//
//	collect.go     Subject in, Report out
//	blocks.go      who fixes each integer tensor, why it is determined, how far it is from p/2
//	tables.go      what each lookup table covers, against what its relations can ask of it
//	security.go    the soundness error, term by term (docs/protocol.md, section 7)
//	key.go         the verifying key and the SRS
//	flags.go       choices that weaken what a proof says
//	exhaustive.go  uniqueness by enumeration (package determinism/brute)
//	text.go, html.go, sarif.go   writers of the one Report; encoding/json is the fourth
//
// Every claim of a report is a Check with a stable ID. A report Fails if one of its checks does.
package audit
