/// The web page of `fuzzd audit`: what the reboot of a machine leaves behind. A value; made by `Daemon`.
package struct AuditPage: Sendable, Equatable {
    /// One place in memory.
    package struct Row: Sendable, Equatable {
        package var owner: String
        package var offset: UInt64
        package var kind: String
        package var bytes: Int
        package var inputs: Int
        /// With its size; may be empty.
        package var smallestInput: String

        package init(owner: String, offset: UInt64, kind: String, bytes: Int, inputs: Int, smallestInput: String) {
            self.owner = owner
            self.offset = offset
            self.kind = kind
            self.bytes = bytes
            self.inputs = inputs
            self.smallestInput = smallestInput
        }
    }

    package var title: String
    package var subtitle: String
    /// All that were run.
    package var inputs: Int
    package var tiles: [PageTile]
    package var leftBehind: [Row]
    package var keptApart: [Row]
    package var noise: [Row]
    package var notes: [String]

    /// Noise is long and seldom of interest.
    private static let listedNoise = 200

    package init(
        title: String, subtitle: String, inputs: Int, tiles: [PageTile], leftBehind: [Row], keptApart: [Row], noise: [Row],
        notes: [String] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.inputs = inputs
        self.tiles = tiles
        self.leftBehind = leftBehind
        self.keptApart = keptApart
        self.noise = noise
        self.notes = notes
    }

    /// The whole document.
    package var html: String {
        PageFrame.document(
            title: title, subtitle: subtitle,
            body: [PageFrame.tiles(tiles)] + notes.map(PageFrame.paragraph) + [
                PageFrame.section("Left behind", id: "left-behind", [leftBehindText, groups(leftBehind)]),
                PageFrame.section(
                    "Kept apart", id: "kept-apart",
                    keptApart.isEmpty
                        ? []
                        : [
                            PageFrame.paragraph(
                                "Memory that is mapped by itself, guest memory most of all, the C library's, and fuzzd's own."),
                            table(keptApart),
                        ]),
                PageFrame.section(
                    "Noise", id: "noise",
                    noise.isEmpty
                        ? []
                        : [
                            PageFrame.paragraph("Differs after the empty input too: \(noise.count) places."),
                            table(Array(noise.prefix(Self.listedNoise))),
                        ]),
            ])
    }

    private var leftBehindText: String {
        PageFrame.paragraph(
            leftBehind.isEmpty
                ? "Nothing: after every input the reboot brings the machine back to what it was."
                : "State that differs from the machine before, after an input and a reboot; by owner, the one that most inputs "
                    + "reach first.")
    }

    /// Rows by owner, in the order of their first ones.
    private func groups(_ rows: [Row]) -> String {
        var owners: [String] = []
        var byOwner: [String: [Row]] = [:]
        for row in rows {
            if byOwner[row.owner] == nil { owners.append(row.owner) }
            byOwner[row.owner, default: []].append(row)
        }
        return owners.map { owner in
            let group = byOwner[owner] ?? []
            let bytes = group.reduce(0) { $0 + $1.bytes }
            let most = group.map(\.inputs).max() ?? 0
            return """
                <details\(owners.count <= 12 ? " open" : "")><summary><span class="name">\(PageTable.code(owner))</span>\
                <span>\(bytes) bytes</span>\(PageTable.share(PageShare(reached: most, total: inputs)))</summary>
                \(table(group))
                </details>
                """
        }.joined(separator: "\n")
    }

    private func table(_ rows: [Row]) -> String {
        PageTable.table(
            [.text("place"), .text("kind"), .number("bytes"), .text("inputs"), .text("smallest input")],
            rows.map { row in
                [
                    PageTable.code(row.owner + (row.offset == 0 ? "" : "+0x" + String(row.offset, radix: 16))),
                    PageTable.text(row.kind), "\(row.bytes)",
                    PageTable.share(PageShare(reached: row.inputs, total: inputs)), PageTable.code(row.smallestInput),
                ]
            })
    }
}
