/// Names of variables of a target, whose symbol tables are read once each. Owned by one thread.
package final class VariableNames {
    private let objects: [ModuleTable.Object]
    private var tables: [String: ElfSymbols] = [:]

    package init(modules: ModuleTable) {
        objects = modules.objects.sorted { $0.startAddress > $1.startAddress }
    }

    /// The variable that an address lies in, or, where the file does not tell how long they are, the nearest one below it within
    /// `reach` bytes, demangled; and the distance from its start. `nil` on the heap, on stacks, and where the file was stripped.
    package func name(at address: UInt64, reach: UInt64 = 1 << 20) -> (name: String, offset: UInt64, path: String)? {
        guard let object = objects.first(where: { $0.startAddress <= address }) else { return nil }
        let table = tables[object.path] ?? ElfSymbols(path: object.path, kind: .variables)
        tables[object.path] = table
        guard let found = table.lookupWithin(address &- object.loadBias), found.offset < reach else { return nil }
        return (demangle(found.name), found.offset, object.path)
    }
}
