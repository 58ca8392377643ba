/// What the daemon's side costs a real campaign under fork: engine and fork server, without storage.
struct DaemonOverhead {
    let options: Options
    let report: Report

    /// Returns the inputs that the campaign kept.
    func measure() throws -> [[UInt8]] {
        report.begin("3. daemon overhead (a campaign of \(options.campaignRuns) inputs, seed 1)", section: .overhead)
        var campaign = Campaigning(subject: try Subject { _ in }, seed: 1)
        var shares: [Double] = []
        var rates: [Double] = []
        let slices = max(1, options.rounds)
        for _ in 0..<slices {
            let round = try campaign.run(count: max(1, options.campaignRuns / slices))
            shares.append(100 * round.timing.handOverShare)
            rates.append(round.executionsPerSecond)
        }
        report.add("campaign, fork, one worker", rates, unit: "exec/s")
        report.add(
            "time in which the machine parent waited for the daemon", shares, unit: "%", target: .atMost(5))
        report.note("kept \(campaign.kept.count) inputs, \(campaign.fuzzer.counters.features) features")
        return campaign.kept
    }

    /// Only the inputs, for the measurements that need some; not reported.
    static func inputs() throws -> [[UInt8]] {
        var campaign = Campaigning(subject: try Subject { _ in }, seed: 1)
        while campaign.kept.count < 200, campaign.fuzzer.counters.executions < 20_000 {
            _ = try campaign.run(count: 1000)
        }
        return campaign.kept
    }
}
