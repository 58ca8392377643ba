import CForkServerABI

/// Where a machine parent allocated the blocks of its heap, as it noted them while it made its machine (`struct fuzzd_allocations`).
/// A copy.
package struct NotedAllocations: Sendable {
    package struct Block: Sendable, Equatable {
        /// What was asked for.
        package var bytes: UInt64
        /// Return addresses from the allocator's caller outwards.
        package var stack: [UInt64]
    }

    private var blocks: [UInt64: (bytes: UInt32, stack: UInt32)] = [:]
    private var frames: [UInt64] = []
    /// Blocks that found no room.
    package private(set) var dropped: UInt64

    package static var byteCount: Int { MemoryLayout<fuzzd_allocations>.size }
    private static let blocksOffset = 8
    private static let framesPerStack = Int(FUZZD_ALLOCATION_FRAMES)

    /// `nil` where there are not `byteCount` bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        dropped = 0
        bytes.withUnsafeBytes { memory in
            dropped = memory.loadUnaligned(as: UInt64.self)
            let stride = MemoryLayout<fuzzd_allocation>.stride
            for index in 0..<Int(FUZZD_MAX_ALLOCATIONS) {
                let block = memory.loadUnaligned(fromByteOffset: Self.blocksOffset + index * stride, as: fuzzd_allocation.self)
                guard block.address != 0, block.stack != 0, block.stack <= FUZZD_MAX_ALLOCATION_STACKS else { continue }
                blocks[block.address] = (block.bytes, block.stack - 1)
            }
            let start = Self.blocksOffset + Int(FUZZD_MAX_ALLOCATIONS) * stride
            let count = Int(FUZZD_MAX_ALLOCATION_STACKS) * Self.framesPerStack
            frames = (0..<count).map { memory.loadUnaligned(fromByteOffset: start + 8 * $0, as: UInt64.self) }
        }
    }

    /// The block that begins at an address; `nil` where none was noted.
    package func block(at address: UInt64) -> Block? {
        guard let found = blocks[address] else { return nil }
        let first = Int(found.stack) * Self.framesPerStack
        return Block(bytes: UInt64(found.bytes), stack: Array(frames[first..<first + Self.framesPerStack].prefix { $0 != 0 }))
    }
}
