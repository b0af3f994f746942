// Package evm makes verifiers for Ethereum: one contract that interprets a program, which Go compiles from a verifying key.
package evm
