// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

interface IVerifier {
    function verifyProof(bytes calldata proof, uint256[] calldata instances) external view returns (bool);
}

/// @title Example of a consumer: pays a fixed sum, once, to whoever proves the circuit's statement.
/// @notice A proof in the mempool can be copied. So ten instances, the circuit's public input `claimant`, hold the address
/// that is paid, in 16-bit limbs, the lowest first: another sender's copy has the wrong instances, and changing them makes
/// the proof invalid. They bind the proof even if nothing in the circuit reads them.
contract Bounty {
    IVerifier public immutable verifier;
    /// @notice The first of the ten instances.
    uint256 public immutable claimantAt;
    bool public paid;

    error Paid();
    error WrongClaimant();
    error Unpaid();

    /// @param verifier_ a verifier whose `vkaDigest` the deployer has compared with that of the key that they trust
    constructor(IVerifier verifier_, uint256 claimantAt_) payable {
        verifier = verifier_;
        claimantAt = claimantAt_;
    }

    /// @notice Pays the sender for a proof whose claimant is the sender.
    function claim(bytes calldata proof, uint256[] calldata instances) external {
        if (paid) revert Paid();
        uint256 limbs = uint160(msg.sender);
        for (uint256 i = 0; i < 10; i++) {
            if (instances[claimantAt + i] != (limbs & 0xffff)) revert WrongClaimant();
            limbs >>= 16;
        }
        paid = true; // before anything leaves
        verifier.verifyProof(proof, instances); // reverts if it is not valid
        (bool ok, ) = msg.sender.call{value: address(this).balance}("");
        if (!ok) revert Unpaid();
    }
}
