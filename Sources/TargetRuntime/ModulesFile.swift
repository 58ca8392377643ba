import CForkServerABI
import CTargetRuntime

/// Writes the campaign-wide tables: modules, PC tables, loaded objects (`fuzzd_modules_header`).
///
/// Once, by worker 0's machine parent before its first hello.
enum ModulesFile {
    private static var objectLimit: Int { 512 }

    static func write(descriptor: Int32, coverage: Coverage) throws(RuntimeError) {
        let modules = roundedUpToPage(MemoryLayout<fuzzd_modules_header>.size)
        let pcs = modules + roundedUpToPage(coverage.rangeCount * MemoryLayout<fuzzd_module>.stride)
        let objects = pcs + roundedUpToPage(coverage.counterCount * MemoryLayout<fuzzd_pc>.stride)
        let total = objects + roundedUpToPage(objectLimit * MemoryLayout<fuzzd_object>.stride)
        guard ftruncate(descriptor, total) == 0 else {
            throw .failed(FUZZD_STEP_WRITE_MODULES, errno: fuzzd_errno())
        }
        let memory = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory, memory != mapFailed else {
            throw .failed(FUZZD_STEP_WRITE_MODULES, errno: fuzzd_errno())
        }
        let header = memory.assumingMemoryBound(to: fuzzd_modules_header.self)
        header.pointee.magic = FUZZD_ABI_MAGIC
        header.pointee.abi_version = FUZZD_ABI_VERSION
        header.pointee.module_count = UInt32(coverage.rangeCount)
        header.pointee.counter_count = UInt64(coverage.counterCount)
        header.pointee.modules_offset = UInt64(modules)
        header.pointee.objects_offset = UInt64(objects)
        let hasPCs = writeModules(memory.advanced(by: modules), pcs: memory.advanced(by: pcs))
        header.pointee.pcs_offset = hasPCs ? UInt64(pcs) : 0
        header.pointee.object_count = writeObjects(memory.advanced(by: objects))
        header.pointee.resident_kibibytes = statusField("VmRSS:")
        header.pointee.page_tables_kibibytes = statusField("VmPTE:")
        munmap(memory, total)
    }

    private static func writeModules(_ modules: UnsafeMutableRawPointer, pcs: UnsafeMutableRawPointer) -> Bool {
        let moduleTable = modules.assumingMemoryBound(to: fuzzd_module.self)
        let pcTable = pcs.assumingMemoryBound(to: fuzzd_pc.self)
        var edge = 0
        var hasPCs = false
        for index in 0..<fuzzd_module_count() {
            let module = fuzzd_module_at(index)
            guard let start = module.start, let stop = module.stop else { continue }
            let count = stop - start
            moduleTable[index] = fuzzd_module(
                first_edge: UInt64(edge), counter_count: UInt64(count),
                counters_address: UInt64(UInt(bitPattern: start)), kind: 0, reserved: 0)
            if let table = module.pcs {
                hasPCs = true
                for entry in 0..<count {
                    pcTable[edge + entry] = fuzzd_pc(
                        address: UInt64(table[2 * entry]), flags: UInt64(table[2 * entry + 1]))
                }
            }
            edge += count
        }
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
        defer { munmap(memory, size) }
        let descriptor = fuzzd_open_for_reading(cString("/proc/self/status"))
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        guard read(descriptor, memory, size - 1) > 0 else { return 0 }
        let text = memory.assumingMemoryBound(to: CChar.self)
        guard let found = strstr(text, cString(name)) else { return 0 }
        return UInt64(strtoull(found.advanced(by: name.utf8CodeUnitCount), nil, 10))
    }
}
