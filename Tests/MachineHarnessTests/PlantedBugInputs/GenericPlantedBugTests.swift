import Devices
import Foundation
import Machine
import MachineHarness
import Testing

/// Every planted bug as a generic-fuzz input, as bytes of that format.
@Suite struct GenericPlantedBugTests {
    /// One access; `base` counts the mapped ranges of its space that the globs name, in ascending order.
    enum Access {
        case portRead(base: UInt8, offset: UInt16)
        case portWrite(base: UInt8, offset: UInt16, value: UInt32)
        case memoryRead(base: UInt8, offset: UInt32)
        case memoryWrite(base: UInt8, offset: UInt32, value: UInt64)

        /// Sizes: one byte for ports, except virtio's two; four bytes for memory.
        func bytes(portSize: UInt8) -> [UInt8] {
            func little(_ value: UInt64, _ count: Int) -> [UInt8] {
                (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            }
            switch self {
            case .portRead(let base, let offset): return [0, portSize, base] + little(UInt64(offset), 2)
            case .portWrite(let base, let offset, let value):
                return [1, portSize, base] + little(UInt64(offset), 2) + little(UInt64(value), 4)
            case .memoryRead(let base, let offset): return [2, 2, base, 0, 0] + little(UInt64(offset), 4)
            case .memoryWrite(let base, let offset, let value):
                return [3, 1, base, 0, 0] + little(UInt64(offset), 4) + little(value, 8)
            }
        }
    }

    static let names = PlantedBug.all.map(\.name)

    static func globs(_ name: String) -> String {
        switch name {
        case "pit-control-read": "pit"
        case "rtc-index": "rtc"
        case "serial-divisor": "serial"
        case "interrupt-poll": "pic"
        default: "virtio*"
        }
    }

    /// The folder of seeds that the ready campaign for the bug's device begins with; nil: none.
    static func seeds(_ name: String) -> String? {
        switch globs(name) {
        case "serial": "generic-serial"
        case "pic": "generic-interrupts"
        case "pit", "rtc": nil
        default: "generic"
        }
    }

    /// Memory ranges of `virtio*`: MSI-X table and pending bits, then common, isr, device and notify.
    static func input(_ name: String) -> [UInt8] {
        if let operations = GenericQueueInputs.operations(name) { return Encode.operations(operations) }
        let accesses: [Access]
        var portSize: UInt8 = 0
        switch name {
        case "pit-control-read": accesses = [.portRead(base: 0, offset: 3)]
        case "rtc-index":
            accesses = [.portWrite(base: 0, offset: 0, value: 0x80), .portRead(base: 0, offset: 1)]
        case "serial-divisor":
            accesses = [(3, 0x80), (0, 0), (1, 0), (3, 3), (2, 1), (4, 0x10), (0, 0x55)].map {
                .portWrite(base: 0, offset: $0.0, value: $0.1)
            }
        case "interrupt-poll":
            accesses = [.portWrite(base: 0, offset: 0, value: 0x0c), .portRead(base: 0, offset: 0)]
        // Four bytes from the last one.
        case "pci-configuration-end": return Encode.configurationRead(2, base: 0, 0xff)
        case "msix-table-offset": accesses = [.memoryRead(base: 0, offset: 0x400)]
        case "virtio-queue-notify":
            portSize = 1
            accesses = [.portWrite(base: 0, offset: 16, value: 1)]
        case "virtio-configuration-bounds": accesses = [.memoryRead(base: 4, offset: 60)]
        default:
            accesses = [
                .memoryWrite(base: 2, offset: 0x16, value: 0x400), .memoryRead(base: 2, offset: 0x1c),
            ]
        }
        return Array(
            accesses.map { $0.bytes(portSize: portSize) }.joined(separator: OperationReader.separator))
    }

    /// Runs a bug's input on a PC that lacks `bugs`; true if the harness took it.
    static func run(_ name: String, bugs: PlantedBugs) throws -> Bool {
        try run(input(name), globs: globs(name), bugs: bugs)
    }

    /// As in pc-fuzz, guest memory is there when used.
    static func run(_ input: [UInt8], globs: String, bugs: PlantedBugs) throws -> Bool {
        let size = 64 << 20
        let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        let memory = UnsafeMutableRawBufferPointer(start: try #require(mapped), count: size)
        defer { munmap(mapped, size) }
        let pc = PC.make(ram: memory, plantedBugs: bugs) { pc in
            pc.add(VirtIOBlockPCI(machine: pc.machine, sectorCount: 2048))
        }
        let harness = GenericHarness(machine: pc.machine, globs: globs)
        try harness.prepare()
        return input.withUnsafeBytes { harness.run($0) } == .accepted
    }

    @Test(arguments: names) func inputIsHarmlessWithoutTheBug(name: String) throws {
        #expect(try Self.run(name, bugs: []))
    }

    /// A campaign is to find a bug; a seed that has it already would be no proof of anything.
    @Test(arguments: names) func noSeedIsAReproducer(name: String) async throws {
        await #expect(processExitsWith: .success) { [name = name as String] in
            alarm(60)
            let bug = try #require(PlantedBug.named(name))
            for seed in SeedCorpus.all where seed.harness == GenericPlantedBugTests.seeds(name) {
                print("\(seed.harness)/\(seed.name) with \(name)")
                _ = try GenericPlantedBugTests.run(seed.bytes, globs: GenericPlantedBugTests.globs(name), bugs: bug.flag)
            }
        }
    }

    @Test(arguments: names) func inputFitsIntoTheReadyCampaigns(name: String) {
        #expect(Self.input(name).count <= 4096)
    }

    @Test(arguments: names) func bugTriggers(name: String) async throws {
        let bug = try #require(PlantedBug.named(name))
        if bug.consequence == .endless {
            await #expect(processExitsWith: .signal(SIGALRM)) { [name = name as String] in
                alarm(3)
                try runPlanted(name)
            }
        } else {
            await #expect(processExitsWith: .failure) { [name = name as String] in try runPlanted(name) }
        }
    }
}

/// Runs a bug's input on a machine that has that bug; ends the process with 0 if nothing happens.
private func runPlanted(_ name: String) throws {
    let bug = try #require(PlantedBug.named(name))
    if bug.consequence == .unboundedAllocation {
        // Far above what the machine needs, far below what the input asks for.
        var limit = rlimit(rlim_cur: 3 << 30, rlim_max: 3 << 30)
        setrlimit(__rlimit_resource_t(9), &limit)
    } else if bug.consequence != .endless {
        // A trap must come before the alarm, whose signal would be taken for a failure too.
        signal(SIGALRM) { _ in _exit(0) }
        alarm(60)
    }
    _ = try GenericPlantedBugTests.run(name, bugs: bug.flag)
    exit(0)
}
