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
        /// Where its block was allocated; may be empty.
        package var allocatedBy: String
        /// The same with its callers, from the innermost function outwards.
        package var allocationStack: [String]

        package init(
            owner: String, offset: UInt64, kind: String, bytes: Int, inputs: Int, smallestInput: String,
            allocatedBy: String = "", allocationStack: [String] = []
        ) {
            self.owner = owner
            self.offset = offset
            self.kind = kind
            self.bytes = bytes
            self.inputs = inputs
            self.smallestInput = smallestInput
            self.allocatedBy = allocatedBy
            self.allocationStack = allocationStack
        }

        /// What it is listed under.
        var group: String { kind == "allocation" && !allocatedBy.isEmpty ? allocatedBy : owner }
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
                                "Memory that is mapped by itself, guest memory most of all, the machine's clock and moments that differ as it does, "
                                    + "the C library's variables, and fuzzd's own."),
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

    /// Rows by owner, in the order of their first ones; blocks without a type by where they were allocated.
    private func groups(_ rows: [Row]) -> String {
        var keys: [String] = []
        var groups: [String: [Row]] = [:]
        for row in rows {
            if groups[row.group] == nil { keys.append(row.group) }
            groups[row.group, default: []].append(row)
        }
        return keys.map { key in
            let group = groups[key] ?? []
            let bytes = group.reduce(0) { $0 + $1.bytes }
            let most = group.map(\.inputs).max() ?? 0
            return """
                <details\(keys.count <= 12 ? " open" : "")><summary><span class="name">\(PageTable.code(key))</span>\
                <span>\(bytes) byte\(bytes == 1 ? "" : "s")</span>\
                <span>\(PageTable.share(PageShare(reached: most, total: inputs)))</span></summary>
                \(table(group, isOwnerKnown: group.allSatisfy { $0.owner == key }))
                \(allocations(of: group))
                </details>
                """
        }.joined(separator: "\n")
    }

    /// Where the blocks of some rows were allocated, each stack once.
    private func allocations(of rows: [Row]) -> String {
        var seen: Set<[String]> = []
        return rows.filter { !$0.allocatedBy.isEmpty && seen.insert($0.allocationStack).inserted }.map { row in
            """
            <details><summary><span class="name">allocated by \(PageTable.code(row.allocatedBy))</span></summary>
            <pre class="command">\(row.allocationStack.map(HTMLText.escaped).joined(separator: "\n"))</pre>
            </details>
            """
        }.joined(separator: "\n")
    }

    /// - Parameter isOwnerKnown: the owner stands above already, and where it was allocated below.
    private func table(_ rows: [Row], isOwnerKnown: Bool = false) -> String {
        let rest: [PageTable.Column] = isOwnerKnown ? [] : [.text("kind"), .text("allocated by")]
        return PageTable.table(
            [.text(isOwnerKnown ? "offset" : "place"), .number("bytes"), .text("inputs"), .text("smallest input")] + rest,
            rows.map { row in
                let offset = "+0x" + String(row.offset, radix: 16)
                let place = isOwnerKnown ? offset : row.owner + (row.offset == 0 ? "" : offset)
                return [
                    PageTable.code(place), "\(row.bytes)", PageTable.share(PageShare(reached: row.inputs, total: inputs)),
                    PageTable.code(row.smallestInput),
                ] + (isOwnerKnown ? [] : [PageTable.text(row.kind), PageTable.code(row.allocatedBy)])
            })
    }
}
