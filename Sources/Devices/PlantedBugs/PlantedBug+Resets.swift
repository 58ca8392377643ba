import Machine

extension PlantedBug {
    /// Resets that forget a register: what `fuzzd audit` is to find.
    package static let resets: [PlantedBug] = [
        PlantedBug(
            name: "reset-serial-scratch", flag: .resetSerialScratch, device: "isa-serial",
            modelledOn: "none", depth: .shallow, consequence: .leftBehind,
            summary: "A reset of the 16550A leaves its scratch register as it is."),
        PlantedBug(
            name: "reset-interrupt-vector", flag: .resetInterruptVector, device: "isa-i8259",
            modelledOn: "none", depth: .medium, consequence: .leftBehind,
            summary: """
                A reset of an 8259A leaves the vector base as it is, which the second initialisation word (ICW2) set.
                """),
        PlantedBug(
            name: "reset-speaker-switch", flag: .resetSpeakerSwitch, device: "isa-pcspk",
            modelledOn: "none", depth: .shallow, consequence: .leftBehind,
            summary: "A reset leaves the speaker's data bit, bit 1 of port 0x61, as it is."),
        PlantedBug(
            name: "reset-feature-select", flag: .resetFeatureSelect, device: "virtio-blk-pci",
            modelledOn: "none", depth: .shallow, consequence: .leftBehind,
            summary: """
                A reset of the virtio transport leaves the register as it is that selects a word of the device's features.
                """),
        PlantedBug(
            name: "reset-msix-table", flag: .resetMSIXTable, device: "virtio-blk-pci",
            modelledOn: "none", depth: .shallow, consequence: .leftBehind,
            summary: """
                A reset of MSI-X masks all vectors, but leaves addresses and data of the table as they are.
                """),
    ]
}
