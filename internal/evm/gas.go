package evm

// IntrinsicGas is the gas of a transaction before its execution: the base fee and 4 for each zero byte, 16 for each other
// byte of its data (EIP-2028); a creation also pays for its contract and the words of its code (EIP-3860).
func IntrinsicGas(data []byte, create bool) uint64 {
	gas := uint64(21000)
	if create {
		gas += 32000 + 2*uint64((len(data)+31)/32)
	}
	for _, b := range data {
		if b == 0 {
			gas += 4
		} else {
			gas += 16
		}
	}
	return gas
}
