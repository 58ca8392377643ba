import Glibc

/// Tells the command that detached this daemon that it is up.
///
/// The launcher hands over the write end of a pipe as a descriptor named in the environment. Used once, by
/// the daemon's main thread; without a launcher everything here does nothing.
package enum ReadinessSignal {
    /// Holds the number of the inherited descriptor.
    static let environmentKey = "FUZZD_READY_DESCRIPTOR"

    /// Keeps programs that the daemon spawns from inheriting the descriptor. Called first thing in `main`.
    package static func protectInheritedDescriptor() {
        guard let descriptor else { return }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Says that the campaign runs. Call it when the target serves and the corpus was accepted.
    package static func announceReady() {
        guard let descriptor else { return }
        let line: [UInt8] = Array("ready\n".utf8)
        _ = write(descriptor, line, line.count)
        close(descriptor)
        unsetenv(environmentKey)
    }

    /// Whether a launcher is waiting for this process.
    package static var isAwaited: Bool { descriptor != nil }

    private static var descriptor: Int32? {
        guard let value = getenv(environmentKey) else { return nil }
        return Int32(String(cString: value))
    }
}
