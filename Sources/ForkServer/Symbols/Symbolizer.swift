import Glibc
import Synchronization

/// Names the frames of crash records from the ELF symbols of the objects, with no tool installed. Reads each object's symbols once.
///
/// Thread-safe.
package final class Symbolizer: Sendable {
    private let modules: ModuleTable?
    private let tables: SymbolTables

    /// - Parameters:
    ///   - modules: tells what is loaded where; without it, only offsets within objects can be named.
    ///   - tables: of objects that were read before.
    package init(modules: ModuleTable?, tables: SymbolTables = SymbolTables()) {
        self.modules = modules
        self.tables = tables
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
        guard let object = modules?.object(containing: address) else {
            return StackFrame(modulePath: "?", address: address, offset: address)
        }
        var frame = StackFrame(modulePath: object.path, address: address, offset: address &- object.loadBias)
        name(&frame)
        return frame
    }

    /// Adds what the ELF symbols of the frame's object tell: the function, and where in it.
    package func name(_ frame: inout StackFrame) {
        guard let symbol = table(frame.modulePath).lookup(frame.offset) else { return }
        frame.function = demangle(symbol.name)
        frame.functionOffset = symbol.offset
    }

    /// The path of a loaded object by its file name; `nil` where none is called so.
    package func path(ofModule name: String) -> String? {
        modules?.objects.first { $0.path == name || $0.path.hasSuffix("/" + name) }?.path
    }

    /// The demangled function at an address relative to the load bias of an object.
    package func function(in path: String, at offset: UInt64) -> String? {
        table(path).lookup(offset).map { demangle($0.name) }
    }

    /// Names a unique crash: the signal and the innermost frames that are the target's own.
    package func signature(signal: Int32, frames: [StackFrame]) -> String {
        Signature.make(kind: signalName(signal), frames: frames)
    }

    private func table(_ path: String) -> ElfSymbols { tables.table(path) }
}

/// The symbols of objects, each read when it is first asked for. Thread-safe.
package final class SymbolTables: Sendable {
    private let known = Mutex<[String: ElfSymbols]>([:])

    package init() {}

    /// Reads an object ahead of the first question.
    package func read(_ path: String) { _ = table(path) }

    func table(_ path: String) -> ElfSymbols {
        known.withLock { known in
            if let table = known[path] { return table }
            let table = ElfSymbols(path: path)
            known[path] = table
            return table
        }
    }
}

@_silgen_name("swift_demangle")
private func swiftDemangle(
    _ name: UnsafePointer<CChar>?, _ length: UInt, _ output: UnsafeMutablePointer<CChar>?,
    _ outputSize: UnsafeMutablePointer<UInt>?, _ flags: UInt32
) -> UnsafeMutablePointer<CChar>?

/// Of the Itanium C++ ABI, chapter "Demangler API"; part of libstdc++.
@_silgen_name("__cxa_demangle")
private func itaniumDemangle(
    _ name: UnsafePointer<CChar>?, _ output: UnsafeMutablePointer<CChar>?, _ outputSize: UnsafeMutablePointer<UInt>?,
    _ status: UnsafeMutablePointer<Int32>?
) -> UnsafeMutablePointer<CChar>?

/// The readable form of a Swift or C++ symbol; other names as they are.
package func demangle(_ name: String) -> String {
    let isSwift = name.hasPrefix("$s") || name.hasPrefix("$S") || name.hasPrefix("$e")
    guard isSwift || name.hasPrefix("_Z") else { return name }
    return name.utf8CString.withUnsafeBufferPointer { buffer in
        let text =
            isSwift
            ? swiftDemangle(buffer.baseAddress, UInt(buffer.count - 1), nil, nil, 0)
            : itaniumDemangle(buffer.baseAddress, nil, nil, nil)
        guard let text else { return name }
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
