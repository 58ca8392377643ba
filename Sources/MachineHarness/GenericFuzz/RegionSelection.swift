import Machine

/// A place that `base` and `offset` of an operation lead to.
struct ChosenAddress: Equatable {
    var address: UInt64
    /// Bytes to the end of the range; 0 stands for 2^64.
    var remaining: UInt64

    /// Whether an access is made here: one that would reach beyond the range is not, a single byte always is.
    @inline(__always)
    func holds(_ size: Int) -> Bool { size == 1 || remaining >= UInt64(size) }
}

/// The regions and PCI functions that the user's globs name, and where those regions lie now. Owned by the
/// generic harness.
///
/// A glob matches a region by its own name or, with all its siblings, by its owner's. Memory that a guest
/// only stores in (RAM, ROM) is left out, as in QEMU: accesses to it reach no device.
final class RegionSelection {
    private let machine: Machine
    private var regions: [MemoryRegion] = []
    /// Functions whose type the globs name, in the order that the format counts them in.
    private(set) var functions: [PCIDevice] = []
    private var memory = MappedRanges()
    private var ports = MappedRanges()

    /// The matched parts of one address space, in ascending order. Cached until a mapping changes.
    private struct MappedRanges {
        var ranges: ContiguousArray<ChosenAddress> = []
        var generation: UInt64?
    }

    init(machine: Machine, globs: String) throws(HarnessError) {
        self.machine = machine
        for glob in Glob.list(globs) {
            addRegions(matching: glob)
            addFunctions(matching: glob)
        }
        guard !regions.isEmpty else { throw .noMatchingRegions(globs: globs) }
    }

    private func addRegions(matching glob: Glob) {
        for place in machine.regionPlaces() {
            guard case .io = place.region.kind, !regions.contains(where: { $0 === place.region }),
                glob.matches(place.region.ownerName) || glob.matches(place.region.name)
            else { continue }
            regions.append(place.region)
        }
    }

    // A function that matches again gives its place up to the last one and moves to the end, as QEMU's array
    // of pointers does: the operand `base` counts in this order.
    private func addFunctions(matching glob: Glob) {
        for case let function as PCIDevice in machine.devices where glob.matches(function.typeName) {
            if let index = functions.firstIndex(where: { $0 === function }) {
                functions.swapAt(index, functions.count - 1)
                functions.removeLast()
            }
            functions.append(function)
        }
    }

    /// The matched regions and where they are.
    var places: [Machine.RegionPlace] {
        machine.regionPlaces().filter { place in regions.contains { $0 === place.region } }
    }

    func portAddress(base: UInt8, offset: UInt16) -> ChosenAddress? {
        refresh(&ports, from: machine.io)
        guard let chosen = choose(ports.ranges, base, UInt64(offset)), chosen.address <= 0xffff else {
            return nil
        }
        return chosen
    }

    func memoryAddress(base: UInt8, offset: UInt32) -> ChosenAddress? {
        refresh(&memory, from: machine.memory)
        return choose(memory.ranges, base, UInt64(offset))
    }

    /// Looks both spaces up now rather than in the first access of every child.
    func settle() {
        refresh(&ports, from: machine.io)
        refresh(&memory, from: machine.memory)
    }

    @inline(__always)
    private func choose(
        _ ranges: ContiguousArray<ChosenAddress>, _ base: UInt8, _ offset: UInt64
    ) -> ChosenAddress? {
        guard !ranges.isEmpty else { return nil }
        var chosen = ranges[Int(base) % ranges.count]
        guard chosen.remaining > 0 else { return chosen }
        let inside = offset % chosen.remaining
        chosen.address &+= inside
        chosen.remaining &-= inside
        return chosen
    }

    @inline(__always)
    private func refresh(_ mapped: inout MappedRanges, from space: AddressSpace) {
        if mapped.generation != space.generation { rebuild(&mapped, from: space) }
    }

    // Ranges, not regions, are counted: a region with a hole in it counts twice.
    private func rebuild(_ mapped: inout MappedRanges, from space: AddressSpace) {
        mapped.ranges.removeAll(keepingCapacity: true)
        for range in space.view.ranges where regions.contains(where: { $0 === range.region }) {
            mapped.ranges.append(ChosenAddress(address: range.first, remaining: range.size))
        }
        mapped.generation = space.generation
    }
}
