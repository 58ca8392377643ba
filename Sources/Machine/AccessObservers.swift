/// Called for each access that reaches a region's registers, before the device sees it: from the processor, from a harness,
/// or from a device that writes into another one. nil: nobody looks, which costs a comparison.
///
/// Set once in the process, after the machine was prepared; `pc-fuzz` does for its access logs.
nonisolated(unsafe) package var onRegionAccess:
    ((_ region: MemoryRegion, _ offset: UInt64, _ size: Int, _ isWrite: Bool) -> Void)?

/// Called for each access to the configuration space of a PCI function that is there; see `onRegionAccess`.
nonisolated(unsafe) package var onConfigurationAccess:
    ((_ function: PCIDevice, _ offset: Int, _ size: Int, _ isWrite: Bool) -> Void)?
