/// One counter of an 8254 (Intel 8254 data sheet). Time is given in ticks of 1,193,182 Hz since the count was
/// loaded. Pure state; `IntervalTimer` owns three.
struct TimerChannel {
    /// How bytes pass through the 8-bit port: the order of the data sheet's RW field, then the second half
    /// of a two-byte access.
    enum ByteState: UInt8 { case none = 0, low, high, lowThenHigh, highPending }

    /// 0x10000 stands for a written 0.
    var count: Int64 = 0x10000
    var loadTimeNanoseconds: Int64 = 0
    /// 0 to 7 as written: 6 and 7 behave as 2 and 3 only in the count they show.
    var mode: UInt8 = 3
    var isBCD = false
    var gate = false
    var accessMode = ByteState.none
    var readState = ByteState.none
    var writeState = ByteState.none
    var writeLatch: UInt8 = 0
    var latchedCount: UInt16 = 0
    var latchState = ByteState.none
    var latchedStatus: UInt8?

    /// The counting element after `ticks`.
    func value(ticks: Int64) -> UInt16 {
        switch mode {
        case 0, 1, 4, 5: UInt16(truncatingIfNeeded: count &- ticks)
        case 3: UInt16(truncatingIfNeeded: count &- (2 &* ticks) % count)
        default: UInt16(truncatingIfNeeded: count &- ticks % count)
        }
    }

    func output(ticks: Int64) -> Bool {
        switch mode {
        case 1: ticks < count
        case 2: ticks != 0 && ticks % count == 0
        case 3: ticks % count < (count + 1) >> 1
        case 4, 5: ticks == count
        default: ticks >= count
        }
    }

    /// Ticks since loading at which the output changes next; nil: never.
    func nextChange(ticks: Int64) -> Int64? {
        let base = ticks &- ticks % count
        switch mode {
        case 2: return ticks != 0 && ticks == base ? base &+ count : base &+ count &+ 1
        case 3:
            let half = (count + 1) >> 1
            return ticks &- base < half ? base &+ half : base &+ count
        case 4, 5: return ticks < count ? count : (ticks == count ? count &+ 1 : nil)
        default: return ticks < count ? count : nil
        }
    }

    mutating func latchCount(ticks: Int64) {
        guard latchState == .none else { return }
        latchedCount = value(ticks: ticks)
        latchState = accessMode
    }

    mutating func latchStatus(ticks: Int64) {
        guard latchedStatus == nil else { return }
        latchedStatus =
            (output(ticks: ticks) ? 0x80 : 0) | accessMode.rawValue << 4 | mode << 1 | (isBCD ? 1 : 0)
    }

    mutating func readByte(ticks: Int64) -> UInt8 {
        if let status = latchedStatus {
            latchedStatus = nil
            return status
        }
        if latchState != .none { return readLatch() }
        let now = value(ticks: ticks)
        switch readState {
        case .high: return UInt8(now >> 8)
        case .lowThenHigh:
            readState = .highPending
            return UInt8(truncatingIfNeeded: now)
        case .highPending:
            readState = .lowThenHigh
            return UInt8(now >> 8)
        case .none, .low: return UInt8(truncatingIfNeeded: now)
        }
    }

    private mutating func readLatch() -> UInt8 {
        switch latchState {
        case .high, .highPending:
            latchState = .none
            return UInt8(latchedCount >> 8)
        case .lowThenHigh:
            latchState = .high
            return UInt8(truncatingIfNeeded: latchedCount)
        case .none, .low:
            latchState = .none
            return UInt8(truncatingIfNeeded: latchedCount)
        }
    }

    /// Takes a byte; returns the count once it is whole.
    mutating func writeByte(_ byte: UInt8) -> UInt16? {
        switch writeState {
        case .high: return UInt16(byte) << 8
        case .lowThenHigh:
            writeLatch = byte
            writeState = .highPending
            return nil
        case .highPending:
            writeState = .lowThenHigh
            return UInt16(byte) << 8 | UInt16(writeLatch)
        case .none, .low: return UInt16(byte)
        }
    }
}
