import Daemon
import ForkServer
import Testing

@Suite("Reports of sanitizers")
struct SanitizerReportTests {
    @Test(
        arguments: [
            (ReportFixtures.heapUseAfterFree, "AddressSanitizer", "heap-use-after-free"),
            (ReportFixtures.symbolized, "AddressSanitizer", "heap-use-after-free"),
            (ReportFixtures.doubleFree, "AddressSanitizer", "double-free"),
            (ReportFixtures.tooBig, "AddressSanitizer", "allocation-size-too-big"),
            (ReportFixtures.leak, "LeakSanitizer", "memory leak"),
            (ReportFixtures.uninitialized, "MemorySanitizer", "use-of-uninitialized-value"),
            (ReportFixtures.overflow, "UndefinedBehaviorSanitizer", "signed integer overflow"),
            (ReportFixtures.shift, "UndefinedBehaviorSanitizer", "shift exponent is too large for type"),
            (ReportFixtures.fault, "AddressSanitizer", "SEGV"),
            (ReportFixtures.dataRace, "ThreadSanitizer", "data race"),
        ])
    func toolAndErrorTypeAreRead(text: String, tool: String, errorType: String) throws {
        let report = try #require(SanitizerReport(text: text))
        #expect(report.tool == tool)
        #expect(report.errorType == errorType)
    }

    @Test func theFirstStackIsThatOfTheError() throws {
        let report = try #require(SanitizerReport(text: ReportFixtures.heapUseAfterFree))
        #expect(report.stack.map(\.offset) == [0xe1bda, 0xe1eb9, 0x27249])
        #expect(report.stack.map(\.module) == ["harness", "harness", "libc.so.6"])
        #expect(report.stack.map(\.address) == [0x5578624d1bda, 0x5578624d1eb9, 0x7fe905565249])
        #expect(report.lines.last == "==15935==ABORTING", "what comes after the report is no part of it")
        #expect(report.lines.first?.contains("ERROR: AddressSanitizer") == true)
    }

    @Test func symbolizedFramesAreRead() throws {
        let report = try #require(SanitizerReport(text: ReportFixtures.symbolized))
        #expect(report.stack.map(\.function).prefix(2) == ["device::Queue::element(unsigned long)", "device::Queue::pop(unsigned long)"])
        #expect(report.stack.first?.source == "/src/h.cpp:11:76")
        #expect(report.stack.last?.function == "_start")
        #expect(report.stack.last?.offset == 0x21300)
        let race = try #require(SanitizerReport(text: ReportFixtures.dataRace))
        #expect(race.stack.first?.function == "worker(void*)")
        #expect(race.stack.first?.source == "/src/h.cpp:9:3")
    }

