package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ezkl-go/ezkl"
)

// Names of files that the commands of chains read and write, as ezkl has them.
const (
	defaultSol      = "evm_deploy.sol"
	defaultABI      = "verifier_abi.json"
	defaultVKA      = "vka.bytes"
	defaultCalldata = "calldata.bytes"
)

// evmKey are the flags of commands that compile a verifying key for a contract.
type evmKey struct{ srs, settings, vk string }

func (k *evmKey) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&k.srs, "srs-path", "", "also check that the key was made with this SRS")
	f.StringVarP(&k.settings, "settings-path", "S", ezkl.DefaultSettings, "accepted for ezkl's sake: the key holds all that is needed")
	f.StringVar(&k.vk, "vk-path", ezkl.DefaultVK, "verifying key")
}

func (k *evmKey) load(cmd *cobra.Command) (*ezkl.EVMVerifier, error) {
	if cmd.Flags().Changed("settings-path") {
		if _, err := ezkl.LoadSettings(k.settings); err != nil {
			return nil, err
		}
	}
	vk, err := ezkl.LoadVerifyingKey(k.vk)
	if err != nil {
		return nil, err
	}
	if k.srs != "" {
		s, err := ezkl.LoadSRS(k.srs, vk.LogRows())
		if err != nil {
			return nil, err
		}
		if err := ezkl.CheckKey(cmd.Context(), vk, nil, s, nil); err != nil {
			return nil, err
		}
	}
	v, err := ezkl.NewEVMVerifier(vk)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.vk, err)
	}
	return v, nil
}

func (a *app) createEVMVerifier() *cobra.Command {
	var key evmKey
	var solPath, abiPath string
	var reusable bool
	cmd := &cobra.Command{Use: "create-evm-verifier", Short: "Write a contract that verifies proofs: Solidity and ABI",
		Long: `Write a contract that verifies proofs: Solidity and ABI.

The contract of a circuit holds the verifying key. With --reusable, the contract is the same for all circuits; their keys
are registered there (create-evm-vka, register-vka). deploy-evm needs no compiler: the bytecode is part of ezkl.`}
	key.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&solPath, "sol-code-path", defaultSol, "Solidity to write")
	f.StringVar(&abiPath, "abi-path", defaultABI, "ABI to write")
	f.BoolVarP(&reusable, "reusable", "R", false, "the verifier of all registered circuits")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		out := struct {
			Source string `json:"sol_code"`
			ABI    string `json:"abi"`
			Digest string `json:"vka_digest,omitempty"`
			Code   int    `json:"contract_bytes"`
			*ezkl.EVMSizes
			Unsafe bool `json:"srs_unsafe"`
		}{Source: solPath, ABI: abiPath, Code: ezkl.ReusableEVMSize()}
		source, abi := ezkl.ReusableEVMSource()
		text := fmt.Sprintf("wrote %s and %s: contract %d bytes", solPath, abiPath, out.Code)
		if !reusable {
			v, err := key.load(cmd)
			if err != nil {
				return err
			}
			if v.Unsafe() {
				a.warnUnsafe()
			}
			sizes := v.Sizes()
			source, abi, out.Digest, out.EVMSizes, out.Code, out.Unsafe = v.Source(), v.ABI(), v.Digest(), &sizes, sizes.Code, v.Unsafe()
			text = fmt.Sprintf("wrote %s and %s: %s", solPath, abiPath, sizes)
		}
		if err := ezkl.SaveAll(map[string]io.WriterTo{solPath: ezkl.RawBytes(source), abiPath: ezkl.RawBytes(abi)}); err != nil {
			return err
		}
		return a.result(out, "%s", text)
	}
	return cmd
}

// maxDecimals is ezkl's limit.
const maxDecimals = 38

func (a *app) createEVMVKA() *cobra.Command {
	var key evmKey
	var path string
	var decimals int
	cmd := &cobra.Command{Use: "create-evm-vka", Short: "Write a verifying key for the reusable contract"}
	key.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&path, "vka-path", defaultVKA, "VKA to write")
	f.IntVar(&decimals, "decimals", 18, "accepted for ezkl's sake, without effect: the contract returns no rescaled instances")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if decimals < 0 || decimals > maxDecimals {
			return fmt.Errorf("--decimals %d: use 0 to %d", decimals, maxDecimals)
		}
		v, err := key.load(cmd)
		if err != nil {
			return err
		}
		if v.Unsafe() {
			a.warnUnsafe()
		}
		if err := ezkl.Save(path, ezkl.RawBytes(v.VKA())); err != nil {
			return err
		}
		return a.result(struct {
			Path   string `json:"vka"`
			Bytes  int    `json:"vka_bytes"`
			Digest string `json:"vka_digest"`
			Unsafe bool   `json:"srs_unsafe"`
		}{path, len(v.VKA()), v.Digest(), v.Unsafe()}, "wrote %s: %d bytes, digest %s", path, len(v.VKA()), v.Digest())
	}
	return cmd
}

func (a *app) encodeEVMCalldata() *cobra.Command {
	var key evmKey
	var proofPaths []string
	var path, vkaPath string
	var packed bool
	cmd := &cobra.Command{Use: "encode-evm-calldata", Short: "Write the call that verifies a proof, or several of one key, on chain"}
	f := cmd.Flags()
	f.StringArrayVar(&proofPaths, "proof-path", []string{ezkl.DefaultProof}, "proof; given several times, a batch of proofs of one key (verifyBatch)")
	f.StringVar(&path, "calldata-path", defaultCalldata, "calldata to write")
	f.StringVar(&vkaPath, "vka-path", "", "VKA: encode a call of the reusable verifier")
	f.BoolVar(&packed, "packed", false, "call verifyPacked: instances in few bytes (needs --vk-path)")
	f.StringVar(&key.vk, "vk-path", ezkl.DefaultVK, "verifying key, for --packed")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var err error
		proofs := make([]*ezkl.Proof, len(proofPaths))
		for i, at := range proofPaths {
			if proofs[i], err = ezkl.LoadProof(at); err != nil {
				return err
			}
		}
		var vka []byte
		if vkaPath != "" {
			if vka, err = ezkl.LoadVKA(vkaPath); err != nil {
				return err
			}
		}
		var calldata []byte
		switch {
		case !packed && len(proofs) == 1:
			calldata, err = ezkl.EVMCalldata(proofs[0], vka)
		case !packed:
			calldata, err = ezkl.EVMBatchCalldata(proofs, vka)
		default:
			var v *ezkl.EVMVerifier
			if v, err = key.load(cmd); err != nil {
				return err
			}
			if vka != nil && string(vka) != string(v.VKA()) {
				return errors.New("--vka-path and --vk-path are not of the same key")
			}
			if len(proofs) == 1 {
				calldata, err = v.PackedCalldata(proofs[0], vka != nil)
			} else {
				calldata, err = v.PackedBatchCalldata(proofs, vka != nil)
			}
		}
		if err != nil {
			return err
		}
		if err := ezkl.Save(path, ezkl.RawBytes(calldata)); err != nil {
			return err
		}
		return a.result(struct {
			Path  string `json:"calldata"`
			Bytes int    `json:"calldata_bytes"`
		}{path, len(calldata)}, "wrote %s: %d bytes", path, len(calldata))
	}
	return cmd
}
