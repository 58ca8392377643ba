import Testing

import Reproducers

@Suite struct QTestTextTests {
    @Test(arguments: [
        "outl 0xcf8 0x80001010", "inw 0xcfc", "writeq 0xe0000000 0x1122334455667788", "readb 0xe0000001", "read 0x10 0x3",
        "write 0x1000 0x4 0x00ff10aa", "memset 0x0 0x100 0x5a", "clock_step", "clock_step 100", "clock_set 7",
    ])
    func commandsAreReadAndWrittenAlike(line: String) throws {
        #expect(try QTestCommand(parsing: line).text == line)
    }

    @Test func numbersAreThoseOfC() throws {
        #expect(try QTestCommand(parsing: "outb 128 010") == .portWrite(size: 1, address: 0x80, value: 8))
        #expect(try QTestCommand(parsing: "outb 0x80 0x1ff") == .portWrite(size: 1, address: 0x80, value: 0xff))
        #expect(try QTestCommand(parsing: "writel 0x0 -1") == .memoryWrite(size: 4, address: 0, value: 0xffff_ffff))
        // Digits that are missing are zeros, those that are too many nothing, as in QEMU.
        #expect(try QTestCommand(parsing: "write 0x0 0x3 0xaa") == .bytesWrite(address: 0, bytes: [0xaa, 0, 0]))
        #expect(try QTestCommand(parsing: "write 0x0 0x1 0xaabb") == .bytesWrite(address: 0, bytes: [0xaa]))
    }

    @Test(arguments: [
        ("outl 0xcf8", 2, "takes 2 arguments, not 1"), ("outl 0x10000 1", 2, "above 0xffff"), ("outq 0 0", 2, "no qtest command"),
        ("readb nowhere", 2, "no number"), ("readb +1", 2, "no number"), ("write 0 0 0x00", 2, "1 to"), ("write 0 1 00", 2, "begin with 0x"),
        ("write 0 1 0xzz", 2, "hexadecimal"), ("write 0x0 0x7fffffffffff 0x00", 2, "1 to"), ("irq_intercept_in ioapic", 2, "irq_intercept_in"),
        ("readb 0x1 # x\nfoo", 3, "'foo'"), ("clock_step 1 2", 2, "takes 1 argument,"), ("readb 0x", 2, "no number"),
    ])
    func mistakesNameTheirLine(text: String, line: Int, problem: String) {
        do {
            _ = try QTestScript.parse("# comment\n" + text)
            Issue.record("'\(text)' was taken")
        } catch {
            #expect(error.line == line)
            #expect(error.problem.contains(problem), "\(error.problem)")
        }
    }

    @Test func commentsAndEmptyLinesAreSkipped() throws {
        let commands = try QTestScript.parse("# a\n\n  inb 0x60   # b\r\nclock_step#c\n".replacing("#c", with: " #c"))
        #expect(commands.map(\.line) == [3, 4])
        #expect(commands.map(\.command) == [.portRead(size: 1, address: 0x60), .clockStep(nanoseconds: nil)])
        // An empty line makes QEMU abort.
        #expect(QTestScript.text(commands.map(\.command)) == "inb 0x60\nclock_step\n")
    }

    @Test func accessesOfOneSizeAreOneForm() throws {
        let write = QTestCommand.memoryWrite(size: 4, address: 8, value: 0x0403_0201)
        #expect(QTestCommand.bytesWrite(address: 8, bytes: [1, 2, 3, 4]).normalised == write)
        #expect(QTestCommand.bytesRead(address: 8, count: 2).normalised == .memoryRead(size: 2, address: 8))
        #expect(QTestCommand.bytesWrite(address: 8, bytes: [1, 2, 3]).normalised == .bytesWrite(address: 8, bytes: [1, 2, 3]))
        #expect(write.stored?.bytes == [1, 2, 3, 4])
    }
}
