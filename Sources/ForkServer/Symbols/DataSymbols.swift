/// Names of variables by their addresses in the machine parent. Reads symbol tables when asked.
extension ModuleTable {
    /// "name+offset" of the variable that an address lies in; `nil` on the heap, on stacks, and where the file was stripped.
    package func dataSymbol(at address: UInt64) -> String? {
        // Data lies behind the code of its own object.
        let candidates = objects.filter { $0.startAddress <= address }.sorted { $0.startAddress > $1.startAddress }
        guard let object = candidates.first else { return nil }
        guard let found = ElfSymbols(path: object.path, kind: .variables).containing(address &- object.loadBias) else {
            return nil
        }
        return found.offset == 0 ? found.name : "\(found.name)+\(found.offset)"
    }
}
