/// Numbers as people read them. Pure; the same number always gives the same text, whatever the locale.
package enum HumanFormat {
    /// `999`, `12.3k`, `4.56M`: three significant digits.
    package static func count(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return "0" }
        let units: [(factor: Double, suffix: String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        // 999.95k must not become 1000k, so the unit is chosen after rounding to three digits.
        for unit in units where value >= unit.factor * 0.9995 {
            return threeDigits(value / unit.factor) + unit.suffix
        }
        return fixed(value, decimals: value < 10 && value != value.rounded() ? 2 : 0)
    }

    /// `1,234,567`.
    package static func grouped(_ value: UInt64) -> String {
        let digits = String(value)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.utf8.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// A rate: `12.3k/s`.
    package static func rate(_ perSecond: Double) -> String {
        count(perSecond) + "/s"
    }

    /// `512 B`, `12.3 KiB`, `4.00 GiB`.
    package static func bytes(_ value: Int) -> String {
        let amount = Double(max(0, value))
        let units = ["KiB", "MiB", "GiB", "TiB"]
        var factor = 1024.0
        guard amount >= factor else { return "\(Int(amount)) B" }
        for unit in units {
            if amount < factor * 1023.5 || unit == "TiB" {
                return threeDigits(amount / factor) + " " + unit
            }
            factor *= 1024
        }
        return "\(value) B"
    }

    /// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 03 min`, `5 d 04 h`.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "-" }
        if seconds < 9.95 { return fixed(seconds, decimals: 1) + " s" }
        let whole = UInt64(min(seconds, 1e12).rounded())
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(twoDigits(whole % 60)) s"
        case ..<86400: return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
        default: return "\(whole / 86400) d \(twoDigits(whole % 86400 / 3600)) h"
        }
    }

    /// `850 ns`, `12.3 us`, `4.56 ms`, `1.20 s`.
    package static func nanoseconds(_ value: Double) -> String {
        switch value {
        case ..<999.5: return fixed(value, decimals: 0) + " ns"
        case ..<999_500: return threeDigits(value / 1e3) + " us"
        case ..<999_500_000: return threeDigits(value / 1e6) + " ms"
        default: return threeDigits(value / 1e9) + " s"
        }
    }

    /// A share of 0…1 as `4.2 %`.
    package static func percent(_ share: Double) -> String {
        fixed(share * 100, decimals: 1) + " %"
    }

    /// `value` with exactly `decimals` digits behind the point, rounded half away from zero.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale: Double = 1
        for _ in 0..<decimals { scale *= 10 }
        let magnitude = (abs(value) * scale).rounded()
        guard magnitude < 1e18 else { return String(value) }
        let scaled = UInt64(magnitude)
        let divisor = UInt64(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % divisor)
        return sign + String(scaled / divisor) + "."
            + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    private static func threeDigits(_ value: Double) -> String {
        fixed(value, decimals: value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
    }

    private static func twoDigits(_ value: UInt64) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}
