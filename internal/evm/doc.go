// Package evm makes verifiers for Ethereum. One contract interprets a *program* (VKA on the command line), which Compile
// makes of a verifying key: header, constants, committed key rows, and two tapes of a few vector operations that evaluate
// what package claims evaluates. Transcript, sumchecks, opening and pairing are fixed code in the contract.
//
//	p, err := evm.Compile(vk)                        // vk has been accepted by package verify: the key proof is not checked on chain
//	creation := p.Creation()                         // the circuit's own verifier, to be deployed as it is
//	calldata := evm.Calldata(proof, instances, nil)  // verifyProof(bytes,uint256[])
//
// EzklVerifierReusable is one contract for all circuits: RegisterCalldata(p.Bytes) registers a program there, and calls name
// it by Digest(p.Bytes).
//
// Program.Verify interprets a program in Go and is the specification of the tapes. The tests compare it, package verify and
// the contract in go-ethereum's EVM (package machine, which only tests link: core/vm adds 7 MB to a binary).
//
// docs/evm.md has the program's format and what the contract checks.
package evm
