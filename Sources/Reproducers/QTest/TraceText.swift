/// A trace for people: its commands, each with a comment that names the region and register it hits, or the PCI function and
/// register it selects.
package struct TraceText {
    /// Regions and where they lie, for targets that do not name the place of an access themselves.
    private let map: RegionMap?
    /// Comments begin here, unless the command is longer.
    private static let commentColumn = 40

    package init(map: RegionMap? = nil) { self.map = map }

    /// One line a command. What stands behind `#` is comment, for `fuzzd import` too.
    package func lines(_ trace: Trace) -> [String] {
        var selected: UInt32?
        return trace.entries.map { entry in
            let comment = self.comment(entry, selected: selected)
            if case .portWrite(4, 0xcf8, let value) = entry.command { selected = value }
            guard let comment else { return entry.command.text }
            let text = entry.command.text
            return text + String(repeating: " ", count: max(1, Self.commentColumn - text.count)) + "# " + comment
        }
    }

    private func comment(_ entry: TraceEntry, selected: UInt32?) -> String? {
        if entry.isFill {
            return "guest memory that the next access reads"
                + (entry.origin == .doubleFetch ? ", for the second time: a script shows one content only" : "")
        }
        switch entry.command {
        case .portWrite(4, 0xcf8, let value): return "select " + Self.configuration(value)
        case .portRead(_, let port), .portWrite(_, let port, _):
            if (0xcfc...0xcff).contains(port), let selected {
                let owner = entry.place.map { $0.region == "pci-configuration" ? " (\($0.owner))" : "" } ?? ""
                return Self.configuration(selected + UInt32(port - 0xcfc)) + owner
            }
            return place(entry) ?? map?.place(ofPort: port).map(Self.describe)
        case .memoryRead(_, let address), .memoryWrite(_, let address, _), .bytesRead(let address, _),
            .bytesWrite(let address, _), .fill(let address, _, _):
            return place(entry) ?? map?.place(ofAddress: address).map(Self.describe)
        case .clockStep(nil): return "to the next deadline"
        case .clockStep, .clockSet: return nil
        }
    }

    private func place(_ entry: TraceEntry) -> String? { entry.place.map(Self.describe) }

    /// `pci 00:02.0 BAR 4`.
    private static func configuration(_ address: UInt32) -> String {
        let (bus, slot, function) = (address >> 16 & 0xff, address >> 11 & 0x1f, address >> 8 & 7)
        let register = UInt64(address & 0xff)
        let name = RegisterNames.name(region: "pci-configuration", offset: register) ?? hex(register)
        let start = "pci \(twoDigits(bus)):\(twoDigits(slot)).\(function) \(name)"
        return register < 0x40 ? start : start + " \(hex(register))"
    }

    private static func twoDigits(_ value: UInt32) -> String {
        (value < 16 ? "0" : "") + String(value, radix: 16)
    }

    private static func describe(_ place: AccessPlace) -> String {
        let name = RegisterNames.name(region: place.region, offset: place.offset)
        let owner = place.owner.isEmpty ? "" : place.owner + ": "
        return "\(owner)\(place.region)+\(hex(place.offset))" + (name.map { " \($0)" } ?? "")
    }
}
