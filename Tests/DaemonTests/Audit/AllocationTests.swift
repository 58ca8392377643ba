import Daemon
import ForkServer
import Testing

@Suite struct AllocationTests {
    private static func frame(_ function: String, module: String = "/opt/program") -> StackFrame {
        StackFrame(modulePath: module, offset: 1, function: function)
    }

    @Test func allocatorsAndConstructorsAllocateForOthers() {
        for function in ["g_malloc0", "swift_allocObject", "operator new(unsigned long)", "object_new_with_type", "qdev_new"] {
            #expect(AllocationSites.allocatesForOthers(Self.frame(function)), "\(function)")
        }
        #expect(AllocationSites.allocatesForOthers(Self.frame("Devices.PC.__allocating_init(ram: Int) -> Devices.PC")))
        #expect(AllocationSites.allocatesForOthers(Self.frame("g_hash_table_new", module: "/lib/libglib-2.0.so.0")))
        for function in ["pc_init1", "e1000_realize", "Devices.PC.init(ram: Int) -> Devices.PC"] {
            #expect(!AllocationSites.allocatesForOthers(Self.frame(function)), "\(function)")
        }
    }

    @Test func namesAreShort() {
        let names = [
            "e1000_realize": "e1000_realize",
            "Devices.PC.init(ram: Int) -> Devices.PC": "Devices.PC.init",
            "Devices.PC.(in _C0AF2489E938DBBBF829C842824A6508).init(ram: Int) -> Devices.PC": "Devices.PC.init",
            "closure #1 (Devices.PC) -> () in static pc_fuzz.MachineBuilder.make(Int) -> Int":
                "closure in static pc_fuzz.MachineBuilder.make",
        ]
        for (name, short) in names { #expect(AllocationSites.name(Self.frame(name)) == short) }
    }

    /// The layout of `struct fuzzd_allocations`: a count, blocks of 16 bytes, stacks of twenty addresses.
    @Test func theTargetsTableIsRead() throws {
        var bytes = [UInt8](repeating: 0, count: NotedAllocations.byteCount)
        func put(_ value: UInt64, at offset: Int, bytes count: Int = 8) {
            for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
        }
        put(3, at: 0)
        let (block, freed, last) = (8 + 16 * 5, 8 + 16 * 6, 8 + 16 * ((1 << 20) - 1))
        put(0x7000, at: block)
        put(100, at: block + 8, bytes: 4)
        put(2, at: block + 12, bytes: 4)
        put(0x8000, at: freed)
        put(0x9000, at: last)
        put(65536, at: last + 12, bytes: 4)
        let stacks = 8 + (16 << 20)
        put(0x1234, at: stacks + 160)
        put(0x5678, at: stacks + 168)
        put(0x42, at: bytes.count - 160)
        let noted = try #require(NotedAllocations(bytes: bytes))
        #expect(noted.dropped == 3)
        #expect(noted.block(at: 0x7000)?.bytes == 100 && noted.block(at: 0x7000)?.stack == [0x1234, 0x5678])
        #expect(noted.block(at: 0x8000) == nil && noted.block(at: 0x7001) == nil)
        #expect(noted.block(at: 0x9000)?.stack == [0x42])
        #expect(NotedAllocations(bytes: Array(bytes.dropLast())) == nil)
    }
}