    @Test func theTokenOfTheSanitizerIsTheSignature() throws {
        let report = try #require(SanitizerReport(text: ReportFixtures.symbolized))
        #expect(
            report.signature(frames: report.stack)
                == "heap-use-after-free:device::Queue::element(unsigned long)--device::Queue::pop(unsigned long)"
                + "--LLVMFuzzerTestOneInput")
    }

    @Test func aSignatureTakesOwnFramesOnly() throws {
        let report = try #require(SanitizerReport(text: ReportFixtures.leak))
        #expect(report.signature(frames: report.stack) == "memory leak:leak(unsigned long)")
        let withoutStack = try #require(SanitizerReport(text: ReportFixtures.shift))
        #expect(withoutStack.signature(frames: []) == "shift exponent is too large for type:h.cpp:31:50")
    }

    @Test func loadAddressesAndValuesDoNotChangeASignature() throws {
        let moved = ReportFixtures.overflow.replacing("0x55bc6c7", with: "0x5612345").replacing("+ 4", with: "+ 99")
        let first = try #require(SanitizerReport(text: ReportFixtures.overflow))
        let second = try #require(SanitizerReport(text: moved))
        #expect(first.signature(frames: first.stack) == second.signature(frames: second.stack))
    }

    @Test func aRecursionIsOneFindingWhereverTheStackEnded() throws {
        let signatures = try [["even"], ["odd", "even"], ["helper", "odd"]].map { innermost in
            let report = try #require(SanitizerReport(text: ReportFixtures.recursion(innermost: innermost)))
            return report.signature(frames: report.stack)
        }
        #expect(Set(signatures) == ["stack-overflow:even(int)<odd(int)"])
    }

    @Test func theFatalErrorCountsNotWhatTheTargetSurvived() throws {
        let report = try #require(SanitizerReport(text: ReportFixtures.shift + ReportFixtures.doubleFree))
        #expect(report.errorType == "double-free")
        let two = try #require(SanitizerReport(text: ReportFixtures.shift + ReportFixtures.overflow))
        #expect(two.errorType == "signed integer overflow")
    }

    @Test func whatIsNoReportIsNone() {
        for text in ["", "plain words", "AddressSanitizer:DEADLYSIGNAL\n", "Sanitizer", "INFO: a sanitizer is there", "SUMMARY: "] {
            #expect(SanitizerReport(text: text) == nil, "\(text)")
        }
    }

    @Test func everyCutOfAReportIsReadWithoutATrap() {
        for text in [ReportFixtures.heapUseAfterFree, ReportFixtures.symbolized, ReportFixtures.dataRace] {
            let bytes = Array(text.utf8)
            for length in stride(from: 0, through: bytes.count, by: 7) {
                _ = SanitizerReport(output: Array(bytes.prefix(length)))
                _ = SanitizerReport(output: Array(bytes.suffix(length)))
            }
        }
    }
}

@Suite("Machinery")
struct MachineryTests {
    private func frames(_ names: [String]) -> [StackFrame] {
        names.map { StackFrame(modulePath: "/src/harness", offset: 16, function: $0) }
    }

    @Test(
        arguments: [
            "abort", "__asan_memcpy", "__interceptor_free", "operator new(unsigned long)", "Swift._assertionFailure()",
            "void std::__fill<char*, int>(char*, int)", "std::vector<int, std::allocator<int> >::at(unsigned long)",
            "int& std::vector<int>::front()", "__sanitizer::Die()", "fuzzd_serve", "swift_release", "g_malloc0",
            "closure #1 in Swift._assertionFailure()", "main",
        ])
    func runtimesAreMachinery(name: String) {
        #expect(Machinery.ownFrames(of: frames([name])).isEmpty)
    }

    @Test(
        arguments: [
            "virtio_blk_handle_request", "device::Queue::pop(std::vector<int>)", "run(std::string)",
            "Devices.VirtIOBlock.read(Swift.UInt8) -> ()", "closure #1 in Devices.VirtIOBlock.read()", "abort_request",
            "(anonymous namespace)::parse(int)", "void copy<std::string>(int)",
        ])
    func theTargetsFunctionsAreNot(name: String) {
        #expect(Machinery.ownFrames(of: frames([name])).count == 1)
    }

    @Test func aStackEndsAtTheEntry() {
        let own = Machinery.ownFrames(of: frames(["malloc", "parse", "LLVMFuzzerTestOneInput", "driver", "main"]))
        #expect(own.map(\.function) == ["parse"])
        // All inlined into the entry: it is all there is, and its offset tells findings apart.
        #expect(
            Signature.make(kind: "SEGV", frames: frames(["LLVMFuzzerTestOneInput", "driver"]))
                == "SEGV:LLVMFuzzerTestOneInput+0x10")
    }

    @Test func namesOfCAndCPlusPlusAreReadable() {
        #expect(demangle("_ZN6device5Queue3popEm") == "device::Queue::pop(unsigned long)")
        #expect(demangle("_Z") == "_Z")
        #expect(demangle("virtio_blk_data_plane") == "virtio_blk_data_plane")
    }
}
