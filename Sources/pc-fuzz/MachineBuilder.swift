import Devices
import Glibc
import Machine

/// Builds the machine that is fuzzed. Once a process, before anything is served.
enum MachineBuilder {
    /// A power of two, so that huge pages fit.
    private static let alignment = 2 << 20

    /// 1 MiB: enough for every kind of request, and cheap for a reboot to erase.
    private static let diskSectors = 2048

    static func make(_ options: Options) throws(UsageError) -> Machine {
        let memory = try guestMemory(mebibytes: options.ramMebibytes)
        if options.touchesRAM { touch(memory) }
        let pc = PC.make(ram: memory, plantedBugs: options.plantedBugs) { pc in
            pc.add(VirtIOBlockPCI(machine: pc.machine, sectorCount: diskSectors))
        }
        return pc.machine
    }

    // Private and anonymous: children share it until they write, and none of it exists before somebody does.
    private static func guestMemory(mebibytes: Int) throws(UsageError) -> UnsafeMutableRawBufferPointer {
        let size = mebibytes << 20
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let mapped = mmap(nil, size + alignment, PROT_READ | PROT_WRITE, flags, -1, 0),
            mapped != MAP_FAILED
        else {
            throw UsageError("--ram-mib \(mebibytes): \(String(cString: strerror(errno))); ask for less")
        }
        let start = (Int(bitPattern: mapped) + alignment - 1) & ~(alignment - 1)
        let aligned = mapped + (start - Int(bitPattern: mapped))
        return UnsafeMutableRawBufferPointer(start: aligned, count: size)
    }

    // A byte a page that is not zero, so that no merging of equal pages makes it cheap.
    private static func touch(_ memory: UnsafeMutableRawBufferPointer) {
        var offset = 0
        while offset < memory.count {
            memory.storeBytes(of: UInt64(offset) | 1, toByteOffset: offset, as: UInt64.self)
            offset += 4096
        }
    }
}
