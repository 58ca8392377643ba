/// How often inputs read and wrote each register of a machine. A value.
package struct AccessCounts: Sendable, Equatable {
    /// Where a region is mapped.
    package enum Space: String, Sendable, CaseIterable {
        case memory, port, configuration
    }

    /// A named piece of an address space.
    package struct Region: Sendable, Hashable {
        package var space: Space
        package var name: String
        /// Type name of the device; empty where it is not known.
        package var owner: String

        package init(space: Space, name: String, owner: String) {
            self.space = space
            self.name = name
            self.owner = owner
        }
    }

    package struct Count: Sendable, Equatable {
        package var reads: UInt64 = 0
        package var writes: UInt64 = 0
        package var total: UInt64 { reads + writes }
    }

    /// By region, then by offset from its start.
    package private(set) var registers: [Region: [UInt64: Count]] = [:]
    /// More registers than this are not told apart: nobody could look at them.
    private static let registerLimit = 100_000
    private var registerCount = 0

    package init() {}

    package var isEmpty: Bool { registers.isEmpty }
    package var total: UInt64 { registers.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.total } } }

    package mutating func add(_ region: Region, offset: UInt64, isWrite: Bool) {
        if registers[region]?[offset] == nil {
            guard registerCount < Self.registerLimit else { return }
            registerCount += 1
        }
        if isWrite {
            registers[region, default: [:]][offset, default: Count()].writes += 1
        } else {
            registers[region, default: [:]][offset, default: Count()].reads += 1
        }
    }

    /// Regions with their sums, those that are accessed most first.
    package var regions: [(region: Region, count: Count)] {
        registers.map { region, offsets in
            (region, offsets.values.reduce(into: Count()) { $0.reads += $1.reads; $0.writes += $1.writes })
        }.sorted { left, right in
            (right.count.total, left.region.space.rawValue, left.region.name)
                < (left.count.total, right.region.space.rawValue, right.region.name)
        }
    }
}
