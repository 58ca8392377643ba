import Devices
import Foundation
import Machine

/// One access to the machine, in words that both sides understand.
enum GuestOperation: CustomStringConvertible {
    case configRead(offset: Int, size: Int)
    case configWrite(offset: Int, size: Int, value: UInt32)
    case portRead(address: UInt64, size: Int)
    case portWrite(address: UInt64, size: Int, value: UInt64)
    case memoryRead(address: UInt64, size: Int)
    case memoryWrite(address: UInt64, size: Int, value: UInt64)
    case bytesRead(address: UInt64, count: Int)
    case bytesWrite(address: UInt64, bytes: [UInt8])

    static let configAddress: UInt32 = 0x8000_1000

    var description: String { commands.joined(separator: "; ") }

    /// The qtest commands; the answer of the last one counts.
    var commands: [String] {
        func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }
        let port = [1: "b", 2: "w", 4: "l"]
        let memory = [1: "b", 2: "w", 4: "l", 8: "q"]
        switch self {
        case .configRead(let offset, let size):
            return [
                "outl 0xcf8 \(hex(Self.configAddress | UInt32(offset & 0xfc)))",
                "in\(port[size] ?? "l") \(hex(0xcfc + offset & 3))",
            ]
        case .configWrite(let offset, let size, let value):
            return [
                "outl 0xcf8 \(hex(Self.configAddress | UInt32(offset & 0xfc)))",
                "out\(port[size] ?? "l") \(hex(0xcfc + offset & 3)) \(hex(value))",
            ]
        case .portRead(let address, let size): return ["in\(port[size] ?? "l") \(hex(address))"]
        case .portWrite(let address, let size, let value):
            return ["out\(port[size] ?? "l") \(hex(address)) \(hex(value))"]
        case .memoryRead(let address, let size): return ["read\(memory[size] ?? "q") \(hex(address))"]
        case .memoryWrite(let address, let size, let value):
            return ["write\(memory[size] ?? "q") \(hex(address)) \(hex(value))"]
        case .bytesRead(let address, let count): return ["read \(hex(address)) \(hex(count))"]
        case .bytesWrite(let address, let bytes):
            let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return ["write \(hex(address)) \(hex(bytes.count)) 0x\(text)"]
        }
    }
}

/// Our PC with a virtio-blk in slot 2.
final class LocalGuest {
    static let ramByteCount = 64 << 20
    static let sectorCount = 64 << 11
    let pc: PC
    let device: VirtIOBlockPCI
    var machine: Machine { pc.machine }
    var bus: PCIBus { pc.bus }
    private let ram: UnsafeMutableRawBufferPointer

    init(bugs: PlantedBugs = [], sectorCount: Int = LocalGuest.sectorCount) {
        let pages = mmap(
            nil, Self.ramByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
        )
        ram = UnsafeMutableRawBufferPointer(start: pages, count: Self.ramByteCount)
        var placed: VirtIOBlockPCI?
        let pc = PC.make(ram: ram, plantedBugs: bugs) { pc in
            let block = VirtIOBlockPCI(machine: pc.machine, sectorCount: sectorCount)
            pc.add(block)
            placed = block
        }
        guard let placed else { preconditionFailure("PC.make calls addDevices") }
        self.pc = pc
        device = placed
    }

    deinit { munmap(ram.baseAddress, ram.count) }

    /// The answer as qtest prints it, without "OK".
    @discardableResult
    func run(_ operation: GuestOperation) -> String {
        func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }
        let address = GuestOperation.configAddress & 0x7fff_ffff
        switch operation {
        case .configRead(let offset, let size):
            return hex(bus.readConfiguration(address: address | UInt32(offset), size: size))
        case .configWrite(let offset, let size, let value):
            bus.writeConfiguration(address: address | UInt32(offset), size: size, value: value)
        case .portRead(let address, let size): return hex(machine.io.read(address: address, size: size))
        case .portWrite(let address, let size, let value):
            machine.io.write(address: address, size: size, value: value)
        case .memoryRead(let address, let size): return hex(machine.memory.read(address: address, size: size))
        case .memoryWrite(let address, let size, let value):
            machine.memory.write(address: address, size: size, value: value)
        case .bytesRead(let address, let count):
            var bytes = [UInt8](repeating: 0, count: count)
            _ = bytes.withUnsafeMutableBytes { machine.memory.readBytes(address: address, into: $0) }
            return "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        case .bytesWrite(let address, let bytes):
            _ = bytes.withUnsafeBytes { machine.memory.writeBytes(address: address, from: $0) }
        }
        return ""
    }
}

/// Debian's QEMU with the same device, driven by qtest on its standard input. The guest's processor is
/// stopped.
final class ReferenceGuest {
    static let path = "/usr/bin/qemu-system-i386"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending: [UInt8] = []
    private let image: URL

    init() throws {
        image = FileManager.default.temporaryDirectory.appendingPathComponent(
            "fuzzd-\(UUID().uuidString).raw")
        _ = FileManager.default.createFile(atPath: image.path, contents: nil)
        try FileHandle(forWritingTo: image).truncate(atOffset: UInt64(LocalGuest.sectorCount * 512))
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = [
            "-M", "pc", "-nodefaults", "-display", "none", "-S", "-m", "64", "-qtest", "stdio", "-qtest-log",
            "/dev/null", "-drive", "file=\(image.path),format=raw,if=none,id=d0,cache=unsafe",
            "-device", "virtio-blk-pci,drive=d0",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        // Not terminate(): children of a dispatch thread inherit its mask, which blocks that signal.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: image)
    }

    private func line() -> String {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let text = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeFirst(end + 1)
                if text.hasPrefix("IRQ") { continue }
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return "FAIL closed" }
            pending += data
        }
    }

    @discardableResult
    func run(_ operation: GuestOperation) -> String {
        var answer = ""
        for command in operation.commands {
            input.fileHandleForWriting.write(Data((command + "\n").utf8))
            answer = line()
        }
        let parts = answer.split(separator: " ")
        guard parts.first == "OK" else { return answer }
        guard parts.count > 1 else { return "" }
        let text = String(parts[1])
        if case .bytesRead = operation { return text }
        // Leading zeros differ between QEMU's port and memory answers.
        return "0x" + String(UInt64(text.dropFirst(2), radix: 16) ?? 0, radix: 16)
    }
}

/// A small seeded generator, so that a failing trace can be made again.
struct TestRandom {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func pick<Element>(_ items: [Element]) -> Element { items[below(items.count)] }
}
