/// A named piece of an address space: RAM, registers of a device, a window onto another region, or a
/// container that only places others. Regions form an acyclic graph; `AddressSpace` flattens it. Owned by the
/// device that creates it and by the container it is placed in; one thread, machine parent and children.
///
/// A region of 2^64 bytes is written as `UInt64.max` (its very last byte is never mapped).
public final class MemoryRegion {
    package enum Kind {
        case container
        /// Guest memory; `isReadOnly` makes it a ROM (writes are ignored).
        case ram(UnsafeMutableRawBufferPointer)
        case io(any MemoryRegionOps)
        case alias(target: MemoryRegion, offset: UInt64)
    }

    package let name: String
    /// QEMU's type name of the owning device (`virtio-blk-pci`), which the generic harness matches too.
    package let ownerName: String
    package let size: UInt64
    package let kind: Kind
    package let tag: Int
    package let access: AccessRules
    package let guardian: ReentrancyGuard?
    package let isReadOnly: Bool
    package private(set) var subregions: [MemoryRegion] = []
    package private(set) weak var container: MemoryRegion?
    /// Offset inside the container.
    package private(set) var offset: UInt64 = 0
    /// Among overlapping siblings the higher priority is seen; of equals, the one added last.
    package private(set) var priority = 0
    package private(set) var isEnabled = true

    private var aliases: [WeakRegion] = []
    private var watchers: [WeakSpace] = []

    private struct WeakRegion { weak var region: MemoryRegion? }
    private struct WeakSpace { weak var space: AddressSpace? }

    package init(
        name: String, ownerName: String = "", size: UInt64, kind: Kind, tag: Int = 0,
        access: AccessRules = .standard, guardian: ReentrancyGuard? = nil, isReadOnly: Bool = false
    ) {
        self.name = name
        self.ownerName = ownerName
        self.size = size
        self.kind = kind
        self.tag = tag
        self.access = access
        self.guardian = guardian
        self.isReadOnly = isReadOnly
        if case .alias(let target, _) = kind { target.aliases.append(WeakRegion(region: self)) }
    }

    /// A region that only places others.
    package static func container(name: String, ownerName: String = "", size: UInt64) -> MemoryRegion {
        MemoryRegion(name: name, ownerName: ownerName, size: size, kind: .container)
    }

    /// A device's registers. `tag` comes back in every call of `ops`.
    package static func io(
        name: String, owner: Device, size: UInt64, ops: any MemoryRegionOps, tag: Int = 0,
        access: AccessRules = .standard
    ) -> MemoryRegion {
        MemoryRegion(
            name: name, ownerName: owner.typeName, size: size, kind: .io(ops), tag: tag, access: access,
            guardian: owner.reentrancyGuard)
    }

    /// A window onto `size` bytes of `target` from `targetOffset`.
    package static func alias(
        name: String, ownerName: String = "", of target: MemoryRegion, targetOffset: UInt64, size: UInt64,
        isReadOnly: Bool = false
    ) -> MemoryRegion {
        MemoryRegion(
            name: name, ownerName: ownerName, size: size,
            kind: .alias(target: target, offset: targetOffset), isReadOnly: isReadOnly)
    }

    /// Places `region` inside this one. A region has one container at most; adding it again moves it.
    package func add(_ region: MemoryRegion, at offset: UInt64, priority: Int = 0) {
        region.container?.remove(region)
        region.offset = offset
        region.priority = priority
        region.container = self
        // Sorted so that rendering in order lets the first that claims an address keep it.
        let index = subregions.firstIndex { $0.priority <= priority } ?? subregions.count
        subregions.insert(region, at: index)
        markChanged()
    }

    package func remove(_ region: MemoryRegion) {
        guard let index = subregions.firstIndex(where: { $0 === region }) else { return }
        subregions.remove(at: index)
        region.container = nil
        markChanged()
    }

    package func setEnabled(_ value: Bool) {
        guard isEnabled != value else { return }
        isEnabled = value
        markChanged()
    }

    /// Whether the kind is one that answers accesses itself.
    package var isLeaf: Bool {
        switch kind {
        case .ram, .io: true
        case .container, .alias: false
        }
    }

    /// `ram`, `rom`, `i/o`, `alias` or `container`, for listings.
    package var kindName: String {
        switch kind {
        case .container: "container"
        case .ram: isReadOnly ? "rom" : "ram"
        case .io: "i/o"
        case .alias: "alias"
        }
    }

    func addWatcher(_ space: AddressSpace) { watchers.append(WeakSpace(space: space)) }

    private func markChanged() {
        for watcher in watchers { watcher.space?.invalidate() }
        for alias in aliases { alias.region?.markChanged() }
        container?.markChanged()
    }
}
