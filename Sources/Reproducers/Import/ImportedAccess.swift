/// An access of a trace, in the form in which two of them can be compared: configuration mechanism #1 as one access to a register.
enum ImportedAccess: Equatable {
    case command(QTestCommand)
    /// `function` is device number * 8 + function on bus 0; `value` is `nil` for a read.
    case configuration(function: UInt32, register: UInt8, size: Int, value: UInt32?)

    /// Follows the configuration address, which other accesses depend on.
    struct Latch {
        private(set) var value: UInt32?

        /// `nil` where the command only selects.
        mutating func access(_ command: QTestCommand) -> ImportedAccess? {
            switch command {
            case .portWrite(4, 0xcf8, let selected):
                value = selected
                return nil
            case .portRead(let size, let port) where port & ~3 == 0xcfc:
                return configuration(port, size, nil, command)
            case .portWrite(let size, let port, let written) where port & ~3 == 0xcfc:
                return configuration(port, size, written, command)
            default: return .command(command.normalised)
            }
        }

        private func configuration(
            _ port: UInt16, _ size: Int, _ written: UInt32?, _ command: QTestCommand
        ) -> ImportedAccess {
            guard let value, value >> 31 == 1, value >> 16 & 0x7fff == 0 else { return .command(command) }
            return .configuration(
                function: value >> 8 & 0xff, register: UInt8(value & 0xff) | UInt8(port & 3), size: size, value: written)
        }
    }

    /// All accesses of a trace; fills are none.
    static func list(_ trace: Trace) -> [ImportedAccess] {
        var latch = Latch()
        return trace.entries.compactMap { $0.isFill ? nil : latch.access($0.command) }
    }
}
