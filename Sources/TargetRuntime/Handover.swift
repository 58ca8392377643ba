import CForkServerABI
import CTargetRuntime

/// The descriptors that the daemon left to this process, as `FUZZD_FORK_SERVER` names them.
///
/// Held by the machine parent of worker 0, copied to its siblings.
package struct Handover {
    package let abiVersion: UInt32
    package let workerCount: Int
    package let modulesFile: Int32
    /// Control socket and worker file of each worker.
    private var workers: (
        UnsafeMutablePointer<Int32>
    )

    /// No child needs it.
    func keepFromChildren() {
        madvise(workers, roundedUpToPage(2 * workerCount * MemoryLayout<Int32>.stride), Int32(MADV_DONTFORK))
    }

    package func controlSocket(ofWorker index: Int) -> Int32 { workers[2 * index] }
    package func workerFile(ofWorker index: Int) -> Int32 { workers[2 * index + 1] }

    /// Reads the environment variable; `nil` if it is absent or not a list of decimal numbers of the right length.
    package static func fromEnvironment() -> Handover? {
        guard let text = fuzzd_handover_text() else { return nil }
        var cursor = text
        guard let version = parseDecimal(&cursor), let count = parseDecimal(&cursor),
            let modules = parseDecimal(&cursor), count >= 1, count <= FUZZD_MAX_WORKERS
        else { return nil }
        let bytes = 2 * Int(count) * MemoryLayout<Int32>.stride
        guard let memory = mapPrivate(bytes: bytes) else { return nil }
        let descriptors = memory.assumingMemoryBound(to: Int32.self)
        for index in 0..<(2 * Int(count)) {
            guard let descriptor = parseDecimal(&cursor) else { return nil }
            descriptors[index] = Int32(truncatingIfNeeded: descriptor)
        }
        return Handover(
            abiVersion: version, workerCount: Int(count), modulesFile: Int32(truncatingIfNeeded: modules),
            workers: descriptors)
    }

    /// Takes one number and the comma behind it.
    private static func parseDecimal(_ cursor: inout UnsafePointer<CChar>) -> UInt32? {
        var value: UInt32 = 0
        var digits = 0
        while cursor.pointee >= 48, cursor.pointee <= 57, digits < 9 {
            value = value &* 10 &+ UInt32(cursor.pointee &- 48)
            cursor += 1
            digits += 1
        }
        guard digits > 0, cursor.pointee == 0 || cursor.pointee == 44 else { return nil }
        if cursor.pointee == 44 { cursor += 1 }
        return value
    }
}

/// Private zeroed memory of the runtime's own, apart from the target's allocator; `nil` when there is none.
func mapPrivate(bytes: Int) -> UnsafeMutableRawPointer? {
    let memory = fuzzd_map_apart(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1)
    return memory == mapFailed ? nil : memory
}

/// `MAP_FAILED`, a macro that Swift cannot import.
var mapFailed: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: -1) }

/// Rounds up to whole pages.
func roundedUpToPage(_ bytes: Int) -> Int {
    (bytes &+ Int(FUZZD_PAGE_BYTES) &- 1) & ~(Int(FUZZD_PAGE_BYTES) &- 1)
}

/// `CLOCK_MONOTONIC` in nanoseconds, also where the target's time stands still.
@inline(__always)
func monotonicNanoseconds() -> UInt64 { fuzzd_monotonic_nanoseconds() }

/// The bytes of a literal as a C string, without a Swift `String` in between, which would need the allocator.
@inline(__always)
func cString(_ literal: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
