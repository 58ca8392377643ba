import Machine

/// An MC146818 with 128 bytes of CMOS at ports 0x70 and 0x71 (Motorola data sheet). Time is the machine's
/// virtual clock on top of 2020-01-01 00:00:00. Odd contents of the calendar registers mean what they mean to
/// QEMU 7.2: dates are computed from fields of any value, and nanoseconds since 1970 wrap at 64 bits.
package final class RealTimeClock: Device, MemoryRegionOps {
    private enum Register { static let a = 10, b = 11, c = 12, d = 13, century = 0x32, centuryPS2 = 0x37 }
    private enum Flag {
        static let update: UInt8 = 0x10, alarm: UInt8 = 0x20, periodic: UInt8 = 0x40, any: UInt8 = 0x80
    }
    private static let second: Int64 = 1_000_000_000
    /// 2020-01-01 00:00:00.
    private static let powerOnSeconds: Int64 = 1_577_836_800
    /// How long before an update the chip warns of it: 8 ticks of 32,768 Hz.
    private static let updateWarningNanoseconds: Int64 = 244_140

    private unowned let machine: Machine
    private let interrupt: InterruptLine
    private var cmos = [UInt8](repeating: 0, count: 128)
    private var index = 0
    /// Calendar seconds at `lastUpdateNanoseconds`.
    private var baseSeconds = RealTimeClock.powerOnSeconds
    private var lastUpdateNanoseconds: Int64 = 0
    private var offsetNanoseconds: Int64 = 0
    /// The update-in-progress bit was shown and stays until the update is over.
    private var isUpdateLatched = false
    private var secondTimer: VirtualClock.Timer?
    private var periodicTimer: VirtualClock.Timer?

    package init(machine: Machine) {
        self.machine = machine
        interrupt = machine.interrupts.line(8)
        super.init(typeName: "mc146818rtc")
        secondTimer = machine.clock.makeTimer { [unowned self] in secondPassed() }
        periodicTimer = machine.clock.makeTimer { [unowned self] in periodPassed() }
        machine.io.root.add(
            .io(name: "rtc", owner: self, size: 2, ops: self, access: AccessRules(implemented: 1...1)),
            at: 0x70)
        reset()
    }

    /// Power-on, battery included: QEMU's CMOS survives a reset (docs/qemu-differences.md).
    package override func reset() {
        for place in cmos.indices { cmos[place] = 0 }
        index = 0
        baseSeconds = Self.powerOnSeconds
        lastUpdateNanoseconds = machine.clock.nowNanoseconds
        offsetNanoseconds = 0
        isUpdateLatched = false
        cmos[Register.a] = 0x26
        cmos[Register.b] = 0x02
        cmos[Register.d] = 0x80
        describeMachine(ramBytes: machine.ramRegion.size)
        storeCalendar()
        armPeriodic()
        armSecond()
        interrupt.set(false)
    }

    /// The bytes in which a PC's firmware finds memory size and equipment.
    private func describeMachine(ramBytes: UInt64) {
        let lowBytes = HostBridge.lowRAMBytes(of: ramBytes)
        let extendedKiB = min(lowBytes > 0x100000 ? (lowBytes - 0x100000) / 1024 : 0, 65535)
        let chunks = min(lowBytes > 0x1000000 ? (lowBytes - 0x1000000) / 65536 : 0, 65535)
        let highChunks = (ramBytes - lowBytes) / 65536
        let values: [(Int, UInt8)] = [
            (0x14, 0x06), (0x15, 0x80), (0x16, 0x02),
            (0x17, UInt8(extendedKiB & 0xff)), (0x18, UInt8(extendedKiB >> 8)),
            (0x30, UInt8(extendedKiB & 0xff)), (0x31, UInt8(extendedKiB >> 8)),
            (0x34, UInt8(chunks & 0xff)), (0x35, UInt8(chunks >> 8)), (0x38, 0x30), (0x3d, 0x12),
            (0x5b, UInt8(truncatingIfNeeded: highChunks)), (0x5c, UInt8(truncatingIfNeeded: highChunks >> 8)),
            (0x5d, UInt8(truncatingIfNeeded: highChunks >> 16)),
        ]
        for (place, value) in values { cmos[place] = value }
    }

    // MARK: Time

    private var isRunning: Bool { cmos[Register.b] & 0x80 == 0 && cmos[Register.a] & 0x70 <= 0x20 }
    private var isDividerReset: Bool { cmos[Register.a] & 0x60 == 0x60 }
    private var guestNanoseconds: Int64 {
        (baseSeconds &* Self.second) &+ (machine.clock.nowNanoseconds &- lastUpdateNanoseconds)
            &+ offsetNanoseconds
    }

    /// -1 for "any", which QEMU takes for a number where a calendar register holds it.
    private func decode(_ byte: UInt8) -> Int64 {
        if byte & 0xc0 == 0xc0 { return -1 }
        return cmos[Register.b] & 4 != 0 ? Int64(byte) : Int64(byte >> 4) * 10 + Int64(byte & 15)
    }

    private func encode(_ value: Int64) -> UInt8 {
        UInt8(truncatingIfNeeded: cmos[Register.b] & 4 != 0 ? value : (value / 10) << 4 | value % 10)
    }

    /// Takes the calendar registers as the time that it is now.
    private func loadCalendar() {
        var hour = decode(cmos[4] & 0x7f)
        if cmos[Register.b] & 2 == 0 { hour = hour % 12 + (cmos[4] & 0x80 != 0 ? 12 : 0) }
        let year = decode(cmos[9]) + decode(cmos[Register.century]) * 100
        baseSeconds =
            Calendar.days(year: year, month: decode(cmos[8]), day: decode(cmos[7])) * 86_400
            + hour * 3600 + decode(cmos[2]) * 60 + decode(cmos[0])
        lastUpdateNanoseconds = machine.clock.nowNanoseconds
    }

    private func storeCalendar() {
        guard cmos[Register.b] & 0x80 == 0 else { return }
        let time = Calendar(seconds: guestNanoseconds / Self.second)
        cmos[0] = encode(time.second)
        cmos[2] = encode(time.minute)
        if cmos[Register.b] & 2 != 0 {
            cmos[4] = encode(time.hour)
        } else {
            cmos[4] = encode(time.hour % 12 == 0 ? 12 : time.hour % 12) | (time.hour >= 12 ? 0x80 : 0)
        }
        cmos[6] = encode(time.weekday + 1)
        cmos[7] = encode(time.day)
        cmos[8] = encode(time.month)
        cmos[9] = encode(time.year % 100)
        cmos[Register.century] = encode(time.year / 100)
    }

    private var nanosecondsIntoSecond: Int64 {
        Int64(UInt64(bitPattern: guestNanoseconds) % UInt64(Self.second))
    }

    /// Looking for the next alarm brings the calendar registers up to date, even while the divider is in a state
    /// in which the clock does not run.
    private func armSecond() {
        guard !isDividerReset else { secondTimer?.cancel(); return }
        storeCalendar()
        // Both flags latched: nothing more can happen until they are read.
        if cmos[Register.c] & 0x30 == 0x30 { secondTimer?.cancel(); return }
        secondTimer?.arm(atNanoseconds: machine.clock.nowNanoseconds &+ (Self.second - nanosecondsIntoSecond))
    }

    private func isUpdateInProgress() -> Bool {
        let isNear = nanosecondsIntoSecond >= Self.second - Self.updateWarningNanoseconds
        if isRunning && isNear && secondTimer?.deadlineNanoseconds != nil { isUpdateLatched = true }
        return isUpdateLatched || isRunning && isNear
    }

    private func secondPassed() {
        isUpdateLatched = false
        var flags = Flag.update
        if cmos[Register.b] & 0x80 == 0 && isAlarmNow { flags |= Flag.alarm }
        raise(flags)
        armSecond()
    }

    private var isAlarmNow: Bool {
        let time = Calendar(seconds: guestNanoseconds / Self.second)
        func matches(_ place: Int, _ value: Int64) -> Bool {
            decode(cmos[place]) == -1 || decode(cmos[place]) == value
        }
        var hourMatches = matches(5, time.hour)
        if cmos[Register.b] & 2 == 0 && cmos[5] & 0xc0 != 0xc0 {
            hourMatches = decode(cmos[5] & 0x7f) % 12 + (cmos[5] & 0x80 != 0 ? 12 : 0) == time.hour
        }
        return matches(1, time.second) && matches(3, time.minute) && hourMatches
    }

    private func armPeriodic() {
        var code = Int64(cmos[Register.a] & 15)
        guard code != 0, cmos[Register.b] & 0x40 != 0 else { periodicTimer?.cancel(); return }
        if code <= 2 { code += 7 }
        // Ticks of 32,768 Hz: 2^15 of them are a second.
        let period = Self.second &* (1 &<< (code - 1)) / 32_768
        periodicTimer?.arm(atNanoseconds: machine.clock.nowNanoseconds &+ max(period, 1))
    }

    private func periodPassed() {
        raise(Flag.periodic)
        armPeriodic()
    }

    private func raise(_ flags: UInt8) {
        let isNews = flags & ~cmos[Register.c] & cmos[Register.b] != 0
        cmos[Register.c] |= flags
        guard isNews else { return }
        cmos[Register.c] |= Flag.any
        interrupt.set(true)
    }

    // MARK: Ports

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        guard offset & 1 == 1 else { return 0xff }
        switch index {
        case 0, 2, 4, 6, 7, 8, 9, Register.century, Register.centuryPS2:
            if isRunning { storeCalendar() }
            return UInt64(cmos[index == Register.centuryPS2 ? Register.century : index])
        case Register.a:
            return UInt64(cmos[Register.a] | (isUpdateInProgress() ? 0x80 : 0))
        case Register.c:
            let value = cmos[Register.c]
            interrupt.set(false)
            cmos[Register.c] = 0
            if value & 0x30 != 0 { armSecond() }
            return UInt64(value)
        default: return UInt64(cmos[index])
        }
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        let byte = UInt8(truncatingIfNeeded: value)
        guard offset & 1 == 1 else {
            // Bit 7 gates the non-maskable interrupt and is no part of the index.
            index = Int(machine.plantedBugs.contains(.rtcIndex) ? byte : byte & 0x7f)
            return
        }
        switch index {
        case 1, 3, 5:
            cmos[index] = byte
            armSecond()
        case 0, 2, 4, 6, 7, 8, 9, Register.century, Register.centuryPS2:
            cmos[index == Register.centuryPS2 ? Register.century : index] = byte
            if isRunning {
                loadCalendar()
                armSecond()
            }
        case Register.a: writeA(byte)
        case Register.b: writeB(byte)
        case Register.c, Register.d: break
        default: cmos[index] = byte
        }
    }

    private func writeA(_ byte: UInt8) {
        let isNewPeriod = (cmos[Register.a] ^ byte) & 0x0f != 0
        if byte & 0x60 == 0x60 {
            if isRunning { storeCalendar() }
            isUpdateLatched = false
        } else if isDividerReset && byte & 0x70 <= 0x20 && cmos[Register.b] & 0x80 == 0 {
            // The first update comes half a second after the divider is let go.
            offsetNanoseconds = Self.second / 2
            loadCalendar()
            isUpdateLatched = false
        }
        cmos[Register.a] = byte & 0x7f
        if isNewPeriod { armPeriodic() }
        armSecond()
    }

    private func writeB(_ byte: UInt8) {
        var data = byte
        let isPeriodicSwitched = (cmos[Register.b] ^ byte) & Flag.periodic != 0
        if byte & 0x80 != 0 {
            if isRunning { storeCalendar() }
            isUpdateLatched = false
            data &= ~Flag.update
        } else if cmos[Register.b] & 0x80 != 0 && cmos[Register.a] & 0x70 <= 0x20 {
            offsetNanoseconds = nanosecondsIntoSecond
            loadCalendar()
        }
        let isDue = data & cmos[Register.c] & 0x70 != 0
        cmos[Register.c] = isDue ? cmos[Register.c] | Flag.any : cmos[Register.c] & ~Flag.any
        interrupt.set(isDue)
        cmos[Register.b] = data
        if isPeriodicSwitched { armPeriodic() }
        armSecond()
    }
}
