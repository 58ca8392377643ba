/// Reads the straight-line tests of QEMU's tests/qtest (`fuzz-*-test.c`): calls with constants between `qtest_init` and
/// `qtest_quit`. No compiler: a test that computes, loops or decides is refused with its line.
struct CTestReader {
    private let characters: [UInt8]
    private var statements: [(line: Int, text: String)] = []

    init(_ text: String) throws(QTestSyntaxError) {
        characters = Array(text.utf8)
        statements = Self.statements(Self.withoutComments(characters))
    }

    func programs() throws(QTestSyntaxError) -> [QTestProgram] {
        var programs: [QTestProgram] = []
        var current: QTestProgram?
        var function: String?
        for (line, text) in statements {
            if let name = Self.definition(text) { function = name }
            if let call = try Self.call(text, line) {
                if call.name == "qtest_init" {
                    if let current { programs.append(current) }
                    current = QTestProgram(name: function, arguments: try Self.words(call, line), commands: [])
                } else if call.name == "qtest_quit" {
                    if let current { programs.append(current) }
                    current = nil
                } else if current != nil {
                    try current?.commands.append(NumberedCommand(line: line, command: Self.command(call, line)))
                }
            } else if current != nil, text.contains("qtest_") || text.hasPrefix("for ") || text.hasPrefix("while ") {
                throw QTestSyntaxError(line: line, "only calls with constants, one after the other, can be imported")
            }
        }
        if let current { programs.append(current) }
        guard programs.contains(where: { !$0.commands.isEmpty }) else {
            throw QTestSyntaxError(line: 1, "no test with accesses between qtest_init and qtest_quit")
        }
        return programs.filter { !$0.commands.isEmpty }
    }

    private struct Call {
        var name: String
        var arguments: [String]
    }

    /// `s = qtest_outl(…)`, also behind a declaration; `nil` where the statement calls nothing of qtest by itself.
    private static func call(_ text: String, _ line: Int) throws(QTestSyntaxError) -> Call? {
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { return nil }
        let head = text[..<open].split(whereSeparator: { $0 == " " || $0 == "=" || $0 == "*" })
        guard let name = head.last.map(String.init), name.hasPrefix("qtest_"), head.count == 1 || text[..<open].contains("=")
        else { return nil }
        let inside = text[text.index(after: open)...].dropLast()
        return Call(name: name, arguments: split(Array(inside.utf8), at: UInt8(ascii: ",")))
    }

    private static func command(_ call: Call, _ line: Int) throws(QTestSyntaxError) -> QTestCommand {
        let name = String(call.name.dropFirst("qtest_".count))
        let arguments = Array(call.arguments.dropFirst())
        do throws(QTestSyntaxError) {
            switch name {
            case "bufwrite", "memwrite":
                guard arguments.count == 3, let bytes = literal(arguments[1]), let count = integer(arguments[2]),
                    let address = integer(arguments[0]), count > 0, count <= UInt64(bytes.count)
                else { throw QTestSyntaxError("'\(call.name)' needs an address, a literal and its length") }
                return .bytesWrite(address: address, bytes: Array(bytes.prefix(Int(count))))
            case "memset":
                guard arguments.count == 3 else { throw QTestSyntaxError("'\(call.name)' takes address, byte and length") }
                return try QTestCommand(parsing: "memset \(arguments[0]) \(arguments[2]) \(arguments[1])")
            case "clock_step_next": return .clockStep(nanoseconds: nil)
            default:
                if let expression = arguments.first(where: { $0.contains(" ") }) {
                    throw QTestSyntaxError("'\(expression)' is no number")
                }
                return try QTestCommand(parsing: ([name] + arguments).joined(separator: " "))
            }
        } catch {
            throw QTestSyntaxError(line: line, error.problem)
        }
    }

    /// QEMU's command line, from the literal that `qtest_init` is given.
    private static func words(_ call: Call, _ line: Int) throws(QTestSyntaxError) -> [String] {
        guard call.arguments.count == 1, let bytes = literal(call.arguments[0]) else {
            throw QTestSyntaxError(line: line, "qtest_init's command line is no constant")
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
    }
}
