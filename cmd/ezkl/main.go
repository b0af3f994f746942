// Command ezkl proves and verifies neural network inference in zero knowledge; run it without arguments for help.
package main

import (
	"os"
	"runtime"

	"github.com/ezkl-go/ezkl/internal/cli"
)

func main() {
	// Never touched, so it takes no memory; but the garbage collector counts it as live, and so leaves a small proof, which
	// allocates some 15 MB in 30 ms, alone.
	ballast := make([]byte, 48<<20)
	code := cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	runtime.KeepAlive(ballast)
	os.Exit(code)
}
