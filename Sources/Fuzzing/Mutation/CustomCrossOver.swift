/// Cross-over by the harness (`LLVMFuzzerCustomCrossOver`), in the child, before the result runs.
///
/// The bytes are left alone here: the request carries `crossOverPartner`, and what ran comes back with the
/// observation.
enum CustomCrossOver {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        !input.isEmpty && !context.crossOverPartner.isEmpty
    }
}
