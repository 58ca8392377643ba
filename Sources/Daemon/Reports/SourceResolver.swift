import ForkServer

/// Finds function, file and line of frames: asks `llvm-symbolizer` where there is one, remembers its answers, and falls
/// back to the ELF symbols, which need no tool.
package final class SourceResolver {
    private struct Place: Hashable {
        var path: String
        var offset: UInt64
    }

    private let program: String?
    private let elf: Symbolizer
    private let limitSeconds: Double
    private var process: SymbolizerProcess?
    private var failures = 0
    private var known: [Place: [StackFrame]] = [:]
    private var deadline = 0.0
    /// Times that it may fail to start, end or take too long; then it is left alone.
    private static let failureLimit = 2
    private static let rememberedLimit = 65_536

    /// - Parameters:
    ///   - program: path of llvm-symbolizer; `nil` for none.
    ///   - limitSeconds: how long one report may take, all of its frames together.
    package init(program: String?, elf: Symbolizer, limitSeconds: Double) {
        self.program = program
        self.elf = elf
        self.limitSeconds = limitSeconds
    }

    /// A new report: its time starts now.
    ///
    /// - Parameter limitSeconds: for a report that may take another time than others.
    func beginReport(limitSeconds: Double? = nil) {
        deadline = CampaignClock.now() + (limitSeconds ?? self.limitSeconds)
    }

    /// The frame and what was inlined into it, innermost first; never empty.
    func resolve(_ frame: StackFrame) -> [StackFrame] {
        guard frame.modulePath.hasPrefix("/"), frame.file == nil else { return [frame] }
        let place = Place(path: frame.modulePath, offset: frame.offset)
        if let frames = known[place] { return frames.map { with($0, address: frame.address) } }
        guard let answer = ask(place) else { return [named(frame)] }
        let frames = answer.isEmpty ? [named(frame)] : answer
        if known.count >= Self.rememberedLimit { known.removeAll() }
        known[place] = frames
        return frames.map { with($0, address: frame.address) }
    }

    /// `nil` if there was no answer.
    private func ask(_ place: Place) -> [StackFrame]? {
        guard let program, failures < Self.failureLimit, CampaignClock.now() < deadline else { return nil }
        do throws(SymbolizerProcess.Failure) {
            if let process { return try process.functions(in: place.path, at: place.offset, deadline: deadline) }
            let started = try SymbolizerProcess(program: program)
            process = started
            return try started.functions(in: place.path, at: place.offset, deadline: deadline)
        } catch {
            process = nil
            failures += 1
            return nil
        }
    }

    private func named(_ frame: StackFrame) -> StackFrame {
        var frame = frame
        if frame.function == nil { frame.function = elf.function(in: frame.modulePath, at: frame.offset) }
        return frame
    }

    private func with(_ frame: StackFrame, address: UInt64) -> StackFrame {
        var frame = frame
        frame.address = address
        return frame
    }
}
