/// Zeller's `ddmin`: the smallest list that still shows something, in the sense that no single part of it can be left out.
///
/// Pure: what a list shows is asked of the caller, who may say "enough" by returning `nil`; the best list so far is the result then.
package enum DeltaDebugging {
    /// - Parameters:
    ///   - items: a list that shows it.
    ///   - shows: whether a shorter list shows it too; `nil` ends the search.
    package static func minimize<Item>(_ items: [Item], shows: ([Item]) throws -> Bool?) rethrows -> [Item] {
        guard let isEmptyEnough = items.isEmpty ? false : try shows([]) else { return items }
        if isEmptyEnough { return [] }
        var current = items
        var parts = 2
        while current.count > 1 {
            guard let smaller = try reduce(current, parts: min(parts, current.count), shows) else { return current }
            switch smaller {
            case .subset(let list):
                current = list
                parts = 2
            case .complement(let list):
                current = list
                parts = max(parts - 1, 2)
            case .none:
                if parts >= current.count { return current }
                parts = min(current.count, 2 * parts)
            }
        }
        return current
    }

    private enum Step<Item> {
        case subset([Item])
        case complement([Item])
        case none
    }

    /// One round: the parts alone, the latest first because state is mostly recent; then all but one of them.
    private static func reduce<Item>(
        _ items: [Item], parts: Int, _ shows: ([Item]) throws -> Bool?
    ) rethrows -> Step<Item>? {
        let bounds = (0...parts).map { $0 * items.count / parts }
        for part in (0..<parts).reversed() {
            let list = Array(items[bounds[part]..<bounds[part + 1]])
            guard let isShown = try shows(list) else { return nil }
            if isShown { return .subset(list) }
        }
        // Of two parts, each is the other's complement.
        guard parts > 2 else { return Step.none }
        for part in 0..<parts {
            let list = Array(items[..<bounds[part]] + items[bounds[part + 1]...])
            guard let isShown = try shows(list) else { return nil }
            if isShown { return .complement(list) }
        }
        return Step.none
    }
}
