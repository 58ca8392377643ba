import Machine
import Testing

@Suite struct QTestSessionTests {
    private let test = TestMachine()
    private var session: QTestSession { QTestSession(machine: test.machine) }

    private func expect(_ lines: [(String, String)]) {
        let session = session
        for (line, answer) in lines { #expect(session.handle(line: line) == [answer], "\(line)") }
    }

    @Test func memoryAccessesOfEverySize() {
        expect([
            ("writeb 0x100 0x1ff", "OK"), ("readb 0x100", "OK 0x00000000000000ff"),
            ("writew 0x102 0x1234", "OK"), ("readw 258", "OK 0x0000000000001234"),
            ("writel 0x104 0x89abcdef", "OK"), ("readl 0404", "OK 0x0000000089abcdef"),
            ("writeq 0x108 0x1122334455667788", "OK"), ("readq 0x108", "OK 0x1122334455667788"),
            ("writeb 0x110 -1", "OK"), ("readq 0x109", "OK 0xff11223344556677"),
        ])
    }

    @Test func portAccessesOfEverySize() {
        let device = NotingDevice()
        test.machine.io.root.add(device.region(8), at: 0x80)
        expect([
            ("inb 0x81", "OK 0x0001"), ("inw 0x82", "OK 0x0302"), ("inl 0x84", "OK 0x7060504"),
            ("inb 0x8888", "OK 0x00ff"), ("inl 0x8888", "OK 0xffffffff"),
        ])
        device.accesses = []
        expect([("outb 0x80 0x1ff", "OK"), ("outw 0x82 7", "OK"), ("outl 0x84 0x10", "OK")])
        #expect(
            device.accesses == [
                .write(tag: 0, offset: 0, size: 1, value: 0xff), .write(tag: 0, offset: 2, size: 2, value: 7),
                .write(tag: 0, offset: 4, size: 4, value: 0x10),
            ])
    }

    @Test func transfersInHexadecimalAndBase64() {
        expect([
            ("write 0x10 4 0x01aBcDeF", "OK"), ("read 0x10 5", "OK 0x01abcdef00"),
            ("b64read 0x10 4", "OK AavN7w=="), ("b64read 0x10 3", "OK AavN"),
            ("b64read 0x10 5", "OK AavN7wA="),
            ("b64write 0x20 4 3q2+7w==", "OK"), ("read 0x20 4", "OK 0xdeadbeef"),
            ("memset 0x20 3 0x15a", "OK"), ("read 0x20 4", "OK 0x5a5a5aef"),
            ("write 0x20 4 0x77", "OK"), ("read 0x20 4", "OK 0x77000000"),
            ("read 0x20 0", "OK 0x"), ("b64read 0x20 0", "OK "),
        ])
    }

    @Test func theClock() {
        var fired: [Int64] = []
        let clock = test.machine.clock
        let timer = clock.makeTimer { fired.append(clock.nowNanoseconds) }
        timer.arm(atNanoseconds: 700)
        expect([
            ("clock_step 100", "OK 100"), ("clock_step", "OK 700"), ("clock_step", "OK 700"),
            ("clock_set 1000", "OK 1000"), ("clock_set 5", "OK 1000"),
            ("clock_step 0xffffffffffffffff", "OK 9223372036854775807"),
        ])
        #expect(fired == [700])
    }

    @Test func interruptsAreEventsBeforeTheAnswer() {
        let session = session
        #expect(
            session.handle(line: "set_irq_in ioapic unnamed-gpio-in 5 1") == ["OK"], "not intercepted yet")
        #expect(session.handle(line: "irq_intercept_in ioapic") == ["OK"])
        #expect(session.handle(line: "irq_intercept_in ioapic") == ["OK"], "twice is once")
        #expect(session.handle(line: "set_irq_in ioapic unnamed-gpio-in 5 0") == ["IRQ lower 5", "OK"])
        #expect(session.handle(line: "set_irq_in /machine/ioapic x 23 9") == ["IRQ raise 23", "OK"])
        #expect(session.handle(line: "set_irq_in ioapic x 24 1") == ["OK"], "there is no such input")
        #expect(session.handle(line: "irq_intercept_in pic") == ["FAIL Unknown device"])
        #expect(session.handle(line: "irq_intercept_out ioapic") == ["FAIL Unknown device"])
    }

    @Test func linesThatAreNoCommands() {
        let session = session
        #expect(session.handle(line: "").isEmpty)
        #expect(session.handle(line: " \t\r").isEmpty)
        expect([
            ("endianness", "OK little"), ("  endianness \r", "OK little"),
            ("frobnicate 1", "FAIL Unknown command 'frobnicate'"), ("inq 0x80", "FAIL Unknown command 'inq'"),
            ("b", "FAIL Unknown command 'b'"), ("\u{1F41B}", "FAIL Unknown command '\u{1F41B}'"),
        ])
    }

    @Test func malformedLinesAreNamed() {
        let number = "is not a number of 64 bits"
        expect([
            ("inb", "ERR inb: argument 1 is missing"), ("outb 1", "ERR outb: argument 2 is missing"),
            ("readb 0x", "ERR readb: '0x' \(number)"), ("readb 09", "ERR readb: '09' \(number)"),
            ("readb 0x10000000000000000", "ERR readb: '0x10000000000000000' \(number)"),
            ("writeb - 1", "ERR writeb: '-' \(number)"), ("clock_step x", "ERR clock_step: 'x' \(number)"),
            ("write 0 1 12", "ERR write: data must begin with 0x"),
            ("write 0 1 0xg0", "ERR write: data has a digit that is not hexadecimal"),
            ("b64write 0 1 !!!!", "ERR b64write: data is not base64"),
            ("read 0 67108865", "ERR read: 67108865 bytes is more than 67108864"),
            ("memset 0 1", "ERR memset: argument 3 is missing"),
        ])
    }

    /// Whatever a line says, there is one answer that is one of four words.
    @Test(arguments: 1...10 as ClosedRange<UInt64>) func anyLineIsAnswered(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let words = [
            "inb", "outl", "readq", "writew", "read", "write", "memset", "b64read", "b64write", "clock_step",
            "clock_set", "irq_intercept_in", "set_irq_in", "ioapic", "0", "0x10", "-1", "0xffffffffffffffff",
            "99",
            "0x", "AAAA", "=", "1e9", "\u{0}", "é", "00", "+7", "--1", "0X7f",
        ]
        let session = session
        for _ in 0..<2000 {
            let count = 1 + random.below(5)
            let line = (0..<count).map { _ in words[random.below(words.count)] }.joined(separator: " ")
            let answer = session.handle(line: line)
            let isKnown = ["OK", "ERR ", "FAIL "].contains { answer.last?.hasPrefix($0) == true }
            #expect(isKnown, "seed \(seed): \(line)")
            #expect(answer.dropLast().allSatisfy { $0.hasPrefix("IRQ ") }, "seed \(seed): \(line)")
        }
    }
}
