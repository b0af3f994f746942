// Command ezkl proves and verifies neural network inference in zero knowledge; run it without arguments for help.
package main

import (
	"os"

	"github.com/ezkl-go/ezkl/internal/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
