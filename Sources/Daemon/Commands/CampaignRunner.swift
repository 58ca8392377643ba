import Foundation

/// Runs `fuzzd start`.
package enum CampaignRunner {
    /// Starts a campaign and returns when it ended.
    ///
    /// - Returns: how the process ends. Prints to standard output itself.
    /// - Throws: `CommandFailure`.
    package static func run(_ options: StartOptions) throws -> FuzzdExitCode {
        let settings = try CampaignSettings.make(options)
        let control = CampaignControl()
        let display = DisplayChoice.make(plain: options.plain)
        let campaign = Campaign(settings: settings, display: display, control: control)
        var server: ControlServer?
        defer { server?.stop() }
        return try campaign.run {
            do throws(ControlError) {
                server = try ControlServer(
                    campaign: settings.name, directory: ControlDirectory.ofThisUser,
                    handler: LoopControl(control: control))
            } catch {
                throw CommandFailure(.failure, "\(error)")
            }
            if options.runs == 0 { print(campaign.targetGreeting, terminator: "") }
            ReadinessSignal.announceReady()
        }
    }
}

extension ControlDirectory {
    /// Where daemons of this user listen.
    package static var ofThisUser: ControlDirectory {
        ControlDirectory(runtimeDirectory: ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"])
    }
}

/// The control API's way into the campaign loop.
private struct LoopControl: ControlHandler {
    let control: CampaignControl

    func status() -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return control.status.flatMap { try? encoder.encode($0) } ?? Data("{}".utf8)
    }

    func pause() { control.requestPause() }
    func resume() { control.requestResume() }
    func stop() { control.requestStop() }
}
