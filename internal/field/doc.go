// Package field has the few things about BN254 scalars that gnark-crypto's fr leaves open: signed integers in and out, and
// decoding that accepts exactly one encoding of each element.
//
// F is the scalar field of BN254, p ~ 2^254. An integer v is embedded signed: -1 is p-1 (docs/protocol.md, section 0).
package field
