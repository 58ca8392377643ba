import CForkServerABI

/// What the target told of itself once: counters, PC tables, loaded objects. A copy.
package struct ModuleTable: Sendable {
    package struct Object: Sendable, Equatable {
        package var path: String
        package var loadBias: UInt64
        package var startAddress: UInt64
        package var endAddress: UInt64
    }

    /// Counters of each instrumented module, in the order of its edges.
    package var counterCounts: [Int]
    package var counterCount: Int
    /// Absolute address of each edge, in the order of edges; empty without PC tables.
    package var edgeAddresses: [UInt64]
    package var objects: [Object]
    package var residentKibibytes: Int
    package var pageTablesKibibytes: Int

    init(_ file: SharedFile) {
        let header = file.base.load(as: fuzzd_modules_header.self)
        let modules = file.base.advanced(by: Int(header.modules_offset)).assumingMemoryBound(to: fuzzd_module.self)
        counterCounts = (0..<Int(header.module_count)).map { Int(modules[$0].counter_count) }
        counterCount = Int(header.counter_count)
        residentKibibytes = Int(header.resident_kibibytes)
        pageTablesKibibytes = Int(header.page_tables_kibibytes)
        if header.pcs_offset == 0 {
            edgeAddresses = []
        } else {
            let pcs = file.base.advanced(by: Int(header.pcs_offset)).assumingMemoryBound(to: fuzzd_pc.self)
            edgeAddresses = (0..<Int(header.counter_count)).map { pcs[$0].address }
        }
        let objects = file.base.advanced(by: Int(header.objects_offset)).assumingMemoryBound(to: fuzzd_object.self)
        self.objects = (0..<Int(header.object_count)).map { index in
            let object = objects.advanced(by: index)
            return Object(
                path: String(cString: fuzzd_object_path(object)), loadBias: object.pointee.load_bias,
                startAddress: object.pointee.start_address, endAddress: object.pointee.end_address)
        }
    }

    package func object(containing address: UInt64) -> Object? {
        objects.first { $0.startAddress <= address && address < $0.endAddress }
    }
}
