import CForkServerABI
import CTargetRuntime

/// Tells the handler of the trapped system calls which mappings are there at the snapshot, and with which protection: an
/// input that changes one of them changes what was there before. False with errno set when that cannot be found out.
func rememberMappings() -> Bool {
    guard let map = MappingList.read() else { return false }
    defer { map.release() }
    for index in 0..<map.count {
        let mapping = map[index]
        // The list's own memory is in the list, and gone in a moment or already.
        if mapping.isShared, map.isStored(at: mapping.start) || !isMapped(mapping.start) { continue }
        let error = fuzzd_remember_mapping(
            UInt64(mapping.start), UInt64(mapping.end), mapping.isReadable ? 1 : 0, mapping.isWritable ? 1 : 0,
            mapping.isExecutable ? 1 : 0, mapping.isReservation ? 1 : 0)
        guard error == 0 else { return false }
    }
    return true
}

private func isMapped(_ address: UInt) -> Bool {
    fuzzd_is_mapped(UnsafeRawPointer(bitPattern: address)) != 0
}
