package cli

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
	"github.com/ezkl-go/ezkl/internal/chain"
)

// More names of files, as ezkl has them.
const (
	defaultAddress = "contract.address"
	defaultDigest  = "vka.digest"
)

// node are the flags of commands that talk to a chain.
type node struct {
	url, key    string
	allowUnsafe bool
}

func (n *node) flags(cmd *cobra.Command, signs bool) {
	f := cmd.Flags()
	f.StringVarP(&n.url, "rpc-url", "U", "", "JSON-RPC of a node, like http://127.0.0.1:8545")
	if signs {
		f.StringVarP(&n.key, "private-key", "P", "", "key that signs, 64 hexadecimal digits (default: Anvil's first, on development chains only)")
		f.BoolVar(&n.allowUnsafe, "allow-unsafe-srs", false, "also put a key of an unsafe SRS on a chain that is not one for development")
	}
}

func (n *node) dial(cmd *cobra.Command) (*chain.Client, error) {
	if n.url == "" {
		return nil, errors.New("--rpc-url is needed: the JSON-RPC of a node, like http://127.0.0.1:8545")
	}
	return chain.Dial(cmd.Context(), n.url)
}

// sign connects for a transaction. A key of an unsafe SRS does not leave development chains by itself.
func (n *node) sign(cmd *cobra.Command, unsafe bool) (*chain.Client, chain.Key, error) {
	c, err := n.dial(cmd)
	if err != nil {
		return nil, nil, err
	}
	k, err := n.signer(c, unsafe)
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, k, nil
}

func (n *node) signer(c *chain.Client, unsafe bool) (chain.Key, error) {
	if unsafe && !c.Development() && !n.allowUnsafe {
		return nil, fmt.Errorf("the key's SRS is unsafe: whoever made it can forge proofs. Chain %s is not one for development (--allow-unsafe-srs does it nevertheless)", c.ChainID())
	}
	if n.key == "" {
		if !c.Development() {
			return nil, fmt.Errorf("chain %s is not one for development: --private-key is needed", c.ChainID())
		}
		return chain.ParseKey(chain.DevelopmentKey)
	}
	return chain.ParseKey(n.key)
}

// address is that of a flag: itself, or in a file of deploy-evm.
func address(s string) (chain.Address, error) {
	if strings.HasPrefix(s, "0x") {
		return chain.ParseAddress(s)
	}
	b, err := os.ReadFile(s)
	if err != nil {
		return chain.Address{}, fmt.Errorf("%s: neither an address nor a file with one (run deploy-evm)", s)
	}
	a, err := chain.ParseAddress(strings.TrimSpace(string(b)))
	if err != nil {
		return a, fmt.Errorf("%s: %w", s, err)
	}
	return a, nil
}

func (a *app) deployEVM() *cobra.Command {
	var n node
	var solPath, addrPath, kind string
	var runs int
	cmd := &cobra.Command{Use: "deploy-evm", Short: "Deploy a contract of create-evm-verifier"}
	n.flags(cmd, true)
	f := cmd.Flags()
	f.StringVar(&solPath, "sol-code-path", defaultSol, "contract")
	f.StringVar(&addrPath, "addr-path", defaultAddress, "file to write the address to")
	f.StringVarP(&kind, "contract-type", "C", "", "verifier or verifier/reusable: must be what the contract is")
	f.IntVar(&runs, "optimizer-runs", 1, "accepted for ezkl's sake, without effect: the bytecode is part of ezkl")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		contract, err := ezkl.LoadEVMSource(solPath)
		if err != nil {
			return err
		}
		is := map[bool]string{false: "verifier", true: "verifier/reusable"}[contract.Reusable]
		if kind != "" && kind != is {
			return fmt.Errorf("%s is of type %s, not %s", solPath, is, kind)
		}
		c, k, err := n.sign(cmd, contract.Unsafe)
		if err != nil {
			return err
		}
		defer c.Close()
		plan, err := c.PlanDeploy(ctx, k, contract.Creation)
		if err != nil {
			return err
		}
		if !a.json {
			fmt.Fprintf(a.out, "deploying to chain %s: %d bytes of code, about %d gas\n", c.ChainID(), plan.Code, plan.Gas)
		}
		if contract.Unsafe {
			a.warnUnsafe()
		}
		at, receipt, err := c.Deploy(ctx, k, contract.Creation)
		if err != nil {
			return err
		}
		if err := ezkl.Save(addrPath, ezkl.RawBytes([]byte(at.Hex()))); err != nil {
			return fmt.Errorf("deployed at %s, but: %w", at.Hex(), err)
		}
		return a.result(struct {
			Address string `json:"address"`
			Path    string `json:"addr_path"`
			Chain   string `json:"chain_id"`
			Code    int    `json:"contract_bytes"`
			Gas     uint64 `json:"gas_used"`
		}{at.Hex(), addrPath, c.ChainID().String(), plan.Code, receipt.GasUsed}, "deployed at %s (in %s), %d gas", at.Hex(), addrPath, receipt.GasUsed)
	}
	return cmd
}

