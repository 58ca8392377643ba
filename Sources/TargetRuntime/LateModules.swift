import CForkServerABI
import CTargetRuntime

/// Modules that a child opens while it runs an input (`dlopen`). The first child that opens one is given room for its
/// counters; the table in the modules file gives every later child, of any worker, the same room, so that its edges keep
/// their numbers.
struct LateModules {
    let header: UnsafeMutablePointer<fuzzd_modules_header>
    let table: UnsafeMutablePointer<fuzzd_late_module>
    private(set) var room: UnsafeMutablePointer<UInt8>?
    private(set) var descriptor: Int32 = -1
    private(set) var offset = 0

    init(header: UnsafeMutablePointer<fuzzd_modules_header>) {
        self.header = header
        table = UnsafeMutableRawPointer(header).advanced(by: Int(header.pointee.late_modules_offset))
            .assumingMemoryBound(to: fuzzd_late_module.self)
    }

    mutating func place(_ room: UnsafeMutablePointer<UInt8>, file: Int32, offset: Int) {
        self.room = room
        descriptor = file
        self.offset = offset
        servingLateModules = self
        fuzzd_set_late_module_handler { module in
            guard let module, var late = servingLateModules else { return }
            late.offset += Int(fuzzd_counter_distance())
            late.adopt(module.pointee)
        }
    }

    private var count: Int { Int(fuzzd_modules_header_load_late_module_count(header)) }

    private func counters(_ entry: fuzzd_late_module) -> UnsafeMutablePointer<UInt8>? {
        room?.advanced(by: Int(entry.page_offset + entry.head_bytes))
    }

    func clear() {
        for index in 0..<count {
            if let start = counters(table[index]) { fuzzd_zero(start, Int(table[index].counter_count)) }
        }
    }

    /// `room` is where the counters of all late modules are.
    func collect(
        _ room: UnsafeMutablePointer<UInt8>, firstEdge: Int, into list: UnsafeMutablePointer<UInt32>, _ found: inout Int
    ) {
        for index in 0..<count {
            let entry = table[index]
            CounterScan.collect(
                room.advanced(by: Int(entry.page_offset + entry.head_bytes)), Int(entry.counter_count), firstEdge: firstEdge + Int(entry.first_edge), into: list, &found)
        }
    }

    /// In a child or a runner: gives a module that was just opened its counters. One for which there is no room counts
    /// for nothing.
    private func adopt(_ module: fuzzd_registered_module) {
        let anchor = module.guards.map { UnsafeMutableRawPointer($0) } ?? module.start.map { UnsafeMutableRawPointer($0) }
        guard let anchor, let entry = entry(for: module, identity: fuzzd_identity(anchor)) else { return }
        if let guards = module.guards {
            fuzzd_number_guards(guards, module.count, counters(entry))
            return
        }
        guard let start = module.start, let page = CounterPages.page(of: start) else { return }
        let bytes = roundedUpToPage(Int(entry.head_bytes) + module.count)
        // What shares its pages goes along; not by a call, which the limit on file sizes holds for.
        fuzzd_copy(room?.advanced(by: Int(entry.page_offset)), page, bytes)
        _ = fuzzd_raw_map(page, bytes, MAP_SHARED | MAP_FIXED, descriptor, Int64(offset + Int(entry.page_offset)))
    }

    private func entry(for module: fuzzd_registered_module, identity: UInt64) -> fuzzd_late_module? {
        fuzzd_lock_late_modules(header, getpid())
        defer { fuzzd_unlock_late_modules(header) }
        for index in 0..<count where table[index].identity == identity {
            return Int(table[index].counter_count) == module.count ? table[index] : nil
        }
        var entry = fuzzd_late_module(
            identity: identity, first_edge: 0, counter_count: UInt64(module.count), page_offset: 0, head_bytes: 0)
        if module.guards == nil {
            entry.head_bytes = UInt64(UInt(bitPattern: module.start) & (UInt(FUZZD_PAGE_BYTES) - 1))
        }
        if count > 0 {
            let last = table[count - 1]
            entry.first_edge = last.first_edge + last.counter_count
            entry.page_offset = last.page_offset
                + UInt64(roundedUpToPage(Int(last.head_bytes + last.counter_count)))
        }
        guard count < FUZZD_MAX_LATE_MODULES, entry.first_edge + entry.counter_count <= FUZZD_LATE_COUNTERS else {
            return nil
        }
        table[count] = entry
        fuzzd_modules_header_store_late_module_count(header, UInt32(count + 1))
        return entry
    }
}

/// For the callback of a module's constructor, which has no context. Set in the machine parent before it serves.
nonisolated(unsafe) private var servingLateModules: LateModules?
