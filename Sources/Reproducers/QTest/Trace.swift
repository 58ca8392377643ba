/// Where an access goes, as the target names it.
package struct AccessPlace: Equatable, Sendable {
    package var region: String
    package var offset: UInt64
    /// Type name of the device that owns the region; empty where it is not known.
    package var owner: String

    package init(region: String, offset: UInt64, owner: String = "") {
        self.region = region
        self.offset = offset
        self.owner = owner
    }
}

/// One command of a trace.
package struct TraceEntry: Equatable, Sendable {
    /// Who made it.
    package enum Origin: Sendable {
        /// The input.
        case access
        /// The harness: memory that a device was about to read.
        case fill
        /// The same, of memory that was filled for this access already.
        case doubleFetch
    }

    package var command: QTestCommand
    package var origin: Origin
    package var place: AccessPlace?

    package init(_ command: QTestCommand, origin: Origin = .access, place: AccessPlace? = nil) {
        self.command = command
        self.origin = origin
        self.place = place
    }

    package var isFill: Bool { origin != .access }
}

/// The qtest commands that an input comes to. A value without owner.
package struct Trace: Equatable, Sendable {
    package var entries: [TraceEntry]

    package init(_ entries: [TraceEntry]) { self.entries = entries }

    package var commands: [QTestCommand] { entries.map(\.command) }
    package var accesses: [QTestCommand] { entries.filter { !$0.isFill }.map(\.command) }
    package var hasDoubleFetch: Bool { entries.contains { $0.origin == .doubleFetch } }

    /// Every fill placed before the access that reads it, in the order of the reads, and fills that touch joined: as a plain
    /// script, in which nobody fills memory while a device reads (QEMU: scripts/oss-fuzz/reorder_fuzzer_qtest_trace.py).
    package func reordered() -> Trace {
        var result: [TraceEntry] = []
        var access: TraceEntry?
        var fills: [TraceEntry] = []
        func finish() {
            result += fills.map(Self.compact)
            if let access { result.append(access) }
            fills = []
        }
        for entry in entries {
            if entry.isFill {
                Self.append(entry, to: &fills)
            } else {
                finish()
                access = entry
            }
        }
        finish()
        return Trace(result)
    }

    /// Many equal bytes as `memset`: a device may have read 64 KiB.
    private static func compact(_ fill: TraceEntry) -> TraceEntry {
        guard case .bytesWrite(let address, let bytes) = fill.command, bytes.count > 16, bytes.allSatisfy({ $0 == bytes[0] })
        else { return fill }
        return TraceEntry(.fill(address: address, count: bytes.count, byte: bytes[0]), origin: fill.origin)
    }

    private static func append(_ entry: TraceEntry, to fills: inout [TraceEntry]) {
        if let last = fills.last, last.origin == entry.origin,
            case .bytesWrite(let address, let bytes) = last.command,
            case .bytesWrite(let next, let more) = entry.command, address &+ UInt64(bytes.count) == next,
            bytes.count + more.count <= 1 << 16
        {
            fills[fills.count - 1].command = .bytesWrite(address: address, bytes: bytes + more)
        } else {
            fills.append(entry)
        }
    }
}
