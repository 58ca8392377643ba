import Foundation

/// How busy the host was with other things while the figures were taken.
struct HostNoise: Codable {
    var cores: Int
    var loadAverageBefore: Double
    var loadAverageAfter: Double
    /// Time that the hypervisor kept from this machine, of all cores' time.
    var stolenShare: Double
    var transparentHugePages: String
    var kernel: String

    private var ticksBefore: (stolen: Double, all: Double)

    private enum CodingKeys: String, CodingKey {
        case cores, loadAverageBefore, loadAverageAfter, stolenShare, transparentHugePages, kernel
    }

    init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "only ever written"))
    }

    init() {
        cores = ProcessInfo.processInfo.activeProcessorCount
        loadAverageBefore = Self.loadAverage()
        loadAverageAfter = loadAverageBefore
        stolenShare = 0
        transparentHugePages = Self.line("/sys/kernel/mm/transparent_hugepage/enabled")
        kernel = Self.line("/proc/sys/kernel/osrelease")
        ticksBefore = Self.ticks()
    }

    mutating func finish() {
        loadAverageAfter = Self.loadAverage()
        let now = Self.ticks()
        let all = now.all - ticksBefore.all
        stolenShare = all > 0 ? (now.stolen - ticksBefore.stolen) / all : 0
    }

    private static func line(_ path: String) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return "unknown" }
        return text.split(separator: "\n").first.map(String.init) ?? ""
    }

    private static func loadAverage() -> Double {
        line("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    /// The first line of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal.
    private static func ticks() -> (stolen: Double, all: Double) {
        let fields = line("/proc/stat").split(separator: " ").dropFirst().compactMap { Double($0) }.prefix(8)
        return (fields.count == 8 ? fields[7] : 0, fields.reduce(0, +))
    }
}
