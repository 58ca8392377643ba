import Devices
import Foundation
import Machine

/// A PC with memory of its own, for a test.
final class TestPC {
    let ram: UnsafeMutableRawBufferPointer
    let pc: PC
    let qtest: QTestSession

    init(ramBytes: Int = 128 << 20, addDevices: (PC) -> Void = { _ in }) {
        let base = mmap(nil, ramBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        ram = UnsafeMutableRawBufferPointer(start: base, count: ramBytes)
        pc = PC.make(ram: ram, addDevices: addDevices)
        qtest = QTestSession(machine: pc.machine)
    }

    func release() { munmap(ram.baseAddress, ram.count) }
}

/// Deterministic random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Runs one trace on both machines and describes the first answer that differs.
/// Reusable for any device: give the same `-device` to both.
func firstDifference(_ trace: [String], ours: QTestSession, reference: ReferenceQEMU) throws -> String? {
    for (number, line) in trace.enumerated() {
        let theirs = try reference.handle(line: line)
        let answer = ours.handle(line: line)
        if answer == theirs { continue }
        let history = trace[max(0, number - 12)...number].joined(separator: "\n  ")
        return "line \(number): '\(line)': QEMU \(theirs), ours \(answer); before:\n  \(history)"
    }
    return nil
}
