/// How the bytes of an input are read where it is made smaller.
package enum InputFormat: String, Sendable, CaseIterable {
    /// QEMU's generic-fuzz format: by operations first.
    case genericFuzz = "generic-fuzz"
    /// Nothing is known of the bytes.
    case bytes
}

/// Which passes a minimisation goes through, round after round, until a whole round changes nothing.
struct ReductionPlan: Sendable {
    var format: InputFormat
    var seed: UInt64

    /// libFuzzer's, of `-cleanse_crash`: what a reader takes for "anything".
    private static let cleansingBytes: [UInt8] = [0x20, 0xFF]
    /// Cleansing comes before shorter stretches are taken away: among equal bytes most removals come to the same candidate, which is
    /// run once.
    private static let coarseShare = 16

    /// The passes of one round, each at its beginning.
    var passes: [any ReductionPass] {
        switch format {
        case .genericFuzz:
            [
                OperationRemoval(), CanonicalOperations(), PatternReduction(), OperandReduction(), AccessMerging(),
                PatternSharing(),
                OperationPairRemoval(), RandomOperationRemoval(seed: seed), ByteRemoval(), ByteReplacement(),
            ]
        case .bytes:
            [
                ByteRemoval(finestShare: Self.coarseShare),
                ByteReplacement(name: "cleansing", replacements: Self.cleansingBytes), ByteRemoval(),
                LengthFieldReduction(meaningless: Self.cleansingBytes), ByteGroupRemoval(), RandomByteRemoval(seed: seed),
            ]
        }
    }

    /// Whether a candidate may take the place of an input: it has neither more operations nor more bytes.
    func admits(_ candidate: [UInt8], for input: [UInt8]) -> Bool {
        guard candidate.count <= input.count, candidate != input else { return false }
        guard format == .genericFuzz else { return true }
        return GenericFuzzInput.operationCount(candidate) <= GenericFuzzInput.operationCount(input)
    }
}
