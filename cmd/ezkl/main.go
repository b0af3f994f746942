// Command ezkl proves and verifies neural network inference in zero knowledge; run it without arguments for help.
package main

import (
	"os"
	"runtime"
	"runtime/debug"

	"github.com/ezkl-go/ezkl/internal/cli"
)

func main() {
	delayGC()
	os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// delayGC puts the first garbage collection off until the heap has 64 MB, instead of 4 MB: a small proof, which allocates
// some 15 MB in 30 ms, is left alone. That collection restores the usual rule, unless GOGC says otherwise.
func delayGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(1600) // of 4 MB
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, usual)
}
