/// The name of a function without what a compiler, a build or an overload adds to it, so that one place in the source has one
/// name: `Machine.MSIX.load` for
/// `generic specialization <Swift.UInt8> of Machine.MSIX.(load in _5F91…)([Swift.UInt8], Swift.Int) -> Swift.UInt64`,
/// `net::Queue::pop` for `unsigned long net::Queue<int>::pop(int)`, `tx_complete` for `tx_complete.isra.0.cold`.
///
/// Input is what demanglers print; what has another form stays as it is.
package enum FunctionName {
    private static let specializations = [
        "function signature specialization <", "generic specialization <", "generic not re-abstracted specialization <",
        "generic pre-specialization <",
    ]
    private static let wrappers = [
        "merged ", "partial apply forwarder for ", "protocol witness for ", "dispatch thunk of ", "outlined ",
        "specialized ", "non-virtual thunk to ", "virtual thunk to ", "reabstraction thunk helper from ",
    ]
    private static let accessors = [
        ".getter", ".setter", ".modify", ".modify2", ".read", ".read2", ".unsafeMutableAddressor", ".unsafeAddressor",
    ]
    /// GCC's and LLVM's: parts, clones and specialisations of a function.
    private static let cloneSuffixes = [".isra", ".constprop", ".part", ".cold", ".lto_priv", ".llvm", ".localalias", ".clone"]

    package static func canonical(_ function: String) -> String {
        // A sentence in a function's place: Swift's compiler names inlined checks so.
        if function.hasPrefix("Swift runtime failure: ") { return function }
        // A demangler nests: a few layers at most, so that no name can make this long.
        var name = Substring(function)
        for _ in 0..<8 {
            guard let inner = withoutLayer(name) else { break }
            name = inner
        }
        let text = withoutPrivateNames(name)
        if text.contains("operator") { return text }
        return withoutClones(bare(text))
    }

    /// What a specialisation, closure or thunk was made of; `nil` for a plain name.
    private static func withoutLayer(_ name: Substring) -> Substring? {
        for prefix in specializations where name.hasPrefix(prefix) {
            var rest = name.dropFirst(prefix.count)
            skipBalanced(&rest, depth: 1)
            return rest.hasPrefix(" of ") ? rest.dropFirst(4) : nil
        }
        if name.hasPrefix("closure #") || name.hasPrefix("implicit closure #") { return enclosing(name) }
        for prefix in wrappers where name.hasPrefix(prefix) { return name.dropFirst(prefix.count) }
        return nil
    }

    /// `f(Int) -> ()` of `closure #1 (Int) -> () in f(Int) -> ()`.
    private static func enclosing(_ name: Substring) -> Substring? {
        var depth = 0
        var previous: Character = " "
        for index in name.indices {
            depth += step(name[index], after: previous)
            previous = name[index]
            if depth == 0, name[index...].hasPrefix(" in ") { return name[index...].dropFirst(4) }
        }
        return nil
    }

    private static func skipBalanced(_ rest: inout Substring, depth start: Int) {
        var depth = start
        var previous: Character = " "
        while depth > 0, let character = rest.popFirst() {
            depth += step(character, after: previous)
            previous = character
        }
    }

    /// How a character changes the depth of brackets; the arrow of a result is none.
    private static func step(_ character: Character, after previous: Character) -> Int {
        switch character {
        case "<", "(", "[": 1
        case ">": previous == "-" ? 0 : -1
        case ")", "]": -1
        default: 0
        }
    }

    /// Swift tells private names apart by a hash of their file: `(load in _5F91AF61…)` becomes `load`.
    private static func withoutPrivateNames(_ name: Substring) -> String {
        var result = ""
        var rest = name
        while let open = rest.firstIndex(of: "(") {
            let inside = rest[rest.index(after: open)...]
            let word = inside.prefix { $0 != " " && $0 != "(" && $0 != ")" }
            let tail = inside.dropFirst(word.count)
            guard tail.hasPrefix(" in _"), let close = tail.firstIndex(of: ")"),
                tail[..<close].dropFirst(5).allSatisfy(\.isHexDigit)
            else {
                result += rest[...open]
                rest = inside
                continue
            }
            result += rest[..<open] + word
            rest = tail[tail.index(after: close)...]
        }
        return result + rest
    }

    /// Without templates' arguments, parameters and result.
    private static func bare(_ name: String) -> String {
        let anonymous = "(anonymous namespace)"
        let name = name.replacing(anonymous, with: "{anonymous}")
        var depth = 0
        var result = ""
        for character in name {
            if depth == 0, character == "(" { break }
            if character == "<" { depth += 1 }
            if depth == 0 { result.append(character) }
            if character == ">", depth > 0 { depth -= 1 }
        }
        // Only accessors are printed with the type of what they access.
        if let type = result.firstRange(of: " : ") { result = withoutAccessor(String(result[..<type.lowerBound])) }
        // `void f`: the type of a C++ template's result comes first.
        return String(result.split(separator: " ").last ?? "")
    }

    private static func withoutAccessor(_ name: String) -> String {
        for accessor in accessors where name.hasSuffix(accessor) { return String(name.dropLast(accessor.count)) }
        return name
    }

    private static func withoutClones(_ name: String) -> String {
        var name = name
        for suffix in cloneSuffixes {
            guard let start = name.firstRange(of: suffix), start.lowerBound > name.startIndex else { continue }
            let tail = name[start.upperBound...]
            if tail.allSatisfy({ $0.isNumber || $0 == "." }) || tail.hasPrefix(".") {
                name = String(name[..<start.lowerBound])
            }
        }
        return name
    }
}
