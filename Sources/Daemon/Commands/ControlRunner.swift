import Foundation

/// Runs `fuzzd status`, `stop`, `pause` and `resume`.
package enum ControlRunner {
    /// Reaches a running daemon through its control socket.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: ControlOptions) throws -> FuzzdExitCode {
        do throws(ControlError) {
            let directory = ControlDirectory.ofThisUser
            if options.verb == .status, options.campaignName == nil {
                let running = try directory.running()
                guard !running.isEmpty else { throw .notRunning(campaign: nil) }
                for campaign in running {
                    try show(ControlClient.find(campaign: campaign, directory: directory), json: options.json)
                }
                return .success
            }
            let client = try ControlClient.find(campaign: options.campaignName, directory: directory)
            switch options.verb {
            case .status: try show(client, json: options.json)
            case .stop: try client.stop()
            case .pause: try client.pause()
            case .resume: try client.resume()
            }
            if options.verb != .status { print("\(client.campaign): \(options.verb.rawValue) requested") }
            return .success
        } catch {
            if case .notRunning = error { throw CommandFailure(.noSuchDaemon, "\(error)") }
            throw CommandFailure(.failure, "\(error)")
        }
    }

    private static func show(_ client: ControlClient, json: Bool) throws(ControlError) {
        let data = try client.status()
        if json {
            print(String(decoding: data, as: UTF8.self))
        } else if let status = try? JSONDecoder().decode(CampaignStatus.self, from: data) {
            StatusText.lines(status).forEach { print($0) }
        } else {
            print("\(client.campaign): is starting")
        }
    }
}
