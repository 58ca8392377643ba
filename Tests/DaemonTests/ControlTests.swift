import Daemon
import Foundation
import Testing

@Suite struct ControlTests {
    /// A short path: a socket's has room for 107 bytes.
    private let directory = ControlDirectory(path: "/tmp/fuzzd-test-\(UUID().uuidString.prefix(8))")

    private func withServer(
        _ campaign: String = "one", _ body: (ControlServer, RecordingHandler) throws -> Void
    ) throws {
        let handler = RecordingHandler()
        let server = try ControlServer(campaign: campaign, directory: directory, handler: handler)
        defer {
            server.stop()
            try? FileManager.default.removeItem(atPath: directory.path)
        }
        try body(server, handler)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func everyRequestReachesTheCampaign() throws {
        try withServer { _, handler in
            let client = try ControlClient.find(campaign: nil, directory: directory)
            #expect(client.campaign == "one")
            #expect(try client.status() == handler.status())
            try client.pause()
            try client.resume()
            try client.stop()
            #expect(handler.log == ["pause", "resume", "stop"])
        }
    }

    @Test func onlyTheOwnerMayOpenIt() throws {
        try withServer { server, _ in
            let modes = try [mode(directory.path), mode(server.socketPath)]
            #expect(modes == [0o700, 0o600])
        }
    }

    @Test func aDirectoryThatOthersMayEnterIsRefused() throws {
        try FileManager.default.createDirectory(
            atPath: directory.path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755]
        )
        defer { try? FileManager.default.removeItem(atPath: directory.path) }
        #expect(chmod(directory.path, 0o755) == 0)
        let open = ControlError.directory(path: directory.path, problem: "open to other users; chmod 700 it")
        #expect(throws: open) {
            try ControlServer(campaign: "a", directory: directory, handler: RecordingHandler())
        }
        #expect(throws: open) { try ControlClient.find(campaign: nil, directory: directory) }
    }

    @Test func aDirectoryOfSomebodyElseIsRefused() throws {
        let foreign = geteuid() == 0 ? directory.path : "/proc/1"
        if geteuid() == 0 {
            #expect(mkdir(foreign, 0o700) == 0 && chown(foreign, 12345, 12345) == 0)
        }
        defer { try? FileManager.default.removeItem(atPath: directory.path) }
        let error = #expect(throws: ControlError.self) { try ControlDirectory(path: foreign).prepare() }
        #expect("\(try #require(error))".contains("belongs to user"))
    }

    @Test func errorsAreJSON() throws {
        try withServer { server, handler in
            for (request, status, code) in [
                ("GET /v2/status", "404", "not_found"), ("GET /", "404", "not_found"),
                ("POST /v1/status", "405", "method_not_allowed"),
                ("GET /v1/stop", "405", "method_not_allowed"),
            ] {
                let connection = try #require(RawConnection(server.socketPath))
                connection.send("\(request) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                let answer = connection.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request): \(answer)")
                #expect(answer.contains("{\"error\":{\"code\":\"\(code)\""), "\(request): \(answer)")
            }
            let client = try ControlClient.find(campaign: "one", directory: directory)
            let error = #expect(throws: ControlError.self) { try client.request(.GET, "/v1/pause") }
            guard case .refused(405, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(handler.log.isEmpty)
        }
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "GET /v1/status\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
    ])
    func whatIsNotHTTPIsRefusedAndTheServerGoesOn(bytes: String) throws {
        try withServer { server, handler in
            let connection = try #require(RawConnection(server.socketPath))
            connection.send(bytes)
            let answer = connection.readToEnd()
            #expect(answer.isEmpty || answer.contains(" 400 ") || answer.contains(" 404 "), "\(answer)")
            #expect(
                try ControlClient.find(campaign: "one", directory: directory).status() == handler.status())
        }
    }

    @Test func aBodyThatIsTooLargeEndsTheConnection() throws {
        try withServer { server, handler in
            let connection = try #require(RawConnection(server.socketPath))
            connection.send("POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n")
            connection.send(String(repeating: "a", count: 70000))
            #expect(connection.readToEnd().hasPrefix("HTTP/1.1 413 "))
            #expect(handler.log.isEmpty)
        }
    }

    @Test func twoClientsAtOnce() throws {
        try withServer { server, _ in
            let first = try #require(RawConnection(server.socketPath))
            let second = try #require(RawConnection(server.socketPath))
            first.send("GET /v1/status HTTP/1.1\r\nhost: x\r\nconn")
            second.send("GET /v1/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            #expect(second.readToEnd().hasSuffix(#"{"state":"fuzzing"}"#), "a slow client holds nobody up")
            first.send("ection: close\r\n\r\n")
            #expect(first.readToEnd().hasSuffix(#"{"state":"fuzzing"}"#))
        }
    }

    @Test func campaignsHaveSocketsOfTheirOwn() throws {
        try withServer("one") { _, one in
            let two = RecordingHandler()
            let server = try ControlServer(campaign: "two", directory: directory, handler: two)
            #expect(throws: ControlError.ambiguous(campaigns: ["one", "two"])) {
                try ControlClient.find(campaign: nil, directory: directory)
            }
            try ControlClient.find(campaign: "two", directory: directory).pause()
            #expect(one.log.isEmpty && two.log == ["pause"])
            #expect(throws: ControlError.nameInUse(campaign: "two")) {
                try ControlServer(campaign: "two", directory: directory, handler: one)
            }
            server.stop()
            #expect(try directory.running() == ["one"])
            #expect(throws: ControlError.notRunning(campaign: "two")) {
                try ControlClient.find(campaign: "two", directory: directory)
            }
        }
    }

    @Test func theSocketOfADeadDaemonIsReplacedAndCleaned() throws {
        try directory.prepare()
        defer { try? FileManager.default.removeItem(atPath: directory.path) }
        let path = directory.socketPath(campaign: "dead")
        /// What a killed daemon leaves: a bound socket that nobody listens on.
        func leaveDeadSocket() {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(result == 0)
            close(descriptor)
        }
        leaveDeadSocket()
        #expect(throws: ControlError.notRunning(campaign: nil)) {
            try ControlClient.find(campaign: nil, directory: directory)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        leaveDeadSocket()
        let client = ControlClient(campaign: "dead", socketPath: path)
        #expect(throws: ControlError.self) { try client.status() }
        let server = try ControlServer(campaign: "dead", directory: directory, handler: RecordingHandler())
        #expect(try client.status() == Data(#"{"state":"fuzzing"}"#.utf8))
        server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func noDirectoryMeansThatNothingRuns() throws {
        #expect(try directory.running().isEmpty)
        #expect(ControlDirectory(runtimeDirectory: "/tmp").path == "/tmp/fuzzd")
        for unusable in [nil, "", "relative", "/no/such/directory"] {
            #expect(ControlDirectory(runtimeDirectory: unusable).path == "/tmp/fuzzd-\(geteuid())")
        }
    }
}
