/// One frame of a stack: where in which object, and what is known of the source there.
package struct StackFrame: Sendable, Codable, Equatable {
    /// File name of the object, without its directory.
    package var module: String
    /// Path of the object; `module` again where it is not known.
    package var modulePath: String
    /// Absolute address in the target, 0 where it is not known.
    package var address: UInt64
    /// Address relative to the object's load bias: what a symboliser takes.
    package var offset: UInt64
    /// Demangled function name; `nil` if the object has no symbol there.
    package var function: String?
    /// Distance from the start of the function's ELF symbol: the same in another build as long as the function is; `nil` where unknown.
    package var functionOffset: UInt64?
    /// Path of the source file, where there is debug information.
    package var file: String?
    package var line: Int?
    package var column: Int?
    /// Whether the function was inlined into that of the next frame: both have the same address.
    package var isInlined: Bool

    package init(
        modulePath: String, address: UInt64 = 0, offset: UInt64, function: String? = nil, functionOffset: UInt64? = nil,
        file: String? = nil, line: Int? = nil, column: Int? = nil, isInlined: Bool = false
    ) {
        module = String(modulePath.split(separator: "/").last ?? "?")
        self.modulePath = modulePath
        self.address = address
        self.offset = offset
        self.function = function
        self.functionOffset = functionOffset
        self.file = file
        self.line = line
        self.column = column
        self.isInlined = isInlined
    }

    /// Function, or object and offset.
    package var place: String {
        function ?? "\(module)+0x\(String(offset, radix: 16))"
    }

    /// `FILE:LINE:COLUMN`, as far as known; `nil` without a file.
    package var source: String? {
        guard let file else { return nil }
        return ([file] + [line, column].compactMap { $0 }.map(String.init)).joined(separator: ":")
    }
}
