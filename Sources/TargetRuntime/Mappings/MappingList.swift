import CForkServerABI
import CTargetRuntime

/// The mappings of this process at one moment, in memory of the runtime's own.
struct MappingList {
    /// Where a list is kept, and the file it is read from. Can be used again once the list in it is not needed any more: then
    /// reading makes no system call that changes the process.
    struct Room {
        fileprivate let text: UnsafeMutableRawPointer
        fileprivate let mappings: UnsafeMutablePointer<Mapping>
        fileprivate let descriptor: Int32

        fileprivate static var textBytes: Int { 4 << 20 }
        fileprivate static var capacity: Int { 16384 }
        private static var bytes: Int { textBytes + capacity * MemoryLayout<Mapping>.stride }

        /// `nil` with errno set when there is no memory or no such file.
        static func map() -> Room? {
            let opened = fuzzd_open_for_reading(cString("/proc/self/maps"))
            guard opened >= 0 else { return nil }
            let descriptor = fuzzd_move_descriptor(opened, Descriptors.firstOwn)
            guard descriptor >= 0, let memory = mapUntracked(bytes: bytes) else { return nil }
            return Room(
                text: memory, mappings: memory.advanced(by: textBytes).assumingMemoryBound(to: Mapping.self),
                descriptor: descriptor)
        }

        fileprivate func unmap() {
            fuzzd_unmap(text, roundedUpToPage(Self.bytes))
            close(descriptor)
        }
    }

    private let room: Room
    let count: Int

    subscript(index: Int) -> Mapping { room.mappings[index] }

    /// Whether the list itself is kept at that address.
    func isStored(at address: UInt) -> Bool { UInt(bitPattern: room.text) == address }

    /// Reads the list into room of its own; `nil` with errno set when it cannot. Call `release` when done.
    static func read() -> MappingList? {
        guard let room = Room.map() else { return nil }
        return read(into: room)
    }

    /// Reads the list; `nil` with errno set when it cannot.
    static func read(into room: Room) -> MappingList? {
        guard let length = readText(room) else { return nil }
        var cursor = room.text.assumingMemoryBound(to: CChar.self)
        let end = cursor.advanced(by: length)
        var count = 0
        while cursor < end, count < Room.capacity {
            if let mapping = Mapping.parse(cursor) {
                room.mappings[count] = mapping
                count += 1
            }
            while cursor < end, cursor.pointee != 10 { cursor += 1 }
            cursor += 1
        }
        return MappingList(room: room, count: count)
    }

    func release() { room.unmap() }

    /// Keeps the list and closes its file.
    func closeFile() { close(room.descriptor) }

    /// The file ends with a NUL, so that parsing stops there.
    private static func readText(_ room: Room) -> Int? {
        var length = 0
        while length < Room.textBytes - 1 {
            let count = fuzzd_raw_pread(
                room.descriptor, room.text.advanced(by: length), Room.textBytes - 1 - length, Int64(length))
            // What a part of the list leaves out would be taken for empty.
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            length += count
        }
        room.text.storeBytes(of: 0, toByteOffset: length, as: CChar.self)
        return length > 0 ? length : nil
    }
}
