/// Functions of well-known harnesses that do nothing but reset their machine: where one is called a child can end.
package enum KnownReset {
    /// QEMU's, which waits for a thread that no child has.
    private static let functions = ["fuzz_reset"]

    /// The one that a program has, by its symbol table; `nil` without one.
    package static func function(of program: String) -> String? {
        let symbols = ElfSymbols(path: program)
        return functions.first { symbols.address(ofFunction: $0) != nil }
    }
}
