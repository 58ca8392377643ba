import Devices
import Machine

/// Planted bugs by the names that `--bug` takes.
enum BugNames {
    static func parse(_ name: String) throws(UsageError) -> PlantedBugs {
        if name == "all" { return PlantedBug.all.reduce(into: []) { $0.formUnion($1.flag) } }
        if name == "all-resets" { return PlantedBug.resets.reduce(into: []) { $0.formUnion($1.flag) } }
        guard let bug = PlantedBug.named(name) else {
            let names = ["all", "all-resets"] + (PlantedBug.all + PlantedBug.resets).map(\.name)
            throw UsageError("unknown bug '\(name)'; there are: " + names.joined(separator: ", "))
        }
        return bug.flag
    }

    /// One JSON object a line.
    static func list() {
        for bug in PlantedBug.all + PlantedBug.resets {
            let members = [
                ("name", bug.name), ("device", bug.device), ("modelledOn", bug.modelledOn),
                ("depth", bug.depth.rawValue), ("consequence", bug.consequence.rawValue),
                ("summary", bug.summary),
            ]
            let text = members.map { "\(Output.json($0.0)):\(Output.json($0.1))" }.joined(separator: ",")
            Output.standard("{\(text)}\n")
        }
    }
}
