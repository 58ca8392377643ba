import Machine

/// A 16550A (National PC16550D data sheet) with nothing attached: what is sent disappears, input comes only by
/// loop-back. COM1: ports 0x3f8 to 0x3ff, interrupt 4.
package final class SerialPort: Device, MemoryRegionOps {
    private enum InterruptEnable { static let received: UInt8 = 1, sent: UInt8 = 2, line: UInt8 = 4 }
    private enum LineStatus {
        static let dataReady: UInt8 = 1, overrun: UInt8 = 2, anyError: UInt8 = 0x1e, breakSeen: UInt8 = 0x10
        static let holdingEmpty: UInt8 = 0x20, allEmpty: UInt8 = 0x40
    }
    private static let fifoCapacity = 16
    private static let noInterrupt: UInt8 = 1

    private unowned let machine: Machine
    private let interrupt: InterruptLine
    private var divisor: UInt16 = 12
    private var receiveBuffer: UInt8 = 0
    private var enabledInterrupts: UInt8 = 0
    private var identification: UInt8 = noInterrupt
    private var fifoControl: UInt8 = 0
    private var lineControl: UInt8 = 0
    private var modemControl: UInt8 = 8
    private var lineStatus: UInt8 = 0x60
    private var scratch: UInt8 = 0
    private var isSentPending = false
    private var isTimeoutPending = false
    private var fifo: [UInt8] = []
    private var timeout: VirtualClock.Timer?

    package init(machine: Machine, port: UInt64 = 0x3f8, interruptNumber: Int = 4) {
        self.machine = machine
        interrupt = machine.interrupts.line(interruptNumber)
        super.init(typeName: "isa-serial")
        fifo.reserveCapacity(Self.fifoCapacity)
        timeout = machine.clock.makeTimer { [unowned self] in
            guard !fifo.isEmpty else { return }
            isTimeoutPending = true
            updateInterrupt()
        }
        machine.io.root.add(
            .io(name: "serial", owner: self, size: 8, ops: self, access: AccessRules(implemented: 1...1)), at: port)
    }

    package override func reset() {
        divisor = 12
        receiveBuffer = 0
        enabledInterrupts = 0
        identification = Self.noInterrupt
        fifoControl = 0
        lineControl = 0
        modemControl = 8
        lineStatus = LineStatus.holdingEmpty | LineStatus.allEmpty
        if !machine.plantedBugs.contains(.resetSerialScratch) { scratch = 0 }
        isSentPending = false
        isTimeoutPending = false
        fifo.removeAll(keepingCapacity: true)
        timeout?.cancel()
        interrupt.set(false)
    }

    private var isDivisorSelected: Bool { lineControl & 0x80 != 0 }
    private var isFIFOEnabled: Bool { fifoControl & 1 != 0 }
    private var isLoopedBack: Bool { modemControl & 0x10 != 0 }
    private var fifoTrigger: Int { [1, 4, 8, 14][Int(fifoControl >> 6)] }

    private func updateInterrupt() {
        var cause = Self.noInterrupt
        if enabledInterrupts & InterruptEnable.line != 0 && lineStatus & LineStatus.anyError != 0 {
            cause = 6
        } else if enabledInterrupts & InterruptEnable.received != 0 && isTimeoutPending {
            cause = 0xc
        } else if enabledInterrupts & InterruptEnable.received != 0 && lineStatus & LineStatus.dataReady != 0
            && (!isFIFOEnabled || fifo.count >= fifoTrigger)
        {
            cause = 4
        } else if enabledInterrupts & InterruptEnable.sent != 0 && isSentPending {
            cause = 2
        }
        identification = cause | (identification & 0xf0)
        interrupt.set(cause != Self.noInterrupt)
    }

    /// Four character times after the last byte moved, unread bytes are announced.
    private func armTimeout() {
        var bits: Int64 = 2 + 5 + Int64(lineControl & 3)
        if lineControl & 4 != 0 { bits += 1 }
        if lineControl & 8 != 0 { bits += 1 }
        // A divisor of 0 is not a speed.
        let divisor = machine.plantedBugs.contains(.serialDivisor) ? divisor : max(divisor, 1)
        let bitsPerGigasecond = 115_200_000_000_000 / Int64(divisor)
        let bitNanoseconds = 1_000_000_000_000_000_000 / bitsPerGigasecond
        timeout?.arm(atNanoseconds: machine.clock.nowNanoseconds &+ 4 * bits * bitNanoseconds)
    }

    private func receive(_ byte: UInt8) {
        if isFIFOEnabled {
            if fifo.count < Self.fifoCapacity { fifo.append(byte) } else { lineStatus |= LineStatus.overrun }
            armTimeout()
        } else {
            if lineStatus & LineStatus.dataReady != 0 { lineStatus |= LineStatus.overrun }
            receiveBuffer = byte
        }
        lineStatus |= LineStatus.dataReady
        updateInterrupt()
    }

    private func transmit(_ byte: UInt8) {
        isSentPending = false
        lineStatus &= ~(LineStatus.holdingEmpty | LineStatus.allEmpty)
        updateInterrupt()
        // The line is infinitely fast, as with a character device that always accepts.
        lineStatus |= LineStatus.holdingEmpty
        isSentPending = true
        updateInterrupt()
        if isLoopedBack { receive(byte) }
        lineStatus |= LineStatus.allEmpty
    }

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 { UInt64(readRegister(Int(offset & 7))) }

    private func readRegister(_ register: Int) -> UInt8 {
        switch register {
        case 0: return isDivisorSelected ? UInt8(truncatingIfNeeded: divisor) : readReceived()
        case 1: return isDivisorSelected ? UInt8(divisor >> 8) : enabledInterrupts
        case 2:
            let value = identification
            if value & 6 == 2 && value & 8 == 0 {
                isSentPending = false
                updateInterrupt()
            }
            return value
        case 3: return lineControl
        case 4: return modemControl
        case 5:
            let value = lineStatus
            if value & (LineStatus.breakSeen | LineStatus.overrun) != 0 {
                lineStatus &= ~(LineStatus.breakSeen | LineStatus.overrun)
                updateInterrupt()
            }
            return value
        case 6:
            guard isLoopedBack else { return 0xb0 }
            return (modemControl & 0x0c) << 4 | (modemControl & 2) << 3 | (modemControl & 1) << 5
        default: return scratch
        }
    }

    private func readReceived() -> UInt8 {
        var value = receiveBuffer
        if isFIFOEnabled {
            value = fifo.isEmpty ? 0 : fifo.removeFirst()
            if fifo.isEmpty { lineStatus &= ~(LineStatus.dataReady | LineStatus.breakSeen) } else { armTimeout() }
            isTimeoutPending = false
        } else {
            lineStatus &= ~(LineStatus.dataReady | LineStatus.breakSeen)
        }
        updateInterrupt()
        return value
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        let byte = UInt8(truncatingIfNeeded: value)
        switch offset & 7 {
        case 0: if isDivisorSelected { divisor = divisor & 0xff00 | UInt16(byte) } else { transmit(byte) }
        case 1:
            if isDivisorSelected { divisor = divisor & 0xff | UInt16(byte) << 8 } else { enableInterrupts(byte & 0xf) }
        case 2: writeFIFOControl(byte)
        case 3: lineControl = byte
        case 4: modemControl = byte & 0x1f
        case 7: scratch = byte
        default: break
        }
    }

    private func enableInterrupts(_ value: UInt8) {
        let changed = enabledInterrupts ^ value
        enabledInterrupts = value
        guard changed != 0 else { return }
        // Enabling "sent" announces an empty holding register even if that was read before.
        if changed & InterruptEnable.sent != 0 {
            isSentPending = value & InterruptEnable.sent != 0 && lineStatus & LineStatus.holdingEmpty != 0
        }
        updateInterrupt()
    }

    private func writeFIFOControl(_ byte: UInt8) {
        // Switching the FIFOs on or off empties both.
        let clears: UInt8 = (byte ^ fifoControl) & 1 != 0 ? 6 : byte & 6
        if clears & 2 != 0 {
            lineStatus &= ~(LineStatus.dataReady | LineStatus.breakSeen)
            timeout?.cancel()
            isTimeoutPending = false
            fifo.removeAll(keepingCapacity: true)
        }
        if clears & 4 != 0 {
            lineStatus |= LineStatus.holdingEmpty
            isSentPending = true
        }
        fifoControl = byte & 0xc9
        identification = isFIFOEnabled ? identification | 0xc0 : identification & 0x3f
        updateInterrupt()
    }
}
