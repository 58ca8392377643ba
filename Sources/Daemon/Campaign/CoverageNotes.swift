import ForkServer

/// Places that a campaign reached first with one input.
package struct NewCode: Sendable, Equatable {
    package struct Place: Sendable, Equatable {
        package var address: UInt64
        /// The function's name, or module and offset.
        package var name: String
    }

    package var places: [Place] = []
    /// Entries of functions among them.
    package var functions: [Place] = []
}

/// Which edges a campaign has reached, with their names, for libFuzzer's `-print_pcs`, `-print_funcs` and `-print_coverage`.
///
/// Owned by the campaign loop.
final class CoverageNotes {
    private let modules: ModuleTable
    private let symbolizer: Symbolizer
    private var isReached: [Bool]

    init(modules: ModuleTable) {
        self.modules = modules
        symbolizer = Symbolizer(modules: modules)
        isReached = [Bool](repeating: false, count: modules.edgeAddresses.count)
    }

    /// Takes an input's counters in and returns what it reached first.
    func note(_ counters: UnsafeBufferPointer<UInt32>) -> NewCode {
        var fresh = NewCode()
        for counter in counters {
            let edge = Int(counter >> 8)
            guard counter & 0xFF != 0, edge < isReached.count, !isReached[edge] else { continue }
            isReached[edge] = true
            let address = modules.edgeAddresses[edge]
            guard address != 0 else { continue }
            let place = NewCode.Place(address: address, name: name(address))
            fresh.places.append(place)
            if modules.isFunctionEntry(edge: edge) { fresh.functions.append(place) }
        }
        return fresh
    }

    /// libFuzzer's coverage summary: a line for each function, below it the places that were not reached.
    func report(isFull: Bool) -> [String] {
        var lines = ["COVERAGE:"]
        for (name, edges) in functions() {
            let reached = edges.filter { isReached[$0] }
            guard !reached.isEmpty || isFull else { continue }
            let word = reached.isEmpty ? "UNCOVERED_FUNC:" : "COVERED_FUNC:"
            lines.append("\(word) edges: \(reached.count)/\(edges.count) \(name)")
            if isFull {
                for edge in reached { lines.append("  COVERED_PC: \(spot(edge))") }
            }
            guard !reached.isEmpty else { continue }
            for edge in edges where !isReached[edge] { lines.append("  UNCOVERED_PC: \(spot(edge))") }
        }
        return lines
    }

    /// Edges by function, in their order; an entry begins the next function.
    private func functions() -> [(name: String, edges: [Int])] {
        var functions: [(name: String, edges: [Int])] = []
        for edge in modules.edgeAddresses.indices where modules.edgeAddresses[edge] != 0 {
            if modules.isFunctionEntry(edge: edge) || functions.isEmpty {
                functions.append((name(modules.edgeAddresses[edge]), []))
            }
            functions[functions.count - 1].edges.append(edge)
        }
        return functions
    }

    private func name(_ address: UInt64) -> String {
        let frame = symbolizer.frame(at: address)
        return frame.function ?? "\(frame.module)+0x\(String(frame.offset, radix: 16))"
    }

    private func spot(_ edge: Int) -> String {
        let frame = symbolizer.frame(at: modules.edgeAddresses[edge])
        return "\(frame.module)+0x\(String(frame.offset, radix: 16))"
    }
}
