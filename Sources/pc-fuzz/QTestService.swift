import Machine

/// `--qtest`: the machine behind QEMU's qtest protocol.
enum QTestService {
    static func serve(_ machine: Machine, at endpoint: String) throws(UsageError) -> Int32 {
        throw UsageError("--qtest \(endpoint): expected stdio or unix:PATH")
    }
}
