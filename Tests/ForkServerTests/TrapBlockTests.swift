import ForkServer
import Foundation
import Testing

@Suite struct TrapBlockTests {
    /// An ELF file with one loadable segment at address 0x1000, whose code is given.
    private func file(_ code: [UInt8], machine: UInt8 = 62) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 64 + 56)
        bytes.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
        bytes[18] = machine
        // One program header of 56 bytes behind the file header: PT_LOAD, at file offset 120.
        bytes[32] = 64
        bytes[54] = 56
        bytes[56] = 1
        bytes[64] = 1
        bytes[64 + 8] = 120
        bytes[64 + 17] = 0x10
        bytes[64 + 32] = UInt8(code.count)
        let path = NSTemporaryDirectory() + "fuzzd-traps-" + UUID().uuidString.prefix(8)
        try Data(bytes + code).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func isTrap(_ code: [UInt8], at offset: UInt64 = 0x1000, machine: UInt8 = 62) throws -> Bool {
        let path = try file(code, machine: machine)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let blocks = TrapBlocks(path: path)
        defer { blocks.close() }
        return blocks.contains(offset)
    }

    @Test func aCountAndATrapAreOne() throws {
        #expect(try isTrap([0xFE, 0x05, 1, 2, 3, 4, 0x0F, 0x0B]))
        #expect(try isTrap([0x80, 0x05, 1, 2, 3, 4, 1, 0x0F, 0x0B]))
        #expect(try isTrap([0x90, 0xFE, 0x05, 1, 2, 3, 4, 0x0F, 0x0B], at: 0x1001))
    }

    @Test func otherCodeIsNone() throws {
        #expect(try !isTrap([0xFE, 0x05, 1, 2, 3, 4, 0xC3, 0x0B]), "returns")
        #expect(try !isTrap([0xFE, 0x05, 1, 2, 3, 4, 0x0F]), "the segment ends")
        #expect(try !isTrap([0x0F, 0x0B]), "not counted")
        #expect(try !isTrap([0xFE, 0x05, 1, 2, 3, 4, 0x0F, 0x0B], at: 0x2000), "outside")
        #expect(try !isTrap([0xFE, 0x05, 1, 2, 3, 4, 0x0F, 0x0B], machine: 183), "another processor")
    }

    @Test func whatIsNoELFFileHasNone() {
        for path in ["/nonexistent/program", "/dev/null", "/proc/self/cmdline", "/"] {
            let blocks = TrapBlocks(path: path)
            #expect(!blocks.contains(0x1000), "\(path)")
            blocks.close()
        }
    }
}
