/// Names a unique failure: what happened, and the innermost frames that are the target's own.
///
/// A check that failed on purpose (a trap, an assertion) has its place in its function too: two checks in one function, or in
/// functions that were inlined into one, are two failures. The place is relative to the function, so that it outlives a build
/// that changed others. Where a fault just happened the place says less: a wild pointer is used in many places.
package enum Signature {
    /// Frames that a signature takes, ClusterFuzz's number.
    private static let frameCount = 3
    /// What ends a process where a check failed: as signals and in a sanitizer's words.
    private static let traps: Set<String> = ["SIGILL", "SIGTRAP", "ILL", "TRAP"]
    /// How the functions begin that glibc and GLib report a failed assertion with.
    private static let assertions = ["__assert", "g_assertion_message"]
    /// Between the functions and the place of the check.
    private static let siteMark = " at +0x"

    package static func make(kind: String, frames: [StackFrame]) -> String {
        let own = Machinery.ownFrames(of: frames)
        let chosen = (own.isEmpty ? frames : own).prefix(frameCount)
        return kind + ":" + chosen.map(name).joined(separator: "<") + site(kind, frames, own.first)
    }

    /// The functions that a recursion goes round, whichever of them happened to use up the stack.
    package static func recursion(kind: String, frames: [StackFrame]) -> String {
        let names = Machinery.ownFrames(of: frames).map(name)
        var seen: [String: Int] = [:]
        for name in names { seen[name, default: 0] += 1 }
        let cycle = Set(names.filter { seen[$0, default: 0] > 1 }).sorted()
        guard !cycle.isEmpty else { return make(kind: kind, frames: frames) }
        return kind + ":" + cycle.prefix(frameCount).joined(separator: "<")
    }

    /// Whether a signature on record is that of a failure seen now. Earlier versions wrote functions alone.
    package static func isSame(recorded: String, present: String) -> Bool {
        recorded == present || recorded == withoutSite(present)
    }

    /// The part that earlier versions wrote.
    package static func withoutSite(_ signature: String) -> String {
        guard let mark = signature.ranges(of: siteMark).last,
            signature[mark.upperBound...].allSatisfy({ $0.isASCII && $0.isHexDigit })
        else { return signature }
        return String(signature[..<mark.lowerBound])
    }

    /// Of the innermost frame of the target's own: a runtime's function that reports the failed check was called from there.
    private static func site(_ kind: String, _ frames: [StackFrame], _ innermost: StackFrame?) -> String {
        guard let innermost, innermost.function != entry, let offset = innermost.functionOffset else { return "" }
        let isCheck =
            traps.contains(kind)
            || (kind == "SIGABRT"
                && frames.prefix { $0 != innermost }.contains { isAssertion($0) })
        return isCheck ? siteMark + String(offset, radix: 16) : ""
    }

    /// GLib aborts only where it was told to, or where a check of its own failed; without symbols its library is enough to know.
    private static func isAssertion(_ frame: StackFrame) -> Bool {
        guard let function = frame.function else { return frame.module.hasPrefix("libglib-2.0") }
        return assertions.contains(where: function.hasPrefix)
    }

    private static let entry = "LLVMFuzzerTestOneInput"

    /// All of a small harness is inlined into its entry, so there the offset tells one failure from another.
    private static func name(_ frame: StackFrame) -> String {
        guard frame.function == entry else { return frame.place }
        return "\(frame.place)+0x\(String(frame.offset, radix: 16))"
    }
}
