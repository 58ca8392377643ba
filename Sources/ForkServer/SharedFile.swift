import CForkServerABI
import Glibc

/// A memfd of the daemon, mapped whole. The target gets its descriptor by inheritance and may make it longer.
final class SharedFile {
    let descriptor: Int32
    private(set) var base: UnsafeMutableRawPointer
    private(set) var bytes: Int

    init(name: String, bytes: Int, program: String) throws(ForkServerError) {
        let descriptor = fuzzd_memfd_create(name)
        guard descriptor >= 0, ftruncate(descriptor, bytes) == 0 else {
            throw ForkServerError(
                .createSharedMemory, program: program, errorNumber: errno, cause: "cannot make shared memory")
        }
        self.descriptor = descriptor
        self.bytes = bytes
        base = try Self.map(descriptor, bytes: bytes, program: program)
    }

    deinit {
        munmap(base, bytes)
        close(descriptor)
    }

    /// Maps what the target has added since.
    func remap(program: String) throws(ForkServerError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) > bytes else { return }
        let mapped = try Self.map(descriptor, bytes: Int(status.st_size), program: program)
        munmap(base, bytes)
        base = mapped
        bytes = Int(status.st_size)
    }

    private static func map(
        _ descriptor: Int32, bytes: Int, program: String
    ) throws(ForkServerError) -> UnsafeMutableRawPointer {
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory, memory != UnsafeMutableRawPointer(bitPattern: -1) else {
            throw ForkServerError(
                .createSharedMemory, program: program, errorNumber: errno, cause: "cannot map shared memory")
        }
        return memory
    }
}
