/// What a bus master sees: the memory or the port space of a machine. It flattens the region graph and
/// sends accesses where they belong, with QEMU's rules for sizes and alignment. Owned by `Machine`.
///
/// Any address and length is answered: what nobody owns reads as `unassignedByte`s and swallows writes.
package final class AddressSpace {
    package let name: String
    package let root: MemoryRegion
    /// What an unmapped byte reads as: 0 in memory, 0xff in port space.
    package let unassignedByte: UInt8
    private var cachedView: FlatView?
    /// Changes with every change of the mapping: lets callers cache what they derived from `view`.
    package private(set) var generation: UInt64 = 0

    package init(name: String, root: MemoryRegion, unassignedByte: UInt8) {
        self.name = name
        self.root = root
        self.unassignedByte = unassignedByte
        root.addWatcher(self)
    }

    /// The flat view as of now; rebuilt after a mapping changed.
    package var view: FlatView {
        if let cachedView { return cachedView }
        let fresh = FlatView(root: root)
        cachedView = fresh
        return fresh
    }

    func invalidate() {
        cachedView = nil
        generation &+= 1
    }

    /// The leaf region at `address` and the offset inside it.
    package func region(at address: UInt64) -> (region: MemoryRegion, offset: UInt64)? {
        let view = self.view
        guard let index = view.index(of: address) else { return nil }
        let range = view.ranges[index]
        return (range.region, range.regionOffset &+ (address &- range.first))
    }

    /// The bytes, at most `length`, from `address` on that are one stretch of RAM; 0 if none is there.
    package func contiguousRAM(at address: UInt64, length: UInt64) -> UInt64 {
        let view = self.view
        guard let index = view.index(of: address), case .ram = view.ranges[index].region.kind else {
            return 0
        }
        let available = view.ranges[index].last &- address
        return length == 0 || length &- 1 <= available ? length : available &+ 1
    }

    /// Reads 1, 2, 4 or 8 bytes, little-endian. Other sizes are cut to 8.
    package func read(address: UInt64, size: Int) -> UInt64 {
        var value: UInt64 = 0
        let count = max(0, min(size, 8))
        _ = withUnsafeMutableBytes(of: &value) {
            readBytes(address: address, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
        }
        return UInt64(littleEndian: value)
    }

    /// Writes 1, 2, 4 or 8 bytes, little-endian. Other sizes are cut to 8.
    package func write(address: UInt64, size: Int, value: UInt64) {
        let stored = value.littleEndian
        let count = max(0, min(size, 8))
        _ = withUnsafeBytes(of: stored) {
            writeBytes(address: address, from: UnsafeRawBufferPointer(rebasing: $0[..<count]))
        }
    }

    /// Fills `buffer` from `address` on; addresses wrap at the top of the space.
    /// - Returns: false when a part was unmapped or refused (those bytes are filled all the same).
    @discardableResult
    package func readBytes(address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var done = 0
        var isComplete = true
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            done &+= readPiece(address: address &+ UInt64(done), into: rest, isComplete: &isComplete)
        }
        return isComplete
    }

    /// Stores `bytes` from `address` on; addresses wrap at the top of the space.
    /// - Returns: false when a part was unmapped, read-only or refused.
    @discardableResult
    package func writeBytes(address: UInt64, from bytes: UnsafeRawBufferPointer) -> Bool {
        var done = 0
        var isComplete = true
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done &+= writePiece(address: address &+ UInt64(done), from: rest, isComplete: &isComplete)
        }
        return isComplete
    }

    /// Bytes from `address` to the next mapped byte, at most `limit`: what can be skipped at once.
    private func unmappedLength(_ view: FlatView, _ address: UInt64, limit: Int) -> Int {
        guard let next = view.nextMapped(from: address) else { return limit }
        return Int(min(UInt64(limit), max(1, next &- address)))
    }

    private func readPiece(
        address: UInt64, into rest: UnsafeMutableRawBufferPointer, isComplete: inout Bool
    ) -> Int {
        let view = self.view
        guard let index = view.index(of: address) else {
            isComplete = false
            let length = unmappedLength(view, address, limit: rest.count)
            for position in 0..<length { rest[position] = unassignedByte }
            return length
        }
        let range = view.ranges[index]
        let offset = range.regionOffset &+ (address &- range.first)
        if case .ram(let memory) = range.region.kind {
            let length = Int(min(UInt64(rest.count), max(1, (range.last &- address) &+ 1)))
            return Self.copyOut(memory, offset, into: rest, length: length)
        }
        let size = range.region.access.pieceSize(offset: offset, remaining: rest.count)
        let value = range.region.dispatchRead(offset: offset, size: size, isAccepted: &isComplete)
        for position in 0..<size {
            rest[position] = UInt8(truncatingIfNeeded: value &>> UInt64(position &* 8))
        }
        return size
    }

    private func writePiece(
        address: UInt64, from rest: UnsafeRawBufferPointer, isComplete: inout Bool
    ) -> Int {
        let view = self.view
        guard let index = view.index(of: address) else {
            isComplete = false
            return unmappedLength(view, address, limit: rest.count)
        }
        let range = view.ranges[index]
        let offset = range.regionOffset &+ (address &- range.first)
        if case .ram(let memory) = range.region.kind {
            let length = Int(min(UInt64(rest.count), max(1, (range.last &- address) &+ 1)))
            // A read-only alias of writable RAM binds the processor alone, as in QEMU's address_space_write.
            if range.region.isReadOnly { isComplete = false; return length }
            return Self.copyIn(memory, offset, from: rest, length: length)
        }
        let size = range.region.access.pieceSize(offset: offset, remaining: rest.count)
        var value: UInt64 = 0
        for position in 0..<size { value |= UInt64(rest[position]) &<< UInt64(position &* 8) }
        range.region.dispatchWrite(offset: offset, size: size, value: value, isAccepted: &isComplete)
        return size
    }

    // The region's size may exceed its memory only by a builder's mistake; an input must not find out.
    private static func copyOut(
        _ memory: UnsafeMutableRawBufferPointer, _ offset: UInt64, into rest: UnsafeMutableRawBufferPointer,
        length: Int
    ) -> Int {
        guard offset < UInt64(memory.count) else { return length }
        let available = min(length, memory.count &- Int(offset))
        rest.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: memory[Int(offset)..<(Int(offset) &+ available)]))
        return length
    }

    private static func copyIn(
        _ memory: UnsafeMutableRawBufferPointer, _ offset: UInt64, from rest: UnsafeRawBufferPointer,
        length: Int
    ) -> Int {
        guard offset < UInt64(memory.count) else { return length }
        let available = min(length, memory.count &- Int(offset))
        UnsafeMutableRawBufferPointer(rebasing: memory[Int(offset)..<(Int(offset) &+ available)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<available]))
        return length
    }
}

