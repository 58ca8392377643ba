import Glibc

/// One symbolised frame of a crash.
package struct StackFrame: Sendable, Codable, Equatable {
    /// File name of the object, without its directory.
    package var module: String
    /// Address relative to the object's load bias: what a symboliser takes.
    package var offset: UInt64
    /// Demangled function name; `nil` if the object has no symbol there.
    package var function: String?
}

/// Names the frames of crash records and reduces them to a signature. Reads each object's symbols once.
package final class Symbolizer {
    private let modules: ModuleTable
    private var symbols: [String: ElfSymbols] = [:]
    /// Frames that a signature takes, ClusterFuzz's number.
    private static let signatureFrames = 3

    package init(modules: ModuleTable) {
        self.modules = modules
    }

    /// The stack from the fault outwards: the signal handler and its trampoline are left out.
    package func frames(of record: CrashRecord) -> [StackFrame] {
        var addresses = record.frames
        if let fault = addresses.firstIndex(of: record.programCounter) {
            addresses = [record.programCounter] + addresses[(fault + 1)...].map { $0 &- 1 }
        } else {
            addresses = [record.programCounter] + addresses.map { $0 &- 1 }
        }
        return addresses.compactMap { address in
            guard address > 4096 else { return nil }
            return frame(at: address)
        }
    }

    package func frame(at address: UInt64) -> StackFrame {
        guard let object = modules.object(containing: address) else {
            return StackFrame(module: "?", offset: address, function: nil)
        }
        let offset = address &- object.loadBias
        let name = String(object.path.split(separator: "/").last ?? "?")
        return StackFrame(module: name, offset: offset, function: table(object.path).lookup(offset).map { demangle($0.name) })
    }

    /// Names a unique crash: the signal and the innermost frames that are the target's own.
    package func signature(signal: Int32, frames: [StackFrame]) -> String {
        let own = frames.filter { !Machinery.contains($0) }
        let named = (own.isEmpty ? frames : own).prefix(Self.signatureFrames).map { frame in
            frame.function ?? "\(frame.module)+0x\(String(frame.offset, radix: 16))"
        }
        return "\(signalName(signal)):" + named.joined(separator: "<")
    }

    private func table(_ path: String) -> ElfSymbols {
        if let known = symbols[path] { return known }
        let table = ElfSymbols(path: path)
        symbols[path] = table
        return table
    }
}

/// Functions that every crash of a kind goes through and that say nothing of where it is.
private enum Machinery {
    private static let names: Set<String> = [
        "abort", "raise", "gsignal", "pthread_kill", "__pthread_kill_implementation", "__assert_fail",
        "__assert_fail_base", "__libc_message", "malloc_printerr", "__restore_rt", "__GI_raise", "__GI_abort",
    ]
    private static let modules: Set<String> = ["libc.so.6", "libswiftCore.so"]
    private static let prefixes = ["Swift._assertionFailure", "Swift._fatalErrorMessage", "swift_", "closure #"]

    static func contains(_ frame: StackFrame) -> Bool {
        if modules.contains(frame.module) { return true }
        guard let function = frame.function else { return false }
        return names.contains(function) || prefixes.contains { function.hasPrefix($0) }
    }
}

@_silgen_name("swift_demangle")
private func swiftDemangle(
    _ name: UnsafePointer<CChar>?, _ length: UInt, _ output: UnsafeMutablePointer<CChar>?,
    _ outputSize: UnsafeMutablePointer<UInt>?, _ flags: UInt32
) -> UnsafeMutablePointer<CChar>?

/// The readable form of a Swift symbol; other names as they are.
func demangle(_ name: String) -> String {
    guard name.hasPrefix("$s") || name.hasPrefix("$S") else { return name }
    return name.utf8CString.withUnsafeBufferPointer { buffer in
        guard let text = swiftDemangle(buffer.baseAddress, UInt(buffer.count - 1), nil, nil, 0) else { return name }
        defer { free(text) }
        return String(cString: text)
    }
}

/// "SIGSEGV" for 11; the number itself for a signal without a name here.
package func signalName(_ signal: Int32) -> String {
    let names: [Int32: String] = [
        SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE", SIGABRT: "SIGABRT",
        SIGTRAP: "SIGTRAP", SIGSYS: "SIGSYS", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGXFSZ: "SIGXFSZ",
        SIGPIPE: "SIGPIPE", 0: "exit",
    ]
    return names[signal] ?? "signal \(signal)"
}
