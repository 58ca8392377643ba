import ForkServer
import Foundation

/// Where a block of the heap was allocated.
package struct AuditAllocation: Codable, Equatable, Hashable, Sendable {
    /// What was asked for.
    var bytes: UInt64
    /// The innermost function that allocates for itself.
    var function: String
    /// The same with its place in the source, where that is known.
    var site: String
    /// From the allocator's caller outwards, in the same form.
    var stack: [String]

    var text: String { "\(site) (\(SummaryText.plural(Int(bytes), "byte")))" }
}

/// Names the stacks of allocations: those of an audited target, whose machine parent noted them. Owned by one thread.
package final class AllocationSites {
    private let noted: NotedAllocations
    private let symbolizer: Symbolizer
    private let sources: SourceResolver
    private var known: [UInt64: AuditAllocation] = [:]

    /// Large debug information takes a symboliser seconds.
    private static let limitSeconds = 120.0
    /// Wider than a block by the allocator's rounding at most: else the table knows another block than the heap has now.
    private static let roundingBytes: UInt64 = 64

    init(_ noted: NotedAllocations, modules: ModuleTable) {
        self.noted = noted
        symbolizer = Symbolizer(modules: modules)
        sources = SourceResolver(
            program: SymbolizerLocator.find(environment: ProcessInfo.processInfo.environment), elf: symbolizer,
            limitSeconds: Self.limitSeconds)
        sources.beginReport()
    }

    /// The allocation of a block of so many usable bytes; `nil` where it was not noted.
    func allocation(ofBlockAt address: UInt64, usableBytes: UInt64) -> AuditAllocation? {
        if let allocation = known[address] { return allocation }
        guard let block = noted.block(at: address), block.bytes <= usableBytes, usableBytes - block.bytes < Self.roundingBytes
        else { return nil }
        // A return address may be the first of the next function.
        let all = block.stack.flatMap { sources.resolve(symbolizer.frame(at: $0 &- 1)) }
        // What called the target is fuzzd's own.
        let frames = Array(all.prefix { !Self.isRuntime($0) })
        let site = frames.first { !Self.allocatesForOthers($0) } ?? frames.first
        let allocation = AuditAllocation(
            bytes: block.bytes, function: site.map(Self.name) ?? "an unknown function",
            site: site.map(Self.text) ?? "an unknown place", stack: frames.map(Self.text))
        known[address] = allocation
        return allocation
    }

    /// Whether a function's callers are who wants the block: allocators, libraries of containers, constructors.
    package static func allocatesForOthers(_ frame: StackFrame) -> Bool {
        guard !Machinery.contains(frame), !frame.module.hasPrefix("libglib") else { return true }
        guard let function = frame.function else { return false }
        return constructors.contains(function) || function.contains("__allocating_init")
    }

    /// QEMU's (qom/object.h, hw/qdev-core.h and kin).
    private static let constructors: Set<String> = [
        "object_new", "object_new_with_type", "object_new_with_class", "object_new_with_props", "object_new_with_propv",
        "object_initialize_with_type", "object_initialize_child_internal", "object_init_with_type", "qdev_new", "qdev_try_new",
        "qdev_device_add", "qdev_device_add_from_qdict", "pci_new", "pci_new_multifunction", "pci_create_simple",
        "pci_create_simple_multifunction", "isa_new", "isa_try_new", "isa_create_simple", "usb_new", "usb_try_new",
        "qemu_memalign", "qemu_try_memalign", "qemu_strsep",
    ]

    /// `Devices.PC.init` of `Devices.PC.(in _C0AF…).init(ram: …) -> Devices.PC`: what tells it from other functions of the same
    /// name is its place in the source.
    package static func name(_ frame: StackFrame) -> String {
        let place = ReadableName.short(frame.place)
        guard place.hasPrefix("closure #"), let function = place.components(separatedBy: " in ").last else { return bare(place) }
        return "closure in " + bare(function)
    }

    private static func bare(_ place: String) -> String {
        var name = ""
        var rest = place[...]
        while let open = rest.firstIndex(of: "(") {
            name += rest[..<open]
            rest = rest[open...]
            guard rest.hasPrefix("(in _"), let close = rest.firstIndex(of: ")") else { return name.isEmpty ? place : name }
            rest = rest[rest.index(after: close)...].drop { $0 == "." }
        }
        return name + rest
    }

    private static func isRuntime(_ frame: StackFrame) -> Bool {
        guard let function = frame.function else { return false }
        return function.contains("TargetRuntime.") || function.hasPrefix("fuzzd_")
    }

    private static func text(_ frame: StackFrame) -> String {
        let function = name(frame)
        guard let file = frame.file else { return function }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return function + " " + name + (frame.line.map { ":\($0)" } ?? "")
    }
}
