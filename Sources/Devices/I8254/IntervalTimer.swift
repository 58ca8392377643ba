import Machine

/// The 8254 at ports 0x40 to 0x43: channel 0 drives interrupt 0, channel 2 the speaker (port 0x61).
package final class IntervalTimer: Device, MemoryRegionOps {
    private static let frequencyHz: Int64 = 1_193_182
    private unowned let machine: Machine
    private let interrupt: InterruptLine
    private var channels = [TimerChannel(), TimerChannel(), TimerChannel()]
    private var alarm: VirtualClock.Timer?

    package init(machine: Machine) {
        self.machine = machine
        interrupt = machine.interrupts.line(0)
        super.init(typeName: "isa-pit")
        alarm = machine.clock.makeTimer { [unowned self] in updateInterrupt() }
        machine.io.root.add(
            .io(name: "pit", owner: self, size: 4, ops: self, access: AccessRules(implemented: 1...1)),
            at: 0x40)
    }

    package override func reset() {
        for index in 0..<3 {
            channels[index] = TimerChannel()
            channels[index].gate = index != 2
            channels[index].loadTimeNanoseconds = machine.clock.nowNanoseconds
        }
        interrupt.set(false)
        armAlarm()
    }

    /// Nanoseconds to ticks without overflow, rounding down.
    private func ticks(_ channel: Int) -> Int64 {
        let elapsed = max(0, machine.clock.nowNanoseconds &- channels[channel].loadTimeNanoseconds)
        let product = UInt64(elapsed).multipliedFullWidth(by: UInt64(Self.frequencyHz))
        return Int64(UInt64(1_000_000_000).dividingFullWidth(product).quotient)
    }

    private func armAlarm() {
        let now = machine.clock.nowNanoseconds
        guard let next = channels[0].nextChange(ticks: ticks(0)) else { alarm?.cancel(); return }
        let product = UInt64(next).multipliedFullWidth(by: 1_000_000_000)
        // The high word stays below the divisor: `next` is at most 2^54 ticks.
        let nanoseconds = UInt64(Self.frequencyHz).dividingFullWidth(product).quotient
        let (deadline, overflow) = channels[0].loadTimeNanoseconds.addingReportingOverflow(
            Int64(clamping: nanoseconds))
        if overflow { alarm?.cancel() } else { alarm?.arm(atNanoseconds: max(deadline, now &+ 1)) }
    }

    private func updateInterrupt() {
        interrupt.set(channels[0].output(ticks: ticks(0)))
        armAlarm()
    }

    private func load(_ channel: Int, _ count: UInt16) {
        channels[channel].count = count == 0 ? 0x10000 : Int64(count)
        channels[channel].loadTimeNanoseconds = machine.clock.nowNanoseconds
        if channel == 0 { updateInterrupt() }
    }

    // MARK: Channel 2 as port 0x61 sees it

    var speakerOutput: Bool { channels[2].output(ticks: ticks(2)) }
    var speakerGate: Bool {
        get { channels[2].gate }
        set {
            // A rising gate restarts the modes that the gate triggers.
            if newValue && !channels[2].gate, [1, 2, 3, 5].contains(channels[2].mode) {
                channels[2].loadTimeNanoseconds = machine.clock.nowNanoseconds
            }
            channels[2].gate = newValue
        }
    }

    // MARK: Ports

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        let index = Int(offset & 3)
        // The control register is written only; without this check it would be a fourth channel.
        if index == 3 && !machine.plantedBugs.contains(.pitControlRead) { return 0 }
        return UInt64(channels[index].readByte(ticks: ticks(index)))
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        let byte = UInt8(truncatingIfNeeded: value)
        let index = Int(offset & 3)
        if index == 3 {
            writeControl(byte)
        } else if let count = channels[index].writeByte(byte) {
            load(index, count)
        }
    }

    private func writeControl(_ byte: UInt8) {
        let index = Int(byte >> 6)
        if index == 3 {
            for channel in 0..<3 where byte & (2 &<< UInt8(channel)) != 0 {
                if byte & 0x20 == 0 { channels[channel].latchCount(ticks: ticks(channel)) }
                if byte & 0x10 == 0 { channels[channel].latchStatus(ticks: ticks(channel)) }
            }
            return
        }
        guard let access = TimerChannel.ByteState(rawValue: (byte >> 4) & 3), access != .none else {
            channels[index].latchCount(ticks: ticks(index))
            return
        }
        channels[index].accessMode = access
        channels[index].readState = access
        channels[index].writeState = access
        channels[index].mode = (byte >> 1) & 7
        channels[index].isBCD = byte & 1 != 0
    }
}
