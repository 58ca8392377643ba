import Dashboard
import Foundation

/// Turns access counts into what the page shows: for each region cells by offset, warm by the logarithm of their accesses.
package enum HeatMap {
    /// Cells of one region at most; beyond, neighbouring registers share one.
    static let cellLimit = 96
    /// Regions with cells; the others are counted.
    static let regionLimit = 60

    /// One for each of the regions with the most accesses.
    package static func regions(_ counts: AccessCounts) -> [CampaignPage.HeatRegion] {
        let hottest = counts.registers.values.flatMap(\.values).map(\.total).max() ?? 1
        return counts.regions.prefix(regionLimit).map { region, count in
            CampaignPage.HeatRegion(
                name: region.name, detail: detail(region, count),
                cells: cells(counts.registers[region] ?? [:], hottest: hottest))
        }
    }

    private static func detail(_ region: AccessCounts.Region, _ count: AccessCounts.Count) -> String {
        let place = region.space == .configuration ? "PCI configuration space" : "\(region.space.rawValue)"
        let owner = region.owner.isEmpty || region.name.hasPrefix(region.owner) ? "" : ", \(region.owner)"
        return "\(place)\(owner): \(HumanFormat.grouped(count.reads)) reads, \(HumanFormat.grouped(count.writes)) writes"
    }

    private static func cells(_ registers: [UInt64: AccessCounts.Count], hottest: UInt64) -> [CampaignPage.HeatCell] {
        // Powers of two, so that a cell begins where a register does.
        var width: UInt64 = 1
        while Set(registers.keys.map { $0 / width }).count > cellLimit { width *= 2 }
        var merged: [UInt64: AccessCounts.Count] = [:]
        for (offset, count) in registers {
            merged[offset / width, default: AccessCounts.Count()].reads += count.reads
            merged[offset / width, default: AccessCounts.Count()].writes += count.writes
        }
        return merged.sorted { $0.key < $1.key }.map { block, count in
            let start = block * width
            let end = width > 1 ? "…" + String(start + (width - 1), radix: 16) : ""
            return CampaignPage.HeatCell(
                offset: "+0x" + String(start, radix: 16) + end,
                count: HumanFormat.count(Double(count.total)),
                detail: "\(HumanFormat.grouped(count.reads)) reads, \(HumanFormat.grouped(count.writes)) writes",
                heat: heat(count.total, hottest))
        }
    }

    /// 0 to 1000. Logarithmic: an index register is written a thousand times as often as others, and those are to be seen.
    static func heat(_ count: UInt64, _ hottest: UInt64) -> Int {
        guard count > 0, hottest > 0 else { return 0 }
        let share = log2(Double(count) + 1) / log2(Double(max(hottest, count)) + 1)
        return Int((share * 1000).rounded())
    }
}
