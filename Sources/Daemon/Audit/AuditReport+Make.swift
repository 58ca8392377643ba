extension AuditReport {
    /// Names and sorts what was collected.
    static func make(_ subject: Subject, _ measurement: AuditMeasurement, _ owners: OwnerIndex) -> AuditReport {
        let ledger = measurement.ledger
        var report = AuditReport(subject: subject, leftBehind: [], noise: [], keptApart: [])
        let entries = ledger.entries { first, second in
            let (one, other) = (owners.place(of: first), owners.place(of: second))
            return one.owner == other.owner && one.kind == other.kind
        }
        for entry in entries {
            let row = Row(
                place: owners.place(of: entry.address), bytes: entry.bytes, inputs: entry.inputs.count,
                smallestInput: ledger.smallest(entry.inputs), allocation: owners.allocation(of: entry.address))
            if entry.isNoise {
                report.noise.append(row)
            } else if isKeptApart(row.place) {
                report.keptApart.append(row)
            } else {
                report.leftBehind.append(row)
            }
        }
        for mapping in measurement.large.keys.sorted() {
            guard let found = measurement.large[mapping] else { continue }
            report.keptApart.append(
                Row(
                    place: owners.place(of: mapping), bytes: Int(found.bytes), inputs: found.inputs.count,
                    smallestInput: ledger.smallest(found.inputs)))
        }
        report.leftBehind.sort(by: Self.isBefore)
        report.noise.sort(by: Self.isBefore)
        report.keptApart.sort(by: Self.isBefore)
        return report
    }

    private static func isBefore(_ left: Row, _ right: Row) -> Bool {
        let (isObject, isOtherObject) = (left.place.kind == .object, right.place.kind == .object)
        guard isObject == isOtherObject else { return isObject }
        return (right.inputs, left.place.owner, left.place.offset) < (left.inputs, right.place.owner, right.place.offset)
    }

    /// No device's state: memory that is mapped by itself, the C library's variables, the built-in harness's, and those of
    /// fuzzd's own runtime.
    static func isKeptApart(_ place: AuditPlace) -> Bool {
        if place.kind == .mapping { return true }
        let name = place.owner
        return name.hasPrefix("fuzzd_") || name.contains("TargetRuntime.") || name.hasPrefix("MachineHarness.") || name.hasPrefix("/")
            || ["main_arena", "_IO_", "mp_", "stdout", "stderr", "stdin", "_rtld", "__sanitizer"].contains { name.hasPrefix($0) }
    }
}
