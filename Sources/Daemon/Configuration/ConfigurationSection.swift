import Yams

/// One mapping of the file while it is read: looks values up by key and refuses what does not fit, with the place.
struct ConfigurationSection {
    let file: String
    /// Dotted; empty at the top.
    let path: String
    private let mapping: Node.Mapping?

    /// Checks that every key is known.
    init(file: String, path: String, node: Node?) throws(ConfigurationError) {
        self.file = file
        self.path = path
        guard let node, !Self.isNull(node) else {
            mapping = nil
            return
        }
        guard let mapping = node.mapping else {
            throw ConfigurationError(
                file: file, line: node.mark?.line, key: path,
                problem: "expected keys and values, found \(Self.describe(node))")
        }
        self.mapping = mapping
        let known = ConfigurationSchema.names(below: path)
        for (key, _) in mapping {
            guard let name = key.scalar?.string else {
                throw error(at: key, "", "expected the name of a key, found \(Self.describe(key))")
            }
            if known.contains(name) { continue }
            let nearest = ConfigurationSchema.nearest(to: name, among: known)
            let hint =
                nearest.map { "did you mean '\($0)'?" } ?? "known here: \(known.joined(separator: ", "))"
            throw error(at: key, name, "unknown key; \(hint)")
        }
    }

    /// Line of a key's value, or 0 where the key is not in the file.
    func line(_ name: String) -> Int { value(name)?.mark?.line ?? 0 }

    func section(_ name: String) throws(ConfigurationError) -> ConfigurationSection {
        try ConfigurationSection(file: file, path: dotted(name), node: value(name))
    }

    func text(_ name: String) throws(ConfigurationError) -> String? {
        guard let node = value(name) else { return nil }
        guard let scalar = node.scalar, Self.isText(node, scalar) else {
            throw error(
                at: node, name,
                "expected text, found \(Self.describe(node)) (quote it if it is meant as text)")
        }
        guard !scalar.string.isEmpty, !scalar.string.utf8.contains(0) else {
            throw error(at: node, name, "expected text, found an empty one")
        }
        return scalar.string
    }

    func integer(_ name: String, default fallback: Int) throws(ConfigurationError) -> Int {
        guard let node = value(name) else { return fallback }
        guard case .integer(let range) = ConfigurationSchema.key(dotted(name))?.type else {
            preconditionFailure("\(dotted(name)) is not an integer in the schema")
        }
        let expected = "expected a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let number = Self.number(node), let value = Int(exactly: number), range.contains(value) else {
            throw error(at: node, name, "\(expected), found \(Self.describe(node))")
        }
        return value
    }

    func seed(_ name: String) throws(ConfigurationError) -> UInt64 {
        guard let node = value(name) else { return 0 }
        guard let number = Self.number(node) else {
            throw error(
                at: node, name,
                "expected a whole number from 0 to \(UInt64.max), found \(Self.describe(node))")
        }
        return number
    }

    func boolean(_ name: String, default fallback: Bool) throws(ConfigurationError) -> Bool {
        guard let node = value(name) else { return fallback }
        guard let scalar = node.scalar, scalar.style == .plain, let value = Bool(scalar.string) else {
            throw error(at: node, name, "expected true or false, found \(Self.describe(node))")
        }
        return value
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, default fallback: Value
    ) throws(ConfigurationError) -> Value where Value.RawValue == String {
        guard let node = value(name) else { return fallback }
        let names = Value.allCases.map(\.rawValue)
        guard let text = node.scalar?.string, let value = Value(rawValue: text) else {
            throw error(
                at: node, name, "expected one of \(names.joined(separator: ", ")), found \(Self.describe(node))")
        }
        return value
    }

    /// A list of arguments: any plain value counts as the text that was written.
    func list(_ name: String) throws(ConfigurationError) -> [String] {
        guard let node = value(name) else { return [] }
        guard let sequence = node.sequence else {
            throw error(at: node, name, "expected a list such as [--one, two], found \(Self.describe(node))")
        }
        var texts: [String] = []
        for element in sequence { texts.append(try argument(element, name)) }
        return texts
    }

    /// Names and values, sorted by name.
    func map(_ name: String) throws(ConfigurationError) -> [(key: String, value: String)] {
        guard let node = value(name) else { return [] }
        guard let mapping = node.mapping else {
            throw error(
                at: node, name,
                "expected names and values such as {NAME: value}, found \(Self.describe(node))")
        }
        var pairs: [(key: String, value: String)] = []
        for (key, value) in mapping {
            let variable = try argument(key, name)
            guard !variable.isEmpty, !variable.contains("=") else {
                throw error(at: key, name, "expected the name of a variable, found '\(variable)'")
            }
            pairs.append((variable, try argument(value, "\(name).\(variable)")))
        }
        return pairs.sorted { $0.key < $1.key }
    }

    func error(_ name: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(file: file, line: value(name)?.mark?.line, key: dotted(name), problem: problem)
    }

    private func argument(_ node: Node, _ name: String) throws(ConfigurationError) -> String {
        guard let scalar = node.scalar, !Self.isNull(node) else {
            throw error(at: node, name, "expected text, found \(Self.describe(node))")
        }
        guard !scalar.string.utf8.contains(0) else {
            throw error(at: node, name, "text with a zero byte cannot be handed to a program")
        }
        return scalar.string
    }

    /// `nil` where the key is absent or has nothing behind the colon: then the default holds.
    private func value(_ name: String) -> Node? {
        guard let node = mapping?.first(where: { $0.key.scalar?.string == name })?.value else { return nil }
        return Self.isNull(node) ? nil : node
    }

    private func dotted(_ name: String) -> String {
        path.isEmpty ? name : name.isEmpty ? path : path + "." + name
    }

    private func error(at node: Node, _ name: String, _ problem: String) -> ConfigurationError {
        ConfigurationError(file: file, line: node.mark?.line, key: dotted(name), problem: problem)
    }

    /// The document was read without rules: a value has the tag that was written to it, or that of text.
    private static func tag(_ node: Node) -> Tag.Name { Resolver.basic.resolveTag(of: node) }

    private static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return tag(node) == .null || PlainScalar.isNothing(scalar.string)
    }

    private static func isText(_ node: Node, _ scalar: Node.Scalar) -> Bool {
        scalar.style != .plain || (tag(node) == .str && PlainScalar.isText(scalar.string))
    }

    /// Decimal or `0x`; quoted numbers are text.
    private static func number(_ node: Node) -> UInt64? {
        guard let scalar = node.scalar, scalar.style == .plain else { return nil }
        let digits = scalar.string.replacing("_", with: "")
        return digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
    }

    private static func describe(_ node: Node) -> String {
        switch node {
        case .mapping: return "keys and values"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            let text = scalar.string.count > 60 ? scalar.string.prefix(60) + "…" : scalar.string[...]
            let line = text.replacing("\n", with: " ")
            return isNull(node) ? "nothing" : scalar.style == .plain ? String(line) : "the text '\(line)'"
        }
    }
}
