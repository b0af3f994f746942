package evm

// UseContract replaces the embedded contracts, before any is used.
func UseContract(raw []byte) { contractJSON = raw }
