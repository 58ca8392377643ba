import Devices
import Machine

/// Planted bugs by the names that `--bug` takes.
enum BugNames {
    /// In the order of listings.
    static let entries = PlantedBug.all.map { (name: $0.name, bug: $0.flag) }

    /// One JSON object a line.
    static func list() {
        for entry in entries { Output.standard("{\"name\":\(Output.json(entry.name))}\n") }
    }

    static func parse(_ name: String) throws(UsageError) -> PlantedBugs {
        if name == "all" { return entries.reduce(into: []) { $0.formUnion($1.bug) } }
        guard let entry = entries.first(where: { $0.name == name }) else {
            let names = ["all"] + entries.map(\.name)
            throw UsageError("unknown bug '\(name)'; there are: " + names.joined(separator: ", "))
        }
        return entry.bug
    }
}
