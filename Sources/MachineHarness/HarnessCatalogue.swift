import Machine

/// The harnesses there are, by name.
package enum HarnessCatalogue {
    /// Names and summaries, in the order of listings.
    package static let entries: [(name: String, summary: String)] = [
        ("generic", "QEMU's generic-fuzz input format over the regions that --objects names"),
        ("virtio-blk", "requests on a virtio-blk queue that is set up once"),
        ("virtio-blk-flags", "the same, with the feature bits that the driver accepts taken from the input"),
        ("i440fx", "reads and writes of the two PCI configuration ports"),
        ("i440fx-configuration", "reads and writes of any PCI function's configuration space"),
    ]

    package static var names: [String] { entries.map(\.name) }

    /// Makes the harness of that name for `machine`. All but the first two concern `generic` only.
    package static func make(
        _ name: String, machine: Machine, globs: String, avoidsDoubleFetches: Bool = true, hasSparseMemory: Bool = true
    ) throws(HarnessError) -> any Harness {
        switch name {
        case "generic":
            GenericHarness(
                machine: machine, globs: globs, avoidsDoubleFetches: avoidsDoubleFetches, hasSparseMemory: hasSparseMemory)
        case "virtio-blk": VirtIOBlockHarness(machine: machine, takesFeaturesFromInput: false)
        case "virtio-blk-flags": VirtIOBlockHarness(machine: machine, takesFeaturesFromInput: true)
        case "i440fx": I440FXHarness(machine: machine)
        case "i440fx-configuration": I440FXConfigurationHarness(machine: machine)
        default: throw .unknownHarness(name: name)
        }
    }
}
