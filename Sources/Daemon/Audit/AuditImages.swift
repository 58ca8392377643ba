import ForkServer
import Foundation

/// Takes the images that are compared: of the machine parent once, of each runner after its reboot.
struct AuditImages {
    let before: MemoryImage
    let pointers: PointerMap
    let mappings: [ProcessMemory.Mapping]
    /// `nil` where the target noted none.
    let allocations: NotedAllocations?
    /// Larger mappings are not looked into: guest memory, shadow memory.
    static let largestMapping: UInt64 = 24 << 20

    /// - Parameter audit: names the machine parent, and what it keeps where.
    /// - Throws: `CommandFailure` when the process may not be looked at.
    init(_ audit: RebootAudit) throws {
        let machineParent = audit.machineParent
        guard let memory = ProcessMemory(process: machineParent) else {
            throw CommandFailure(
                .targetUnusable,
                "the target's memory cannot be read: /proc/\(machineParent)/mem; run as the same user, with ptrace allowed")
        }
        mappings = memory.mappings
        var image = MemoryImage(
            segments: memory.mappings.compactMap { mapping in
                guard Self.isLookedInto(mapping), let bytes = memory.bytes(at: mapping.start, count: Int(mapping.bytes)) else {
                    return nil
                }
                return MemoryImage.Segment(start: mapping.start, bytes: bytes, isRoot: mapping.name != "[heap]")
            })
        Self.findBlocks(&image)
        before = image
        pointers = PointerMap(image)
        allocations =
            audit.allocations == 0
            ? nil
            : memory.bytes(at: audit.allocations, count: NotedAllocations.byteCount).flatMap(NotedAllocations.init(bytes:))
    }

    private static func isLookedInto(_ mapping: ProcessMemory.Mapping) -> Bool {
        guard mapping.isWritable, mapping.isPrivate, mapping.name != "[stack]" else { return false }
        return mapping.name == "[heap]" || mapping.bytes <= largestMapping
    }

    private static func findBlocks(_ image: inout MemoryImage, like earlier: HeapBlocks? = nil) {
        guard let heap = image.segments.first(where: { !$0.isRoot }) else { return }
        image.heap = HeapBlocks(heap: heap)
        if let earlier { image.heap.knowArena(of: earlier) }
        image.heap.markCachedAsFree(in: image)
    }

    /// The memory of a runner that stands still: what differs is read, the rest is as before.
    func after(_ audit: RebootAudit) -> MemoryImage? {
        guard let memory = ProcessMemory(process: audit.runner) else { return nil }
        var segments = before.segments
        for range in audit.ranges {
            guard let index = before.segment(at: range.address) else { continue }
            let end = min(range.address + range.bytes, segments[index].end)
            guard let bytes = memory.bytes(at: range.address, count: Int(end - range.address)) else { continue }
            let offset = Int(range.address - segments[index].start)
            segments[index].bytes.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        // What the heap grew by is not tracked, and new.
        if let index = segments.firstIndex(where: { !$0.isRoot }),
            let heap = memory.mappings.first(where: { $0.name == "[heap]" }), heap.end > segments[index].end,
            let bytes = memory.bytes(at: segments[index].end, count: Int(heap.end - segments[index].end))
        {
            segments[index].bytes += bytes
        }
        var image = MemoryImage(segments: segments)
        Self.findBlocks(&image, like: before.heap)
        return image
    }

    /// Bytes that differ in mappings that are not looked into, by mapping; stacks are left out.
    func bytesOfLargeMappings(_ audit: RebootAudit) -> [UInt64: UInt64] {
        var bytes: [UInt64: UInt64] = [:]
        for range in audit.ranges where before.segment(at: range.address) == nil {
            guard let mapping = mappings.first(where: { $0.start <= range.address && range.address < $0.end }),
                mapping.name != "[stack]"
            else { continue }
            bytes[mapping.start, default: 0] += range.bytes
        }
        return bytes
    }
}
