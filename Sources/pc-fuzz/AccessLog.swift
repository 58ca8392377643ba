import Glibc
import Machine

/// Tells which registers inputs reach: a line for each access, or counts at the end. Fields are separated by tabs:
///
///     access  read|write  port|memory|configuration  REGION  OWNER  OFFSET  SIZE
///     accesses  port|memory|configuration  REGION  OWNER  OFFSET  READS  WRITES
///
/// Offsets are hexadecimal and count from the region's start. The daemon reads the first form (`fuzzd report`).
enum AccessLog {
    enum Mode { case off, each, counts }

    private struct Register: Hashable {
        var space: String
        var region: String
        var owner: String
        var offset: UInt64
    }

    /// Whoever starts a target through a config sets it without touching the arguments.
    static let variable = "FUZZD_LOG_ACCESSES"

    nonisolated(unsafe) private static var counts: [Register: (reads: UInt64, writes: UInt64)] = [:]

    static func begin(_ wanted: Mode, _ machine: Machine) {
        var mode = wanted
        if mode == .off, let value = getenv(variable), value.pointee != 0 { mode = .each }
        guard mode != .off else { return }
        let note = mode == .each ? printOne : count
        onRegionAccess = { region, offset, size, isWrite in
            let space = isPort(region, machine) ? "port" : "memory"
            note(Register(space: space, region: region.name, owner: region.ownerName, offset: offset), size, isWrite)
        }
        onConfigurationAccess = { function, offset, size, isWrite in
            let name = "\(function.typeName) \(function.deviceFunction >> 3).\(function.deviceFunction & 7)"
            note(
                Register(space: "configuration", region: name, owner: function.typeName, offset: UInt64(offset)), size,
                isWrite)
        }
    }

    /// By the container that a region hangs below in the end.
    private static func isPort(_ region: MemoryRegion, _ machine: Machine) -> Bool {
        var root = region
        while let container = root.container { root = container }
        return root === machine.io.root
    }

    private static func printOne(_ register: Register, _ size: Int, _ isWrite: Bool) {
        let fields = [
            "access", isWrite ? "write" : "read", register.space, register.region, register.owner,
            "0x" + String(register.offset, radix: 16), "\(size)",
        ]
        Output.standard(fields.joined(separator: "\t") + "\n")
    }

    private static func count(_ register: Register, _ size: Int, _ isWrite: Bool) {
        if isWrite {
            counts[register, default: (0, 0)].writes += 1
        } else {
            counts[register, default: (0, 0)].reads += 1
        }
    }

    /// Sorted by space, region and offset; nothing unless counts were asked for.
    static func printCounts() {
        let sorted = counts.sorted { left, right in
            (left.key.space, left.key.region, left.key.offset) < (right.key.space, right.key.region, right.key.offset)
        }
        for (register, count) in sorted {
            let fields = [
                "accesses", register.space, register.region, register.owner, "0x" + String(register.offset, radix: 16),
                "\(count.reads)", "\(count.writes)",
            ]
            Output.standard(fields.joined(separator: "\t") + "\n")
        }
    }
}
