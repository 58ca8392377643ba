import Foundation

/// The campaign's own time: monotonic, without pauses. Owned by the campaign loop.
struct CampaignClock {
    private var accumulatedSeconds = 0.0
    private var resumedAt: Double?

    /// Seconds since an arbitrary moment.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    mutating func resume() {
        if resumedAt == nil { resumedAt = Self.now() }
    }

    mutating func pause() {
        accumulatedSeconds = elapsedSeconds
        resumedAt = nil
    }

    var elapsedSeconds: Double {
        accumulatedSeconds + (resumedAt.map { Self.now() - $0 } ?? 0)
    }
}

/// A rate over the last few seconds, from samples taken about once a second.
struct RateWindow {
    private var samples: [(seconds: Double, count: UInt64)] = []
    private static let windowSeconds = 5.0

    mutating func add(count: UInt64, atSeconds seconds: Double) {
        samples.append((seconds, count))
        while samples.count > 2, let first = samples.first, seconds - first.seconds > Self.windowSeconds {
            samples.removeFirst()
        }
    }

    var perSecond: Double {
        guard let first = samples.first, let last = samples.last, last.seconds > first.seconds else { return 0 }
        return Double(last.count - first.count) / (last.seconds - first.seconds)
    }
}
