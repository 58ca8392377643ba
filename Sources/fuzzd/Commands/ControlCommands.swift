import ArgumentParser
import Daemon

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the running daemons are doing.")

    @Argument(help: ArgumentHelp("Campaign to show; all of them without it.", valueName: "name"))
    var name: String?

    @Flag(help: "Print JSON, one object a campaign and line.")
    var json = false

    func run() throws {
        try Termination.finish(
            ControlRunner.run(ControlOptions(verb: .status, campaignName: name, json: json)))
    }
}

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop a running daemon; everything is saved first.")

    @OptionGroup var campaign: RunningCampaign

    func run() throws { try campaign.ask(.stop) }
}

struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a running daemon wait; the machine stays up.")

    @OptionGroup var campaign: RunningCampaign

    func run() throws { try campaign.ask(.pause) }
}

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused daemon go on.")

    @OptionGroup var campaign: RunningCampaign

    func run() throws { try campaign.ask(.resume) }
}

/// The daemon that a command talks to.
struct RunningCampaign: ParsableArguments {
    @Argument(help: ArgumentHelp("Campaign; may be left out when only one runs.", valueName: "name"))
    var name: String?

    func ask(_ verb: ControlOptions.Verb) throws {
        try Termination.finish(ControlRunner.run(ControlOptions(verb: verb, campaignName: name)))
    }
}
