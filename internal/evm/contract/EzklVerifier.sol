// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// The curve's scalar field r and base field q.
uint256 constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
uint256 constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
uint256 constant R_PLUS_1 = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000002;
uint256 constant R_MINUS_1 = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000;

// Frames of the transcript: kind (n: domain, d: digest, s: scalars, p: points, c: challenge), label, and in the low 8 bytes
// the length in words, which is added where it is not constant.
uint256 constant M_NEW = 0x006e657a6b6c2d676f2f312070726f6f66000000000000000000000000000000;
uint256 constant M_KEY = 0x00646b6579000000000000000000000000000000000000000000000000000001;
uint256 constant M_INSTANCES = 0x0073696e7374616e636573000000000000000000000000000000000000000000;
uint256 constant M_C_W = 0x0070435f57000000000000000000000000000000000000000000000000000000;
uint256 constant M_C_H = 0x0070435f48000000000000000000000000000000000000000000000000000000;
uint256 constant M_S = 0x0073530000000000000000000000000000000000000000000000000000000000;
uint256 constant M_ROUND1 = 0x0073726f756e6431000000000000000000000000000000000000000000000000;
uint256 constant M_CLAIMS = 0x0073636c61696d73000000000000000000000000000000000000000000000000;
uint256 constant M_G2 = 0x0073473200000000000000000000000000000000000000000000000000000000;
uint256 constant M_ROUND2 = 0x0073726f756e6432000000000000000000000000000000000000000000000002;
uint256 constant M_C_S = 0x0070435f53000000000000000000000000000000000000000000000000000000;
uint256 constant M_VALUES = 0x007376616c756573000000000000000000000000000000000000000000000000;
uint256 constant M_W = 0x0070570000000000000000000000000000000000000000000000000000000000;
uint256 constant M_W2 = 0x0070572700000000000000000000000000000000000000000000000000000000;
uint256 constant M_BATCH = 0x0063626174636865730000000000000000000000000000000000000000000001;
uint256 constant C_ALPHA = 0x0063616c70686100000000000000000000000000000000000000000000000000;
uint256 constant C_BETA = 0x0063626574610000000000000000000000000000000000000000000000000000;
uint256 constant C_RHO = 0x006372686f000000000000000000000000000000000000000000000000000000;
uint256 constant C_ZETA = 0x00637a6574610000000000000000000000000000000000000000000000000000;
uint256 constant C_GAMMA = 0x006367616d6d6100000000000000000000000000000000000000000000000000;
uint256 constant C_ROUND1 = 0x0063726f756e6431000000000000000000000000000000000000000000000000;
uint256 constant C_DELTA = 0x006364656c746100000000000000000000000000000000000000000000000000;
uint256 constant C_MU = 0x00636d7500000000000000000000000000000000000000000000000000000000;
uint256 constant C_ROUND2 = 0x0063726f756e6432000000000000000000000000000000000000000000000000;
uint256 constant C_Z = 0x00637a2a00000000000000000000000000000000000000000000000000000000;
uint256 constant C_BATCH = 0x0063626174636800000000000000000000000000000000000000000000000000;
uint256 constant C_W = 0x0063770000000000000000000000000000000000000000000000000000000000;

