import ForkServer

/// Says whose a byte of memory is: a variable, an object of a known type, or what a chain of pointers leads to from one.
///
/// Built once from the memory before; owned by one thread.
final class OwnerIndex {
    private let image: MemoryImage
    private let mappings: [ProcessMemory.Mapping]
    private let sites: AllocationSites?
    private let name: (UInt64) -> (name: String, offset: UInt64, path: String)?
    /// Where the first pointer to a block stands, by breadth from the variables; 0: nothing leads to it.
    private var referrers: [UInt64]
    private var types: [Int: [TypedObject]] = [:]

    /// An object in a block, perhaps within another one.
    private struct TypedObject {
        var offset: UInt64
        var bytes: UInt64
        var name: String
    }

    private static let hops = 4

    init(
        image: MemoryImage, mappings: [ProcessMemory.Mapping], sites: AllocationSites? = nil,
        name: @escaping (UInt64) -> (name: String, offset: UInt64, path: String)?
    ) {
        self.image = image
        self.mappings = mappings
        self.sites = sites
        self.name = name
        referrers = Array(repeating: 0, count: image.heap.count)
        findReferrers()
    }

    private func findReferrers() {
        var queue: [Int] = []
        for segment in image.segments where segment.isRoot {
            scan(segment, from: (segment.start + 7) & ~7, to: segment.end, &queue)
        }
        var next = 0
        while next < queue.count {
            let start = image.heap.starts[queue[next]]
            if let index = image.segment(at: start) {
                scan(image.segments[index], from: start, to: start + image.heap.sizes[queue[next]], &queue)
            }
            next += 1
        }
    }

    private func scan(_ segment: MemoryImage.Segment, from start: UInt64, to end: UInt64, _ queue: inout [Int]) {
        var address = start
        while address + 8 <= end, let word = segment.word(address) {
            if let block = image.heap.usedBlock(at: word), referrers[block] == 0 {
                referrers[block] = address
                queue.append(block)
            }
            address += 8
        }
    }

    func place(of address: UInt64) -> AuditPlace {
        if let block = image.heap.block(at: address) {
            return place(inBlock: block, at: address - image.heap.starts[block], hops: Self.hops)
        }
        if let index = mappings.firstIndex(where: { $0.start <= address && address < $0.end }) {
            return place(inMapping: index, at: address)
        }
        return AuditPlace(kind: .mapping, owner: "memory", offset: address)
    }

    /// Where the block was allocated that has a place; `nil` outside of the heap, and where nobody noted it.
    func allocation(of address: UInt64) -> AuditAllocation? { image.heap.block(at: address).flatMap(allocation(ofBlock:)) }

    /// Whether a place is room behind the last element of an array of Swift: object header, count, capacity and flags, elements
    /// (stdlib/public/SwiftShims, `_SwiftArrayBodyStorage`).
    func isUnusedCapacity(_ address: UInt64) -> Bool {
        guard let block = image.heap.block(at: address) else { return false }
        let start = image.heap.starts[block]
        guard let name = swiftMetadata(at: start), name.hasPrefix("Swift._ContiguousArrayStorage"),
            let count = image.word(start + 16), let flags = image.word(start + 24), flags >> 1 > 0, count <= flags >> 1
        else { return false }
        // As much as an element may take; what is behind is no element's.
        let stride = (image.heap.sizes[block] - Self.arrayHeaderBytes) / (flags >> 1)
        return address >= start + Self.arrayHeaderBytes + count * stride
    }

    private static let arrayHeaderBytes: UInt64 = 32

    private func allocation(ofBlock block: Int) -> AuditAllocation? {
        sites?.allocation(ofBlockAt: image.heap.starts[block], usableBytes: image.heap.sizes[block])
    }

    private func place(inBlock block: Int, at offset: UInt64, hops: Int) -> AuditPlace {
        // The innermost one that has the place.
        if let type = typesOf(block).last(where: { $0.offset <= offset && offset - $0.offset < $0.bytes }) {
            return AuditPlace(kind: .object, owner: type.name, offset: offset - type.offset)
        }
        let size =
            allocation(ofBlock: block).map { "\($0.bytes) bytes of \($0.function)" } ?? "block of \(image.heap.sizes[block]) bytes"
        let referrer = referrers[block]
        guard referrer != 0, hops > 0 else {
            let heapStart = image.heap.starts.first ?? 0
            let where_ = "heap+0x" + String(image.heap.starts[block] - heapStart, radix: 16)
            return AuditPlace(kind: .allocation, owner: "\(size) at \(where_)", offset: offset)
        }
        let from =
            image.heap.block(at: referrer).map { place(inBlock: $0, at: referrer - image.heap.starts[$0], hops: hops - 1) }
            ?? place(of: referrer)
        return AuditPlace(kind: .allocation, owner: "\(from.text) -> \(size)", offset: offset)
    }

