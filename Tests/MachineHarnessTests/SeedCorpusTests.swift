import Foundation
import MachineHarness
import Testing

/// The seed corpora under `configs/seeds`, one folder a harness: generated here, so that every byte has a
/// reason. `FUZZD_WRITE_SEEDS=1 swift test --filter SeedCorpusTests` writes them anew.
@Suite struct SeedCorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("configs/seeds")

    @Test(arguments: SeedCorpus.all)
    func filesAreAsGenerated(_ seed: SeedCorpus.Seed) throws {
        let file = Self.folder.appendingPathComponent(seed.harness).appendingPathComponent(seed.name)
        if ProcessInfo.processInfo.environment["FUZZD_WRITE_SEEDS"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(seed.bytes).write(to: file)
        }
        #expect(try Array(Data(contentsOf: file)) == seed.bytes, "\(seed.harness)/\(seed.name)")
    }

    @Test func foldersHoldNothingElse() throws {
        for harness in HarnessCatalogue.names + ["generic-serial", "generic-interrupts"] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Self.folder.appendingPathComponent(harness).path)
            #expect(Set(names) == Set(SeedCorpus.all.filter { $0.harness == harness }.map(\.name)))
        }
    }

    /// Status bytes of the whole-sector seeds: the device took them, so mutants begin behind its checks.
    @Test(arguments: ["read", "write", "flush", "get-id", "discard"])
    func theDeviceAcceptsTheRequestsOfTheBlockSeeds(name: String) throws {
        let setup = ProbeMachine(withBlockDevice: true)
        let harness = VirtIOBlockHarness(machine: setup.machine, takesFeaturesFromInput: false)
        try harness.prepare()
        let seed = try #require(SeedCorpus.all.first { $0.harness == "virtio-blk" && $0.name == name })
        harness.run(seed.bytes)
        // Buffers are 256 bytes apart from 0x110000 on; the status byte is the last one.
        let last: UInt64 = name == "flush" ? 1 : (name == "read" || name == "write" ? 5 : 2)
        #expect(setup.machine.memory.read(address: 0x11_0000 + last * 256, size: 1) == 0)
    }

    @Test(arguments: [
        ("queue-request", 1), ("queue-read", 1), ("queue-write", 1), ("queue-write-read", 2), ("queue-zeroes", 1), ("queue-indirect", 1),
    ])
    func theDeviceCompletesTheRequestsOfTheGenericSeeds(name: String, requests: UInt64) throws {
        let setup = ProbeMachine(withBlockDevice: true)
        let harness = GenericHarness(machine: setup.machine, globs: "virtio*")
        try harness.prepare()
        let seed = try #require(SeedCorpus.all.first { $0.name == name })
        harness.run(seed.bytes)
        // The used ring's index: the device has taken the chains and given them back; and the status byte: done.
        #expect(setup.machine.memory.read(address: 0x3002, size: 2) == requests)
        #expect(setup.machine.memory.read(address: 0x5000, size: 1) == 0)
    }
}

/// What the seed corpora consist of.
enum SeedCorpus {
    struct Seed: Sendable, CustomTestStringConvertible {
        let harness: String
        let name: String
        let bytes: [UInt8]

        var testDescription: String { "\(harness)/\(name)" }
    }

    static let all: [Seed] =
        generic.map { Seed(harness: "generic", name: $0.0, bytes: Encode.operations($0.1)) }
        + serial.map { Seed(harness: "generic-serial", name: $0.0, bytes: Encode.operations($0.1)) }
        + interrupts.map { Seed(harness: "generic-interrupts", name: $0.0, bytes: Encode.operations($0.1)) }
        + block.map { Seed(harness: "virtio-blk", name: $0.0, bytes: $0.1) }
        + flags.map { Seed(harness: "virtio-blk-flags", name: $0.0, bytes: $0.1) }
        + ports.map { Seed(harness: "i440fx", name: $0.0, bytes: $0.1) }
        + configuration.map { Seed(harness: "i440fx-configuration", name: $0.0, bytes: $0.1) }

    // MARK: generic, for the globs `virtio*`

    /// Ranges of virtio-blk-pci in memory, in ascending order.
    private enum Base {
        static let table: UInt8 = 0, common: UInt8 = 2, isr: UInt8 = 3, device: UInt8 = 4, notify: UInt8 = 5
    }
    private enum Size { static let byte: UInt8 = 0, word: UInt8 = 1, long: UInt8 = 2, quad: UInt8 = 3 }

