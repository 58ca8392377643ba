import Devices
import Foundation
import Machine
import MachineHarness
import Testing

/// Which planted bugs the structured harnesses reach: what docs/planted-bugs.md says, held against inputs.
@Suite struct StructuredPlantedBugTests {
    struct Case: Sendable, Codable, CustomTestStringConvertible {
        var harness: String
        var bug: String
        var input: [UInt8]
        var testDescription: String { "\(bug) by \(harness)" }
    }

    static let cases: [Case] = ["virtio-blk", "virtio-blk-flags"].flatMap(queueCases) + configurationCases

    private static func queueCases(_ harness: String) -> [Case] {
        let inputs: [(bug: String, bytes: [UInt8])] = [
            // The sum of sector and count wraps to 0.
            ("block-sector-range", request(type: 0, sector: .max, sizes: [128, 128, 128, 128])),
            // No whole sector, one behind the last: rounded down it is nothing at the very end.
            ("block-unaligned-transfer", request(type: 0, sector: 2048, sizes: [128])),
            // The whole table without a byte: its last descriptor leads to the first.
            ("virtqueue-zero-length-descriptor", Array([[UInt8]](repeating: [0, 0, 0, 1, 0], count: 256).joined())),
        ]
        let prefix: [UInt8] = harness == "virtio-blk-flags" ? mask : []
        return inputs.map { Case(harness: harness, bug: $0.bug, input: prefix + $0.bytes) }
    }

    private static let configurationCases: [Case] = {
        let address: [UInt8] = Encode.little(UInt32(0x8000_00ff))
        let select: [UInt8] = [2, 1, 0, 0] + address
        let use: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0]
        let access: [UInt8] = [5, 0xff, 0, 0] + Encode.little(UInt64(0))
        return [
            Case(harness: "i440fx", bug: "pci-configuration-end", input: select + use),
            Case(harness: "i440fx-configuration", bug: "pci-configuration-end", input: access),
        ]
    }()

    /// The driver's usual features.
    private static let mask = Encode.little(UInt64(0))

    private static func request(type: UInt32, sector: UInt64, sizes: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0, 16, 0, 1, 0] + Encode.little(type) + Encode.little(UInt32(0)) + Encode.little(sector)
        for size in sizes { bytes += [0, size, 1, 1, 0] + [UInt8](repeating: 0x5a, count: Int(size)) }
        return bytes + [0, 1, 1, 0, 1, 0xff]
    }

    static func run(_ test: Case, bugs: PlantedBugs) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 20, alignment: 4096)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        let pc = PC.make(ram: memory, plantedBugs: bugs) { pc in
            pc.add(VirtIOBlockPCI(machine: pc.machine, sectorCount: 2048))
        }
        let harness = try HarnessCatalogue.make(test.harness, machine: pc.machine, globs: "*")
        try harness.prepare()
        #expect(harness.run(test.input) == .accepted)
    }

    @Test(arguments: cases) func inputIsHarmlessWithoutTheBug(_ test: Case) throws {
        try Self.run(test, bugs: [])
    }

    /// With all bugs at once, as in the ready campaigns: no bug hides another one.
    @Test(arguments: cases) func bugTriggersAmongAllOthers(_ test: Case) async throws {
        if PlantedBug.named(test.bug)?.consequence == .endless {
            await #expect(processExitsWith: .signal(SIGALRM)) { [test = test as Case] in
                alarm(3)
                try StructuredPlantedBugTests.run(test, bugs: PlantedBugs(PlantedBug.all.map(\.flag)))
            }
        } else {
            await #expect(processExitsWith: .failure) { [test = test as Case] in
                signal(SIGALRM) { _ in _exit(0) }
                alarm(60)
                try StructuredPlantedBugTests.run(test, bugs: PlantedBugs(PlantedBug.all.map(\.flag)))
                exit(0)
            }
        }
    }
}
