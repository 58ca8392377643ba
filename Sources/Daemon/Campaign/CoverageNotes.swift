import ForkServer

/// Places that a campaign reached first with one input.
package struct NewCode: Sendable, Equatable {
    package struct Place: Sendable, Equatable {
        package var address: UInt64
        /// Function and position as libFuzzer prints them: `in FUNCTION FILE:LINE:COLUMN`. Empty where nobody reads it.
        package var description: String
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
    private let resolver: SourceResolver
    private let describesPlaces: Bool
    private let describedFunctions: Int
    private var isReached: [Bool]
    /// Inputs that reached a function, by its entry edge.
    private var hits: [Int: Int] = [:]

    /// How long the places of one input may take to be named from debug information.
    private static let resolvingLimitSeconds = 10.0

    /// - Parameters:
    ///   - symbolizer: path of llvm-symbolizer; without one, functions are named from ELF symbols.
    ///   - describesPlaces: whether every place gets a description.
    ///   - describedFunctions: how many functions of an input get one otherwise.
    init(modules: ModuleTable, symbolizer: String?, describesPlaces: Bool, describedFunctions: Int) {
        self.modules = modules
        self.describesPlaces = describesPlaces
        self.describedFunctions = describedFunctions
        resolver = SourceResolver(
            program: symbolizer, elf: Symbolizer(modules: modules), limitSeconds: Self.resolvingLimitSeconds)
        isReached = [Bool](repeating: false, count: modules.edgeAddresses.count)
    }

    /// Takes an input's counters in and returns what it reached first.
    func note(_ counters: UnsafeBufferPointer<UInt32>) -> NewCode {
        var fresh = NewCode()
        resolver.beginReport()
        for counter in counters {
            let edge = Int(counter >> 8)
            guard counter & 0xFF != 0, edge < isReached.count else { continue }
            let isEntry = modules.isFunctionEntry(edge: edge)
            if isEntry { hits[edge, default: 0] += 1 }
            guard !isReached[edge] else { continue }
            isReached[edge] = true
            guard modules.edgeAddresses[edge] != 0 else { continue }
            let isDescribed = describesPlaces || isEntry && fresh.functions.count < describedFunctions
            let place = NewCode.Place(
                address: modules.edgeAddresses[edge], description: isDescribed ? description(of: edge) : "")
            fresh.places.append(place)
            if isEntry { fresh.functions.append(place) }
        }
        return fresh
    }

    /// libFuzzer's `-print_coverage`: a line for each function, below a reached one the places that were not reached.
    func report() -> [String] {
        var lines = ["COVERAGE:"]
        for function in functions() {
            let reached = function.edges.count { isReached[$0] }
            let entryHits = hits[function.edges.lowerBound] ?? 0
            lines.append(
                "\(reached > 0 ? "" : "UN")COVERED_FUNC: hits: \(entryHits) edges: \(reached)/\(function.edges.count) "
                    + function.entry.place + (function.entry.lineInFile.map { " " + $0 } ?? ""))
            guard reached > 0 else { continue }
            for edge in function.edges where !isReached[edge] {
                let frame = frame(of: edge)
                lines.append("  UNCOVERED_PC: \(frame.lineInFile ?? frame.offsetInModule)")
            }
        }
        return lines
    }

    /// libFuzzer's `-print_full_coverage`: two lines for each function, with the source lines of all unreached and all reached
    /// edges.
    func fullReport() -> [String] {
        ["FULL COVERAGE:"]
            + functions().flatMap { function in
                [("U", false), ("C", true)].map { word, wanted in
                    ([word] + function.edges.filter { isReached[$0] == wanted }.map(lineNumber)).joined(separator: " ")
                }
            }
    }

    /// Edges by function, in the order of the PC tables: an entry begins the next function.
    private func functions() -> [(entry: StackFrame, edges: Range<Int>)] {
        var functions: [(entry: StackFrame, edges: Range<Int>)] = []
        resolver.beginReport(limitSeconds: CoverageMap.resolvingLimitSeconds)
        for edge in modules.edgeAddresses.indices where modules.edgeAddresses[edge] != 0 {
            if modules.isFunctionEntry(edge: edge) || functions.isEmpty {
                functions.append((frame(of: edge), edge..<edge))
            }
            let last = functions.count - 1
            functions[last].edges = functions[last].edges.lowerBound..<edge + 1
        }
        return functions.filter { Self.isInteresting($0.entry.file) }
    }

    /// Not the compiler's and the system's own, as in libFuzzer.
    private static func isInteresting(_ file: String?) -> Bool {
        guard let file else { return true }
        return !file.contains("compiler-rt/lib/") && !file.hasPrefix("/usr/lib/") && !file.hasPrefix("/usr/include/")
    }

    private func lineNumber(_ edge: Int) -> String {
        let frame = frame(of: edge)
        return frame.line.map(String.init) ?? frame.offsetInModule
    }

    private func description(of edge: Int) -> String {
        let frame = frame(of: edge)
        guard let function = frame.function else { return " (\(frame.modulePath)+0x\(String(frame.offset, radix: 16)))" }
        return "in \(function) \(frame.source ?? "(\(frame.offsetInModule))")"
    }

    /// The innermost code at an edge.
    private func frame(of edge: Int) -> StackFrame {
        let address = modules.edgeAddresses[edge]
        guard let object = modules.object(containing: address) else {
            return StackFrame(modulePath: "?", address: address, offset: address)
        }
        let frame = StackFrame(modulePath: object.path, address: address, offset: address &- object.loadBias)
        return resolver.resolve(frame).first ?? frame
    }
}

extension StackFrame {
    /// `FILE:LINE`; `nil` without a file.
    fileprivate var lineInFile: String? {
        guard let file, let line else { return nil }
        return "\(file):\(line)"
    }

    fileprivate var offsetInModule: String { "\(module)+0x\(String(offset, radix: 16))" }
}
