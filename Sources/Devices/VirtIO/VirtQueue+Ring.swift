// The two rings of a split virtqueue: taking heads, returning used elements, and when to interrupt.

extension VirtQueue {
    /// Reads the driver's index (VIRTIO 1.2, 2.7.6).
    func loadAvailableIndex(_ memory: any GuestMemory) -> UInt16 {
        let index = memory.load16(availableRing &+ 2)
        shadowAvailable = index
        return index
    }

    /// Whether there is no request. Reads guest memory only if the last known index was reached.
    func isEmpty(_ memory: any GuestMemory) -> Bool {
        if availableRing == 0 { return true }
        if shadowAvailable != lastAvailable { return false }
        return loadAvailableIndex(memory) == lastAvailable
    }

    /// Asks for notifications, or to be spared them: by the flag (VIRTIO 1.2, 2.7.7) or, with
    /// VIRTIO_F_EVENT_IDX, by the index at which the next one is wanted (2.7.7.2).
    func setWantsNotification(_ wanted: Bool, eventIndex: Bool, memory: any GuestMemory) {
        wantsNotification = wanted
        if descriptorTable == 0 { return }
        if eventIndex {
            let index = loadAvailableIndex(memory)
            storeAvailableEvent(index, memory)
            return
        }
        let flags = memory.load16(usedRing)
        let flag = VirtIORing.usedNoNotify
        memory.store16(wanted ? flags & ~flag : flags | flag, usedRing)
    }

    func storeAvailableEvent(_ index: UInt16, _ memory: any GuestMemory) {
        if !wantsNotification { return }
        memory.store16(index, usedRing &+ 4 &+ UInt64(size) &* 8)
    }

    /// Puts one element into the used ring and publishes it (VIRTIO 1.2, 2.7.8).
    func pushUsed(head: UInt16, byteCount: UInt32, memory: any GuestMemory) {
        if usedRing == 0 || size == 0 { return }
        let slot = UInt64(usedIndex % size)
        let element = UInt64(head) | UInt64(byteCount) << 32
        memory.store64(element, usedRing &+ 4 &+ slot &* 8)
        // Writing guest memory can reset this device: nothing is left to publish then.
        if usedRing == 0 { return }
        let old = usedIndex
        let new = old &+ 1
        usedIndex = new
        memory.store16(new, usedRing &+ 2)
        if inFlight > 0 { inFlight -= 1 }
        // A full turn of the index since the last interrupt makes the comparison meaningless.
        if let signalled = signalledUsed, Int16(bitPattern: new &- signalled) < Int16(1) {
            signalledUsed = nil
        }
    }

    /// Whether the driver wants an interrupt for what was just published (VIRTIO 1.2, 2.7.7 and 2.7.10).
    func shouldInterrupt(features: UInt64, memory: any GuestMemory) -> Bool {
        if availableRing == 0 { return false }
        if features & VirtIOFeature.notifyOnEmpty != 0 && inFlight == 0 && isEmpty(memory) {
            return true
        }
        if features & VirtIOFeature.eventIndex == 0 {
            return memory.load16(availableRing) & VirtIORing.availableNoInterrupt == 0
        }
        let new = usedIndex
        let old = signalledUsed
        signalledUsed = new
        guard let old else { return true }
        let event = memory.load16(availableRing &+ 4 &+ UInt64(size) &* 2)
        return new &- event &- 1 < new &- old
    }
}
