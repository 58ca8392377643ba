/// Anything the machine resets as one: a chip, a PCI function. Subclassed in `Devices`; created once, in the
/// machine parent, and registered with `Machine.register`.
/// `open`, because Swift lets nothing less be subclassed in another module.
open class Device {
    /// QEMU's type name (`mc146818rtc`): the owner of its regions and what harnesses' globs match.
    package let typeName: String
    package let reentrancyGuard = ReentrancyGuard()

    package init(typeName: String) { self.typeName = typeName }

    /// Brings the device to its power-on state. Subclasses reach every field that an input can change.
    open func reset() {}

    /// Regions that the device owns, mapped or not, so that listings know those a guest has not mapped yet.
    open var regions: [MemoryRegion] { [] }
}