extension MemoryRegion {
    /// One access by region and offset: checks the rules, cuts or widens to what the device implements.
    /// For RAM and containers it answers 0.
    package func dispatchRead(offset: UInt64, size: Int, isAccepted: inout Bool) -> UInt64 {
        guard case .io(let ops) = kind, access.accepts(offset: offset, size: size),
            guardian?.isEngaged != true
        else { isAccepted = false; return 0 }
        onRegionAccess?(self, offset, size, false)
        guardian?.isEngaged = true
        defer { guardian?.isEngaged = false }
        let step = max(min(size, access.implementedMaximum), access.implementedMinimum)
        let mask: UInt64 = step >= 8 ? .max : (1 &<< UInt64(step &* 8)) &- 1
        var value: UInt64 = 0
        var position = 0
        while position < size {
            let part = ops.read(tag: tag, offset: offset &+ UInt64(position), size: step) & mask
            value |= part &<< UInt64(position &* 8)
            position &+= step
        }
        return value
    }

    /// One access by region and offset; see `dispatchRead`.
    package func dispatchWrite(offset: UInt64, size: Int, value: UInt64, isAccepted: inout Bool) {
        guard case .io(let ops) = kind, access.accepts(offset: offset, size: size),
            guardian?.isEngaged != true
        else { isAccepted = false; return }
        onRegionAccess?(self, offset, size, true)
        guardian?.isEngaged = true
        defer { guardian?.isEngaged = false }
        let step = max(min(size, access.implementedMaximum), access.implementedMinimum)
        let mask: UInt64 = step >= 8 ? .max : (1 &<< UInt64(step &* 8)) &- 1
        var position = 0
        while position < size {
            let part = (value &>> UInt64(position &* 8)) & mask
            ops.write(tag: tag, offset: offset &+ UInt64(position), size: step, value: part)
            position &+= step
        }
    }
}
