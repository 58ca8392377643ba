// Where accesses go: asked of the target.
extension TraceImporter {
    /// More than one byte can count.
    private static let maximumRanges = 256

    /// The PCI functions that `base` counts, by their number on bus 0.
    func findFunctions() throws -> [UInt32] {
        let probes = (0..<Self.maximumRanges).map {
            GenericFuzzEncoder.configurationRead(size: 1, base: UInt8($0), offset: 0)
        }
        var found: [UInt32] = []
        for access in try newAccesses(probes) {
            guard case .configuration(let function, _, _, _) = access, !found.contains(function) else { break }
            found.append(function)
        }
        return found
    }

    /// Appends an access to a port or an address; one to memory that is nobody's matched region is kept for the devices.
    mutating func appendAtPlace(
        _ command: QTestCommand, _ address: UInt64, isPort: Bool, _ access: ImportedAccess, _ line: Int
    ) throws -> Bool {
        // Once as it was, once after a new look: an access may have moved ranges too.
        for attempt in 0..<2 {
            if attempt == 1 { if isPort { portStarts = nil } else { memoryStarts = nil } }
            let starts = try isPort ? startsOfPorts() : startsOfMemory()
            for base in Self.candidates(address, starts) {
                guard let operation = Self.operation(command, base: UInt8(base), offset: address - starts[base]) else { continue }
                let outcome = try append(operation, wanted: access, line)
                if outcome != .otherAccess { return outcome == .failed }
            }
        }
        if !isPort, let (address, bytes) = command.stored {
            memory.write(bytes, at: address, line: line)
            return false
        }
        return refuse(line, "\(isPort ? "port" : "address") \(hex(address)) is in no matched region")
    }

    /// Ranges do not overlap: it is the one that begins last before the address, or none.
    private static func candidates(_ address: UInt64, _ starts: [UInt64]) -> [Int] {
        starts.indices.filter { starts[$0] <= address }.max { starts[$0] < starts[$1] }.map { [$0] } ?? []
    }

    private static func operation(_ command: QTestCommand, base: UInt8, offset: UInt64) -> [UInt8]? {
        switch command {
        case .portRead(let size, _): UInt16(exactly: offset).map { GenericFuzzEncoder.portRead(size: size, base: base, offset: $0) }
        case .portWrite(let size, _, let value):
            UInt16(exactly: offset).map { GenericFuzzEncoder.portWrite(size: size, base: base, offset: $0, value: value) }
        case .memoryRead(let size, _):
            UInt32(exactly: offset).map { GenericFuzzEncoder.memoryRead(size: size, base: base, offset: $0) }
        case .memoryWrite(let size, _, let value):
            UInt32(exactly: offset).map { GenericFuzzEncoder.memoryWrite(size: size, base: base, offset: $0, value: value) }
        default: nil
        }
    }

    private mutating func startsOfPorts() throws -> [UInt64] {
        if let portStarts { return portStarts }
        let starts = try findStarts { GenericFuzzEncoder.portRead(size: 1, base: $0, offset: 0) }
        portStarts = starts
        return starts
    }

    private mutating func startsOfMemory() throws -> [UInt64] {
        if let memoryStarts { return memoryStarts }
        let starts = try findStarts { GenericFuzzEncoder.memoryRead(size: 1, base: $0, offset: 0) }
        memoryStarts = starts
        return starts
    }

    private func findStarts(_ probe: (UInt8) -> [UInt8]) throws -> [UInt64] {
        var starts: [UInt64] = []
        // A read may end the run; what comes behind it is found in a run that begins there.
        while starts.count < Self.maximumRanges {
            let probes = (starts.count..<Self.maximumRanges).map { probe(UInt8($0)) }
            let found = try newAccesses(probes).compactMap { access -> UInt64? in
                switch access {
                case .command(.portRead(_, let port)): UInt64(port)
                case .command(.memoryRead(_, let address)): address
                // The data port's range, read while an address is selected.
                case .configuration: 0xcfc
                default: nil
                }
            }
            guard !found.isEmpty else { return starts }
            for start in found {
                if starts.first == start { return starts }
                starts.append(start)
            }
        }
        return starts
    }

    /// What the target does after what it did so far.
    private func newAccesses(_ more: [[UInt8]]) throws -> ArraySlice<ImportedAccess> {
        let all = ImportedAccess.list(try run(GenericFuzzEncoder.input(operations + more) ?? []).trace)
        return all.dropFirst(accessCount)
    }
}
