import Machine

/// PCI configuration mechanism #1 as a guest uses it: through ports 0xcf8 and 0xcfc.
struct ConfigurationSpace {
    static let addressPort: UInt64 = 0xcf8
    static let dataPort: UInt64 = 0xcfc
    let machine: Machine
    /// Is told of every access; nil in a campaign.
    var recorder: AccessRecorder?

    init(machine: Machine) { self.machine = machine }

    /// `function` is device number * 8 + function; `offset` is passed on as it is, alignment included.
    @discardableResult
    func read(function: UInt32, offset: UInt8, size: Int) -> UInt32 {
        select(function, offset)
        recorder?.configurationAccess(function: function, offset: offset, size: size, value: nil)
        return UInt32(truncatingIfNeeded: machine.io.read(address: Self.dataPort, size: size))
    }

    func write(function: UInt32, offset: UInt8, size: Int, value: UInt32) {
        select(function, offset)
        recorder?.configurationAccess(function: function, offset: offset, size: size, value: value)
        machine.io.write(address: Self.dataPort, size: size, value: UInt64(value))
    }

    private func select(_ function: UInt32, _ offset: UInt8) {
        let address = 0x8000_0000 | (function &<< 8) | UInt32(offset)
        recorder?.portWrite(Self.addressPort, size: 4, value: UInt64(address))
        machine.io.write(address: Self.addressPort, size: 4, value: UInt64(address))
    }
}

/// Hands out addresses to BARs, as libqos does: ports from 0xc000, memory from 0xe0000000, each aligned to
/// its size.
struct BARMapper {
    private let space: ConfigurationSpace
    private var nextPort: UInt64 = 0xc000
    private var nextAddress: UInt64 = 0xe000_0000
    private static let portLimit: UInt64 = 0x1_0000
    private static let addressLimit: UInt64 = 0x1_0000_0000

    /// Where a BAR was put.
    struct Mapping: Equatable {
        var isPort: Bool
        var address: UInt64
    }

    init(machine: Machine) { self.init(ConfigurationSpace(machine: machine)) }
    init(_ space: ConfigurationSpace) { self.space = space }

    /// Maps all BARs of `device` and switches ports, memory and bus mastering on.
    /// - Returns: by BAR number; nil where there is none or where addresses have run out.
    @discardableResult
    mutating func map(_ device: PCIDevice) -> [Mapping?] {
        let function = UInt32(device.deviceFunction)
        var mappings: [Mapping?] = []
        for index in 0..<6 {
            mappings.append(device.bars[index] == nil ? nil : mapBAR(function, index))
        }
        let command = space.read(function: function, offset: UInt8(PCIRegister.command), size: 2)
        let enabled = command | UInt32(PCICommand.io | PCICommand.memory | PCICommand.busMaster)
        space.write(function: function, offset: UInt8(PCIRegister.command), size: 2, value: enabled)
        return mappings
    }

    private mutating func mapBAR(_ function: UInt32, _ index: Int) -> Mapping? {
        let register = UInt8(PCIRegister.firstBAR + index * 4)
        space.write(function: function, offset: register, size: 4, value: .max)
        let answer = space.read(function: function, offset: register, size: 4)
        let isPort = answer & 1 != 0
        let sizeBits = answer & (isPort ? ~3 : ~15)
        guard sizeBits != 0 else { return nil }
        let size = UInt64(1) << UInt64(sizeBits.trailingZeroBitCount)
        let next = isPort ? nextPort : nextAddress
        let address = (next + size - 1) & ~(size - 1)
        guard address + size <= (isPort ? Self.portLimit : Self.addressLimit) else { return nil }
        if isPort { nextPort = address + size } else { nextAddress = address + size }
        space.write(
            function: function, offset: register, size: 4, value: UInt32(address) | (isPort ? 1 : 0))
        return Mapping(isPort: isPort, address: address)
    }
}
