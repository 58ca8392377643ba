/// Mutation by the harness (`LLVMFuzzerCustomMutator`), in the child, before the result runs.
///
/// The bytes are left alone here: the request carries a seed, and what ran comes back with the observation.
enum CustomMutation {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool { true }
}
