import Foundation

/// The C program `bare-fork`, grown to a resident size, or one that speaks as it does. Owned by the main thread; ends with its
/// standard input.
final class BareForkProcess {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var residentKibibytes = 0
    private(set) var pageTablesKibibytes = 0
    private let process = Process()
    private let requests = Pipe()
    private let answers = Pipe()

    convenience init(residentKibibytes kibibytes: Int) throws {
        try self.init(program: Programs.path("bare-fork"), arguments: [String(kibibytes)])
    }

    init(program: String, arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = requests
        process.standardOutput = answers
        try process.run()
        let words = try readLine().split(separator: " ")
        guard words.count == 3, words[0] == "ready", let resident = Int(words[1]), let tables = Int(words[2]) else {
            throw Failure(description: "\(program) did not say how large it is")
        }
        residentKibibytes = resident
        pageTablesKibibytes = tables
    }

    deinit {
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func start(turns: Int) throws {
        try requests.fileHandleForWriting.write(contentsOf: Data("\(turns)\n".utf8))
    }

    /// Nanoseconds of the loop that was started last.
    func result() throws -> Double {
        guard let nanoseconds = Double(try readLine()) else { throw Failure(description: "bare-fork ended") }
        return nanoseconds
    }

    /// Turns a second.
    func rate(turns: Int) throws -> Double {
        try start(turns: turns)
        return Double(turns) * 1e9 / max(1, try result())
    }

    private func readLine() throws -> String {
        var line = Data()
        while let byte = try answers.fileHandleForReading.read(upToCount: 1), let value = byte.first {
            if value == 10 { return String(decoding: line, as: UTF8.self) }
            line.append(value)
        }
        throw Failure(description: "bare-fork ended")
    }
}

/// The programs beside this one.
enum Programs {
    static func path(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }
}