/// @title Interpreter of compiled verifying keys.
/// @notice Checks proofs of the argument in docs/protocol.md. What is particular to a circuit is a *program* (VKA), which
/// lies in the code of a data contract after a STOP byte; docs/evm.md describes its format and operations.
/// @dev `view` and stateless: replay protection, and binding a proof to a caller or a chain, are the consumer's, by an
/// instance. Whatever is wrong reverts; no function returns false. Out of gas also reverts: do not read a revert in a
/// try/catch as "the statement is false".
abstract contract EzklInterpreter {
    /// @notice Calldata that is not the one encoding of a proof's size and number of instances.
    error InvalidCalldata();
    /// @notice An instance that is not below the scalar field's order or lies outside its declared interval.
    error InvalidInstance();
    /// @notice A scalar or point that is not canonical, or a proof that does not hold.
    error InvalidProof();
    /// @notice A precompile that is missing, or ran out of gas.
    error PrecompileFailed();
    /// @notice No program with this digest is registered.
    error UnknownVka();

    /// @dev Puts a program into a data contract.
    function _store(bytes memory vka) internal returns (address data) {
        // returns what follows it: STOP and the program
        bytes memory code = abi.encodePacked(hex"61", uint16(vka.length + 1), hex"80600a3d393df300", vka);
        assembly ("memory-safe") {
            data := create(0, add(code, 32), mload(code))
        }
        require(vka.length < 24576 && data != address(0), "VKA too long");
    }

    /// @dev Checks a call, all of its calldata, against a program; returns only if it is valid. `head` is the size of the
    /// static part of the arguments; the first two are the offsets of the proof and of the instances. `batch`: of one or
    /// more proofs, side by side, and of their instances.
    ///
    /// Memory: 0x00 transcript state, 0x20 frame of a message, 0x40 its content; 0x400 variables of the opening; 0x1000
    /// program; registers, results of the tapes, instances, at places that the program names; then what a batch combines
    /// (function combine). It is not Solidity's memory any more, so nothing may run after this but `return`.
    function _check(address data, uint256 head, bool packed, bool batch) internal view {
        assembly {
            // ---- errors

            function refuse(selector) {
                mstore(0, selector)
                revert(0, 4)
            }
            function refuseProof() {
                refuse(0x09bde33900000000000000000000000000000000000000000000000000000000)
            }
            function refusePrecompile() {
                refuse(0x84e8169200000000000000000000000000000000000000000000000000000000)
            }

            // ---- the program's header: the i-th number of words 5 to 8

            function header(i) -> v {
                v := and(mload(add(0x1084, shl(2, i))), 0xffffffff)
            }

            // ---- transcript: state = keccak(state, frame, content)

            function chain(frame, size) {
                mstore(0x20, frame)
                mstore(0, keccak256(0, add(0x40, size)))
            }
            function challenge(frame) -> c {
                mstore(0x20, frame)
                let state := keccak256(0, 0x40)
                mstore(0, state)
                c := mod(state, R)
            }
            // n scalars at cp, left at 0x40; all must be canonical
            function scalars(cp, frame, n) -> next {
                let size := shl(5, n)
                calldatacopy(0x40, cp, size)
                chain(add(frame, n), size)
                let bad := 0
                let end := add(0x40, size)
                for { let at := 0x40 } lt(at, end) { at := add(at, 32) } {
                    bad := or(bad, iszero(lt(mload(at), R)))
                }
                if bad { refuseProof() }
                next := add(cp, size)
            }
            // n points at cp, left at 0x40: canonical, on the curve y^2 = x^3 + 3 or (0, 0), which is infinity
            function points(cp, frame, n) -> next {
                let size := shl(6, n)
                calldatacopy(0x40, cp, size)
                chain(add(frame, shl(1, n)), size)
                let bad := 0
                let end := add(0x40, size)
                for { let at := 0x40 } lt(at, end) { at := add(at, 64) } {
                    let x := mload(at)
                    let y := mload(add(at, 32))
                    let curve := eq(mulmod(y, y, Q), addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q))
                    bad := or(bad, iszero(and(and(lt(x, Q), lt(y, Q)), or(curve, iszero(or(x, y))))))
                }
                if bad { refuseProof() }
                next := add(cp, size)
            }
            // a coordinate of a point takes three words: x, 1-x, 2x-1, the latter two not reduced
            function coordinate(at, x) -> next {
                mstore(at, x)
                mstore(add(at, 32), sub(R_PLUS_1, x))
                mstore(add(at, 64), add(add(x, x), R_MINUS_1))
                next := add(at, 96)
            }
            function coordinates(at, frame, n) -> next {
                for {} n { n := sub(n, 1) } { at := coordinate(at, challenge(frame)) }
                next := at
            }

            // ---- sumcheck 1: round polynomials of degree d as c_0, c_2, .., c_d, with s(0) + s(1) = claim

            function sumcheck1(cp, at, claim) -> next, last {
                let degree := add(0xfe1, header(11))
                let bad := 0
                for { let end := add(degree, header(4)) } lt(degree, end) { degree := add(degree, 1) } {
                    let d := and(mload(degree), 0xff)
                    let size := shl(5, d)
                    calldatacopy(0x40, cp, size)
                    cp := add(cp, size)
                    chain(add(M_ROUND1, d), size)
                    let x := challenge(C_ROUND1)
                    let c0 := mload(0x40)
                    bad := or(bad, iszero(lt(c0, R)))
                    let acc := 0
                    let sum := addmod(c0, c0, R)
                    for { let c := add(0x20, size) } gt(c, 0x40) { c := sub(c, 32) } {
                        let v := mload(c)
                        bad := or(bad, iszero(lt(v, R)))
                        sum := addmod(sum, v, R)
                        acc := mulmod(addmod(acc, v, R), x, R)
                    }
                    claim := addmod(mulmod(add(acc, add(claim, sub(R, sum))), x, R), c0, R)
                    at := coordinate(at, x)
                }
                if bad { refuseProof() }
                next := cp
                last := claim
            }

            // ---- sumcheck 2: the same of degree 2

            function sumcheck2(cp, at, claim) -> next, last {
                for { let end := add(at, mul(96, header(6))) } lt(at, end) {} {
                    calldatacopy(0x40, cp, 0x40)
                    chain(M_ROUND2, 0x40)
                    let c0 := mload(0x40)
                    let c2 := mload(0x60)
                    if iszero(and(lt(c0, R), lt(c2, R))) { refuseProof() }
                    let x := challenge(C_ROUND2)
                    let c1 := addmod(claim, sub(mul(3, R), add(add(c0, c0), c2)), R)
                    claim := addmod(mulmod(add(mulmod(c2, x, R), c1), x, R), c0, R)
                    cp := add(cp, 0x40)
                    at := coordinate(at, x)
                }
                next := cp
                last := claim
            }

            // ---- tapes: sections of one operation each; every result goes to the next word of out

            // dot product of n words: eight at a time, four, then one; acc and four products are below 5r < 2^256
            function dot(n, a, b) -> acc {
                for { let end := add(a, shl(8, shr(3, n))) } lt(a, end) { a := add(a, 256) } {
                    acc := add(acc, mulmod(mload(a), mload(b), R))
                    acc := add(acc, mulmod(mload(add(a, 32)), mload(add(b, 32)), R))
                    acc := add(acc, mulmod(mload(add(a, 64)), mload(add(b, 64)), R))
                    acc := mod(add(acc, mulmod(mload(add(a, 96)), mload(add(b, 96)), R)), R)
                    acc := add(acc, mulmod(mload(add(a, 128)), mload(add(b, 128)), R))
                    acc := add(acc, mulmod(mload(add(a, 160)), mload(add(b, 160)), R))
                    acc := add(acc, mulmod(mload(add(a, 192)), mload(add(b, 192)), R))
                    acc := mod(add(acc, mulmod(mload(add(a, 224)), mload(add(b, 224)), R)), R)
                    b := add(b, 256)
                }
                if and(n, 4) {
                    acc := add(acc, mulmod(mload(a), mload(b), R))
                    acc := add(acc, mulmod(mload(add(a, 32)), mload(add(b, 32)), R))
                    acc := add(acc, mulmod(mload(add(a, 64)), mload(add(b, 64)), R))
                    acc := mod(add(acc, mulmod(mload(add(a, 96)), mload(add(b, 96)), R)), R)
                    a := add(a, 128)
                    b := add(b, 128)
                }
                for { n := and(n, 3) } n { n := sub(n, 1) } {
                    acc := addmod(acc, mulmod(mload(a), mload(b), R), R)
                    a := add(a, 32)
                    b := add(b, 32)
                }
            }
            function run(ip, out) -> next {
                for {} 1 {} {
                    let w := mload(ip)
                    let n := and(shr(232, w), 0xffff)
                    ip := add(ip, 3)
                    switch byte(0, w)
                    case 1 { // products of two words: eight at a time, four, then one at a time
                        for { let end := add(ip, shl(5, shr(3, n))) } lt(ip, end) { ip := add(ip, 32) } {
                            w := mload(ip)
                            mstore(out, mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R))
                            mstore(add(out, 32), mulmod(mload(and(shr(208, w), 0xffff)), mload(and(shr(192, w), 0xffff)), R))
                            mstore(add(out, 64), mulmod(mload(and(shr(176, w), 0xffff)), mload(and(shr(160, w), 0xffff)), R))
                            mstore(add(out, 96), mulmod(mload(and(shr(144, w), 0xffff)), mload(and(shr(128, w), 0xffff)), R))
                            mstore(add(out, 128), mulmod(mload(and(shr(112, w), 0xffff)), mload(and(shr(96, w), 0xffff)), R))
                            mstore(add(out, 160), mulmod(mload(and(shr(80, w), 0xffff)), mload(and(shr(64, w), 0xffff)), R))
                            mstore(add(out, 192), mulmod(mload(and(shr(48, w), 0xffff)), mload(and(shr(32, w), 0xffff)), R))
                            mstore(add(out, 224), mulmod(mload(and(shr(16, w), 0xffff)), mload(and(w, 0xffff)), R))
                            out := add(out, 256)
                        }
                        if and(n, 4) {
                            w := mload(ip)
                            mstore(out, mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R))
                            mstore(add(out, 32), mulmod(mload(and(shr(208, w), 0xffff)), mload(and(shr(192, w), 0xffff)), R))
                            mstore(add(out, 64), mulmod(mload(and(shr(176, w), 0xffff)), mload(and(shr(160, w), 0xffff)), R))
                            mstore(add(out, 96), mulmod(mload(and(shr(144, w), 0xffff)), mload(and(shr(128, w), 0xffff)), R))
                            out := add(out, 128)
                            ip := add(ip, 16)
                        }
                        for { n := and(n, 3) } n { n := sub(n, 1) } {
                            w := mload(ip)
                            mstore(out, mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R))
                            ip := add(ip, 4)
                            out := add(out, 32)
                        }
                    }
                    case 2 { // sum of four products: two at a time, then one
                        for { let end := add(ip, shl(5, shr(1, n))) } lt(ip, end) { ip := add(ip, 32) } {
                            w := mload(ip)
                            let left := mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R)
                            left := add(left, mulmod(mload(and(shr(208, w), 0xffff)), mload(and(shr(192, w), 0xffff)), R))
                            left := add(left, mulmod(mload(and(shr(176, w), 0xffff)), mload(and(shr(160, w), 0xffff)), R))
                            left := add(left, mulmod(mload(and(shr(144, w), 0xffff)), mload(and(shr(128, w), 0xffff)), R))
                            mstore(out, mod(left, R))
                            left := mulmod(mload(and(shr(112, w), 0xffff)), mload(and(shr(96, w), 0xffff)), R)
                            left := add(left, mulmod(mload(and(shr(80, w), 0xffff)), mload(and(shr(64, w), 0xffff)), R))
                            left := add(left, mulmod(mload(and(shr(48, w), 0xffff)), mload(and(shr(32, w), 0xffff)), R))
                            left := add(left, mulmod(mload(and(shr(16, w), 0xffff)), mload(and(w, 0xffff)), R))
                            mstore(add(out, 32), mod(left, R))
                            out := add(out, 64)
                        }
                        if and(n, 1) {
                            w := mload(ip)
                            let left := mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R)
                            left := add(left, mulmod(mload(and(shr(208, w), 0xffff)), mload(and(shr(192, w), 0xffff)), R))
                            left := add(left, mulmod(mload(and(shr(176, w), 0xffff)), mload(and(shr(160, w), 0xffff)), R))
                            left := add(left, mulmod(mload(and(shr(144, w), 0xffff)), mload(and(shr(128, w), 0xffff)), R))
                            mstore(out, mod(left, R))
                            out := add(out, 32)
                            ip := add(ip, 16)
                        }
                    }
                    case 3 { // eq of two points
                        for {} n { n := sub(n, 1) } {
                            w := mload(ip)
                            let a := and(shr(232, w), 0xffff)
                            let b := and(shr(216, w), 0xffff)
                            let acc := 1
                            for { let end := add(a, mul(192, shr(249, w))) } lt(a, end) { a := add(a, 192) } {
                                acc := mulmod(acc, add(mulmod(mload(a), mload(add(b, 64)), R), mload(add(b, 32))), R)
                                acc := mulmod(acc, add(mulmod(mload(add(a, 96)), mload(add(b, 160)), R), mload(add(b, 128))), R)
                                b := add(b, 192)
                            }
                            if and(shr(248, w), 1) {
                                acc := mulmod(acc, add(mulmod(mload(a), mload(add(b, 64)), R), mload(add(b, 32))), R)
                            }
                            ip := add(ip, 5)
                            mstore(out, acc)
                            out := add(out, 32)
                        }
                    }
                    case 4 { // sum of two products: four at a time, two, then one
                        for { let end := add(ip, shl(5, shr(2, n))) } lt(ip, end) { ip := add(ip, 32) } {
                            w := mload(ip)
                            let left := mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R)
                            mstore(out, addmod(left, mulmod(mload(and(shr(208, w), 0xffff)), mload(and(shr(192, w), 0xffff)), R), R))
                            left := mulmod(mload(and(shr(176, w), 0xffff)), mload(and(shr(160, w), 0xffff)), R)
                            mstore(add(out, 32), addmod(left, mulmod(mload(and(shr(144, w), 0xffff)), mload(and(shr(128, w), 0xffff)), R), R))
                            left := mulmod(mload(and(shr(112, w), 0xffff)), mload(and(shr(96, w), 0xffff)), R)
                            mstore(add(out, 64), addmod(left, mulmod(mload(and(shr(80, w), 0xffff)), mload(and(shr(64, w), 0xffff)), R), R))
                            left := mulmod(mload(and(shr(48, w), 0xffff)), mload(and(shr(32, w), 0xffff)), R)
                            mstore(add(out, 96), addmod(left, mulmod(mload(and(shr(16, w), 0xffff)), mload(and(w, 0xffff)), R), R))
                            out := add(out, 128)
                        }
                        if and(n, 2) {
                            w := mload(ip)
                            let left := mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R)
                            mstore(out, addmod(left, mulmod(mload(and(shr(208, w), 0xffff)), mload(and(shr(192, w), 0xffff)), R), R))
                            left := mulmod(mload(and(shr(176, w), 0xffff)), mload(and(shr(160, w), 0xffff)), R)
                            mstore(add(out, 32), addmod(left, mulmod(mload(and(shr(144, w), 0xffff)), mload(and(shr(128, w), 0xffff)), R), R))
                            out := add(out, 64)
                            ip := add(ip, 16)
                        }
                        if and(n, 1) {
                            w := mload(ip)
                            let left := mulmod(mload(shr(240, w)), mload(and(shr(224, w), 0xffff)), R)
                            mstore(out, addmod(left, mulmod(mload(and(shr(208, w), 0xffff)), mload(and(shr(192, w), 0xffff)), R), R))
                            out := add(out, 32)
                            ip := add(ip, 8)
                        }
                    }
                    case 5 { // table of eq(., point): that of all coordinates but the lowest three, then eight entries for each
                        for {} n { n := sub(n, 1) } {
                            w := mload(ip)
                            let count := byte(0, w)
                            let a := and(shr(232, w), 0xffff)
                            if eq(count, 2) {
                                let x := mload(a)
                                let y := mload(add(a, 96))
                                mstore(add(out, 96), mulmod(x, y, R))
                                mstore(add(out, 32), mulmod(x, mload(add(a, 128)), R))
                                x := mload(add(a, 32))
                                mstore(add(out, 64), mulmod(x, y, R))
                                mstore(out, mulmod(x, mload(add(a, 128)), R))
                                out := add(out, 128)
                                ip := add(ip, 3)
                                continue
                            }
                            let low := mul(3, gt(count, 2))
                            let high := add(out, mul(mul(224, gt(count, 2)), shl(sub(count, low), 1)))
                            mstore(high, 1)
                            let top := add(high, 32)
                            for { let at := add(a, mul(96, low)) let end := add(a, mul(96, count)) } lt(at, end) { at := add(at, 96) } {
                                let x := mload(at)
                                let to := top
                                for { let from := high } lt(from, top) { from := add(from, 32) } {
                                    let v := mload(from)
                                    let upper := mulmod(v, x, R)
                                    mstore(to, upper)
                                    mstore(from, addmod(v, sub(R, upper), R))
                                    to := add(to, 32)
                                }
                                top := to
                            }
                            ip := add(ip, 3)
                            if iszero(low) {
                                out := top
                                continue
                            }
                            // the eight of the lowest, not reduced, at 0x40
                            {
                                let x := mload(a)
                                let y := mload(add(a, 96))
                                let z := mload(add(a, 192))
                                let yz := mulmod(y, z, R)
                                let v := mulmod(yz, x, R)
                                mstore(0x120, v)
                                mstore(0x100, add(yz, sub(R, v)))
                                let u := add(z, sub(R, yz))
                                v := mulmod(u, x, R)
                                mstore(0xe0, v)
                                mstore(0xc0, add(u, sub(R, v)))
                                u := add(y, sub(R, yz))
                                v := mulmod(u, x, R)
                                mstore(0xa0, v)
                                mstore(0x80, add(u, sub(R, v)))
                                u := add(R_PLUS_1, sub(add(R, yz), add(y, z)))
                                v := mulmod(u, x, R)
                                mstore(0x60, v)
                                mstore(0x40, add(u, sub(R, v)))
                            }
                            for {} lt(high, top) { high := add(high, 32) } {
                                let v := mload(high) // the last of the eight may be here
                                mstore(out, mulmod(v, mload(0x40), R))
                                mstore(add(out, 32), mulmod(v, mload(0x60), R))
                                mstore(add(out, 64), mulmod(v, mload(0x80), R))
                                mstore(add(out, 96), mulmod(v, mload(0xa0), R))
                                mstore(add(out, 128), mulmod(v, mload(0xc0), R))
                                mstore(add(out, 160), mulmod(v, mload(0xe0), R))
                                mstore(add(out, 192), mulmod(v, mload(0x100), R))
                                mstore(add(out, 224), mulmod(v, mload(0x120), R))
                                out := add(out, 256)
                            }
                        }
                    }
                    case 6 { // sum of words, each times c0 x + c1 x^2 + c2 x^3 at a coordinate
                        for {} n { n := sub(n, 1) } {
                            w := mload(ip)
                            let a := and(shr(232, w), 0xffff)
                            let b := and(shr(216, w), 0xffff)
                            let c0 := and(shr(200, w), 0xffff)
                            let c1 := mload(add(c0, 32))
                            let c2 := mload(add(c0, 64))
                            c0 := mload(c0)
                            let acc := 0
                            let end := add(a, shl(5, byte(0, w)))
                            if and(byte(0, w), 1) { // one, then two at a time
                                let x := mload(b)
                                acc := mulmod(mulmod(add(mulmod(add(mulmod(c2, x, R), c1), x, R), c0), x, R), mload(a), R)
                                a := add(a, 32)
                                b := add(b, 96)
                            }
                            for {} lt(a, end) { a := add(a, 64) } {
                                let x := mload(b)
                                let v := mulmod(mulmod(add(mulmod(add(mulmod(c2, x, R), c1), x, R), c0), x, R), mload(a), R)
                                x := mload(add(b, 96))
                                x := mulmod(add(mulmod(add(mulmod(c2, x, R), c1), x, R), c0), x, R)
                                acc := addmod(acc, add(v, mulmod(x, mload(add(a, 32)), R)), R)
                                b := add(b, 192)
                            }
                            ip := add(ip, 7)
                            mstore(out, acc)
                            out := add(out, 32)
                        }
                    }
                    case 7 { // matrix times vector
                        for {} n { n := sub(n, 1) } {
                            w := mload(ip)
                            let a := and(shr(208, w), 0xffff)
                            let b := and(shr(176, w), 0xffffffff)
                            let columns := and(shr(224, w), 0xffff)
                            for { let end := add(out, shl(5, shr(240, w))) } lt(out, end) { out := add(out, 32) } {
                                mstore(out, dot(columns, a, b))
                                b := add(b, shl(5, columns))
                            }
                            ip := add(ip, 10)
                        }
                    }
                    case 8 { // equal indices below a bound
                        for {} n { n := sub(n, 1) } {
                            w := mload(ip)
                            let a := and(shr(232, w), 0xffff)
                            let b := and(shr(216, w), 0xffff)
                            let d := and(shr(184, w), 0xffffffff)
                            let all := 1 // equal, whatever the bound
                            let acc := 0
                            for { let end := add(a, mul(96, byte(0, w))) } lt(a, end) { a := add(a, 96) } {
                                let zeros := mulmod(mload(add(a, 32)), mload(add(b, 32)), R)
                                let ones := mulmod(mload(a), mload(b), R)
                                switch and(d, 1)
                                case 0 { acc := mulmod(acc, zeros, R) }
                                default { acc := addmod(mulmod(acc, ones, R), mulmod(all, zeros, R), R) }
                                all := mulmod(all, add(zeros, ones), R)
                                d := shr(1, d)
                                b := add(b, 96)
                            }
                            ip := add(ip, 9)
                            mstore(out, acc)
                            out := add(out, 32)
                        }
                    }
                    case 0 { break }
                    case 9 { out := n } // where the next results go
                    default { invalid() }
                }
                next := out
            }

            // ---- instances: at is their first byte in the calldata; they go to memory as field elements

            function instances(at, short) {
                let to := header(21)
                let bad := 0
                let iv := add(0x1000, header(12))
                for { let end := add(iv, mul(45, header(22))) } lt(iv, end) { iv := add(iv, 45) } {
                    let lo := mload(add(iv, 4))
                    let span := shr(192, mload(add(iv, 36)))
                    let runEnd := add(to, shl(5, shr(224, mload(iv))))
                    switch short
                    case 0 {
                        // lo .. hi is two ranges of words: below zero from lo on, from zero on below more; so x < r
                        let less := add(span, 1)
                        let more := 0
                        if gt(lo, shr(1, R)) {
                            less := sub(R, lo)
                            if gt(less, span) { less := add(span, 1) }
                            more := sub(add(span, 1), less)
                        }
                        let size := sub(runEnd, to)
                        calldatacopy(to, at, size)
                        at := add(at, size)
                        let good := 1
                        // four at a time, then one at a time
                        for {} lt(add(to, 96), runEnd) { to := add(to, 128) } {
                            let x := mload(to)
                            good := and(good, or(lt(x, more), lt(sub(x, lo), less)))
                            x := mload(add(to, 32))
                            good := and(good, or(lt(x, more), lt(sub(x, lo), less)))
                            x := mload(add(to, 64))
                            good := and(good, or(lt(x, more), lt(sub(x, lo), less)))
                            x := mload(add(to, 96))
                            good := and(good, or(lt(x, more), lt(sub(x, lo), less)))
                        }
                        for {} lt(to, runEnd) { to := add(to, 32) } {
                            let x := mload(to)
                            good := and(good, or(lt(x, more), lt(sub(x, lo), less)))
                        }
                        bad := or(bad, iszero(good))
                    }
                    default {
                        let width := byte(0, mload(add(iv, 44)))
                        let shift := sub(256, shl(3, width))
                        if eq(add(span, 1), shl(shl(3, width), 1)) { // whatever fits the bytes lies in the interval
                            for {} lt(add(to, 96), runEnd) { to := add(to, 128) } {
                                mstore(to, addmod(shr(shift, calldataload(at)), lo, R))
                                at := add(at, width)
                                mstore(add(to, 32), addmod(shr(shift, calldataload(at)), lo, R))
                                at := add(at, width)
                                mstore(add(to, 64), addmod(shr(shift, calldataload(at)), lo, R))
                                at := add(at, width)
                                mstore(add(to, 96), addmod(shr(shift, calldataload(at)), lo, R))
                                at := add(at, width)
                            }
                        }
                        for {} lt(add(to, 96), runEnd) { to := add(to, 128) } {
                            let v := shr(shift, calldataload(at))
                            bad := or(bad, gt(v, span))
                            mstore(to, addmod(v, lo, R))
                            at := add(at, width)
                            v := shr(shift, calldataload(at))
                            bad := or(bad, gt(v, span))
                            mstore(add(to, 32), addmod(v, lo, R))
                            at := add(at, width)
                            v := shr(shift, calldataload(at))
                            bad := or(bad, gt(v, span))
                            mstore(add(to, 64), addmod(v, lo, R))
                            at := add(at, width)
                            v := shr(shift, calldataload(at))
                            bad := or(bad, gt(v, span))
                            mstore(add(to, 96), addmod(v, lo, R))
                            at := add(at, width)
                        }
                        for {} lt(to, runEnd) { to := add(to, 32) } {
                            let v := shr(shift, calldataload(at))
                            bad := or(bad, gt(v, span))
                            mstore(to, addmod(v, lo, R))
                            at := add(at, width)
                        }
                    }
                }
                if bad { refuse(0x603b655900000000000000000000000000000000000000000000000000000000) }
                // the message's state and frame lie before them
                let begin := header(21)
                mstore(sub(begin, 64), mload(0))
                mstore(sub(begin, 32), add(M_INSTANCES, header(9)))
                mstore(0, keccak256(sub(begin, 64), add(64, sub(to, begin))))
            }

            // ---- opening (docs/protocol.md, section 6)
            //
            // Variables: 0x440 z, 0x460 batch, 0x480 w, 0x4a0 1/z, 0x4c0 E(r2), 0x4e0 mu, 0x500 the claim, 0x520 S(1/z); the values
            // P'(z), P'(1/z), N(z), N(1/z), S(z) at 0x580; four products and their inverses at 0x680 and 0x700; the weights of P', N, S
            // and [1] at 0x880

            // eq polynomial of n coordinates from u at x; and row N's weights 1, r_0, r_0^2, r_1, .. as a polynomial at x: they begin at
            // the coefficient header(27), which is below 2^n
            function weights(u, n, x) -> acc, e {
                acc := 1
                {
                    let count := header(6)
                    for { let at := add(u, mul(96, count)) } gt(at, u) {} {
                        at := sub(at, 96)
                        let r := mload(at)
                        e := mulmod(add(mulmod(add(mulmod(r, r, R), e), x, R), r), x, R)
                    }
                    e := add(e, 1)
                }
                let k := header(27)
                for { let end := add(u, mul(96, n)) } lt(u, end) { u := add(u, 96) } {
                    acc := mulmod(acc, add(mulmod(mload(u), x, R), mload(add(u, 32))), R)
                    if and(k, 1) { e := mulmod(e, x, R) }
                    k := shr(1, k)
                    x := mulmod(x, x, R)
                }
            }
            // a b' + a' b
            function cross(a, aInv, b, bInv) -> v {
                v := addmod(mulmod(a, bInv, R), mulmod(aInv, b, R), R)
            }
            // the inverses of the differences, from the inverse of their product
            function invert() {
                let z := mload(0x440)
                let w := mload(0x480)
                mstore(0x680, z)
                mstore(0x6a0, addmod(w, sub(R, z), R)) // w - z
                mstore(0x6c0, addmod(mulmod(w, z, R), R_MINUS_1, R)) // z (w - 1/z)
                mstore(0x6e0, addmod(mulmod(z, z, R), R_MINUS_1, R)) // z (z - 1/z)
                let acc := 1
                for { let at := 0x680 } lt(at, 0x700) { at := add(at, 32) } {
                    mstore(add(at, 0x80), acc)
                    acc := mulmod(acc, mload(at), R)
                }
                // acc^(r-2), 0 if a difference is 0
                mstore(0x40, 32)
                mstore(0x60, 32)
                mstore(0x80, 32)
                mstore(0xa0, acc)
                mstore(0xc0, sub(R_MINUS_1, 1))
                mstore(0xe0, R)
                let ok := staticcall(gas(), 5, 0x40, 0xc0, 0x40, 32)
                if iszero(and(ok, eq(returndatasize(), 32))) { refusePrecompile() }
                let inverse := mload(0x40)
                if iszero(eq(mulmod(acc, inverse, R), 1)) { refuseProof() }
                for { let at := 0x6e0 } gt(at, 0x660) { at := sub(at, 32) } {
                    mstore(add(at, 0x80), mulmod(mload(add(at, 0x80)), inverse, R))
                    inverse := mulmod(inverse, mload(at), R)
                }
                mstore(0x740, mulmod(mload(0x740), z, R))
                mstore(0x760, mulmod(mload(0x760), z, R))
                mstore(0x4a0, mload(0x700))
            }
            // S(1/z), which the identity at z fixes
            function derive(r2) {
                let z := mload(0x440)
                let zi := mload(0x4a0)
                let e1, e := weights(r2, header(7), z)
                let e1Inv, eInv := weights(r2, header(7), zi)
                let left := mulmod(mload(0x4c0), cross(mload(0x580), mload(0x5a0), e1, e1Inv), R)
                left := add(left, mulmod(mload(0x4e0), cross(mload(0x5c0), mload(0x5e0), e, eInv), R))
                let claim := mload(0x500)
                left := addmod(left, sub(R, addmod(claim, claim, R)), R)
                mstore(0x520, mulmod(add(left, sub(R, mulmod(z, mload(0x600), R))), z, R))
            }
            // a + nu b + nu^2 c
            function batched(nu, a, b, c) -> v {
                v := addmod(mulmod(add(mulmod(c, nu, R), b), nu, R), a, R)
            }
            // weights of the commitments in the final point: powers of batch over (w - z)(w - 1/z), and the line through the values
            // at z and 1/z, at w
            function weigh() {
                let nu := mload(0x460)
                let i1 := mload(0x720)
                let i2 := mload(0x740)
                let weight := mulmod(i1, i2, R)
                mstore(0x880, weight)
                weight := mulmod(weight, nu, R)
                mstore(0x8a0, weight)
                mstore(0x8c0, mulmod(weight, nu, R))
                let ones := mulmod(batched(nu, mload(0x580), mload(0x5c0), mload(0x600)), i1, R)
                ones := add(ones, sub(R, mulmod(batched(nu, mload(0x5a0), mload(0x5e0), mload(0x520)), i2, R)))
                mstore(0x8e0, sub(R, mulmod(ones, mload(0x760), R)))
            }

            // ---- curve: the sum is at 0x00, the operands of the precompiles at 0x40

            // adds k times the point at 0x40
            function addMul(k) {
                mstore(0x80, k)
                let ok := staticcall(gas(), 7, 0x40, 0x60, 0x40, 0x40)
                ok := and(ok, eq(returndatasize(), 64))
                ok := and(ok, staticcall(gas(), 6, 0, 0x80, 0, 0x40))
                if iszero(and(ok, eq(returndatasize(), 64))) { refusePrecompile() }
            }
            function addCall(cp, k) {
                calldatacopy(0x40, cp, 0x40)
                addMul(k)
            }
            // adds n points of the calldata, weighed by the addresses at list, times scale
            function addRows(cp, n, list, scale) -> next {
                for {} n { n := sub(n, 1) } {
                    addCall(cp, mulmod(mload(shr(240, mload(list))), scale, R))
                    list := add(list, 2)
                    cp := add(cp, 64)
                }
                next := list
            }
            function negate(y) -> v {
                v := mod(sub(Q, y), Q)
            }
            // multiplies the point at 0x40 by k, and writes the product to `to`
            function multiply(k, to) {
                mstore(0x80, k)
                let ok := staticcall(gas(), 7, 0x40, 0x60, to, 0x40)
                if iszero(and(ok, eq(returndatasize(), 64))) { refusePrecompile() }
            }
            // adds the points at `from` and behind it, and writes the sum to `to`
            function sum2(from, to) {
                let ok := staticcall(gas(), 6, from, 0x80, to, 0x40)
                if iszero(and(ok, eq(returndatasize(), 64))) { refusePrecompile() }
            }
            function copyPoint(from, to) {
                mstore(to, mload(from))
                mstore(add(to, 32), mload(add(from, 32)))
            }
            // Every proof ends with a claim e(A, [1]_2) = e(W', [tau]_2). Kept, for the proofs up to this one: at keep a
            // hash of all; then the sum of the A's without [1] and key rows; the sum of the W'; the weights of [1] and of
            // the key rows. With each proof all that was kept is multiplied by a challenge that depends on everything so
            // far. wCall, hCall and oCall are where C_W, C_H and the opening begin.
            function combine(wCall, hCall, oCall, keep, first) {
                let c := 0
                switch first
                case 0 {
                    mstore(0x20, M_BATCH)
                    mstore(0x40, mload(keep))
                    c := keccak256(0, 0x60)
                    mstore(keep, c)
                    c := mod(c, R)
                    copyPoint(add(keep, 0x60), 0x40)
                    multiply(c, 0x40)
                    calldatacopy(0x80, add(oCall, 0x120), 0x40)
                    sum2(0x40, add(keep, 0x60))
                    copyPoint(add(keep, 0x20), 0x40)
                    multiply(c, 0)
                }
                default {
                    mstore(keep, mload(0))
                    calldatacopy(add(keep, 0x60), add(oCall, 0x120), 0x40)
                    // infinity, and no weights: what lies there is of no proof, but is not 0
                    mstore(0, 0)
                    mstore(0x20, 0)
                }
                let scale := mload(0x880)
                let list := add(0x1000, header(15))
                let weight := add(keep, 0xa0)
                mstore(weight, addmod(mulmod(mload(weight), c, R), mload(0x8e0), R))
                for { let end := add(weight, shl(5, header(8))) } lt(weight, end) {} {
                    weight := add(weight, 32)
                    mstore(weight, addmod(mulmod(mload(weight), c, R), mulmod(mload(shr(240, mload(list))), scale, R), R))
                    list := add(list, 2)
                }
                // the cover block's row is N as well
                let cover := header(26)
                list := addRows(wCall, cover, list, scale)
                wCall := add(wCall, shl(6, cover))
                addCall(wCall, add(mulmod(mload(shr(240, mload(list))), scale, R), mload(0x8a0)))
                list := addRows(add(wCall, 64), sub(header(0), add(cover, 1)), add(list, 2), scale)
                pop(addRows(hCall, header(1), list, scale))
                // the opening's messages: S; 5 values; W; W'
                addCall(oCall, mload(0x8c0))
                addCall(add(oCall, 0x120), mload(0x480)) // w W'
                calldatacopy(0x40, add(oCall, 0xe0), 0x40)
                mstore(0x60, negate(mload(0x60)))
                sum2(0, add(keep, 0x20)) // - W
            }
            // the pairing check of what was kept
            function finish(keep) {
                copyPoint(add(keep, 0x20), 0)
                mstore(0x40, 1)
                mstore(0x60, 2)
                let weight := add(keep, 0xa0)
                addMul(mload(weight))
                let row := add(0x1000, header(13))
                for { let end := add(row, shl(6, header(8))) } lt(row, end) { row := add(row, 64) } {
                    weight := add(weight, 32)
                    copyPoint(row, 0x40)
                    addMul(mload(weight))
                }
                // e(A, [1]_2) e(-W', [tau]_2) = 1
                mstore(0x40, 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
                mstore(0x60, 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
                mstore(0x80, 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
                mstore(0xa0, 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
                copyPoint(add(keep, 0x60), 0xc0)
                mstore(0xe0, negate(mload(0xe0)))
                copyPoint(0x1020, 0x100)
                copyPoint(0x1060, 0x140)
                let ok := staticcall(gas(), 8, 0, 0x180, 0, 0x20)
                if iszero(and(ok, eq(returndatasize(), 32))) { refusePrecompile() }
                if iszero(eq(mload(0), 1)) { refuseProof() }
            }

            // ---- the argument, in the order of its messages

            // a proof at cp with its instances at inputs
            function check(cp, inputs, short, keep, first) {
                mstore(0, 0)
                chain(M_NEW, 0)
                mstore(0x40, mload(0x1000))
                chain(M_KEY, 32)
                instances(inputs, short)
                let wCall := cp
                cp := points(cp, M_C_W, header(0))
                let registers := header(19)
                mstore(registers, challenge(C_ALPHA))
                mstore(add(registers, 0x20), challenge(C_BETA))
                let hCall := cp
                cp := points(cp, M_C_H, header(1))
                let at := add(registers, add(0xc0, shl(5, header(5))))
                at := coordinates(at, C_RHO, header(2))
                at := coordinates(at, C_ZETA, header(3))
                mstore(add(registers, 0x40), challenge(C_GAMMA))
                cp := scalars(cp, M_S, 1)
                let claim := mload(0x40)
                mstore(add(registers, 0x60), claim)
                cp, claim := sumcheck1(cp, at, claim)
                at := add(at, mul(96, header(4)))
                mstore(add(registers, 0x80), claim)
                calldatacopy(add(registers, 0xc0), cp, shl(5, header(5)))
                cp := scalars(cp, M_CLAIMS, header(5))
                mstore(add(registers, 0xa0), challenge(C_DELTA))
                let out := run(add(0x1000, header(14)), header(20))

                cp := scalars(cp, M_G2, 1)
                claim := mload(0x40)
                {
                    let mu := challenge(C_MU)
                    mstore(0x4e0, mu)
                    claim := addmod(mulmod(mu, claim, R), mload(header(17)), R)
                }
                cp, claim := sumcheck2(cp, at, claim)
                mstore(0x500, claim)
                pop(run(add(0x1000, header(16)), out))
                mstore(0x4c0, mload(header(18)))
                let oCall := cp
                cp := points(cp, M_C_S, 1)
                mstore(0x440, challenge(C_Z))
                calldatacopy(0x580, cp, 0xa0)
                cp := scalars(cp, M_VALUES, 5)
                mstore(0x460, challenge(C_BATCH))
                cp := points(cp, M_W, 1)
                mstore(0x480, challenge(C_W))
                cp := points(cp, M_W2, 1)
                invert()
                derive(at)
                weigh()
                combine(wCall, hCall, oCall, keep, first)
            }

            extcodecopy(data, 0x1000, 1, sub(extcodesize(data), 1))
            let proof := add(head, 36)
            let inputs
            let end
            {
                // calldata: the one ABI encoding of these lengths
                let size := header(10)
                let count := header(9)
                let bytes_ := shl(5, count)
                if packed {
                    count := header(23)
                    bytes_ := count
                }
                let total := calldataload(add(head, 4))
                let ok := eq(total, size)
                if batch {
                    let n := div(total, size)
                    ok := and(lt(total, calldatasize()), and(eq(mul(n, size), total), gt(n, 0)))
                    count := mul(count, n)
                    bytes_ := mul(bytes_, n)
                }
                end := add(proof, total)
                inputs := add(end, 32)
                ok := and(ok, and(eq(calldataload(4), head), eq(calldataload(36), add(add(head, 32), total))))
                ok := and(ok, eq(calldataload(end), count))
                // packed: up to whole words, by zeros
                let pad := and(sub(0, bytes_), 31)
                if pad { ok := and(ok, iszero(shr(sub(256, shl(3, pad)), calldataload(add(inputs, bytes_))))) }
                if iszero(and(ok, eq(calldatasize(), add(inputs, add(bytes_, pad))))) {
                    refuse(0x8129bbcd00000000000000000000000000000000000000000000000000000000)
                }
            }
            {
                let keep := add(header(21), shl(5, header(9)))
                let width := shl(5, header(9))
                if packed { width := header(23) }
                for { let first := 1 } lt(proof, end) { first := 0 } {
                    check(proof, inputs, packed, keep, first)
                    proof := add(proof, header(10))
                    inputs := add(inputs, width)
                }
                finish(keep)
            }
        }
    }
}

/// @title Verifier of one circuit.
/// @notice Deployed with the circuit's program, which cannot be changed.
contract EzklVerifier is EzklInterpreter {
    address private immutable _data;
    /// @notice Keccak-256 of the program: compare it with that of the key that you trust (`ezkl create-evm-vka`).
    bytes32 public immutable vkaDigest;

    constructor(bytes memory vka) {
        vkaDigest = keccak256(vka);
        _data = _store(vka);
    }

    /// @notice Returns true if the proof is valid for the instances, and reverts otherwise.
    /// @param proof the bytes of a proof, `hex_proof` of proof.json. Any other length reverts.
    /// @param instances the public inputs, then outputs, as elements of the scalar field (negative x: r - |x|).
    function verifyProof(bytes calldata proof, uint256[] calldata instances) external view returns (bool) {
        proof;
        instances;
        _check(_data, 0x40, false, false);
        assembly {
            mstore(0, 1)
            return(0, 32)
        }
    }

    /// @notice The same, with instances in as many bytes as their declared intervals need: 2 for 16-bit inputs.
    /// @param instances of each instance x the number x - lo, big-endian, lo being its interval's lower end.
    function verifyPacked(bytes calldata proof, bytes calldata instances) external view returns (bool) {
        proof;
        instances;
        _check(_data, 0x40, true, false);
        assembly {
            mstore(0, 1)
            return(0, 32)
        }
    }

    /// @notice Returns true if all proofs are valid, each for its instances, and reverts otherwise: one bad proof refuses
    /// the batch. For the price of a pairing less for every proof after the first.
    /// @param proofs one or more proofs, side by side. None at all reverts; a proof may occur twice.
    /// @param instances those of the first proof, then those of the second, and so on.
    function verifyBatch(bytes calldata proofs, uint256[] calldata instances) external view returns (bool) {
        proofs;
        instances;
        _check(_data, 0x40, false, true);
        assembly {
            mstore(0, 1)
            return(0, 32)
        }
    }

    /// @notice The same with packed instances, see verifyPacked.
    function verifyPackedBatch(bytes calldata proofs, bytes calldata instances) external view returns (bool) {
        proofs;
        instances;
        _check(_data, 0x40, true, true);
        assembly {
            mstore(0, 1)
            return(0, 32)
        }
    }
}

/// @title Verifier of all registered circuits: the same bytes for everybody.
/// @notice Registration is open to anyone and says nothing about a circuit: a caller must fix the digest that it accepts.
contract EzklVerifierReusable is EzklInterpreter {
    /// @notice The data contract of a registered program, by its Keccak-256.
    mapping(bytes32 => address) public vkas;

    event VkaRegistered(address indexed sender, bytes32 indexed digest, address data);

    /// @notice Stores a program; registering it again changes nothing.
    /// @return digest its Keccak-256, by which it is used
    function registerVka(bytes calldata vka) external returns (bytes32 digest) {
        digest = keccak256(vka);
        if (vkas[digest] == address(0)) {
            address data = _store(vka);
            vkas[digest] = data;
            emit VkaRegistered(msg.sender, digest, data);
        }
    }

    /// @notice Returns (true, digest) if the proof is valid for the instances under the program, and reverts otherwise.
    function verifyProof(bytes calldata proof, uint256[] calldata instances, bytes32 digest) external view returns (bool, bytes32) {
        proof;
        instances;
        address data = vkas[digest];
        if (data == address(0)) revert UnknownVka();
        _check(data, 0x60, false, false);
        assembly {
            mstore(0, 1)
            mstore(0x20, digest)
            return(0, 0x40)
        }
    }

    /// @notice The same with packed instances, see EzklVerifier.
    function verifyPacked(bytes calldata proof, bytes calldata instances, bytes32 digest) external view returns (bool, bytes32) {
        proof;
        instances;
        address data = vkas[digest];
        if (data == address(0)) revert UnknownVka();
        _check(data, 0x60, true, false);
        assembly {
            mstore(0, 1)
            mstore(0x20, digest)
            return(0, 0x40)
        }
    }

    /// @notice verifyBatch of EzklVerifier under the program: all proofs are of one key.
    function verifyBatch(bytes calldata proofs, uint256[] calldata instances, bytes32 digest) external view returns (bool, bytes32) {
        proofs;
        instances;
        address data = vkas[digest];
        if (data == address(0)) revert UnknownVka();
        _check(data, 0x60, false, true);
        assembly {
            mstore(0, 1)
            mstore(0x20, digest)
            return(0, 0x40)
        }
    }

    /// @notice The same with packed instances, see EzklVerifier.
    function verifyPackedBatch(bytes calldata proofs, bytes calldata instances, bytes32 digest) external view returns (bool, bytes32) {
        proofs;
        instances;
        address data = vkas[digest];
        if (data == address(0)) revert UnknownVka();
        _check(data, 0x60, true, true);
        assembly {
            mstore(0, 1)
            mstore(0x20, digest)
            return(0, 0x40)
        }
    }
}
