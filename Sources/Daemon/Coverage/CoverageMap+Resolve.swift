import ForkServer

extension CoverageMap {
    /// Seconds for all edges of a target together; QEMU's 74,000 take a tenth of that.
    static let resolvingLimitSeconds = 600.0

    /// Names every edge of a started target.
    init(modules: ModuleTable, resolver: SourceResolver) {
        self.init(edges: [], functions: [])
        resolver.beginReport()
        edges.reserveCapacity(modules.edgeAddresses.count)
        var traps = TrapTables(modules)
        defer { traps.close() }
        for counter in modules.edgeAddresses.indices {
            let address = modules.edgeAddresses[counter]
            // Without a table for its module.
            guard address != 0 else { continue }
            let frames = Self.frames(at: address, modules, resolver)
            if modules.isFunctionEntry(edge: counter) || functions.isEmpty { begin(frames) }
            append(counter, frames, isTrap: traps.contains(address))
        }
    }

    /// The code at an address and what it was inlined into, innermost first; never empty.
    private static func frames(at address: UInt64, _ modules: ModuleTable, _ resolver: SourceResolver) -> [StackFrame] {
        guard let object = modules.object(containing: address) else {
            return [StackFrame(modulePath: "?", address: address, offset: address)]
        }
        return resolver.resolve(StackFrame(modulePath: object.path, address: address, offset: address &- object.loadBias))
    }

    private mutating func begin(_ frames: [StackFrame]) {
        guard let outer = frames.last else { return }
        functions.append(
            Function(
                name: outer.place, module: outer.module, file: Self.usableFile(outer), line: outer.line,
                edges: edges.count..<edges.count))
    }

    /// The innermost code that is the target's own: what a standard library had inlined is seen at the line that called it.
    private mutating func append(_ counter: Int, _ frames: [StackFrame], isTrap: Bool) {
        let placed = frames.filter { Self.usableFile($0) != nil }
        let frame = placed.first { !Machinery.contains($0) } ?? placed.first
        edges.append(
            Edge(
                counter: counter, file: frame.flatMap(Self.usableFile), line: frame?.line, column: frame?.column,
                inlinedFunction: frame?.isInlined == true ? frame?.function : nil, isTrap: isTrap))
        let last = functions.count - 1
        functions[last].edges = functions[last].edges.lowerBound..<edges.count
    }

    private static func usableFile(_ frame: StackFrame) -> String? {
        guard let file = frame.file, !file.hasSuffix("<compiler-generated>"), file != "<stdin>" else { return nil }
        return normalized(file)
    }

    /// Without `.` and `..`, which compilers leave in: the same file has one name.
    static func normalized(_ path: String) -> String {
        guard path.contains("/.") || path.contains("//") || path.hasPrefix("./") else { return path }
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}

/// Trap blocks of all objects of a target, each looked at once.
private struct TrapTables {
    private let modules: ModuleTable
    private var known: [String: TrapBlocks] = [:]

    init(_ modules: ModuleTable) { self.modules = modules }

    mutating func contains(_ address: UInt64) -> Bool {
        guard let object = modules.object(containing: address) else { return false }
        let blocks = known[object.path] ?? TrapBlocks(path: object.path)
        known[object.path] = blocks
        return blocks.contains(address &- object.loadBias)
    }

    func close() { known.values.forEach { $0.close() } }
}
