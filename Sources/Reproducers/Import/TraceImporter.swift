/// What a target makes of an input: every access with the fills behind it, in the order in which they happened.
package struct TracedRun: Sendable {
    package var trace: Trace
    /// Whether the run ended in a crash, a timeout or the like.
    package var isFailure: Bool

    package init(trace: Trace, isFailure: Bool) {
        self.trace = trace
        self.isFailure = isFailure
    }
}

/// What became of a script.
package struct ImportResult: Equatable, Sendable {
    package var input: [UInt8]
    /// What the format or the target's regions cannot express, by line. The input is without these lines.
    package var refusals: [QTestSyntaxError]
    /// Lines that are left out because they have no effect: writes to guest memory that no device reads before the end.
    package var idleLines: [Int]
    /// The line at which the target fails; what stands behind it is left out.
    package var failingLine: Int?
}

/// Turns qtest commands into a generic-fuzz input for one target.
///
/// The format knows no addresses: an operation names a matched range by its number and an offset, ranges move when a script
/// maps BARs, and guest memory is written only where a device reads it, as patterns. Nothing of that is computed here: the
/// target is asked. Every operation is run with all before it, and counts only if the target then makes the wanted access; ranges
/// are found by reading each one's first byte in a run of its own; what a device reads is seen in the run's fills.
package struct TraceImporter {
    package typealias Run = (_ input: [UInt8]) throws -> TracedRun

    let run: Run
    /// Whether the target's globs leave no region out: what is matched nowhere is then memory.
    private let matchesEverything: Bool
    var operations: [[UInt8]] = []
    /// Accesses of the run so far, the target's own at the start included.
    var accessCount = 0
    var memory = GuestMemoryModel()
    var hasPatterns = false
    var functions: [UInt32] = []
    /// First addresses of the matched ranges in the order of `base`; `nil` where they may have moved.
    var portStarts: [UInt64]?
    var memoryStarts: [UInt64]?
    var refusals: [QTestSyntaxError] = []

    /// - Parameter run: what the target does with an input; the same each time.
    package init(matchesEverything: Bool = false, run: @escaping Run) {
        self.matchesEverything = matchesEverything
        self.run = run
    }

    /// - Throws: what `run` throws.
    package mutating func convert(_ commands: [NumberedCommand]) throws -> ImportResult {
        // An operation without effect shows what every input begins with.
        let setUp = ImportedAccess.list(try run(GenericFuzzEncoder.disablePCI).trace)
        accessCount = setUp.count
        functions = try findFunctions()
        let accesses = Self.accesses(commands)
        let begins = accesses.prefix(setUp.count).map(\.access) == setUp
        if !begins { try undo(setUp) }
        var failingLine: Int?
        for (line, access) in accesses[(begins ? setUp.count : 0)...] {
            if try convert(access, line) {
                failingLine = line
                break
            }
        }
        let idle = memory.unreadLines.filter { line in failingLine.map { line <= $0 } ?? true }
        if !matchesEverything {
            for line in idle { refuse(line, "writes where no matched region is, and no device reads it before the end") }
        }
        refusals.sort { $0.line < $1.line }
        return ImportResult(
            input: GenericFuzzEncoder.input(operations) ?? [], refusals: refusals, idleLines: matchesEverything ? idle : [],
            failingLine: failingLine)
    }

    private static func accesses(_ commands: [NumberedCommand]) -> [(line: Int, access: ImportedAccess)] {
        var latch = ImportedAccess.Latch()
        return commands.compactMap { numbered in latch.access(numbered.command).map { (numbered.line, $0) } }
    }

    /// A trace that `fuzzd` or QEMU wrote begins with what the harness does anyway. Any other script is for a machine that was
    /// only switched on: BARs that the harness mapped are unmapped again.
    private mutating func undo(_ setUp: [ImportedAccess]) throws {
        var registers: [(function: UInt32, register: UInt8)] = []
        for case .configuration(let function, let register, 4, .some) in setUp where (0x10...0x24).contains(register) {
            if !registers.contains(where: { $0 == (function, register) }) { registers.append((function, register)) }
        }
        for (function, register) in registers {
            _ = try convert(.configuration(function: function, register: register, size: 4, value: 0), 0)
        }
        for function in functions where registers.contains(where: { $0.function == function }) {
            _ = try convert(.configuration(function: function, register: 4, size: 2, value: 0), 0)
        }
    }

    /// Returns whether the target fails here.
    private mutating func convert(_ access: ImportedAccess, _ line: Int) throws -> Bool {
        switch access {
        case .configuration(let function, let register, let size, let value):
            guard let base = functions.firstIndex(of: function) else {
                return refuse(line, "no matched PCI function at 00:\(hex(function >> 3)).\(function & 7)")
            }
            let operation =
                value.map { GenericFuzzEncoder.configurationWrite(size: size, base: UInt8(base), offset: register, value: $0) }
                ?? GenericFuzzEncoder.configurationRead(size: size, base: UInt8(base), offset: register)
            let outcome = try append(operation, wanted: access, line)
            if value != nil { (portStarts, memoryStarts) = (nil, nil) }
            if outcome == .otherAccess { refuse(line, "the target does not make this access to configuration space") }
            return outcome == .failed
        case .command(let command): return try convert(command, access, line)
        }
    }

    private mutating func convert(_ command: QTestCommand, _ access: ImportedAccess, _ line: Int) throws -> Bool {
        switch command {
        case .portRead(_, let port), .portWrite(_, let port, _):
            return try appendAtPlace(command, UInt64(port), isPort: true, access, line)
        case .memoryRead(_, let address), .memoryWrite(_, let address, _):
            return try appendAtPlace(command, address, isPort: false, access, line)
        case .bytesWrite, .fill:
            guard let (address, bytes) = command.stored, bytes.count <= GuestMemoryModel.maximumWriteBytes else {
                return refuse(line, "writes more than \(GuestMemoryModel.maximumWriteBytes) bytes")
            }
            memory.write(bytes, at: address, line: line)
            return false
        case .bytesRead: return refuse(line, "reads a stretch of memory; the format has reads of 1, 2, 4 and 8 bytes")
        case .clockStep(nil):
            return try append(GenericFuzzEncoder.clockStep, wanted: access, line) == .failed
        case .clockStep, .clockSet:
            return refuse(line, "sets the clock; the format can only step it to the next deadline")
        }
    }

    @discardableResult
    mutating func refuse(_ line: Int, _ problem: String) -> Bool {
        refusals.append(QTestSyntaxError(line: line, problem))
        return false
    }
}