func (a *app) registerVKA() *cobra.Command {
	var n node
	var addr, vkaPath, digestPath string
	cmd := &cobra.Command{Use: "register-vka", Short: "Register a VKA at the reusable verifier"}
	n.flags(cmd, true)
	f := cmd.Flags()
	f.StringVar(&addr, "addr-verifier", defaultAddress, "address of the reusable verifier, or a file with it")
	f.StringVar(&vkaPath, "vka-path", defaultVKA, "VKA")
	f.StringVar(&digestPath, "vka-digest-path", defaultDigest, "file to write the digest to, as a list of its bytes")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		vka, err := ezkl.LoadVKA(vkaPath)
		if err != nil {
			return err
		}
		at, err := address(addr)
		if err != nil {
			return err
		}
		c, k, err := n.sign(cmd, ezkl.VKAUnsafe(vka))
		if err != nil {
			return err
		}
		defer c.Close()
		call := ezkl.RegisterCalldata(vka)
		digest := ezkl.VKADigest(vka)
		out, err := c.Call(ctx, at, call)
		if err != nil {
			return err
		}
		if string(out) != string(digest[:]) {
			return fmt.Errorf("the contract at %s is no reusable verifier of this version: it returned another digest", at.Hex())
		}
		receipt, err := c.Send(ctx, k, at, call)
		if err != nil {
			return err
		}
		list, err := json.MarshalIndent(ints(digest[:]), "", "  ")
		if err != nil {
			return err
		}
		if err := ezkl.Save(digestPath, ezkl.RawBytes(list)); err != nil {
			return fmt.Errorf("registered, but: %w", err)
		}
		return a.result(struct {
			Digest string `json:"vka_digest"`
			Path   string `json:"vka_digest_path"`
			Gas    uint64 `json:"gas_used"`
		}{hex.EncodeToString(digest[:]), digestPath, receipt.GasUsed}, "registered %x, %d gas", digest, receipt.GasUsed)
	}
	return cmd
}

// ints are bytes as JSON numbers.
func ints(b []byte) []int {
	out := make([]int, len(b))
	for i, x := range b {
		out[i] = int(x)
	}
	return out
}

// gasWarning is where ezkl warns, too: half of a block's gas.
const gasWarning = 15_000_000

func (a *app) verifyEVM() *cobra.Command {
	var n node
	var proofPath, addr, vkaPath, encoded string
	cmd := &cobra.Command{Use: "verify-evm", Short: "Verify a proof by a deployed contract, without a transaction"}
	n.flags(cmd, false)
	f := cmd.Flags()
	f.StringVar(&proofPath, "proof-path", ezkl.DefaultProof, "proof")
	f.StringVar(&addr, "addr-verifier", defaultAddress, "address of the verifier, or a file with it")
	f.StringVar(&vkaPath, "vka-path", "", "VKA: the contract is the reusable verifier")
	f.StringVar(&encoded, "encoded-calldata", "", "calldata of encode-evm-calldata, instead of a proof")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		var vka, call []byte
		var err error
		if vkaPath != "" {
			if vka, err = ezkl.LoadVKA(vkaPath); err != nil {
				return err
			}
		}
		if encoded != "" {
			if call, err = os.ReadFile(encoded); err != nil {
				return fmt.Errorf("%s: no such file, calldata is needed (run encode-evm-calldata)", encoded)
			}
		} else {
			p, err := ezkl.LoadProof(proofPath)
			if err != nil {
				return err
			}
			if call, err = ezkl.EVMCalldata(p, vka); err != nil {
				return err
			}
		}
		at, err := address(addr)
		if err != nil {
			return err
		}
		c, err := n.dial(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		res := struct {
			Verified bool   `json:"verified"`
			Address  string `json:"address"`
			Chain    string `json:"chain_id"`
			Gas      uint64 `json:"estimated_gas,omitempty"`
			Reason   string `json:"reason,omitempty"`
		}{Address: at.Hex(), Chain: c.ChainID().String()}
		out, err := c.Call(ctx, at, call)
		if err == nil {
			err = ezkl.CheckEVMOutput(out, vka)
		}
		if err != nil {
			if a.json {
				res.Reason = err.Error()
				if perr := a.result(res, ""); perr != nil {
					return perr
				}
			}
			return err
		}
		res.Verified = true
		if res.Gas, err = c.EstimateGas(ctx, at, call); err != nil {
			return err
		}
		if res.Gas > gasWarning {
			a.warn("verification takes %d gas: more than half of a block on most chains", res.Gas)
		}
		return a.result(res, "verified: true, about %d gas", res.Gas)
	}
	return cmd
}
