/// QEMU's qtest protocol on a machine: one line in, lines out (asynchronous `IRQ` events first, the answer
/// last). Pure: the transport (stdio, socket) is the caller's. Follows QEMU 7.2's system/qtest.c; where
/// QEMU aborts on a malformed line, this answers `ERR` with a reason.
package final class QTestSession {
    /// Bytes that one `read`, `write` or `memset` moves at most.
    package static let maximumTransferBytes = 64 << 20

    private let machine: Machine
    /// What commands with a size suffix mean.
    private static let widths: [(suffix: Character, bytes: Int)] = [("b", 1), ("w", 2), ("l", 4), ("q", 8)]
    private var events: [String] = []
    private var isIntercepting = false

    package init(machine: Machine) { self.machine = machine }

    /// Answers `line` (without its newline). An empty line has no answer.
    package func handle(line: String) -> [String] {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\r" || $0 == "\n" || $0 == "\t" })
        guard let command = words.first else { return [] }
        events.removeAll(keepingCapacity: true)
        let answer: String
        do {
            answer = try execute(String(command), QTestArguments(Array(words.dropFirst())))
        } catch {
            answer = "ERR \(command): \(error.reason)"
        }
        machine.completeRequests()
        return events + [answer]
    }

    private func execute(_ command: String, _ arguments: QTestArguments) throws(QTestError) -> String {
        if let answer = try access(command, arguments) { return answer }
        switch command {
        case "read", "write", "memset", "b64read", "b64write": return try transfer(command, arguments)
        case "endianness": return "OK little"
        case "clock_step":
            if arguments.count == 0 { return "OK \(machine.clock.stepToNextDeadline())" }
            return "OK \(machine.clock.step(byNanoseconds: Int64(clamping: try arguments.number(0))))"
        case "clock_set":
            return "OK \(machine.clock.set(toNanoseconds: Int64(clamping: try arguments.number(0))))"
        case "irq_intercept_in", "irq_intercept_out": return try intercept(command, arguments)
        case "set_irq_in": return try setInterrupt(arguments)
        default: return "FAIL Unknown command '\(command)'"
        }
    }

    /// `inb` to `outl`, `readb` to `writeq`; nil: another command.
    private func access(_ command: String, _ arguments: QTestArguments) throws(QTestError) -> String? {
        guard let suffix = command.last, let width = Self.widths.first(where: { $0.suffix == suffix })?.bytes
        else { return nil }
        switch command.dropLast() {
        case "in" where width <= 4:
            let value = machine.io.read(address: try arguments.number(0), size: width)
            return "OK 0x" + QTestText.hex(value, digits: 4)
        case "out" where width <= 4:
            machine.io.write(address: try arguments.number(0), size: width, value: try arguments.number(1))
        case "read":
            let value = machine.memory.read(address: try arguments.number(0), size: width)
            return "OK 0x" + QTestText.hex(value, digits: 16)
        case "write":
            machine.memory.write(
                address: try arguments.number(0), size: width, value: try arguments.number(1))
        default: return nil
        }
        return "OK"
    }

    private func transfer(_ command: String, _ arguments: QTestArguments) throws(QTestError) -> String {
        let address = try arguments.number(0)
        let length = try arguments.number(1)
        guard length <= UInt64(Self.maximumTransferBytes) else {
            throw QTestError(reason: "\(length) bytes is more than \(Self.maximumTransferBytes)")
        }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        switch command {
        case "read", "b64read":
            bytes.withUnsafeMutableBytes { _ = machine.memory.readBytes(address: address, into: $0) }
            return command == "read" ? "OK 0x" + QTestText.hex(bytes) : "OK " + QTestText.base64(bytes)
        case "memset":
            let pattern = UInt8(truncatingIfNeeded: try arguments.number(2))
            for index in bytes.indices { bytes[index] = pattern }
        case "write":
            // Data that is too short leaves zeros, as in QEMU.
            let data = try QTestText.bytes(hex: try arguments.word(2))
            for index in 0..<min(data.count, bytes.count) { bytes[index] = data[index] }
        default:
            let data = try QTestText.bytes(base64: try arguments.word(2))
            for index in 0..<min(data.count, bytes.count) { bytes[index] = data[index] }
        }
        bytes.withUnsafeBytes { _ = machine.memory.writeBytes(address: address, from: $0) }
        return "OK"
    }

    /// The only device whose inputs can be intercepted is the one that has them all.
    private func intercept(_ command: String, _ arguments: QTestArguments) throws(QTestError) -> String {
        let name = try arguments.word(0)
        guard name == "ioapic" || name.hasSuffix("/ioapic"), command == "irq_intercept_in" else {
            return "FAIL Unknown device"
        }
        if !isIntercepting {
            isIntercepting = true
            machine.interrupts.interceptor = { [unowned self] number, isRaised in
                events.append("IRQ \(isRaised ? "raise" : "lower") \(number)")
            }
        }
        return "OK"
    }

    private func setInterrupt(_ arguments: QTestArguments) throws(QTestError) -> String {
        let name = try arguments.word(0)
        guard name == "ioapic" || name.hasSuffix("/ioapic") else { return "FAIL Unknown device" }
        let number = try arguments.number(2)
        let level = try arguments.number(3)
        machine.interrupts.setInput(Int(clamping: number), isRaised: level != 0)
        return "OK"
    }
}
