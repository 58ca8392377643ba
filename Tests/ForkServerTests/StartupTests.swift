import CForkServerABI
import ForkServer
import Fuzzing
import Glibc
import Testing

@Suite("How a target starts, fails to start, and is lost", .serialized)
struct StartupTests {
    private func failure(_ program: String, _ adjust: (inout TargetConfiguration) -> Void = { _ in }) -> ForkServerError? {
        var configuration = TargetConfiguration(program: program)
        configuration.initializationTimeoutSeconds = 20
        adjust(&configuration)
        do throws(ForkServerError) {
            try ForkServer(configuration: configuration).start()
            return nil
        } catch {
            return error
        }
    }

    @Test func anAbsentProgram() {
        #expect(failure("/nowhere/at-all")?.step == .spawn)
    }

    @Test func aProgramThatIsNoTarget() throws {
        let error = try #require(failure("/bin/true"))
        #expect(error.step == .initialize)
        #expect(error.description.contains("fuzzd's runtime"))
    }

    @Test func aTargetThatDiesAtStart() throws {
        let error = try #require(
            failure(TargetSession.buildDirectory + "/puzzle-target") { $0.environment["PUZZLE_AT_START"] = "die" })
        #expect(error.description.contains("exited with status 9"))
    }

    @Test func aTargetThatNeverFinishesItsInitialisation() throws {
        let error = try #require(
            failure(TargetSession.buildDirectory + "/puzzle-target") {
                $0.environment["PUZZLE_AT_START"] = "hang"
                $0.initializationTimeoutSeconds = 1
            })
        #expect(error.step == .initialize)
        #expect(error.description.contains("within 1 s"))
    }

    @Test func theRuntimeItselfRefusesAnotherVersion() throws {
        var sockets: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &sockets) == 0)
        defer { close(sockets[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, sockets[1], 801)
        let handover = strdup("\(FUZZD_ENVIRONMENT)=99,1,800,801,802")
        let program = TargetSession.buildDirectory + "/puzzle-target"
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [handover, nil]
        defer { (arguments + environment).forEach { free($0) } }
        var process: pid_t = 0
        try #require(posix_spawn(&process, program, &actions, nil, &arguments, &environment) == 0)
        close(sockets[1])
        var hello = fuzzd_hello()
        #expect(recv(sockets[0], &hello, MemoryLayout<fuzzd_hello>.size, 0) == MemoryLayout<fuzzd_hello>.size)
        #expect(hello.magic == FUZZD_ABI_MAGIC)
        #expect(hello.status == FUZZD_HELLO_ABI_MISMATCH.rawValue)
        #expect(hello.detail == FUZZD_ABI_VERSION, "the detail is the target's version")
        var status: Int32 = 0
        #expect(waitpid(process, &status, 0) == process)
        #expect(status == 1 << 8, "it ends with code 1")
    }

    @Test func everyWorkerRuns() throws {
        let session = try TargetSession { $0.workers = 3 }
        #expect(Set(session.server.processIDs).count == 3)
        for worker in 0..<3 {
            let result = try session.run(ExecutionRequest(input: Array("T".utf8)), worker: worker)
            #expect(result.verdict.kind == .signalled)
        }
    }

    @Test func aMachineParentThatIsKilledIsAnError() throws {
        let session = try TargetSession()
        #expect(try session.run("x").verdict.kind == .passed)
        kill(session.server.processID, SIGKILL)
        #expect(throws: ForkServerError.self) { _ = try session.run("L") }
    }

    @Test func stoppingEndsEverything() throws {
        var session: TargetSession? = try TargetSession { $0.workers = 2 }
        let parents = try #require(session?.server.processIDs)
        session?.server.submit(ExecutionRequest(input: Array("L".utf8)), to: 1)
        session?.server.stop()
        session = nil
        for parent in parents {
            // A sibling is reaped by init: a zombie has ended too.
            var entry = ProcessList.read(parent)
            var looks = 0
            while let state = entry?.state, state != "Z", looks < 2000 {
                sched_yield()
                usleep(1000)
                looks += 1
                entry = ProcessList.read(parent)
            }
            #expect(entry == nil || entry?.state == "Z")
        }
    }
}
