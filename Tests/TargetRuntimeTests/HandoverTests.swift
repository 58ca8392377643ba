import CForkServerABI
import Glibc
import TargetRuntime
import Testing

/// One after the other: the environment is the process's.
@Suite("What the daemon hands over", .serialized) struct HandoverTests {
    private static func parse(_ text: String?) -> Handover? {
        if let text { setenv(FUZZD_ENVIRONMENT, text, 1) } else { unsetenv(FUZZD_ENVIRONMENT) }
        defer { unsetenv(FUZZD_ENVIRONMENT) }
        return Handover.fromEnvironment()
    }

    @Test func numbersAreTakenInOrder() throws {
        let handover = try #require(Self.parse("2,2,800,801,802,803,804"))
        #expect(handover.abiVersion == 2 && handover.workerCount == 2 && handover.modulesFile == 800)
        #expect(handover.controlSocket(ofWorker: 0) == 801 && handover.workerFile(ofWorker: 0) == 802)
        #expect(handover.controlSocket(ofWorker: 1) == 803 && handover.workerFile(ofWorker: 1) == 804)
    }

    @Test func asManyWorkersAsThereMayBe() throws {
        let numbers = [2, Int(FUZZD_MAX_WORKERS), 9] + Array(10..<(10 + 2 * Int(FUZZD_MAX_WORKERS)))
        let handover = try #require(Self.parse(numbers.map(String.init).joined(separator: ",")))
        #expect(handover.workerFile(ofWorker: Int(FUZZD_MAX_WORKERS) - 1) == numbers.last.map(Int32.init))
        let tooMany = [2, Int(FUZZD_MAX_WORKERS) + 1, 9] + Array(10..<(12 + 2 * Int(FUZZD_MAX_WORKERS)))
        #expect(Self.parse(tooMany.map(String.init).joined(separator: ",")) == nil)
    }

    @Test(arguments: [
        nil, "", ",", "2", "2,1", "2,1,800", "2,1,800,801", "2,0,800", "2,1,800,801,x", "2,1,800,,802",
        "a,1,800,801,802", "2,1,800,-1,802", "2 ,1,800,801,802", "2,1,8000000000,801,802",
    ] as [String?]) func whatIsNoListOfNumbersIsRefused(text: String?) {
        #expect(Self.parse(text) == nil)
    }

    @Test func withoutTheVariableNobodyIsServed() {
        unsetenv(FUZZD_ENVIRONMENT)
        #expect(!isStartedByDaemon)
    }
}
