package evm

// MaxCode is the largest contract that a chain takes (EIP-170).
const MaxCode = 24576

// HintSize is the size of what the contract wants after a proof: the inverse of a product of differences of challenges.
const HintSize = 32
