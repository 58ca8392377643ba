import Machine

/// The part of a virtio device that is the same for every transport: status, features, queues, interrupt
/// status (VIRTIO 1.2, chapter 2). Owned by the transport; one thread.
///
/// Invariant: `negotiatedFeatures` is a subset of `hostFeatures`.
package final class VirtIODevice {
    package let backend: any VirtIOBackend
    package let memory: any GuestMemory
    package let bugs: PlantedBugs
    package let hostFeatures: UInt64
    /// The existing queues; selectable numbers from `queues.count` on have none.
    package let queues: [VirtQueue]

    package internal(set) var status: UInt8 = 0
    package internal(set) var negotiatedFeatures: UInt64 = 0
    package internal(set) var selectedQueue = 0
    package internal(set) var interruptStatus: UInt8 = 0
    /// Changes with each configuration interrupt, so that a driver sees torn reads (VIRTIO 1.2, 2.5.1).
    package internal(set) var configurationGeneration: UInt8 = 0
    package internal(set) var configurationVector = VirtIOLimits.noVector
    /// The interrupt vector of every selectable queue, existing or not.
    var queueVectors = [UInt16](repeating: VirtIOLimits.noVector, count: VirtIOLimits.queueCount)
    /// Set after the driver broke a rule; queues stand still until a reset.
    package internal(set) var isBroken = false
    /// What the driver did to get there, for reports and tests.
    package internal(set) var lastError: VirtQueueError?
    /// Set while the transport may not use memory (PCI bus mastering was switched off).
    package var isDisabled = false
    private var configuration: [UInt8]
    private var isProcessing = false

    /// Carries interrupts to the transport; called after `interruptStatus` changed.
    package var interrupt: (_ vector: UInt16) -> Void = { _ in }

    package init(
        backend: any VirtIOBackend, memory: any GuestMemory, queueSizes: [UInt16], bugs: PlantedBugs = []
    ) {
        self.backend = backend
        self.memory = memory
        self.bugs = bugs
        hostFeatures =
            backend.features | VirtIOFeature.notifyOnEmpty | VirtIOFeature.anyLayout
            | VirtIOFeature.indirectDescriptors | VirtIOFeature.eventIndex | VirtIOFeature.badFeature
            | VirtIOFeature.version1 | VirtIOFeature.ringReset
        queues = queueSizes.map { VirtQueue(defaultSize: $0) }
        configuration = [UInt8](repeating: 0, count: backend.configurationByteCount)
    }

    package func has(_ feature: UInt64) -> Bool { negotiatedFeatures & feature != 0 }

    /// The queue of that number, nil if it does not exist.
    func queue(_ index: Int) -> VirtQueue? { index < queues.count ? queues[index] : nil }

    // MARK: Status and features

    /// The driver writes the status field (VIRTIO 1.2, 2.1). Writing 0 is a reset, which the transport does.
    package func setStatus(_ value: UInt8) {
        if value & VirtIOStatus.driverOK != 0 { backend.driverStarted(features: negotiatedFeatures) }
        status = value
    }

    /// The driver accepts features; ignored once FEATURES_OK is set (VIRTIO 1.2, 3.1.1).
    package func setFeatures(_ value: UInt64) {
        if status & VirtIOStatus.featuresOK != 0 { return }
        negotiatedFeatures = value & hostFeatures
        if has(VirtIOFeature.eventIndex) {
            for queue in queues { checkRings(of: queue) }
        }
    }

    package func reset() {
        setStatus(0)
        backend.reset()
        isBroken = false
        lastError = nil
        isDisabled = false
        negotiatedFeatures = 0
        selectedQueue = 0
        interruptStatus = 0
        configurationVector = VirtIOLimits.noVector
        interrupt(configurationVector)
        for index in queueVectors.indices where queueVectors[index] != VirtIOLimits.noVector {
            queueVectors[index] = VirtIOLimits.noVector
        }
        for queue in queues { queue.reset() }
    }

    /// Takes the device out of service (VIRTIO 1.2, 2.1.2). A legacy driver is not told.
    package func fail(_ error: VirtQueueError) {
        isBroken = true
        lastError = error
        if has(VirtIOFeature.version1) {
            status |= VirtIOStatus.needsReset
            notifyConfiguration()
        }
    }

    // MARK: Interrupts

    func notifyConfiguration() {
        if status & VirtIOStatus.driverOK == 0 { return }
        interruptStatus |= VirtIOInterruptStatus.queue | VirtIOInterruptStatus.configuration
        configurationGeneration &+= 1
        interrupt(configurationVector)
    }

    /// Interrupts for queue `index` if its driver wants that.
    package func notifyUsed(_ index: Int) {
        guard let queue = queue(index) else { return }
        if isDisabled || isBroken { return }
        guard queue.shouldInterrupt(features: negotiatedFeatures, memory: memory) else { return }
        interruptStatus |= VirtIOInterruptStatus.queue
        interrupt(queueVectors[index])
    }

    // MARK: Queues

    /// The driver selects a queue; numbers that cannot exist are ignored.
    package func selectQueue(_ number: Int) {
        if !bugs.contains(.virtioQueueSelect) {
            if number >= VirtIOLimits.queueCount { return }
        }
        selectedQueue = number
    }

    /// Sets the size of a queue. It must not change between existing and not (VIRTIO 1.2, 4.1.4.3.2).
    package func setQueueSize(_ index: Int, _ size: UInt16) {
        guard let queue = queue(index) else { return }
        if !bugs.contains(.virtioQueueSize) {
            if size == 0 || Int(size) > VirtIOLimits.queueSizeMaximum { return }
        }
        queue.size = size
    }

    package func setRings(_ index: Int, descriptors: UInt64, available: UInt64, used: UInt64) {
        guard let queue = queue(index) else { return }
        queue.setRings(descriptors: descriptors, available: available, used: used)
        checkRings(of: queue)
    }

    package func setLegacyAddress(_ index: Int, _ address: UInt64) {
        guard let queue = queue(index) else { return }
        queue.setLegacyAddress(address)
        checkRings(of: queue)
    }

    private func checkRings(of queue: VirtQueue) {
        if queue.descriptorTable == 0 { return }
        if !queue.ringsAreMapped(in: memory, hasEventIndex: has(VirtIOFeature.eventIndex)) {
            fail(.ringNotMapped)
        }
    }

    /// The driver notifies a queue (VIRTIO 1.2, 4.1.5.2). Numbers that cannot exist are ignored, and so are
    /// queues without rings. A notification from inside the processing of another changes nothing: that one
    /// looks at the ring again before it ends.
    package func notifyQueue(_ number: Int) {
        if !bugs.contains(.virtioQueueNotify) {
            if number >= queues.count { return }
        }
        let queue = queues[number]
        if queue.descriptorTable == 0 || isBroken || isProcessing { return }
        isProcessing = true
        backend.queueNotified(number, of: self)
        isProcessing = false
    }

    // MARK: Device configuration

    /// A reset of the machine: what a driver wrote, of which a later write of a part would be made up.
    func forgetConfiguration() {
        for index in configuration.indices { configuration[index] = 0 }
    }

    /// Reads 1, 2 or 4 bytes; all ones past the end.
    package func readConfiguration(offset: Int, size: Int) -> UInt64 {
        if !bugs.contains(.virtioConfigurationBounds) {
            if offset + size > configuration.count { return UInt64(UInt32.max) }
        }
        backend.loadConfiguration(into: &configuration)
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(configuration[offset + index]) << UInt64(index * 8) }
        return value
    }

    /// Writes 1, 2 or 4 bytes; nothing past the end.
    package func writeConfiguration(offset: Int, size: Int, value: UInt64) {
        if !bugs.contains(.virtioConfigurationBounds) {
            if offset + size > configuration.count { return }
        }
        for index in 0..<size {
            configuration[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8))
        }
        backend.storeConfiguration(from: configuration)
    }
}
