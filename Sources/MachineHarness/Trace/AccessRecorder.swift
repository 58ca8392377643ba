import Machine

/// Writes down what an input comes to, as QEMU logs it with QTEST_LOG: a line for each access, before it is made, so that the
/// last line of a crash is what caused it. Owned by the harness that is traced; one for a process.
///
/// A line is `[at REGION+OFFSET OWNER] [R +0.000000] COMMAND`, a fill of guest memory `[DMA] [R +0.000000] write …`. Times are
/// always zero: nothing here looks at a clock. QEMU's own scripts read such lines too.
package final class AccessRecorder {
    private let machine: Machine
    private let write: (String) -> Void
    private static let digits = Array("0123456789abcdef".utf8)

    /// - Parameter write: takes whole lines, in the order of the accesses.
    package init(machine: Machine, write: @escaping (String) -> Void) {
        self.machine = machine
        self.write = write
    }

    func portRead(_ address: UInt64, size: Int) {
        log("in\(Self.suffix(size)) \(Self.hex(address))", at: place(of: address, in: machine.io))
    }

    func portWrite(_ address: UInt64, size: Int, value: UInt64) {
        let value = Self.cut(value, size)
        log(
            "out\(Self.suffix(size)) \(Self.hex(address)) \(Self.hex(value))",
            at: place(of: address, in: machine.io))
    }

    func memoryRead(_ address: UInt64, size: Int) {
        log("read\(Self.suffix(size)) \(Self.hex(address))", at: place(of: address, in: machine.memory))
    }

    func memoryWrite(_ address: UInt64, size: Int, value: UInt64) {
        let value = Self.cut(value, size)
        log(
            "write\(Self.suffix(size)) \(Self.hex(address)) \(Self.hex(value))",
            at: place(of: address, in: machine.memory))
    }

    /// The register of a PCI function, through the data port. The address port's line is a `portWrite` of its own.
    func configurationAccess(function: UInt32, offset: UInt8, size: Int, value: UInt32?) {
        let port = Self.hex(ConfigurationSpace.dataPort)
        let owner = machine.devices.first { ($0 as? PCIDevice)?.deviceFunction == Int(function) }
        let place = "pci-configuration+\(Self.hex(UInt64(offset))) \(owner?.typeName ?? "")"
        if let value {
            log("out\(Self.suffix(size)) \(port) \(Self.hex(Self.cut(UInt64(value), size)))", at: place)
        } else {
            log("in\(Self.suffix(size)) \(port)", at: place)
        }
    }

    func clockStep() { log("clock_step", at: nil) }

    /// Guest memory that is filled because a device is about to read it.
    func fill(_ address: UInt64, _ bytes: UnsafeRawBufferPointer) {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(Self.digits[Int(byte >> 4)])
            text.append(Self.digits[Int(byte & 15)])
        }
        let data = String(decoding: text, as: UTF8.self)
        write("[DMA] [R +0.000000] write \(Self.hex(address)) \(Self.hex(UInt64(bytes.count))) 0x\(data)\n")
    }

    private func log(_ command: String, at place: String?) {
        write("\(place.map { "[at \($0)] " } ?? "")[R +0.000000] \(command)\n")
    }

    private func place(of address: UInt64, in space: AddressSpace) -> String? {
        guard let (region, offset) = space.region(at: address) else { return nil }
        return "\(region.name)+\(Self.hex(offset)) \(region.ownerName)"
    }

    private static func suffix(_ size: Int) -> String {
        switch size {
        case 1: "b"
        case 2: "w"
        case 4: "l"
        default: "q"
        }
    }

    private static func cut(_ value: UInt64, _ size: Int) -> UInt64 {
        size >= 8 ? value : value & ((1 << UInt64(size * 8)) - 1)
    }

    private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
