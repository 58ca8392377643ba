import Reproducers

/// A generic-fuzz target in a few lines: one PCI function with a memory BAR of 256 bytes, a port range, and a register at
/// offset 8 that makes it read 16 bytes of guest memory from the address in register 0, and then as many from where those point.
struct SimulatedTarget {
    var function: UInt32 = 0x10
    /// A byte written to offset 0x20 that makes the target fail.
    var fatalByte: UInt8 = 0xff
    /// Guest memory is filled in pieces of at most so many bytes.
    var pieceBytes = 16

    private struct State {
        var entries: [TraceEntry] = []
        var bar: UInt64 = 0xe000_0000
        var address: UInt64 = 0
        var memory: [UInt64: UInt8] = [:]
        var patterns: [[UInt8]] = []
        var nextPattern = 0
        var isFailure = false
    }

    func run(_ input: [UInt8]) -> TracedRun {
        var state = State()
        select(0x10, &state)
        state.entries.append(TraceEntry(.portWrite(size: 4, address: 0xcfc, value: UInt32(state.bar))))
        for piece in Self.pieces(input) where !state.isFailure { perform(piece, &state) }
        return TracedRun(trace: Trace(state.entries), isFailure: state.isFailure)
    }

    private func perform(_ piece: [UInt8], _ state: inout State) {
        let operands = Array(piece.dropFirst())
        func little(_ start: Int, _ count: Int) -> UInt64 {
            (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(operands[start + $1]) }
        }
        let size = operands.isEmpty ? 1 : 1 << Int(operands[0])
        switch piece[0] {
        case 0: state.entries.append(TraceEntry(.portRead(size: size, address: UInt16(0xc000 + little(2, 2) % 32))))
        case 1:
            state.entries.append(
                TraceEntry(.portWrite(size: size, address: UInt16(0xc000 + little(2, 2) % 32), value: UInt32(little(4, 4)))))
        case 2: state.entries.append(TraceEntry(.memoryRead(size: size, address: state.bar + little(4, 4) % 256)))
        case 3: write(size, little(4, 4) % 256, little(8, size), &state)
        case 4:
            select(UInt32(operands[2]), &state)
            state.entries.append(TraceEntry(.portRead(size: size, address: 0xcfc)))
        case 5:
            select(UInt32(operands[2]), &state)
            state.entries.append(TraceEntry(.portWrite(size: size, address: 0xcfc, value: UInt32(little(4, size)))))
            if operands[2] == 0x10 { state.bar = little(4, 4) }
        case 7: state.patterns.append(Array(operands.dropFirst(2)))
        case 8: (state.patterns, state.nextPattern) = ([], 0)
        case 9: state.entries.append(TraceEntry(.clockStep(nanoseconds: nil)))
        default: break
        }
    }

    private func select(_ register: UInt32, _ state: inout State) {
        state.entries.append(TraceEntry(.portWrite(size: 4, address: 0xcf8, value: 1 << 31 | function << 8 | register)))
    }

    private func write(_ size: Int, _ offset: UInt64, _ value: UInt64, _ state: inout State) {
        state.entries.append(TraceEntry(.memoryWrite(size: size, address: state.bar + offset, value: value)))
        if offset == 0x20, UInt8(truncatingIfNeeded: value) == fatalByte { state.isFailure = true }
        if offset == 0 { state.address = value }
        guard offset == 8 else { return }
        let first = read(state.address, &state)
        let next = first.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if next != 0 { _ = read(next, &state) }
    }

    private func read(_ address: UInt64, _ state: inout State) -> [UInt8] {
        if !state.patterns.isEmpty {
            let pattern = state.patterns[state.nextPattern]
            state.nextPattern = (state.nextPattern + 1) % state.patterns.count
            let bytes = (0..<16).map { pattern[$0 % pattern.count] }
            for (index, byte) in bytes.enumerated() { state.memory[address + UInt64(index)] = byte }
            for start in stride(from: 0, to: 16, by: pieceBytes) {
                let piece = Array(bytes[start..<min(start + pieceBytes, 16)])
                state.entries.append(TraceEntry(.bytesWrite(address: address + UInt64(start), bytes: piece), origin: .fill))
            }
        }
        return (0..<16).map { state.memory[address + UInt64($0)] ?? 0 }
    }

    static func pieces(_ input: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        var index = 0
        while index < input.count {
            if input[index...].starts(with: "FUZZ".utf8) {
                pieces.append([])
                index += 4
            } else {
                pieces[pieces.count - 1].append(input[index])
                index += 1
            }
        }
        return pieces.filter { !$0.isEmpty }
    }
}