    private static func descriptor(_ address: UInt64, _ length: UInt32, _ flags: UInt16, _ next: UInt16)
        -> [UInt8]
    {
        Encode.little(address) + Encode.little(length) + Encode.little(flags) + Encode.little(next)
    }

    private static func common(_ size: UInt8, _ offset: UInt32, _ value: UInt64) -> [UInt8] {
        Encode.write(size, base: Base.common, offset, value)
    }

    /// Reset, features, queue 0 with its rings at 0x1000, 0x2000 and 0x3000, driver ready (virtio 1.2,
    /// 3.1.1).
    private static let queueSetup: [[UInt8]] = [
        common(Size.byte, 0x14, 0), common(Size.byte, 0x14, 3),
        common(Size.long, 0x08, 1), common(Size.long, 0x0c, 1), common(Size.byte, 0x14, 0xb),
        common(Size.word, 0x16, 0), common(Size.long, 0x20, 0x1000), common(Size.long, 0x28, 0x2000),
        common(Size.long, 0x30, 0x3000), common(Size.word, 0x1c, 1), common(Size.byte, 0x14, 0xf),
    ]

    /// The same by ports: rings from page 1 on, driver ready.
    private static let legacySetup = [Encode.portWrite(2, base: 0, 8, 1), Encode.portWrite(0, base: 0, 18, 7)]
    private static let legacyNotify = Encode.portWrite(1, base: 0, 16, 0)
    private static let notify = Encode.write(Size.word, base: Base.notify, 0, 0)

