extension AuditReport {
    /// Names and sorts what was collected.
    static func make(_ subject: Subject, _ measurement: AuditMeasurement, _ owners: OwnerIndex) -> AuditReport {
        let ledger = measurement.ledger
        let moments = ledger.moments { isClock(owners.place(of: $0)) }
        let entries = ledger.entries { first, second in
            let (one, other) = (owners.place(of: first), owners.place(of: second))
            return one.owner == other.owner && one.kind == other.kind && moments.contains(first) == moments.contains(second)
        }
        var report = AuditReport(subject: subject, leftBehind: [], noise: [], keptApart: [])
        var apart = KeptApart()
        for entry in entries {
            var place = owners.place(of: entry.address)
            if entry.isNoise {
                report.noise.append(row(place, entry, ledger, owners))
            } else if moments.contains(entry.address & ~7) {
                place = AuditPlace(kind: .moment, owner: place.owner, offset: place.offset)
                apart.add(place, bytes: entry.bytes, inputs: entry.inputs)
            } else if isKeptApart(place) || owners.isUnusedCapacity(entry.address) {
                apart.add(place, bytes: entry.bytes, inputs: entry.inputs)
            } else {
                report.leftBehind.append(row(place, entry, ledger, owners))
            }
        }
        for mapping in measurement.large.keys.sorted() {
            guard let found = measurement.large[mapping] else { continue }
            apart.add(owners.place(of: mapping), bytes: Int(found.bytes), inputs: found.inputs)
        }
        report.keptApart = apart.rows(ledger)
        report.leftBehind.sort(by: isBefore)
        report.noise.sort(by: isBefore)
        report.keptApart.sort(by: isBefore)
        return report
    }

    private static func row(
        _ place: AuditPlace, _ entry: AuditLedger.Entry, _ ledger: AuditLedger, _ owners: OwnerIndex
    ) -> Row {
        Row(
            place: place, bytes: entry.bytes, inputs: entry.inputs.count, smallestInput: ledger.smallest(entry.inputs),
            allocation: owners.allocation(of: entry.address))
    }

    private static func isBefore(_ left: Row, _ right: Row) -> Bool {
        let (isObject, isOtherObject) = (left.place.kind == .object, right.place.kind == .object)
        guard isObject == isOtherObject else { return isObject }
        return (right.inputs, left.place.owner, left.place.offset) < (left.inputs, right.place.owner, right.place.offset)
    }

    /// The built-in machine's virtual clock, and QEMU's under qtest.
    private static func isClock(_ place: AuditPlace) -> Bool {
        place.owner == "qtest_clock_counter" || (place.kind == .object && place.owner == "Machine.VirtualClock")
    }

    /// No device's state: memory that is mapped by itself, the C library's variables, what Swift's runtime makes when a type is used
    /// for the first time, the built-in harness's, and those of fuzzd's own runtime; and blocks that they lead to.
    static func isKeptApart(_ place: AuditPlace) -> Bool {
        if place.kind == .mapping { return true }
        let name = place.owner
        return name.contains("TargetRuntime.") || notDevices.contains { name.hasPrefix($0) }
    }

    private static let notDevices = [
        "fuzzd_", "MachineHarness.", "/", "mapping of ", "main_arena", "_IO_", "mp_", "stdout", "stderr", "stdin", "_rtld",
        "__sanitizer", "demangling cache variable for ", "type metadata instantiation cache for ",
        "metadata instantiation cache for ", "lazy protocol witness table cache variable for ", "lazy cache variable for ",
        "InitialAllocationPool", "AllocationPool", "TupleTypes",
    ]
}

/// Rows of what is kept apart, each owner one: nobody asks for the places within it.
private struct KeptApart {
    private struct Owner: Hashable {
        var kind: AuditPlace.Kind
        var name: String
    }

    private var found: [Owner: (place: AuditPlace, bytes: Int, inputs: Set<Int>)] = [:]

    mutating func add(_ place: AuditPlace, bytes: Int, inputs: Set<Int>) {
        let owner = Owner(kind: place.kind, name: place.owner)
        let whole = place.kind == .moment ? place : AuditPlace(kind: place.kind, owner: place.owner, offset: 0)
        found[owner, default: (whole, 0, [])].bytes += bytes
        found[owner]?.inputs.formUnion(inputs)
    }

    /// Unsorted by content, sorted by owner.
    func rows(_ ledger: AuditLedger) -> [AuditReport.Row] {
        found.sorted { ($0.key.name, $0.key.kind.rawValue) < ($1.key.name, $1.key.kind.rawValue) }.map { _, row in
            AuditReport.Row(
                place: row.place, bytes: row.bytes, inputs: row.inputs.count, smallestInput: ledger.smallest(row.inputs))
        }
    }
}
