/// Called before a device touches guest memory: address, length in bytes, whether the device writes.
/// The generic harness fills DMA patterns here (QEMU's `fuzz_dma_read_cb`).
package typealias DMAHook = (_ address: UInt64, _ length: Int, _ isWrite: Bool) -> Void

/// Ports that nobody decodes: a floating bus reads as ones.
private final class UnownedPorts: MemoryRegionOps {
    func read(tag: Int, offset: UInt64, size: Int) -> UInt64 { .max }
    func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {}
}

/// A machine's skeleton: two address spaces, RAM, a clock, interrupt inputs and the devices. `PC` in `Devices`
/// puts a personal computer on it. Created once in the machine parent; children inherit it by fork.
package final class Machine {
    /// Guest memory, given by the caller (who chooses how it is mapped) and outliving the machine.
    package let ram: UnsafeMutableRawBufferPointer
    package let ramRegion: MemoryRegion
    package let memory: AddressSpace
    package let io: AddressSpace
    package let clock = VirtualClock()
    /// Global system interrupts: 0 to 15 are the ISA lines.
    package let interrupts = InterruptRouter(count: 24)
    package private(set) var devices: [Device] = []
    package var dmaHook: DMAHook?
    /// Checks that this machine lacks on purpose.
    package let plantedBugs: PlantedBugs
    /// Set by a device that wants the whole machine reset (port 0xcf9, keyboard controller). Honoured by
    /// `completeRequests`, after the access, as in QEMU's main loop.
    package var isResetRequested = false

    /// - Parameter ram: page-aligned memory, zeroed; its size is the guest's RAM.
    package init(ram: UnsafeMutableRawBufferPointer, plantedBugs: PlantedBugs = []) {
        self.ram = ram
        self.plantedBugs = plantedBugs
        ramRegion = MemoryRegion(
            name: "pc.ram", ownerName: "memory-backend-ram", size: UInt64(ram.count), kind: .ram(ram))
        memory = AddressSpace(
            name: "memory", root: .container(name: "system", size: .max), unassignedByte: 0)
        io = AddressSpace(
            name: "I/O",
            root: MemoryRegion(name: "io", size: 0x10000, kind: .io(UnownedPorts())), unassignedByte: 0)
    }

    package func register(_ device: Device) { devices.append(device) }

    /// Brings every device to the state that it had after construction, in the order of registration, then
    /// lowers what is left of the interrupt inputs. Guest RAM and the clock stay, as in QEMU.
    package func reset() {
        isResetRequested = false
        for device in devices { device.reset() }
        interrupts.reset()
    }

    /// Builds the flat views that a change of the mapping threw away, which the next access would do otherwise.
    package func settleMappings() {
        _ = memory.view
        _ = io.view
    }

    /// Does what a device asked for during an access. To be called after every operation.
    package func completeRequests() {
        if isResetRequested { reset() }
    }

    /// One region that answers accesses, with the place it has now.
    package struct RegionPlace {
        package let region: MemoryRegion
        /// nil: not mapped at the moment.
        package let address: UInt64?
        package let isPort: Bool
    }

    /// Every leaf region of both spaces and of every device, mapped or not, each once; sorted by space,
    /// then address, then the unmapped ones in the order of devices.
    package func regionPlaces() -> [RegionPlace] {
        var places: [RegionPlace] = []
        var seen: Set<ObjectIdentifier> = []
        for (space, isPort) in [(memory, false), (io, true)] {
            for range in space.view.ranges where seen.insert(ObjectIdentifier(range.region)).inserted {
                places.append(
                    RegionPlace(
                        region: range.region, address: range.first &- range.regionOffset, isPort: isPort))
            }
        }
        for device in devices {
            for region in device.regions where region.isLeaf {
                guard seen.insert(ObjectIdentifier(region)).inserted else { continue }
                places.append(RegionPlace(region: region, address: nil, isPort: false))
            }
        }
        return places
    }
}
