// Package chain talks to an Ethereum node over JSON-RPC: it deploys contracts, calls them and sends transactions. It knows
// nothing of proofs.
//
//	c, err := chain.Dial(ctx, "http://127.0.0.1:8545")
//	plan, err := c.PlanDeploy(ctx, key, creation) // size and gas, before anything is sent
//	address, receipt, err := c.Deploy(ctx, key, creation)
//	out, err := c.Call(ctx, address, calldata)
//
// Transactions are signed here, so that any node will do: no account needs to be unlocked there. Errors are one line, and
// name the node where it does not answer.
package chain