    private static let generic: [(String, [[UInt8]])] = [
        (
            "registers",
            [
                Encode.read(Size.long, base: Base.common, 0), Encode.read(Size.byte, base: Base.isr, 0),
                Encode.read(Size.quad, base: Base.device, 0),
                Encode.write(Size.long, base: Base.table, 0, 0xfee0_0000),
            ]
        ),
        (
            "legacy-ports",
            [
                Encode.portRead(2, base: 0, 0), Encode.portWrite(0, base: 0, 0x12, 3),
                Encode.portWrite(2, base: 0, 4, 0),
                Encode.portWrite(1, base: 0, 0x0e, 0), Encode.portWrite(2, base: 0, 8, 1), [9],
                Encode.portWrite(1, base: 0, 0x10, 0), Encode.portRead(0, base: 0, 0x13),
            ]
        ),
        (
            "configuration-space",
            [
                Encode.configurationRead(1, base: 0, 0), Encode.configurationRead(0, base: 0, 0x34),
                Encode.configurationWrite(1, base: 0, 4, 7),
                Encode.configurationWrite(2, base: 0, 0x14, 0xe100_0000),
                [6], [9],
            ]
        ),
        ("queue-setup", queueSetup + [notify]),
        // A pattern for each read that the device makes: the used ring's flags, the available ring's index
        // and entry, two descriptors, the header.
        (
            "queue-request",
            queueSetup + queueSize + [
                Encode.pattern([0, 0]), Encode.pattern([1, 0]), Encode.pattern([0, 0]),
                Encode.pattern(descriptor(0x4000, 16, 1, 1)),
                Encode.pattern(descriptor(0x5000, 1, 2, 0)),
                Encode.pattern([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), notify, [9],
            ]
        ),
        // Other bytes each time, so that indices run ahead and descriptors point elsewhere.
        (
            "queue-patterns",
            queueSetup + [
                Encode.pattern(index: 0, stride: 1, Encode.little(UInt16(1))),
                Encode.pattern(
                    index: 14, stride: 1, descriptor(0x4000, 16, 1, 1) + descriptor(0x5000, 512, 3, 2)),
                notify, [9], notify,
            ]
        ),
        // By the legacy ports, which need fewer accesses: what is found from here is short.
        ("queue-read", legacySetup + blockRequest(notify: legacyNotify, type: 0, sector: 0, [(0x8000, 512, true)])),
        ("queue-write", legacySetup + blockRequest(notify: legacyNotify, type: 1, sector: 1, [(0x8000, 512, false)])),
        // What was written is read into two buffers. The header is the last that the memory has, so that buffers which reach its end
        // reach it.
        (
            "queue-write-read",
            queueSetup + blockRequest(type: 1, sector: 0, [(0x8000, 512, false)], content: [0x5a]) + [[8]]
                + blockRequest(2, type: 0, sector: 0, header: (64 << 20) - 16, [(0x8000, 512, true), (0x9000, 512, true)])
        ),
        // Refused, all of them, and short, by the legacy ports: of a long input's comparisons only some are recorded. Sectors far behind the disk, one of them with a length that is no whole sector: each number stands in
        // the input once, and the device compares it with the disk's end. A mebibyte of segments.
        ("queue-read-part", legacySetup + blockRequest(notify: legacyNotify, type: 0, sector: distinct, [(0x8000, 100, true)])),
        ("queue-read-behind", legacySetup + blockRequest(notify: legacyNotify, type: 0, sector: distinct + 0x1111, [(0x8000, 512, true)])),
        ("queue-zeroes-many", legacySetup + blockRequest(notify: legacyNotify, type: 13, sector: 0, [(0x10_0000, 0x10_0000, false)], content: zeroSegment)),
        // Refused: more segments than one, in eight equal buffers; and an indirect table that leads round in a circle.
        (
            "queue-zeroes-chain",
            legacySetup
                + blockRequest(
                    notify: legacyNotify, type: 13, sector: 0, Array(repeating: (0x10_0000, 0x1200, false), count: 8), content: zeroSegment)
        ),
        (
            "queue-indirect-circle",
            legacySetup + rings(1) + [
                Encode.pattern(descriptor(0x1_0000, 0x120, 4, 0)), Encode.pattern(descriptor(0x8000, 1, 1, 1)),
                Encode.pattern(descriptor(0x8000, 1, 1, 1)), legacyNotify,
            ]
        ),
        ("queue-zeroes", queueSetup + blockRequest(type: 13, sector: 0, [(0x8000, 16, false)], content: zeroSegment)),
        (
            "queue-indirect",
            queueSetup + rings(1) + [
                Encode.pattern(descriptor(0x1_0000, 48, 4, 0)), Encode.pattern(descriptor(0x4000, 16, 1, 1)),
                Encode.pattern(descriptor(0x8000, 512, 3, 2)), Encode.pattern(descriptor(0x5000, 1, 2, 0)),
                Encode.pattern(blockHeader(type: 0, sector: 0)), notify,
            ]
        ),
    ]

    private static let queueSize = [common(Size.word, 0x18, 128)]
    /// Eight sectors from the first one on.
    private static let zeroSegment: [UInt8] = Encode.little(UInt64(0)) + Encode.little(UInt32(8)) + [0, 0, 0, 0]

    private static func blockHeader(type: UInt32, sector: UInt64) -> [UInt8] {
        Encode.little(type) + Encode.little(UInt32(0)) + Encode.little(sector)
    }

    /// The used ring's flags, the available ring's index, and its entry: descriptor 0.
    private static func rings(_ count: UInt16) -> [[UInt8]] {
        [Encode.pattern([0, 0]), Encode.pattern(Encode.little(count)), Encode.pattern([0, 0])]
    }

    /// The `count`-th request of a queue: patterns for all that the device reads, and the notification.
    private static func blockRequest(
        _ count: UInt16 = 1, notify: [UInt8] = SeedCorpus.notify, type: UInt32, sector: UInt64, header: UInt64 = 0x4000,
        _ buffers: [(address: UInt64, length: UInt32, isWritten: Bool)], content: [UInt8]? = nil
    ) -> [[UInt8]] {
        let all = [(header, UInt32(16), false)] + buffers + [(0x5000, 1, true)]
        let chain = all.enumerated().map { index, buffer in
            descriptor(buffer.0, buffer.1, (buffer.2 ? 2 : 0) | (index + 1 < all.count ? 1 : 0), UInt16(index + 1))
        }
        return rings(count) + chain.map { Encode.pattern($0) } + [Encode.pattern(blockHeader(type: type, sector: sector))]
            + (content.map { [Encode.pattern($0)] } ?? []) + [notify]
    }

    // MARK: generic, for the serial port and the interrupt controllers

    /// As drivers begin: 115,200 baud, 8 data bits, FIFOs, loop-back to see whether it is there; a byte and what comes of it.
    private static let serial: [(String, [[UInt8]])] = [
        (
            "set-up",
            [(3, 0x80), (0, 1), (1, 0), (3, 3), (2, 7), (4, 0x1e), (0, 0x55)].map { Encode.portWrite(0, base: 0, $0.0, $0.1) }
                + [Encode.portRead(0, base: 0, 5), Encode.portRead(0, base: 0, 0)]
        )
    ]

    /// The first controller initialised, all inputs open, its requests read.
    private static let interrupts: [(String, [[UInt8]])] = [
        (
            "set-up",
            [(0, 0x11), (1, 8), (1, 4), (1, 1), (1, 0), (0, 0x0a)].map { Encode.portWrite(0, base: 0, $0.0, $0.1) }
                + [Encode.portRead(0, base: 0, 0), Encode.portWrite(0, base: 0, 0, 0x20)]
        )
    ]

    // MARK: virtio-blk

    /// Header of a request (virtio 1.2, 5.2.6), buffer, status byte; the last one kicks.
    private static func request(
        type: UInt32, sector: UInt64, data: [[UInt8]] = [], isDeviceWritten: Bool = false
    ) -> [UInt8] {
        let header = Encode.little(type) + Encode.little(UInt32(0)) + Encode.little(sector)
        var bytes: [UInt8] = [0, 16, 0, 1, 0] + header
        for buffer in data { bytes += [0, UInt8(buffer.count), isDeviceWritten ? 1 : 0, 1, 0] + buffer }
        return bytes + [0, 1, 1, 0, 1, 0xff]
    }

    /// A length has one byte, so a sector of 512 takes several buffers.
    private static let sector = [[UInt8]](repeating: [UInt8](repeating: 0x5a, count: 128), count: 4)

    private static let distinct: UInt64 = 0x0123_4567_89ab_cdef

    private static let block: [(String, [UInt8])] = [
        ("read", request(type: 0, sector: 0, data: sector, isDeviceWritten: true)),
        ("write", request(type: 1, sector: 1, data: sector)),
        // Refused, both: no whole sector, or far behind the disk. The number stands in the input once, and the device compares
        // it with the disk's end: that tells the engine where the sector is and what it is measured against.
        ("read-part", request(type: 0, sector: distinct, data: [[0]], isDeviceWritten: true)),
        ("write-behind", request(type: 1, sector: distinct, data: [[0x5a]])),
        ("flush", request(type: 4, sector: 0)),
        (
            "get-id",
            request(type: 8, sector: 0, data: [[UInt8](repeating: 0, count: 20)], isDeviceWritten: true)
        ),
        (
            "discard",
            request(
                type: 11, sector: 0,
                data: [Encode.little(UInt64(0)) + Encode.little(UInt32(8)) + [0, 0, 0, 0]])
        ),
    ]

    private static let flags: [(String, [UInt8])] = [
        ("no-features", Encode.little(UInt64(1) << 32) + block[0].1),
        ("all-features", Encode.little(UInt64.max) + block[1].1),
        ("default-features", Encode.little(UInt64(0)) + block[2].1),
        ("legacy-only", Encode.little(UInt64(0x0fff_ffff)) + block[4].1),
        ("write-behind", Encode.little(UInt64(1) << 32) + block[3].1),
    ]

    // MARK: i440fx

    private static func port(_ opcode: UInt8, isAddress: Bool, _ value: UInt32) -> [UInt8] {
        [opcode, isAddress ? 1 : 0, 0, 0] + Encode.little(value)
    }

    private static let ports: [(String, [UInt8])] = [
        (
            "vendors",
            (0..<6).flatMap { slot in
                port(2, isAddress: true, 0x8000_0000 | slot << 11) + port(5, isAddress: false, 0)
            }
        ),
        (
            "size-bar",
            port(2, isAddress: true, 0x8000_2010) + port(2, isAddress: false, .max)
                + port(5, isAddress: false, 0)
        ),
        (
            "memory-attributes",
            port(2, isAddress: true, 0x8000_0058) + port(0, isAddress: false, 0x33)
                + port(1, isAddress: false, 0x1030) + port(3, isAddress: false, 0)
        ),
    ]

    private static func register(_ opcode: UInt8, _ register: UInt8, _ function: UInt32, _ value: UInt32)
        -> [UInt8]
    {
        [opcode, register, 0, 0] + Encode.little(function) + Encode.little(value)
    }

    private static let configuration: [(String, [UInt8])] = [
        ("vendors", (0..<6).flatMap { register(5, 0, $0 << 3, 0) }),
        ("enable", register(1, 4, 0x10, 7) + register(4, 4, 0x10, 0)),
        (
            "interrupt-routing",
            register(0, 0x60, 8, 0x0b) + register(0, 0x61, 8, 0x80) + register(3, 0x60, 8, 0)
        ),
    ]
}
