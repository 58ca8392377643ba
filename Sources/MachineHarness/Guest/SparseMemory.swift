import Machine

/// Memory behind all addresses that nobody else owns, so that DMA finds something everywhere (QEMU's
/// `sparse-mem`). Owned by the generic harness, created in the machine parent.
final class SparseMemory: Device {
    let pages: SparsePages
    let region: MemoryRegion

    override init(typeName: String = "sparse-mem") {
        let pages = SparsePages()
        self.pages = pages
        region = MemoryRegion(
            name: "sparse-mem", ownerName: typeName, size: .max, kind: .io(pages),
            access: AccessRules(valid: 1...8, implemented: 1...8))
        super.init(typeName: typeName)
    }

    override var regions: [MemoryRegion] { [region] }
    override func reset() { pages.forgetAll() }
}

/// The contents of a `SparseMemory`. Pages appear with the first write to them; there are at most
/// `HarnessLimits.sparsePages`, and what would need more is dropped.
final class SparsePages: MemoryRegionOps {
    private static let pageShift: UInt64 = 12
    private static let pageSize = 1 << Int(pageShift)
    private static let tableSize = HarnessLimits.sparsePages * 2

    // A table of open addresses, because a Dictionary's storage would be allocated and rehashed in every
    // child.
    private let keys: UnsafeMutableBufferPointer<UInt64>
    private let slots: UnsafeMutableBufferPointer<Int32>
    private let pages: UnsafeMutableRawBufferPointer
    private var pageCount = 0

    init() {
        keys = .allocate(capacity: Self.tableSize)
        slots = .allocate(capacity: Self.tableSize)
        // Not initialised here: pages that no input writes stay untouched and cost nothing.
        pages = .allocate(byteCount: HarnessLimits.sparsePages * Self.pageSize, alignment: Self.pageSize)
        keys.initialize(repeating: 0)
        slots.initialize(repeating: -1)
    }

    deinit {
        keys.deallocate()
        slots.deallocate()
        pages.deallocate()
    }

    func forgetAll() {
        guard pageCount > 0 else { return }
        slots.update(repeating: -1)
        pageCount = 0
    }

    func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        var value: UInt64 = 0
        for position in 0..<size {
            let address = offset &+ UInt64(position)
            guard let page = page(of: address, creating: false) else { continue }
            value |= UInt64(pages[page &+ Int(address & 0xfff)]) &<< UInt64(position &* 8)
        }
        return value
    }

    func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        for position in 0..<size {
            let address = offset &+ UInt64(position)
            guard let page = page(of: address, creating: true) else { continue }
            pages[page &+ Int(address & 0xfff)] = UInt8(truncatingIfNeeded: value &>> UInt64(position &* 8))
        }
    }

    /// Stores bytes that do not reach beyond the top of the address space.
    func store(_ bytes: UnsafeRawBufferPointer, at address: UInt64) {
        var done = 0
        while done < bytes.count {
            let target = address &+ UInt64(done)
            let inPage = Int(target & 0xfff)
            let count = min(bytes.count &- done, Self.pageSize &- inPage)
            if let page = page(of: target, creating: true) {
                UnsafeMutableRawBufferPointer(rebasing: pages[(page &+ inPage)..<(page &+ inPage &+ count)])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<(done &+ count)]))
            }
            done &+= count
        }
    }

    /// Offset of the page in `pages`.
    private func page(of address: UInt64, creating: Bool) -> Int? {
        let key = address &>> Self.pageShift
        // Fibonacci hashing: neighbours spread, and the order is the same in every process.
        var index = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> 51) % Self.tableSize
        while slots[index] >= 0 {
            if keys[index] == key { return Int(slots[index]) &* Self.pageSize }
            index = index &+ 1 == Self.tableSize ? 0 : index &+ 1
        }
        // Half of the table stays free, so the loop above ends.
        guard creating, pageCount < HarnessLimits.sparsePages else { return nil }
        keys[index] = key
        slots[index] = Int32(pageCount)
        let page = pageCount &* Self.pageSize
        pageCount &+= 1
        UnsafeMutableRawBufferPointer(rebasing: pages[page..<(page &+ Self.pageSize)])
            .initializeMemory(as: UInt8.self, repeating: 0)
        return page
    }
}
