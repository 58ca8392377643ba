import Testing

import Reproducers

@Suite struct CTestReaderTests {
    static let source = #"""
        /* A test; with qtest_outl(s, 1, 2) in its comment. */
        #include "libqtest.h"

        static void test_first(void)
        {
            QTestState *s = qtest_init(" -m 32 -nodefaults "
                                       "-device sdhci-pci");

            qtest_outl(s, 0xcf8, 0x80001010); // select
            qtest_outw(s,
                       0xcfc, 7);
            qtest_bufwrite(s, 0xe0000000, "\x01\x46;{" "\n\\\"", 0x7);
            qtest_memset(s, 0x10, 0xff, 4);
            qtest_clock_step_next(s);
            qtest_clock_step(s, 100);
            qtest_quit(s);
        }

        static void test_second(void)
        {
            QTestState *s;

            if (sizeof(void *) == 4) {
                g_test_skip("memory size too big for 32-bit build");
                return;
            }
            s = qtest_init("-M pc");
            qtest_readl(s, 0xfd4a03ac);
            qtest_quit(s);
        }

        int main(int argc, char **argv)
        {
            g_test_init(&argc, &argv, NULL);
            if (qtest_has_device("lsi53c895a")) {
                qtest_add_func("fuzz/first", test_first);
            }
            return g_test_run();
        }
        """#

    @Test func testsAreFoundWithMachineAndLines() throws {
        let programs = try QTestProgram.parse(Self.source)
        #expect(programs.map(\.name) == ["test_first", "test_second"])
        #expect(programs[0].arguments == ["-m", "32", "-nodefaults", "-device", "sdhci-pci"])
        #expect(programs[1].arguments == ["-M", "pc"])
        #expect(
            programs[0].commands.map(\.command) == [
                .portWrite(size: 4, address: 0xcf8, value: 0x8000_1010), .portWrite(size: 2, address: 0xcfc, value: 7),
                .bytesWrite(address: 0xe000_0000, bytes: [1, 0x46, 0x3b, 0x7b, 10, 0x5c, 0x22]),
                .fill(address: 0x10, count: 4, byte: 0xff), .clockStep(nanoseconds: nil), .clockStep(nanoseconds: 100),
            ])
        #expect(programs[0].commands.map(\.line) == [9, 10, 12, 13, 14, 15])
        #expect(programs[1].commands == [NumberedCommand(line: 28, command: .memoryRead(size: 4, address: 0xfd4a_03ac))])
    }

    @Test(arguments: [
        ("qtest_outl(s, 0xcf8, address + 4);", "no number"), ("for (i = 0; i < 4; i++) {", "one after the other"),
        ("qtest_bufwrite(s, 0x0, data, 4);", "a literal"), ("qtest_bufwrite(s, 0x0, \"\\x00\", 4);", "a literal"),
        ("x = f(qtest_inb(s, 0x60));", "one after the other"), ("qtest_qmp(s, \"{}\");", "no qtest command"),
        ("qtest_outl(s, 0xcf8);", "takes 2"),
    ])
    func whatIsNoConstantCallIsRefusedByLine(statement: String, problem: String) {
        let source = "void f(void)\n{\n    s = qtest_init(\"-M pc\");\n    \(statement)\n    qtest_quit(s);\n}\n"
        do {
            _ = try QTestProgram.parse(source)
            Issue.record("'\(statement)' was taken")
        } catch {
            #expect(error.line == 4)
            #expect(error.problem.contains(problem), "\(error.problem)")
        }
    }

    @Test func filesWithoutAccessesAreRefused() {
        #expect(throws: QTestSyntaxError.self) { try QTestProgram.parse("") }
        #expect(throws: QTestSyntaxError.self) { try QTestProgram.parse("s = qtest_init(\"-M pc\"); qtest_quit(s);") }
        #expect(throws: QTestSyntaxError.self) { try QTestProgram.parse("s = qtest_init(arguments); qtest_inb(s, 1);") }
    }

    @Test func whatIsExportedIsReadBack() throws {
        let programs = try QTestProgram.parse(ExportTests.reproducer.text(.c))
        #expect(programs.map(\.name) == ["test_generic_pc_0123abcd"])
        #expect(programs[0].arguments == ["-m", "64", "-M", "pc", "-device", "virtio-blk-pci,drive=disk0"])
        #expect(programs[0].commands.map(\.command.normalised) == ExportTests.reproducer.commands.map(\.normalised))
    }
}
