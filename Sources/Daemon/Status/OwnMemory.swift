import Foundation

/// What this process uses of memory.
enum OwnMemory {
    /// Resident now.
    static var residentMebibytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) / 256 : 0
    }
}
