import Machine

/// One check that a machine can be built without. A value; the catalogue is `PlantedBug.all`.
package struct PlantedBug: Sendable {
    /// How many dependent steps an input needs.
    package enum Depth: String, Sendable {
        /// One access once the device is mapped.
        case shallow
        /// A few accesses in order.
        case medium
        /// A queue in guest memory with a request built for the purpose.
        case deep
    }

    /// What the missing check leads to.
    package enum Consequence: String, Sendable {
        case outOfBounds = "out of bounds"
        case divisionByZero = "division by zero"
        case endless
        case unboundedAllocation = "unbounded allocation"
        case staleState = "stale request state"
        /// Nothing happens in the machine itself; `fuzzd audit` finds it.
        case leftBehind = "left behind by a reboot"
    }

    /// What `--bug` and configurations call it.
    package let name: String
    package let flag: PlantedBugs
    /// QEMU's type name of the device it is in.
    package let device: String
    /// The public vulnerability of the same kind of device that it is modelled on.
    package let modelledOn: String
    package let depth: Depth
    package let consequence: Consequence
    /// One paragraph: which check is missing and what an input has to do.
    package let summary: String

    /// The bug of that name, nil if there is none.
    package static func named(_ name: String) -> PlantedBug? { (all + resets).first { $0.name == name } }

    /// Every bug that an input can see, in the order of listings: chipset, transport, queues, block device; shallow before deep.
    /// Those of `resets` are not among them: within one input nothing comes of them.
    package static let all: [PlantedBug] = chipset + transport + queue + block
}
