import ForkServer
import Glibc
import Testing

@Suite("Snapshot: one copy of the pages for all runners", .serialized)
struct PristinePageTests {
    /// A mapping and its size in memory, of `/proc/ID/smaps`.
    private struct Mapping {
        var start: UInt
        var end: UInt
        var flags: String
        var name: String
        var residentKibibytes = 0
    }

    private static func mappings(of process: Int32) -> [Mapping] {
        guard let file = fopen("/proc/\(process)/smaps", "r") else { return [] }
        defer { fclose(file) }
        var result: [Mapping] = []
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, 4096, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let fields = text.split(whereSeparator: \.isWhitespace)
            guard let first = fields.first else { continue }
            let ends = first.split(separator: "-").compactMap { UInt($0, radix: 16) }
            if ends.count == 2 {
                let name = fields.count > 5 ? String(fields[5]) : ""
                result.append(Mapping(start: ends[0], end: ends[1], flags: String(fields[1]), name: name))
            } else if first == "Rss:", let kibibytes = Int(fields[1]), !result.isEmpty {
                result[result.count - 1].residentKibibytes = kibibytes
            }
        }
        return result
    }

    private static func runner(of session: TargetSession) throws -> Int32 {
        let runners = session.leftovers().compactMap { Int32($0.split(separator: " ")[0]) }
        return try #require(runners.first)
    }

    @Test func runnersShareTheCopies() throws {
        let session = try TargetSession { $0.strategy = .snapshot }
        for _ in 0..<3 { #expect(try session.run("kg").verdict.kind == .passed) }
        let mappings = Self.mappings(of: try Self.runner(of: session))
        let shared = try #require(mappings.first { $0.name.contains("fuzzd-pristine-pages") })
        #expect(shared.flags == "r--s", "an input could change what others are put back from")
        #expect(shared.residentKibibytes > 64)
        let own = try #require(mappings.first { $0.start == shared.end })
        // What the machine parent wrote to since, and what this runner did before its snapshot.
        #expect(own.residentKibibytes < shared.residentKibibytes, "the runner copied what there is a copy of")
    }
}
