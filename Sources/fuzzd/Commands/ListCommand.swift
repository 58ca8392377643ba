import ArgumentParser
import Daemon

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the built-in machine's harnesses and the ready configs.")

    func run() throws {
        try Termination.finish(ListRunner.run())
    }
}
