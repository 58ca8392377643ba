import ForkServer
import Glibc

/// A program that the daemon starts for a task of its own: a symboliser, a QEMU.
///
/// It has a process group of its own, so that Ctrl-C on the terminal is for the daemon and that it can be ended with everything
/// that it started, and no signal blocked or ignored.
struct HelperProgram {
    var path: String
    var arguments: [String]
    var environment: [String] = currentEnvironment()

    /// Starts it with these descriptors as its standard input, output and errors; `nil` is `/dev/null`. Returns the process id, of
    /// which the caller takes care.
    func start(input: Int32?, output: Int32?, errors: Int32?) throws(ProgramStart.Failure) -> pid_t {
        let descriptors = [(0, input), (1, output), (2, errors)].map { number, own in
            (number: Int32(number), source: own.map(ProgramStart.Source.copy) ?? .nothing)
        }
        return try ProgramStart(
            path: path, arguments: [path] + arguments, environment: environment, descriptors: descriptors, group: .own,
            resetsSignals: true
        ).start()
    }
}
