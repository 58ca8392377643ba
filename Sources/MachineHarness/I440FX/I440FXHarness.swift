import Machine

/// What both i440FX formats begin their actions with, modulo 6 (QEMU: tests/qtest/fuzz/i440fx_fuzz.c).
enum I440FXAction: UInt8, CaseIterable {
    case writeByte, writeWord, writeLong, readByte, readWord, readLong

    init(opcode: UInt8) {
        self = Self(rawValue: opcode % UInt8(Self.allCases.count)) ?? .writeByte
    }

    var isWrite: Bool { rawValue < Self.readByte.rawValue }
    /// In bytes.
    var size: Int { 1 << Int(rawValue % 3) }
}

/// QEMU's `i440fx-qtest-reboot-fuzz`: accesses to the two configuration ports. An action is 8 bytes: opcode,
/// port (odd: 0xcf8, even: 0xcfc), two unused bytes, a little-endian 32-bit value. A rest shorter than that
/// is ignored.
package final class I440FXHarness: Harness {
    package let name = "i440fx"
    package let summary = "reads and writes of the two PCI configuration ports"
    private static let actionSize = 8
    private let machine: Machine

    package init(machine: Machine) { self.machine = machine }

    package func prepare() throws(HarnessError) {}
    package func reset() { machine.reset() }

    package func run(_ input: UnsafeRawBufferPointer) -> InputVerdict {
        guard input.count <= HarnessLimits.inputBytes else { return .rejected }
        var offset = 0
        while input.count &- offset >= Self.actionSize {
            let action = I440FXAction(opcode: input[offset])
            let isAddress = input[offset &+ 1] % 2 != 0
            let port = isAddress ? ConfigurationSpace.addressPort : ConfigurationSpace.dataPort
            let value = UInt32(
                littleEndian: input.loadUnaligned(fromByteOffset: offset &+ 4, as: UInt32.self))
            onOperation()
            if action.isWrite {
                machine.io.write(address: port, size: action.size, value: UInt64(value))
            } else {
                _ = machine.io.read(address: port, size: action.size)
            }
            offset &+= Self.actionSize
        }
        // The original runs the event loop once, after the whole input.
        machine.completeRequests()
        return .accepted
    }
}

/// QEMU's `i440fx-qos-*`: accesses to configuration space. An action is 12 bytes: opcode, register, two
/// unused bytes, a 32-bit function number and a 32-bit value, both little-endian.
package final class I440FXConfigurationHarness: Harness {
    package let name = "i440fx-configuration"
    package let summary = "reads and writes of any PCI function's configuration space"
    private static let actionSize = 12
    private let machine: Machine
    private let configuration: ConfigurationSpace

    package init(machine: Machine) {
        self.machine = machine
        configuration = ConfigurationSpace(machine: machine)
    }

    package func prepare() throws(HarnessError) {}
    package func reset() { machine.reset() }

    package func run(_ input: UnsafeRawBufferPointer) -> InputVerdict {
        guard input.count <= HarnessLimits.inputBytes else { return .rejected }
        var offset = 0
        while input.count &- offset >= Self.actionSize {
            let action = I440FXAction(opcode: input[offset])
            let register = input[offset &+ 1]
            let function = UInt32(
                littleEndian: input.loadUnaligned(fromByteOffset: offset &+ 4, as: UInt32.self))
            let value = UInt32(
                littleEndian: input.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt32.self))
            onOperation()
            if action.isWrite {
                configuration.write(function: function, offset: register, size: action.size, value: value)
            } else {
                configuration.read(function: function, offset: register, size: action.size)
            }
            offset &+= Self.actionSize
        }
        machine.completeRequests()
        return .accepted
    }
}
