import Testing

import Reproducers

@Suite struct TraceImportTests {
    static func convert(_ text: String, _ target: SimulatedTarget = SimulatedTarget()) throws -> ImportResult {
        var importer = TraceImporter { target.run($0) }
        return try importer.convert(QTestScript.parse(mapping + text))
    }

    /// What every trace of the target begins with: two lines.
    static let mapping = "outl 0xcf8 0x80001010\noutl 0xcfc 0xe0000000\n"

    /// What the input comes to, without what every input begins with.
    static func accesses(_ result: ImportResult, _ target: SimulatedTarget = SimulatedTarget()) -> [String] {
        target.run(result.input).trace.reordered().commands.dropFirst(2).map(\.text)
    }

    @Test func accessesAreMadeAgain() throws {
        let text = """
            inw 0xc01e
            outb 0xc000 0x5
            readq 0xe00000f8
            outl 0xcf8 0x80001004
            outw 0xcfc 0x7
            outl 0xcf8 0x80001010
            outl 0xcfc 0xd0000000
            writel 0xd0000004 0x1234
            clock_step
            """
        let result = try Self.convert(text)
        #expect(result.refusals == [])
        #expect(Self.accesses(result) == text.split(separator: "\n").map(String.init))
    }

    @Test(arguments: [16, 8, 3]) func memoryBecomesPatternsWhereADeviceReadsIt(pieceBytes: Int) throws {
        let target = SimulatedTarget(pieceBytes: pieceBytes)
        let text = """
            write 0x1000 0x8 0x0020000000000000
            writeb 0x200f 0x7f
            writeq 0xe0000000 0x1000
            writel 0xe0000008 0x1
            inb 0xc000
            writel 0xe0000008 0x2
            """
        let result = try Self.convert(text, target)
        #expect(result.refusals == [])
        let fills = [
            "write 0x1000 0x10 0x00200000000000000000000000000000", "write 0x2000 0x10 0x0000000000000000000000000000007f",
        ]
        #expect(
            Self.accesses(result, target)
                == ["writeq 0xe0000000 0x1000"] + fills + ["writel 0xe0000008 0x1", "inb 0xc000"] + fills + ["writel 0xe0000008 0x2"])
        // Its own trace gives the same accesses once more.
        var importer = TraceImporter { target.run($0) }
        let again = try importer.convert(QTestScript.parse(QTestScript.text(target.run(result.input).trace.reordered().commands)))
        #expect(again.refusals == [])
        #expect(target.run(again.input).trace == target.run(result.input).trace)
    }

    @Test(arguments: [
        ("inb 0x60", "port 0x60 is in no matched region"), ("readb 0x100", "address 0x100 is in no matched region"),
        ("outl 0xcf8 0x80002010\ninl 0xcfc", "no matched PCI function at 00:0x4.0"), ("clock_step 5", "only step it"),
        ("clock_set 5", "only step it"), ("writeb 0x100 1", "no device reads it"), ("read 0xe0000000 0x3", "a stretch"),
        ("write 0x1000 0x5 0x4655 \nwriteq 0xe0000000 0x1000\nwritel 0xe0000008 1\nwrite 0x1000 0x4 0x46555a5a\nwritel 0xe0000008 1", "'FUZZ'"),
    ])
    func whatCannotBeExpressedIsRefusedByLine(text: String, problem: String) throws {
        let result = try Self.convert("inb 0xc000\n" + text + "\ninb 0xc001")
        #expect(result.refusals.count == 1)
        let refusal = try #require(result.refusals.first)
        #expect(refusal.line >= 4 && refusal.problem.contains(problem), "\(refusal)")
        // The rest is there.
        let made = Self.accesses(result)
        #expect(made.first == "inb 0xc000" && made.last == "inb 0xc001")
    }

    @Test func nothingIsConvertedBehindTheFailure() throws {
        let result = try Self.convert("writeb 0xe0000020 0xfe\nwriteb 0xe0000020 0xff\ninb 0x60\nwriteb 0x5 1\n")
        #expect(result.failingLine == 4)
        #expect(result.refusals == [])
    }

    @Test func aScriptForAFreshMachineFindsItsBARsUnmapped() throws {
        let target = SimulatedTarget()
        var importer = TraceImporter(matchesEverything: true) { target.run($0) }
        let text = ["writeb 0x7 0x1", "outl 0xcf8 0x80001010", "outl 0xcfc 0xd0000000", "readl 0xd0000004"]
        let result = try importer.convert(QTestScript.parse(text.joined(separator: "\n")))
        #expect(result.refusals == [])
        let undone = ["outl 0xcf8 0x80001010", "outl 0xcfc 0x0", "outl 0xcf8 0x80001004", "outw 0xcfc 0x0"]
        // The BAR lies at 0 for a while, and the first line hits it.
        #expect(Self.accesses(result) == undone + text)
    }

    @Test func writesWithoutEffectAreNamedWhereEverythingIsMatched() throws {
        let target = SimulatedTarget()
        var importer = TraceImporter(matchesEverything: true) { target.run($0) }
        let result = try importer.convert(QTestScript.parse(Self.mapping + "writeb 0x100 0x1\ninb 0xc000\n"))
        #expect(result.refusals == [] && result.idleLines == [3])
        #expect(Self.accesses(result) == ["inb 0xc000"])
    }

    @Test func aTargetWithoutRegionsRefusesEverything() throws {
        var importer = TraceImporter { _ in TracedRun(trace: Trace([]), isFailure: false) }
        let result = try importer.convert(QTestScript.parse("inb 0x60\noutl 0xcf8 0x80000000\ninl 0xcfc"))
        #expect(result.refusals.map(\.line) == [1, 3])
        #expect(result.input == [])
    }
}

@Suite struct TraceMinimizerTests {
    @Test func onlyWhatIsNeededIsKept() throws {
        let commands = (0..<100).map { QTestCommand.portRead(size: 1, address: $0) }
        let needed = [3, 50, 99].map { commands[$0] }
        var minimizer = TraceMinimizer { shorter in needed.allSatisfy(shorter.contains) }
        #expect(try minimizer.minimize(commands) == needed)
        #expect(minimizer.trials < 120)
    }

    @Test func aLimitOfTrialsIsKept() throws {
        let commands = (0..<64).map { QTestCommand.portRead(size: 1, address: $0) }
        var minimizer = TraceMinimizer(maximumTrials: 5) { $0.contains(commands[63]) }
        #expect(try minimizer.minimize(commands).last == commands[63])
        #expect(minimizer.trials == 5)
    }

    @Test func oneCommandStays() throws {
        var minimizer = TraceMinimizer { _ in true }
        #expect(try minimizer.minimize([.clockStep(nanoseconds: nil)]).count == 1)
    }
}
