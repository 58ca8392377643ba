import CForkServerABI
import CTargetRuntime

/// Finds and clears the counters of one range that are not zero. Eight are looked at a time: nearly all are zero.
package enum CounterScan {
    package static func collect(
        _ start: UnsafeMutablePointer<UInt8>, _ count: Int, firstEdge: Int, into list: UnsafeMutablePointer<UInt32>,
        _ found: inout Int
    ) {
        var position = 0
        while position < count {
            let counter = start.advanced(by: position)
            if UInt(bitPattern: counter) & 7 == 0, count - position >= 8 {
                let word = UnsafeRawPointer(counter).load(as: UInt64.self)
                if word != 0 {
                    append(word, edge: firstEdge + position, to: list, &found)
                    UnsafeMutableRawPointer(counter).storeBytes(of: 0, as: UInt64.self)
                }
                position += 8
            } else {
                if counter.pointee != 0 {
                    list[found] = UInt32(truncatingIfNeeded: firstEdge + position) << 8 | UInt32(counter.pointee)
                    found += 1
                    counter.pointee = 0
                }
                position += 1
            }
        }
    }

    /// Splits a word of eight counters, lowest address first (both supported machines are little-endian).
    @inline(__always)
    private static func append(
        _ word: UInt64, edge: Int, to list: UnsafeMutablePointer<UInt32>, _ found: inout Int
    ) {
        var rest = word
        while rest != 0 {
            let byte = rest.trailingZeroBitCount >> 3
            let hits = UInt32(truncatingIfNeeded: rest >> UInt64(byte * 8)) & 0xFF
            list[found] = UInt32(truncatingIfNeeded: edge + byte) << 8 | hits
            found += 1
            rest &= ~(0xFF << UInt64(byte * 8))
        }
    }
}
