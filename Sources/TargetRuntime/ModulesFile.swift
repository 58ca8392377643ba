import CForkServerABI
import CTargetRuntime

/// Writes the campaign-wide tables: modules, PC tables, loaded objects (`fuzzd_modules_header`).
///
/// By worker 0's machine parent before its first hello; only the late modules come afterwards.
enum ModulesFile {
    private static var objectLimit: Int { 512 }

    /// Lays the file out and writes the modules; it stays mapped, because children add late modules to it.
    static func create(
        descriptor: Int32, coverage: Coverage, callbacks: TargetCallbacks
    ) throws(RuntimeError) -> UnsafeMutablePointer<fuzzd_modules_header> {
        let modules = roundedUpToPage(MemoryLayout<fuzzd_modules_header>.size)
        let pcs = modules + roundedUpToPage(coverage.rangeCount * MemoryLayout<fuzzd_module>.stride)
        let objects = pcs + roundedUpToPage(coverage.edgeCount * MemoryLayout<fuzzd_pc>.stride)
        let threads = objects + roundedUpToPage(objectLimit * MemoryLayout<fuzzd_object>.stride)
        let late = threads + roundedUpToPage(Int(FUZZD_MAX_THREADS) * MemoryLayout<fuzzd_thread>.stride)
        let total = late + roundedUpToPage(Int(FUZZD_MAX_LATE_MODULES) * MemoryLayout<fuzzd_late_module>.stride)
        guard ftruncate(descriptor, total) == 0 else {
            throw .failed(FUZZD_STEP_WRITE_MODULES, errno: fuzzd_errno())
        }
        let memory = fuzzd_map_apart(total, MAP_SHARED, descriptor)
        guard let memory, memory != mapFailed else {
            throw .failed(FUZZD_STEP_WRITE_MODULES, errno: fuzzd_errno())
        }
        let header = memory.assumingMemoryBound(to: fuzzd_modules_header.self)
        header.pointee.magic = FUZZD_ABI_MAGIC
        header.pointee.abi_version = FUZZD_ABI_VERSION
        header.pointee.counter_count = UInt64(coverage.edgeCount)
        header.pointee.modules_offset = UInt64(modules)
        header.pointee.objects_offset = UInt64(objects)
        header.pointee.threads_offset = UInt64(threads)
        header.pointee.late_modules_offset = UInt64(late)
        header.pointee.capabilities = capabilities(callbacks)
        header.pointee.dropped_module_count = UInt32(truncatingIfNeeded: fuzzd_modules_dropped())
        let hasPCs = writeModules(header, pcs: memory.advanced(by: pcs), coverage)
        header.pointee.pcs_offset = hasPCs ? UInt64(pcs) : 0
        return header
    }

    /// Adds what is known only of the initialised process.
    static func describeProcess(_ header: UnsafeMutablePointer<fuzzd_modules_header>) {
        let memory = UnsafeMutableRawPointer(header)
        header.pointee.object_count = writeObjects(memory.advanced(by: Int(header.pointee.objects_offset)))
        header.pointee.resident_kibibytes = statusField("VmRSS:")
        header.pointee.page_tables_kibibytes = statusField("VmPTE:")
        ThreadList.write(to: header)
    }

    private static func capabilities(_ callbacks: TargetCallbacks) -> UInt32 {
        var mask = fuzzd_sanitizers()
        if callbacks.mutate != nil { mask |= FUZZD_CAN_MUTATE.rawValue }
        if callbacks.crossOver != nil { mask |= FUZZD_CAN_CROSS_OVER.rawValue }
        if callbacks.initialize != nil { mask |= FUZZD_CAN_INITIALIZE.rawValue }
        if callbacks.startChild != nil { mask |= FUZZD_HAS_CHILD_START.rawValue }
        if fuzzd_profile_begin() != nil { mask |= FUZZD_HAS_PROFILE.rawValue }
        return mask
    }

    private static func writeModules(
        _ header: UnsafeMutablePointer<fuzzd_modules_header>, pcs: UnsafeMutableRawPointer, _ coverage: Coverage
    ) -> Bool {
        let moduleTable = UnsafeMutableRawPointer(header).advanced(by: Int(header.pointee.modules_offset))
            .assumingMemoryBound(to: fuzzd_module.self)
        let pcTable = pcs.assumingMemoryBound(to: fuzzd_pc.self)
        var written = 0
        var hasPCs = false
        for index in 0..<coverage.rangeCount where !coverage.ranges[index].isSourceCoverage {
            let range = coverage.ranges[index]
            let count = range.kind == FUZZD_MODULE_LATE ? Int(FUZZD_LATE_COUNTERS) : range.count
            moduleTable[written] = fuzzd_module(
                first_edge: UInt64(range.firstEdge), counter_count: UInt64(count),
                counters_address: UInt64(UInt(bitPattern: range.start)), kind: range.kind.rawValue, reserved: 0)
            written += 1
            guard range.module >= 0, let table = fuzzd_module_at(range.module).pcs else { continue }
            hasPCs = true
            for entry in 0..<count {
                pcTable[range.firstEdge + entry] = fuzzd_pc(
                    address: UInt64(table[2 * entry]), flags: UInt64(table[2 * entry + 1]))
            }
        }
        header.pointee.module_count = UInt32(written)
        return hasPCs
    }

    private struct ObjectCursor {
        var table: UnsafeMutablePointer<fuzzd_object>
        var count: UInt32
    }

    private static func writeObjects(_ objects: UnsafeMutableRawPointer) -> UInt32 {
        var cursor = ObjectCursor(table: objects.assumingMemoryBound(to: fuzzd_object.self), count: 0)
        fuzzd_visit_objects(
            { path, bias, start, end, context in
                guard let cursor = context?.assumingMemoryBound(to: ObjectCursor.self), cursor.pointee.count < 512,
                    let path
                else { return }
                let object = cursor.pointee.table.advanced(by: Int(cursor.pointee.count))
                object.pointee.load_bias = bias
                object.pointee.start_address = start
                object.pointee.end_address = end
                strncpy(fuzzd_object_path(object), path, 231)
                // The program itself has no name in the loader's list.
                if path.pointee == 0 { _ = readlink(cString("/proc/self/exe"), fuzzd_object_path(object), 231) }
                cursor.pointee.count += 1
            }, &cursor)
        return cursor.count
    }

    /// A kibibyte figure of `/proc/self/status`; 0 if it cannot be read.
    private static func statusField(_ name: StaticString) -> UInt64 {
        let size = 8192
        guard let memory = mapPrivate(bytes: size) else { return 0 }
        defer { fuzzd_unmap(memory, size) }
        let descriptor = fuzzd_open_for_reading(cString("/proc/self/status"))
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        guard read(descriptor, memory, size - 1) > 0 else { return 0 }
        let text = memory.assumingMemoryBound(to: CChar.self)
        guard let found = strstr(text, cString(name)) else { return 0 }
        return UInt64(strtoull(found.advanced(by: name.utf8CodeUnitCount), nil, 10))
    }
}
