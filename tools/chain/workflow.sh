#!/usr/bin/env bash
# The whole way on chain, at a node whose URL is $RPC_URL: a proof of the quickstart network is verified by its own contract
# and by the reusable one, and altered proofs are refused by both. Needs bin/ezkl. Run by `make chain`.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
ezkl=$root/bin/ezkl
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$root"/quickstart/{network.onnx,calibration.json,input.json} .
refuses() { # the command fails, with this in its one line
	local want=$1 line
	shift
	if line=$("$@" 2>&1); then
		echo "accepted: $*"
		exit 1
	fi
	if ! grep -q "$want" <<<"$line"; then
		echo "another error than '$want': $line"
		exit 1
	fi
}
{
	$ezkl gen-settings
	$ezkl calibrate-settings
	$ezkl compile-circuit
	$ezkl gen-srs --logrows 17 --srs-path kzg.srs
	$ezkl setup --srs-path kzg.srs --target evm
	$ezkl gen-witness
	$ezkl prove --srs-path kzg.srs
} >log 2>&1 || { cat log; exit 1; }

echo "== the circuit's own contract"
$ezkl create-evm-verifier 2>/dev/null
$ezkl deploy-evm --rpc-url "$RPC_URL" 2>/dev/null
$ezkl verify-evm --rpc-url "$RPC_URL"
$ezkl encode-evm-calldata
$ezkl verify-evm --rpc-url "$RPC_URL" --encoded-calldata calldata.bytes
$ezkl encode-evm-calldata --packed --calldata-path packed.bytes
$ezkl verify-evm --rpc-url "$RPC_URL" --encoded-calldata packed.bytes
$ezkl encode-evm-calldata --proof-path proof.json --proof-path proof.json --calldata-path batch.bytes
$ezkl verify-evm --rpc-url "$RPC_URL" --encoded-calldata batch.bytes
printf '\x01' | dd of=batch.bytes bs=1 seek=$(($(stat -c %s batch.bytes) - 1)) conv=notrunc status=none
refuses "the contract reverted" $ezkl verify-evm --rpc-url "$RPC_URL" --encoded-calldata batch.bytes
cp calldata.bytes bad.bytes
printf '\x01' | dd of=bad.bytes bs=1 seek=$(($(stat -c %s bad.bytes) - 1)) conv=notrunc status=none
refuses "the contract reverted" $ezkl verify-evm --rpc-url "$RPC_URL" --encoded-calldata bad.bytes

echo "== the reusable contract"
$ezkl create-evm-verifier --reusable --sol-code-path reusable.sol --abi-path reusable.json
$ezkl deploy-evm --rpc-url "$RPC_URL" --sol-code-path reusable.sol --addr-path reusable.address --contract-type verifier/reusable
$ezkl create-evm-vka 2>/dev/null
refuses "the contract reverted" $ezkl verify-evm --rpc-url "$RPC_URL" --addr-verifier reusable.address --vka-path vka.bytes
$ezkl register-vka --rpc-url "$RPC_URL" --addr-verifier reusable.address
$ezkl verify-evm --rpc-url "$RPC_URL" --addr-verifier reusable.address --vka-path vka.bytes
$ezkl encode-evm-calldata --vka-path vka.bytes --calldata-path bad.bytes
printf '\x01' | dd of=bad.bytes bs=1 seek=$(($(stat -c %s bad.bytes) - 1)) conv=notrunc status=none
refuses "the contract reverted" $ezkl verify-evm --rpc-url "$RPC_URL" --addr-verifier reusable.address --vka-path vka.bytes --encoded-calldata bad.bytes

echo "== what does not fit"
refuses "there is no contract" $ezkl verify-evm --rpc-url "$RPC_URL" --addr-verifier 0x00000000000000000000000000000000000000aa
sed 's/view returns/returns/' evm_deploy.sol >changed.sol
refuses "not a contract as create-evm-verifier" $ezkl deploy-evm --rpc-url "$RPC_URL" --sol-code-path changed.sol
refuses "cannot reach a node" $ezkl verify-evm --rpc-url http://127.0.0.1:1
echo "on chain: all as it should be"
