import CForkServerABI

/// What the target told of itself once: counters, PC tables, loaded objects, threads. A copy.
package struct ModuleTable: Sendable {
    /// Modules that are measured at most.
    package static var maximumCount: Int { Int(FUZZD_MAX_MODULES) }

    /// One module's edges. Those of `extraCounters` and `valueProfile` are features, but not coverage.
    package struct Module: Sendable, Equatable {
        package enum Kind: UInt32, Sendable {
            case inlineCounters = 0
            case pcGuards, extraCounters, valueProfile
            /// Room for modules that children open while they run an input.
            case late
        }

        package var kind: Kind
        package var firstEdge: Int
        package var counterCount: Int
        /// Whether its edges are what libFuzzer calls `cov`.
        package var isCoverage: Bool { kind == .inlineCounters || kind == .pcGuards || kind == .late }
    }

    /// What the target and its harness have.
    package struct Capabilities: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let customMutator = Capabilities(rawValue: FUZZD_CAN_MUTATE.rawValue)
        package static let customCrossOver = Capabilities(rawValue: FUZZD_CAN_CROSS_OVER.rawValue)
        package static let initialize = Capabilities(rawValue: FUZZD_CAN_INITIALIZE.rawValue)
        package static let addressSanitizer = Capabilities(rawValue: FUZZD_HAS_ASAN.rawValue)
        package static let memorySanitizer = Capabilities(rawValue: FUZZD_HAS_MSAN.rawValue)
        package static let undefinedBehaviorSanitizer = Capabilities(rawValue: FUZZD_HAS_UBSAN.rawValue)
        package static let threadSanitizer = Capabilities(rawValue: FUZZD_HAS_TSAN.rawValue)
        package static let leakSanitizer = Capabilities(rawValue: FUZZD_HAS_LSAN.rawValue)
        package static let sourceCoverage = Capabilities(rawValue: FUZZD_HAS_PROFILE.rawValue)
        package static let childStart = Capabilities(rawValue: FUZZD_HAS_CHILD_START.rawValue)
    }

    /// A thread that the target started before it served; no child has it.
    package struct Thread: Sendable, Equatable {
        package var threadID: Int32
        package var name: String
        /// Absolute address of its start routine; 0 where it is not known.
        package var startRoutine: UInt64
    }

    package struct Object: Sendable, Equatable {
        package var path: String
        package var loadBias: UInt64
        package var startAddress: UInt64
        package var endAddress: UInt64
    }

    /// In the order of their edges.
    package var modules: [Module]
    /// Counters of each instrumented module, in the order of its edges; features that are no coverage are left out, and so
    /// is the room for late modules.
    package var counterCounts: [Int]
    /// All edges that a counter list may name, the features and the room for late modules included.
    package var edgeCount: Int
    /// Counters of the instrumented modules: libFuzzer's "inline 8-bit counters".
    package var counterCount: Int
    /// Absolute address of each edge of the instrumented modules, which come first; empty without PC tables.
    package var edgeAddresses: [UInt64]
    /// Whether each edge is the entry of a function; empty without PC tables.
    private let functionEntries: [Bool]
    package var objects: [Object]
    package var residentKibibytes: Int
    package var pageTablesKibibytes: Int
    package var capabilities: Capabilities
    /// Those that were listed.
    package var threads: [Thread]
    /// Modules that found no place and are not measured.
    package var droppedModuleCount: Int
    /// All threads found, the listed ones included.
    package var threadCount: Int
    /// Mappings marked `MADV_DONTFORK` that were given back to the children.
    package var forkedMappingCount: Int

    init(_ file: SharedFile) {
        let header = file.base.load(as: fuzzd_modules_header.self)
        let modules = file.base.advanced(by: Int(header.modules_offset)).assumingMemoryBound(to: fuzzd_module.self)
        self.modules = (0..<Int(header.module_count)).map { index in
            Module(
                kind: Module.Kind(rawValue: modules[index].kind) ?? .inlineCounters,
                firstEdge: Int(modules[index].first_edge), counterCount: Int(modules[index].counter_count))
        }
        let instrumented = self.modules.filter { $0.kind == .inlineCounters || $0.kind == .pcGuards }
        counterCounts = instrumented.map(\.counterCount)
        counterCount = counterCounts.reduce(0, +)
        edgeCount = Int(header.counter_count)
        capabilities = Capabilities(rawValue: header.capabilities)
        threadCount = Int(header.thread_count)
        forkedMappingCount = Int(header.forked_mapping_count)
        threads = Self.threads(file, header)
        droppedModuleCount = Int(header.dropped_module_count)
        residentKibibytes = Int(header.resident_kibibytes)
        pageTablesKibibytes = Int(header.page_tables_kibibytes)
        if header.pcs_offset == 0 {
            edgeAddresses = []
            functionEntries = []
        } else {
            let pcs = file.base.advanced(by: Int(header.pcs_offset)).assumingMemoryBound(to: fuzzd_pc.self)
            edgeAddresses = (0..<counterCount).map { pcs[$0].address }
            functionEntries = (0..<counterCount).map { pcs[$0].flags & 1 != 0 }
        }
        let objects = file.base.advanced(by: Int(header.objects_offset)).assumingMemoryBound(to: fuzzd_object.self)
        self.objects = (0..<Int(header.object_count)).map { index in
            let object = objects.advanced(by: index)
            return Object(
                path: String(cString: fuzzd_object_path(object)), loadBias: object.pointee.load_bias,
                startAddress: object.pointee.start_address, endAddress: object.pointee.end_address)
        }
    }

    private static func threads(_ file: SharedFile, _ header: fuzzd_modules_header) -> [Thread] {
        let table = file.base.advanced(by: Int(header.threads_offset)).assumingMemoryBound(to: fuzzd_thread.self)
        return (0..<Int(min(header.thread_count, FUZZD_MAX_THREADS))).map { index in
            let thread = table.advanced(by: index)
            return Thread(
                threadID: thread.pointee.thread_id, name: String(cString: fuzzd_thread_name(thread)),
                startRoutine: thread.pointee.start_routine)
        }
    }

    package func isFunctionEntry(edge: Int) -> Bool { edge < functionEntries.count && functionEntries[edge] }

    package func object(containing address: UInt64) -> Object? {
        objects.first { $0.startAddress <= address && address < $0.endAddress }
    }
}