    private func place(inMapping index: Int, at address: UInt64) -> AuditPlace {
        let mapping = mappings[index]
        // Variables that begin as zero follow their file's mapping without a name.
        let isFile = mapping.name.hasPrefix("/")
            || (mapping.name.isEmpty && index > 0 && mappings[index - 1].end == mapping.start
                && mappings[index - 1].name.hasPrefix("/"))
        if isFile, let found = name(address) {
            return AuditPlace(kind: .variable, owner: found.name, offset: found.offset)
        }
        let isKnown = mapping.name.hasPrefix("/")
        let size = mapping.bytes >= 1 << 20 ? "\(mapping.bytes >> 20) MiB" : "\(mapping.bytes >> 10) KiB"
        let title = mapping.name.isEmpty ? "mapping of \(size) at 0x\(String(mapping.start, radix: 16))" : mapping.name
        return AuditPlace(kind: isKnown ? .variable : .mapping, owner: title, offset: address - mapping.start)
    }

    /// Objects of known types in a block, by where they begin.
    private func typesOf(_ block: Int) -> [TypedObject] {
        if let known = types[block] { return known }
        var found: [TypedObject] = []
        let start = image.heap.starts[block]
        if let name = swiftClass(at: start) {
            found.append(TypedObject(offset: 0, bytes: image.heap.sizes[block], name: name))
        }
        var offset: UInt64 = 0
        while offset + 8 <= image.heap.sizes[block] {
            if let object = qomObject(at: start + offset), object.bytes <= image.heap.sizes[block] - offset {
                found.append(TypedObject(offset: offset, bytes: object.bytes, name: object.name))
            }
            offset += 8
        }
        types[block] = found
        return found
    }

    /// An object of Swift begins with the address of its class's metadata, which has a symbol.
    private func swiftClass(at address: UInt64) -> String? {
        // Storage of arrays and kin: who has it tells more.
        swiftMetadata(at: address).flatMap { $0.hasPrefix("Swift.") ? nil : $0 }
    }

    private func swiftMetadata(at address: UInt64) -> String? {
        guard let metadata = image.word(address), image.heap.block(at: metadata) == nil,
            mappings.contains(where: { $0.start <= metadata && metadata < $0.end && $0.isPrivate }),
            let found = name(metadata)
        else { return nil }
        let prefixes = ["type metadata for ", "full type metadata for ", "class metadata base offset for "]
        guard let prefix = prefixes.first(where: { found.name.hasPrefix($0) }), found.offset <= 24 else { return nil }
        return String(found.name.dropFirst(prefix.count))
    }

    /// An object of QEMU begins with its class, which begins with its type, which begins with its name and has the object's size
    /// as its third word (include/qom/object.h, qom/object.c: `struct TypeImpl`).
    private func qomObject(at address: UInt64) -> (name: String, bytes: UInt64)? {
        guard let objectClass = image.word(address), image.heap.usedBlock(at: objectClass) != nil,
            let type = image.word(objectClass), type != objectClass, image.heap.usedBlock(at: type) != nil,
            let name = image.word(type), let block = image.heap.usedBlock(at: name), image.heap.starts[block] == name,
            image.heap.starts.contains(sorted: objectClass), image.heap.starts.contains(sorted: type),
            let bytes = image.word(type + 16), Self.objectBytes.contains(bytes),
            let text = image.string(at: name), text.count > 2, text.utf8.allSatisfy({ Self.isOfTypeName($0) })
        else { return nil }
        return (text, bytes)
    }

    /// The smallest is `struct Object` itself.
    private static let objectBytes: ClosedRange<UInt64> = 40...(1 << 24)

    private static func isOfTypeName(_ byte: UInt8) -> Bool {
        switch UnicodeScalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", ":", ",", "+", "<", ">", "[", "]": true
        default: false
        }
    }
}

extension Array where Element == UInt64 {
    /// Of an ascending array.
    fileprivate func contains(sorted value: UInt64) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == value
    }
}
