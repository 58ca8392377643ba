import CTargetRuntime
import Glibc
import Testing

private let page: UInt = 4096

/// What the harness of a test saw. Written in processes of their own.
nonisolated(unsafe) private var seen: (address: UInt, bytes: [UInt8]) = (0, [])
nonisolated(unsafe) private var depths: [UInt] = []

@Suite("Where the stack of an input begins") struct StackPlaceTests {
    @Test func aFunctionsFrameBeginsWhereAPageDoes() async {
        await #expect(processExitsWith: .exitCode(7)) {
            func deeper(_ levels: Int) {
                var local = levels
                withUnsafeMutablePointer(to: &local) { _ in
                    if levels > 0 { return deeper(levels - 1) }
                    fuzzd_run_at_page({ _ in depths.append(UInt(bitPattern: addressInFrame())) }, nil)
                }
            }
            for levels in 0..<40 { deeper(levels) }
            // Close below the boundary, wherever the caller's frame was.
            _exit(depths.allSatisfy { page - $0 % page < 512 } ? 7 : 1)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 100, 4095])
    func anInputOnTheStackIsACopyThatIsAligned(count: Int) async {
        await #expect(processExitsWith: .exitCode(7)) { [count = count as Int] in
            fuzzd_place_stacks()
            let input = (0..<max(count, 1)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            guard fuzzd_copies_to_stack(count) != 0 else { _exit(1) }
            let result = fuzzd_run_copy_in_place(
                { data, size in
                    seen = (UInt(bitPattern: data), Array(UnsafeBufferPointer(start: data, count: size)))
                    return -1
                }, input, count)
            guard result == -1, seen.bytes == Array(input.prefix(count)), seen.address % 16 == 0 else { _exit(2) }
            _exit(seen.address != input.withUnsafeBufferPointer({ UInt(bitPattern: $0.baseAddress) }) ? 7 : 3)
        }
    }

    @Test func largeInputsStayOnTheHeap() async {
        await #expect(processExitsWith: .exitCode(7)) {
            // Nothing is placed yet.
            guard fuzzd_copies_to_stack(1) == 0 else { _exit(1) }
            fuzzd_place_stacks()
            _exit(fuzzd_copies_to_stack(4096) == 0 && fuzzd_copies_to_stack(4095) != 0 ? 7 : 2)
        }
    }

    @Test(arguments: [0, 5, 16, 20, 79]) func writingBehindAnInputAborts(place: Int) async {
        await #expect(processExitsWith: .signal(SIGABRT)) { [place = place as Int] in
            fuzzd_place_stacks()
            seen.address = UInt(place)
            _ = fuzzd_run_copy_in_place(
                { data, size in
                    UnsafeMutablePointer(mutating: data)?.advanced(by: Int(seen.address)).pointee ^= 1
                    return 0
                }, Array(repeating: 1, count: 16), 16)
        }
    }
}

/// An address in the frame of the caller.
@inline(__always)
private func addressInFrame() -> UnsafeRawPointer? {
    var local: UInt8 = 0
    return withUnsafePointer(to: &local) { UnsafeRawPointer($0) }
}
