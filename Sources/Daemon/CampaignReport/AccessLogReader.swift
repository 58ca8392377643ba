/// Reads what targets say of their accesses: the lines of `pc-fuzz --log-accesses`, or QEMU's qtest log. What is neither is
/// passed over, as a target prints other things too. One reader for one input.
package struct AccessLogReader {
    /// Variables that make a target talk; those that do not know them do not mind.
    ///
    /// QEMU logs qtest commands only where its fuzzers send them as text.
    package static let environment = ["FUZZD_LOG_ACCESSES": "1", "QTEST_LOG": "1", "FUZZ_SERIALIZE_QTEST": "1"]
    /// A log has some 40 bytes an access, and an input some hundred accesses.
    package static let outputBytes = 4 << 20

    /// What was written to port 0xcf8 last: bus, function and register that the next access of 0xcfc reaches.
    private var configurationAddress: UInt64 = 0

    package init() {}

    /// Counts every access of one input's output.
    package mutating func read(_ output: [UInt8], into counts: inout AccessCounts) {
        // The last line may be cut.
        for line in output.split(separator: 10) {
            if line.starts(with: Self.own) {
                readOwn(String(decoding: line, as: UTF8.self), into: &counts)
            } else if line.starts(with: Self.qtest) {
                readQTest(String(decoding: line, as: UTF8.self), into: &counts)
            }
        }
    }

    private static let own = Array("access\t".utf8)
    private static let qtest = Array("[R +".utf8)

    private func readOwn(_ line: String, into counts: inout AccessCounts) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 7, let space = AccessCounts.Space(rawValue: String(fields[2])),
            let offset = Self.number(fields[5])
        else { return }
        counts.add(
            AccessCounts.Region(space: space, name: String(fields[3]), owner: String(fields[4])), offset: offset,
            isWrite: fields[1] == "write")
    }

    /// `[R +0.034] outl 0xcf8 0x80002000`: what QEMU received, and when. Answers begin with `[S`.
    private mutating func readQTest(_ line: String, into counts: inout AccessCounts) {
        let words = line.drop { $0 != "]" }.dropFirst().split(separator: " ")
        guard words.count >= 2, let address = Self.number(words[1]) else { return }
        let command = words[0]
        switch command {
        case "inb", "inw", "inl", "outb", "outw", "outl":
            let isWrite = command.hasPrefix("out")
            if isWrite, address == 0xcf8, words.count > 2 { configurationAddress = Self.number(words[2]) ?? 0 }
            if (0xcfc...0xcff).contains(address), configurationAddress & 0x8000_0000 != 0 {
                addConfiguration(address & 3, isWrite, &counts)
            } else if (0xcf8...0xcff).contains(address) {
                counts.add(
                    AccessCounts.Region(space: .port, name: "0xcf8, PCI configuration", owner: ""), offset: address - 0xcf8,
                    isWrite: isWrite)
            } else {
                add(.port, address, blockBytes: 0x40, isWrite, &counts)
            }
        case "readb", "readw", "readl", "readq", "read": add(.memory, address, blockBytes: 0x1000, false, &counts)
        case "writeb", "writew", "writel", "writeq", "write": add(.memory, address, blockBytes: 0x1000, true, &counts)
        default: break
        }
    }

    private func addConfiguration(_ low: UInt64, _ isWrite: Bool, _ counts: inout AccessCounts) {
        let function = (configurationAddress >> 8) & 0xff
        let bus = (configurationAddress >> 16) & 0xff
        counts.add(
            AccessCounts.Region(
                space: .configuration, name: "bus \(bus), function \(function >> 3).\(function & 7)", owner: ""),
            offset: (configurationAddress & 0xfc) | low, isWrite: isWrite)
    }

    /// Where no region is named, addresses are told apart by aligned blocks.
    private func add(
        _ space: AccessCounts.Space, _ address: UInt64, blockBytes: UInt64, _ isWrite: Bool, _ counts: inout AccessCounts
    ) {
        let start = address & ~(blockBytes - 1)
        counts.add(
            AccessCounts.Region(space: space, name: "from 0x" + String(start, radix: 16), owner: ""), offset: address - start,
            isWrite: isWrite)
    }

    private static func number(_ text: Substring) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }
}

/// The regions that a target says it fuzzes: QEMU's words `  * NAME (size 0x20)`, which the built-in machine uses too.
package enum MatchedRegions {
    /// Names in the order of the listing.
    package static func names(in greeting: String) -> [String] {
        greeting.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("  * "), let size = line.range(of: " (size ") else { return nil }
            return String(line[line.index(line.startIndex, offsetBy: 4)..<size.lowerBound])
        }
    }
}
