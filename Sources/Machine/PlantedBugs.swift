/// Checks that a machine is built without, for exercising the fuzzer. None are missing by default.
///
/// The set is handed over when the machine is constructed and never changes. It stands in this module because
/// PCI configuration space and MSI-X belong to it; `PlantedBug` in `Devices` says what each one is.
package struct PlantedBugs: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let pitControlRead = PlantedBugs(rawValue: 1 << 0)
    package static let serialDivisor = PlantedBugs(rawValue: 1 << 1)
    package static let rtcIndex = PlantedBugs(rawValue: 1 << 2)
    package static let interruptPoll = PlantedBugs(rawValue: 1 << 3)
    package static let pciConfigurationEnd = PlantedBugs(rawValue: 1 << 4)
    package static let msixTableOffset = PlantedBugs(rawValue: 1 << 5)
    package static let virtioQueueNotify = PlantedBugs(rawValue: 1 << 6)
    package static let virtioQueueSelect = PlantedBugs(rawValue: 1 << 7)
    package static let virtioQueueSize = PlantedBugs(rawValue: 1 << 8)
    package static let virtioConfigurationBounds = PlantedBugs(rawValue: 1 << 9)
    package static let virtqueueZeroLengthDescriptor = PlantedBugs(rawValue: 1 << 10)
    package static let blockDiscardAllocation = PlantedBugs(rawValue: 1 << 11)
    package static let virtqueueIndirectLength = PlantedBugs(rawValue: 1 << 12)
    package static let blockUnalignedTransfer = PlantedBugs(rawValue: 1 << 13)
    package static let blockSectorRange = PlantedBugs(rawValue: 1 << 14)
    package static let blockDoubleFetch = PlantedBugs(rawValue: 1 << 15)
    package static let blockResetInFlight = PlantedBugs(rawValue: 1 << 16)
    package static let resetSerialScratch = PlantedBugs(rawValue: 1 << 17)
    package static let resetInterruptVector = PlantedBugs(rawValue: 1 << 18)
    package static let resetSpeakerSwitch = PlantedBugs(rawValue: 1 << 19)
    package static let resetFeatureSelect = PlantedBugs(rawValue: 1 << 20)
    package static let resetMSIXTable = PlantedBugs(rawValue: 1 << 21)
}
