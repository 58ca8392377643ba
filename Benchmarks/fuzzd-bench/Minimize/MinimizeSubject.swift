import Foundation
import Fuzzing

/// An artifact that is made smaller by each tool. What it takes is known; around it is what a campaign leaves: bytes that do not
/// matter, seeded, so that every run has the same.
struct MinimizeSubject {
    var name: String
    /// Below the package.
    var source: String
    var artifact: [UInt8]

    static let all = [byteChain, twoMagics, strstr, lengthGate, records, brackets, stackMachine]

    private static let byteChain = puzzle("byte-chain", text("GAZ"), noise(400, seed: 1))
    private static let twoMagics = puzzle(
        "two-magics", [0x71, 0xC3, 0xA9, 0x5E, 0x2D, 0x8E, 0x4B, 0x17], noise(300, seed: 2))
    private static let strstr = puzzle("strstr", letters(30, seed: 3), text("hypercall"), letters(500, seed: 4))
    private static let lengthGate = puzzle("length-gate", noise(199, seed: 5), [1], noise(500, seed: 6))

    private static let records: MinimizeSubject = {
        let others: [[UInt8]] = (1...12).map { record(4, noise(10 + $0, seed: UInt64($0))) }
        return own(
            "records", Array(others.joined()), record(1, [7, 9, 9]), record(4, noise(60, seed: 20)),
            record(3, [1, 2, 3, 200, 4, 5]), noise(80, seed: 21))
    }()

    private static let brackets: MinimizeSubject = {
        let nested: [[UInt8]] = (0..<7).map { number in
            let bracket = number % 2 == 0 ? text("([]") : text("[()")
            return letters(25, seed: UInt64(30 + number)) + bracket
        }
        return own("brackets", Array(nested.joined()), letters(60, seed: 40))
    }()

    private static let stackMachine = own(
        "stack-machine", digits(100, seed: 50), text("94+5*7-0/"), digits(150, seed: 51))

    private static func puzzle(_ name: String, _ parts: [UInt8]...) -> MinimizeSubject {
        MinimizeSubject(name: name, source: "Tests/Puzzles/\(name).c", artifact: Array(parts.joined()))
    }

    private static func own(_ name: String, _ parts: [UInt8]...) -> MinimizeSubject {
        MinimizeSubject(name: name, source: "Benchmarks/minimize/\(name).c", artifact: Array(parts.joined()))
    }

    private static func text(_ string: String) -> [UInt8] { Array(string.utf8) }

    private static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in random.byte() }
    }

    private static func letters(_ count: Int, seed: UInt64) -> [UInt8] { noise(count, seed: seed).map { 0x61 + $0 % 26 } }

    /// Numbers and sums of them; nothing is divided.
    private static func digits(_ count: Int, seed: UInt64) -> [UInt8] {
        let alphabet = text("0123456789+-+- ,")
        return noise(count, seed: seed).map { alphabet[Int($0) % alphabet.count] }
    }

    private static func record(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { [type, UInt8(payload.count)] + payload }
}

/// An artifact of the built-in machine: accesses that lead to a planted bug, among others that do not matter.
struct MachineSubject {
    var name: String
    var globs: String
    var artifact: [UInt8]

    static let all: [MachineSubject] = [
        subject("pit-control-read", "pit", [[0, 0, 0, 3, 0]]),
        subject("rtc-index", "rtc", [portWrite(0, 0x80), [0, 0, 0, 1, 0]]),
        // A timer that ran would have an interrupt pending, and there would be something to poll.
        subject("interrupt-poll", "pic", [portWrite(0, 0x0C), [0, 0, 0, 0, 0]], around: [6, 8]),
        subject(
            "serial-divisor", "serial",
            [(3, 0x80), (0, 0), (1, 0), (3, 3), (2, 1), (4, 0x10), (0, 0x55)].map { portWrite($0.0, $0.1) }),
        subject("virtio-queue-select", "virtio*", [common(2, 0x16, 0x400), [2, 2, 2, 0, 0, 0x1C, 0, 0, 0]]),
    ]

    /// Between the accesses and around them: operations that access nothing (by their opcodes: PCI off, patterns cleared, a step of
    /// the clock), with bytes behind their operands.
    private static func subject(
        _ name: String, _ globs: String, _ accesses: [[UInt8]], around calmOpcodes: [UInt8] = [6, 8, 9]
    ) -> MachineSubject {
        var random = RandomSource(seed: UInt64(name.utf8.count))
        func calm() -> GenericFuzzOperation {
            let bytes = (0..<(4 + random.below(16))).map { _ in random.byte() }
            return GenericFuzzOperation([calmOpcodes[random.below(calmOpcodes.count)]] + bytes)
        }
        var operations = (0..<20).map { _ in calm() }
        for access in accesses {
            operations.append(GenericFuzzOperation(access + (0..<random.below(6)).map { _ in random.byte() }))
            for _ in 0..<random.below(3) { operations.append(calm()) }
        }
        operations += (0..<20).map { _ in calm() }
        return MachineSubject(name: name, globs: globs, artifact: GenericFuzzInput(operations: operations).bytes)
    }

    private static func portWrite(_ offset: UInt8, _ value: UInt8) -> [UInt8] { [1, 0, 0, offset, 0, value, 0, 0, 0] }

    private static func common(_ size: UInt8, _ offset: UInt8, _ value: UInt16) -> [UInt8] {
        [3, size, 2, 0, 0, offset, 0, 0, 0, UInt8(value & 0xFF), UInt8(value >> 8), 0, 0, 0, 0, 0, 0]
    }
}
