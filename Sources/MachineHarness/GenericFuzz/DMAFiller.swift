import Machine

/// A stretch of guest addresses. `length` bytes never reach beyond the top of the space.
struct AddressStretch: Equatable {
    var address: UInt64
    var length: UInt64

    var last: UInt64 { address &+ (length &- 1) }
}

/// Writes the input's patterns into guest memory right before a device reads it (QEMU's `fuzz_dma_read_cb`).
/// Owned by the generic harness; one for a process. Nothing is allocated while an input runs, but for room
/// for its patterns.
final class DMAFiller {
    private let machine: Machine
    private let sparse: SparseMemory
    /// Whether an address is filled once only within an operation.
    private let avoidsDoubleFetches: Bool
    /// Is told of every fill; nil in a campaign.
    var recorder: AccessRecorder?

    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var patterns: ContiguousArray<DMAPattern> = []
    private var nextPattern = 0
    private(set) var bytesFilled = 0

    /// Filled since the operation began, and stretches still to look at.
    private let filled: UnsafeMutableBufferPointer<AddressStretch>
    private var filledCount = 0
    private let waiting: UnsafeMutableBufferPointer<AddressStretch>
    private let rendered: UnsafeMutableRawBufferPointer

    init(machine: Machine, sparse: SparseMemory, avoidsDoubleFetches: Bool) {
        self.machine = machine
        self.sparse = sparse
        self.avoidsDoubleFetches = avoidsDoubleFetches
        filled = .allocate(capacity: HarnessLimits.filledRangesPerOperation)
        filled.initialize(repeating: AddressStretch(address: 0, length: 0))
        waiting = .allocate(capacity: HarnessLimits.filledRangesPerOperation + 2)
        waiting.initialize(repeating: AddressStretch(address: 0, length: 0))
        rendered = .allocate(byteCount: HarnessLimits.fillBytes, alignment: 16)
        rendered.initializeMemory(as: UInt8.self, repeating: 0)
        patterns.reserveCapacity(256)
    }

    deinit {
        filled.deallocate()
        waiting.deallocate()
        rendered.deallocate()
    }

    func beginInput(_ bytes: UnsafeRawBufferPointer) {
        input = bytes
        clearPatterns()
        bytesFilled = 0
        filledCount = 0
    }

    /// Forgets the input: its memory goes away.
    func endInput() {
        clearPatterns()
        input = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    func endOperation() { filledCount = 0 }

    func add(_ pattern: DMAPattern) { patterns.append(pattern) }

    func clearPatterns() {
        patterns.removeAll(keepingCapacity: true)
        nextPattern = 0
    }

    /// A device is about to read `length` bytes from `address`.
    func deviceReads(address: UInt64, length: Int) {
        guard !patterns.isEmpty, length > 0 else { return }
        let room = (UInt64.max &- address)
        let first = AddressStretch(
            address: address, length: UInt64(length &- 1) > room ? room &+ 1 : UInt64(length))
        guard first.length > 0, isFillable(address) else { return }
        waiting[0] = first
        var waitingCount = 1
        // Depth first, the part before an overlap before the part behind it, as the original recurses: that
        // is the order in which patterns are used up.
        while waitingCount > 0 {
            waitingCount &-= 1
            let stretch = waiting[waitingCount]
            guard bytesFilled &+ Int(clamping: stretch.length) <= HarnessLimits.fillBytesPerInput else {
                continue
            }
            guard let overlap = firstOverlap(stretch) else {
                fill(stretch)
                continue
            }
            guard waitingCount &+ 2 <= waiting.count else { return }
            if stretch.last > overlap.last {
                let start = overlap.last &+ 1
                waiting[waitingCount] = AddressStretch(address: start, length: (stretch.last &- start) &+ 1)
                waitingCount &+= 1
            }
            if stretch.address < overlap.address {
                waiting[waitingCount] = AddressStretch(
                    address: stretch.address, length: overlap.address &- stretch.address)
                waitingCount &+= 1
            }
        }
    }

    private func isFillable(_ address: UInt64) -> Bool {
        guard let region = machine.memory.region(at: address)?.region else { return false }
        return region === machine.ramRegion || region === sparse.region
    }

    private func firstOverlap(_ stretch: AddressStretch) -> AddressStretch? {
        guard avoidsDoubleFetches else { return nil }
        var index = 0
        while index < filledCount {
            let other = filled[index]
            if other.address <= stretch.last && stretch.address <= other.last { return other }
            index &+= 1
        }
        return nil
    }

    private func fill(_ stretch: AddressStretch) {
        if avoidsDoubleFetches {
            guard filledCount < filled.count else { return }
        }
        let length = Int(min(stretch.length, UInt64(HarnessLimits.fillBytes)))
        if avoidsDoubleFetches {
            filled[filledCount] = AddressStretch(address: stretch.address, length: UInt64(length))
            filledCount &+= 1
        }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: rendered[..<length])
        patterns[nextPattern].render(from: input, into: bytes)
        store(UnsafeRawBufferPointer(bytes), at: stretch.address)
        nextPattern = nextPattern &+ 1 >= patterns.count ? 0 : nextPattern &+ 1
    }

    // Region by region: registers in the middle of a stretch are stepped over, not written to.
    private func store(_ bytes: UnsafeRawBufferPointer, at address: UInt64) {
        let view = machine.memory.view
        var done = 0
        while done < bytes.count {
            let target = address &+ UInt64(done)
            guard let range = view.range(containing: target) else { return }
            let offset = range.regionOffset &+ (target &- range.first)
            let left = bytes.count &- done
            let inRange = Int(clamping: min(UInt64(left) &- 1, range.last &- target)) &+ 1
            let piece = UnsafeRawBufferPointer(rebasing: bytes[done..<(done &+ inRange)])
            if range.region === sparse.region {
                recorder?.fill(target, piece)
                sparse.pages.store(piece, at: offset)
            } else if case .ram = range.region.kind {
                recorder?.fill(target, piece)
                machine.memory.writeBytes(address: target, from: piece)
            } else {
                done &+= range.region.access.pieceSize(offset: offset, remaining: left)
                continue
            }
            bytesFilled &+= inRange
            done &+= inRange
        }
    }
}
