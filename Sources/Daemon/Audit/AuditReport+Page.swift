import Dashboard

extension AuditReport {
    /// The report as a single web page.
    package var html: String {
        AuditPage(
            title: "What the reboot of \(subject.campaign) leaves behind",
            subtitle: "\(SummaryText.plural(subject.inputs, "input")), each from the same machine",
            inputs: subject.inputs,
            tiles: [
                PageTile(label: "places left behind", value: "\(leftBehind.count)"),
                PageTile(label: "bytes", value: "\(leftBehind.reduce(0) { $0 + $1.bytes })"),
                PageTile(label: "owners", value: "\(Set(leftBehind.map(\.place.owner)).count)"),
                PageTile(label: "not audited", value: "\(subject.notAudited.count)", detail: "inputs whose runner is lost"),
            ],
            leftBehind: leftBehind.map(Self.row), keptApart: keptApart.map(Self.row), noise: noise.map(Self.row),
            notes: AuditTable.notes(self)
        ).html
    }

    private static func row(_ row: Row) -> AuditPage.Row {
        AuditPage.Row(
            owner: row.place.owner, offset: row.place.offset, kind: row.place.kind.rawValue, bytes: row.bytes,
            inputs: row.inputs, smallestInput: row.smallestInput.map { "\($0.fileName) (\($0.bytes) bytes)" } ?? "",
            allocatedBy: row.allocation?.text ?? "", allocationStack: row.allocation?.stack ?? [])
    }
}
