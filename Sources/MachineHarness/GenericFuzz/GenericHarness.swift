import Machine

/// QEMU's generic fuzzer on the built-in machine: inputs in its format, byte for byte. Regions are chosen by
/// globs over names of regions and owners; BARs are mapped once, in the machine parent.
package final class GenericHarness: Harness {
    package let name = "generic"
    package let summary = "QEMU's generic-fuzz input format over the regions that --objects names"

    private let machine: Machine
    private let globs: String
    private var configuration: ConfigurationSpace
    private let sparse: SparseMemory
    private let hasSparseMemory: Bool
    private let filler: DMAFiller
    private var selection: RegionSelection?
    /// Device functions, by the order that operands count in.
    private var functions: ContiguousArray<UInt32> = []
    private var isPCIDisabled = false

    /// - Parameter globs: separated by spaces, as in `QEMU_FUZZ_OBJECTS`.
    /// - Parameter avoidsDoubleFetches: fill an address once only within an operation, as QEMU's predefined
    ///   configurations do.
    /// - Parameter hasSparseMemory: all addresses that nobody owns are memory, as in QEMU's fuzzers. An ordinary machine has none there,
    ///   and a script for one cannot do what an input did with it.
    package init(machine: Machine, globs: String, avoidsDoubleFetches: Bool = true, hasSparseMemory: Bool = true) {
        self.hasSparseMemory = hasSparseMemory
        self.machine = machine
        self.globs = globs
        configuration = ConfigurationSpace(machine: machine)
        sparse = SparseMemory()
        filler = DMAFiller(machine: machine, sparse: sparse, avoidsDoubleFetches: avoidsDoubleFetches)
    }

    package func prepare() throws(HarnessError) {
        if hasSparseMemory {
            machine.register(sparse)
            machine.memory.root.add(sparse.region, at: 0, priority: -10_000)
        }
        let selection = try RegionSelection(machine: machine, globs: globs)
        self.selection = selection
        functions = ContiguousArray(selection.functions.map { UInt32($0.deviceFunction) })
        machine.dmaHook = { [unowned filler] address, length, isWrite in
            if !isWrite { filler.deviceReads(address: address, length: length) }
        }
        mapFunctions()
        warmUp(selection)
    }

    /// Touches every region once and reboots: what is made lazily is made in the machine parent, once, and inputs start
    /// from the very state that a reboot leaves.
    private func warmUp(_ selection: RegionSelection) {
        // A wide access reaches neighbouring registers too, and in one of them a check may be missing on purpose: that is
        // for an input to find.
        let sizes = machine.plantedBugs.isEmpty ? [1, 2, 4] : [1]
        for place in selection.places {
            guard let address = place.address else { continue }
            let space = place.isPort ? machine.io : machine.memory
            for size in sizes {
                _ = space.read(address: address, size: size)
                space.write(address: address, size: size, value: 0)
            }
        }
        for function in functions { configuration.read(function: function, offset: 0, size: 4) }
        reset()
    }

    /// The regions that inputs reach. Empty before `prepare`.
    package var matchedPlaces: [Machine.RegionPlace] { selection?.places ?? [] }

    package func reset() {
        machine.reset()
        mapFunctions()
    }

    /// From now on configuration space and fills of guest memory are written down, first of all the mapping of the BARs.
    func beginRecording(_ recorder: AccessRecorder) {
        configuration.recorder = recorder
        filler.recorder = recorder
        mapFunctions()
    }

    private func mapFunctions() {
        var mapper = BARMapper(configuration)
        for function in selection?.functions ?? [] { mapper.map(function) }
        // Now rather than in the first access of every child.
        machine.settleMappings()
        selection?.settle()
    }

    package func run(_ input: UnsafeRawBufferPointer) -> InputVerdict { run(input) { _, _ in } }

    /// - Parameter before: called before each operation.
    @inline(__always)
    func run(
        _ input: UnsafeRawBufferPointer, before: (GenericOperation, RegionSelection) -> Void
    ) -> InputVerdict {
        guard input.count <= HarnessLimits.inputBytes, let selection else { return .rejected }
        filler.beginInput(input)
        isPCIDisabled = false
        var reader = OperationReader(input)
        while let operation = reader.next() {
            before(operation, selection)
            perform(operation, selection)
            flushEvents()
            filler.endOperation()
        }
        filler.endInput()
        return .accepted
    }

    package func crossOver(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer, seed: UInt32
    ) -> Int {
        // QEMU's way and at operations, half of the time each.
        let size = seed & 1 == 0 ? 0 : GenericSplice.combine(first, second, into: output, seed: seed >> 1)
        return size > 0 ? size : GenericCrossOver.combine(first, second, into: output)
    }

    private func flushEvents() {
        var turns = HarnessLimits.eventTurns
        while machine.isResetRequested, turns > 0 {
            machine.completeRequests()
            turns -= 1
        }
    }

    private func perform(_ operation: GenericOperation, _ selection: RegionSelection) {
        switch operation {
        case .portRead(let size, let base, let offset):
            guard let place = selection.portAddress(base: base, offset: offset) else { return }
            access(place, size) { _ = machine.io.read(address: $0, size: size) }
        case .portWrite(let size, let base, let offset, let value):
            guard let place = selection.portAddress(base: base, offset: offset) else { return }
            access(place, size) { machine.io.write(address: $0, size: size, value: UInt64(value)) }
        case .memoryRead(let size, let base, let offset):
            guard let place = selection.memoryAddress(base: base, offset: offset) else { return }
            access(place, size) { _ = machine.memory.read(address: $0, size: size) }
        case .memoryWrite(let size, let base, let offset, let value):
            guard let place = selection.memoryAddress(base: base, offset: offset) else { return }
            access(place, size) { machine.memory.write(address: $0, size: size, value: value) }
        case .configurationRead(let size, let base, let offset):
            guard let function = function(base) else { return }
            onOperation()
            configuration.read(function: function, offset: offset, size: size)
        case .configurationWrite(let size, let base, let offset, let value):
            guard let function = function(base) else { return }
            onOperation()
            configuration.write(function: function, offset: offset, size: size, value: value)
        case .disablePCI: isPCIDisabled = true
        case .addPattern(let pattern): filler.add(pattern)
        case .clearPatterns: filler.clearPatterns()
        case .clockStep:
            onOperation()
            machine.clock.stepToNextDeadline()
        case .tooShort: break
        }
    }

    @inline(__always)
    private func access(_ place: ChosenAddress, _ size: Int, _ body: (UInt64) -> Void) {
        guard place.holds(size) else { return }
        onOperation()
        body(place.address)
    }

    private func function(_ base: UInt8) -> UInt32? {
        guard !isPCIDisabled, !functions.isEmpty else { return nil }
        return functions[Int(base) % functions.count]
    }
}
