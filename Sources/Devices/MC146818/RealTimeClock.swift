import Machine

/// An MC146818 with 128 bytes of CMOS at ports 0x70 and 0x71 (Motorola data sheet). Time is the machine's
/// virtual clock on top of 2020-01-01 00:00:00; CMOS survives a reset, as in QEMU.
package final class RealTimeClock: Device, MemoryRegionOps {
    private enum Register { static let a = 10, b = 11, c = 12, d = 13, century = 0x32, centuryPS2 = 0x37 }
    private enum Flag { static let update: UInt8 = 0x10, alarm: UInt8 = 0x20, periodic: UInt8 = 0x40, any: UInt8 = 0x80 }
    private static let second: Int64 = 1_000_000_000

    private unowned let machine: Machine
    private let interrupt: InterruptLine
    private var cmos = [UInt8](repeating: 0, count: 128)
    private var index = 0
    /// Calendar seconds at `lastUpdateNanoseconds`.
    private var baseSeconds: Int64 = 1_577_836_800
    private var lastUpdateNanoseconds: Int64 = 0
    private var offsetNanoseconds: Int64 = 0
    private var secondTimer: VirtualClock.Timer?
    private var periodicTimer: VirtualClock.Timer?

    package init(machine: Machine) {
        self.machine = machine
        interrupt = machine.interrupts.line(8)
        super.init(typeName: "mc146818rtc")
        secondTimer = machine.clock.makeTimer { [unowned self] in secondPassed() }
        periodicTimer = machine.clock.makeTimer { [unowned self] in periodPassed() }
        machine.io.root.add(
            .io(name: "rtc", owner: self, size: 2, ops: self, access: AccessRules(implemented: 1...1)), at: 0x70)
        cmos[Register.a] = 0x26
        cmos[Register.b] = 0x02
        cmos[Register.d] = 0x80
        describeMachine(ramBytes: machine.ramRegion.size)
        storeCalendar()
    }

    /// The bytes in which a PC's firmware finds memory size and equipment.
    private func describeMachine(ramBytes: UInt64) {
        let extendedKiB = min(ramBytes > 0x100000 ? (ramBytes - 0x100000) / 1024 : 0, 65535)
        let chunks = min(ramBytes > 0x1000000 ? (ramBytes - 0x1000000) / 65536 : 0, 65535)
        let values: [(Int, UInt8)] = [
            (0x14, 0x06), (0x15, 0x80), (0x16, 0x02),
            (0x17, UInt8(extendedKiB & 0xff)), (0x18, UInt8(extendedKiB >> 8)),
            (0x30, UInt8(extendedKiB & 0xff)), (0x31, UInt8(extendedKiB >> 8)),
            (0x34, UInt8(chunks & 0xff)), (0x35, UInt8(chunks >> 8)), (0x38, 0x30), (0x3d, 0x12),
        ]
        for (place, value) in values { cmos[place] = value }
    }

    package override func reset() {
        cmos[Register.b] &= ~0x78
        cmos[Register.c] &= ~0xf0
        armSecond()
        armPeriodic()
        interrupt.set(false)
    }

    // MARK: Time

    private var isRunning: Bool { cmos[Register.b] & 0x80 == 0 && cmos[Register.a] & 0x70 <= 0x20 }
    private var isDividerReset: Bool { cmos[Register.a] & 0x60 == 0x60 }
    private var guestNanoseconds: Int64 {
        (baseSeconds &* Self.second) &+ (machine.clock.nowNanoseconds &- lastUpdateNanoseconds) &+ offsetNanoseconds
    }

    private func decode(_ byte: UInt8) -> Int64 {
        cmos[Register.b] & 4 != 0 ? Int64(byte) : Int64(byte >> 4) * 10 + Int64(byte & 15)
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
        // Unsigned, as QEMU counts: a calendar past the year 2554 wraps in the same way.
        let time = Calendar(seconds: Int64(UInt64(bitPattern: guestNanoseconds) / UInt64(Self.second)))
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

    private func armSecond() {
        guard !isDividerReset else { secondTimer?.cancel(); return }
        // Both flags latched: nothing more can happen until they are read.
        if cmos[Register.c] & 0x30 == 0x30 { secondTimer?.cancel(); return }
        secondTimer?.arm(atNanoseconds: machine.clock.nowNanoseconds &+ (Self.second - nanosecondsIntoSecond))
    }

    private func secondPassed() {
        var flags = Flag.update
        if cmos[Register.b] & 0x80 == 0 && isAlarmNow { flags |= Flag.alarm }
        raise(flags)
        armSecond()
    }

    private var isAlarmNow: Bool {
        let time = Calendar(seconds: guestNanoseconds / Self.second)
        func matches(_ place: Int, _ value: Int64) -> Bool {
            cmos[place] & 0xc0 == 0xc0 || decode(cmos[place]) == value
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
            if isRunning && cmos[Register.b] & 0x80 == 0 { storeCalendar() }
            return UInt64(cmos[index == Register.centuryPS2 ? Register.century : index])
        case Register.a:
            let isUpdating = isRunning && nanosecondsIntoSecond >= Self.second - 244_140
            return UInt64(cmos[Register.a] | (isUpdating ? 0x80 : 0))
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
        if byte & 0x60 == 0x60 {
            if isRunning { storeCalendar() }
        } else if isDividerReset && byte & 0x70 <= 0x20 && cmos[Register.b] & 0x80 == 0 {
            // The first update comes half a second after the divider is let go.
            offsetNanoseconds = Self.second / 2
            loadCalendar()
        }
        cmos[Register.a] = byte & 0x7f
        armPeriodic()
        armSecond()
    }

    private func writeB(_ byte: UInt8) {
        var data = byte
        if byte & 0x80 != 0 {
            if isRunning { storeCalendar() }
            data &= ~Flag.update
        } else if cmos[Register.b] & 0x80 != 0 && cmos[Register.a] & 0x70 <= 0x20 {
            offsetNanoseconds = nanosecondsIntoSecond
            loadCalendar()
        }
        let isDue = data & cmos[Register.c] & 0x70 != 0
        cmos[Register.c] = isDue ? cmos[Register.c] | Flag.any : cmos[Register.c] & ~Flag.any
        interrupt.set(isDue)
        cmos[Register.b] = data
        armPeriodic()
        armSecond()
    }
}
