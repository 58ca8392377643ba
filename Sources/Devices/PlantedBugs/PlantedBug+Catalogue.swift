import Machine

extension PlantedBug {
    static let chipset: [PlantedBug] = [
        PlantedBug(
            name: "pit-control-read", flag: .pitControlRead, device: "isa-pit",
            modelledOn: "CVE-2015-3214", depth: .shallow, consequence: .outOfBounds,
            summary: """
                Reading port 0x43 is not answered apart: the control register, which is written only, is \
                taken as a fourth channel.
                """),
        PlantedBug(
            name: "rtc-index", flag: .rtcIndex, device: "mc146818rtc",
            modelledOn: "CVE-2016-1714", depth: .medium, consequence: .outOfBounds,
            summary: """
                The index register keeps bit 7, which gates the non-maskable interrupt. Using the data \
                register then leaves the 128 bytes of CMOS. (The model is another pair of index and data \
                port, that of the firmware configuration device.)
                """),
        PlantedBug(
            name: "serial-divisor", flag: .serialDivisor, device: "isa-serial",
            modelledOn: "CVE-2016-8669", depth: .medium, consequence: .divisionByZero,
            summary: """
                A divisor of zero is accepted as a speed. It is used when a byte arrives in the FIFO, where \
                the time of a character is needed for the timeout: with nothing attached, that takes \
                loop-back mode and FIFOs.
                """),
        PlantedBug(
            name: "interrupt-poll", flag: .interruptPoll, device: "isa-i8259",
            modelledOn: "CVE-2021-20221", depth: .medium, consequence: .outOfBounds,
            summary: """
                Polling an 8259A does not look whether an interrupt is pending: "none", which is 8, is acknowledged \
                like an input, and there are eight. (The model is the distributor of another interrupt controller, \
                where the number of an interrupt was not compared with the number of lines.)
                """),
        PlantedBug(
            name: "pci-configuration-end", flag: .pciConfigurationEnd, device: "pci",
            modelledOn: "CVE-2020-13791", depth: .shallow, consequence: .outOfBounds,
            summary: """
                An access that begins near the end of configuration space is not cut at its 256th byte. \
                Configuration mechanism #1 takes the low two bits of the address register, so that four \
                bytes from 0xff can be asked for.
                """),
        PlantedBug(
            name: "msix-table-offset", flag: .msixTableOffset, device: "virtio-blk-pci",
            modelledOn: "CVE-2020-13754", depth: .shallow, consequence: .outOfBounds,
            summary: """
                The region of the MSI-X table is as large as its place in the BAR, and an offset is not \
                compared with the number of vectors. Any access behind the second entry leaves the table.
                """),
    ]

    static let transport: [PlantedBug] = [
        PlantedBug(
            name: "virtio-queue-notify", flag: .virtioQueueNotify, device: "virtio-blk-pci",
            modelledOn: "CVE-2011-2512", depth: .shallow, consequence: .outOfBounds,
            summary: """
                The number that a driver writes to a notify register is taken as an index of the queues. The \
                device has one queue; notifying any other one leaves the array.
                """),
        PlantedBug(
            name: "virtio-configuration-bounds", flag: .virtioConfigurationBounds, device: "virtio-blk-pci",
            modelledOn: "CVE-2013-2016", depth: .shallow, consequence: .outOfBounds,
            summary: """
                Offset and size of an access to the device configuration are not compared with its 57 bytes, \
                neither for reads nor for writes, in neither interface.
                """),
        PlantedBug(
            name: "virtio-queue-select", flag: .virtioQueueSelect, device: "virtio-blk-pci",
            modelledOn: "CVE-2024-6505", depth: .medium, consequence: .outOfBounds,
            summary: """
                Any number is accepted as the selected queue. Nothing happens until a register of the \
                selected queue is used: its vector, its size or its addresses.
                """),
        PlantedBug(
            name: "virtio-queue-size", flag: .virtioQueueSize, device: "virtio-blk-pci",
            modelledOn: "CVE-2026-5747", depth: .medium, consequence: .divisionByZero,
            summary: """
                The size of a queue can be changed to anything, zero too, also while it runs. The next \
                request makes the device compute a ring slot modulo that size.
                """),
    ]

    static let queue: [PlantedBug] = [
        PlantedBug(
            name: "virtqueue-zero-length-descriptor", flag: .virtqueueZeroLengthDescriptor,
            device: "virtio-blk-pci", modelledOn: "CVE-2016-6490", depth: .deep, consequence: .endless,
            summary: """
                Descriptors without length are accepted. They add no buffer, and chains are recognised as \
                circular by their number of buffers: a chain of empty descriptors that leads back to itself \
                is followed for ever.
                """),
        PlantedBug(
            name: "virtqueue-indirect-length", flag: .virtqueueIndirectLength, device: "virtio-blk-pci",
            modelledOn: "CVE-2011-2212", depth: .deep, consequence: .outOfBounds,
            summary: """
                The buffers of a chain are not counted against the room for them. A chain in the ring is \
                bounded by the ring's size, but an indirect table may have more descriptors than the room of \
                1024.
                """),
    ]

    static let block: [PlantedBug] = [
        PlantedBug(
            name: "block-sector-range", flag: .blockSectorRange, device: "virtio-blk-pci",
            modelledOn: "CVE-2008-0928", depth: .deep, consequence: .outOfBounds,
            summary: """
                The range of a request is checked by its end alone, and the sum of sector and count wraps: \
                the last sector number there is, plus one, is a good end. Read, write and write-zeroes \
                requests have it.
                """),
        PlantedBug(
            name: "block-unaligned-transfer", flag: .blockUnalignedTransfer, device: "virtio-blk-pci",
            modelledOn: "CVE-2011-1750", depth: .deep, consequence: .outOfBounds,
            summary: """
                A length that is not a multiple of the sector size is rounded down for the check of the \
                range, and used as it is for the transfer. At the end of the disk the rest lies behind it.
                """),
        PlantedBug(
            name: "block-discard-allocation", flag: .blockDiscardAllocation, device: "virtio-blk-pci",
            modelledOn: "CVE-2016-5403", depth: .deep, consequence: .unboundedAllocation,
            summary: """
                The segments of a discard or write-zeroes request are not compared with the one segment that \
                the device offers; a buffer for all that the driver claims is made. Descriptors may overlap, \
                so a chain of a few hundred of them claims gigabytes.
                """),
        PlantedBug(
            name: "block-double-fetch", flag: .blockDoubleFetch, device: "virtio-blk-pci",
            modelledOn: "CVE-2015-8550", depth: .deep, consequence: .outOfBounds,
            summary: """
                After each buffer of a transfer the sector is read again from the request's header in guest \
                memory, without a second check. A read request whose first buffer covers its own header \
                changes it on the way.
                """),
        PlantedBug(
            name: "block-reset-in-flight", flag: .blockResetInFlight, device: "virtio-blk-pci",
            modelledOn: "CVE-2024-3446", depth: .deep, consequence: .staleState,
            summary: """
                The device's registers are not closed to the device's own transfers. A read request that has \
                the status register as its buffer resets the device, which drops all requests, and then goes \
                on with one of them.
                """),
    ]
}
