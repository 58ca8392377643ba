/// Applies one randomly chosen family at a time. Owned by `Fuzzer`.
package struct Mutator: Sendable {
    package var context: MutationContext
    private let families: [MutationFamily]
    private let isOnlyASCII: Bool
    /// Draws before giving up on an input that nothing applies to.
    private static let maxAttempts = 100

    /// `seed` fixes everything that is drawn. Families that can never apply are left out.
    package init(
        seed: UInt64, maxSizeBytes: Int, dictionary: [[UInt8]] = [], usesComparisons: Bool = true,
        hasCustomCrossOver: Bool = false, hasCustomMutator: Bool = false, crossesOver: Bool = true,
        isOnlyASCII: Bool = false
    ) {
        precondition(maxSizeBytes > 0, "a mutant has at least one byte")
        context = MutationContext(random: RandomSource(seed: seed), maxSizeBytes: maxSizeBytes)
        context.manualDictionary = dictionary
        self.isOnlyASCII = isOnlyASCII
        families = MutationFamily.allCases.filter { family in
            switch family {
            case .comparison: usesComparisons && !hasCustomMutator
            case .customCrossOver: hasCustomCrossOver && crossesOver
            case .custom: hasCustomMutator
            case .crossOver: crossesOver && !hasCustomMutator
            case .manualDictionary: !dictionary.isEmpty && !hasCustomMutator
            default: !hasCustomMutator
            }
        }
    }

    /// Changes `input` by one family and names it.
    ///
    /// `.customCrossOver` and `.custom` leave the input as it is: the harness crosses it with `context.crossOverPartner`,
    /// or mutates it, in the child.
    package mutating func mutate(_ input: inout [UInt8]) -> MutationFamily {
        for _ in 0..<Self.maxAttempts {
            let family = families[context.random.below(families.count)]
            if apply(family, to: &input) {
                if isOnlyASCII, family != .custom { Self.makeASCII(&input) }
                return family
            }
        }
        // Nothing applies (an input at its limit, say): libFuzzer falls back to a single blank.
        input = [0x20]
        return .changeByte
    }

    /// Applies one family; false when it does not apply.
    package mutating func apply(_ family: MutationFamily, to input: inout [UInt8]) -> Bool {
        switch family {
        case .eraseBytes: EraseBytes.apply(to: &input, &context)
        case .insertByte: InsertByte.apply(to: &input, &context)
        case .insertRepeatedBytes: InsertRepeatedBytes.apply(to: &input, &context)
        case .changeByte: ChangeByte.apply(to: &input, &context)
        case .changeBit: ChangeBit.apply(to: &input, &context)
        case .shuffleBytes: ShuffleBytes.apply(to: &input, &context)
        case .changeASCIIInt: ChangeASCIIInt.apply(to: &input, &context)
        case .changeBinInt: ChangeBinInt.apply(to: &input, &context)
        case .copyPart: CopyPart.apply(to: &input, &context)
        case .crossOver: CrossOver.apply(to: &input, &context)
        case .manualDictionary: ManualDictionary.apply(to: &input, &context)
        case .persistentAutoDictionary: PersistentAutoDictionaryWord.apply(to: &input, &context)
        case .comparison: ComparisonOperand.apply(to: &input, &context)
        case .customCrossOver: CustomCrossOver.apply(to: &input, &context)
        case .custom: CustomMutation.apply(to: &input, &context)
        }
    }

    /// Turns each byte into a printable or blank one.
    package static func makeASCII(_ input: inout [UInt8]) {
        for index in input.indices {
            let byte = input[index] & 0x7F
            let isBlank = byte == 0x20 || (0x09...0x0D).contains(byte)
            input[index] = isBlank || (0x21...0x7E).contains(byte) ? byte : 0x20
        }
    }
}
