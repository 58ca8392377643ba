/// The edges of a target by function and by place in the source: what there is to reach.
///
/// A value, made once a command from the PC tables. Edges that have no address in a table are not in it.
package struct CoverageMap: Sendable, Equatable {
    /// One edge of an instrumented module.
    package struct Edge: Sendable, Equatable {
        /// Its number in counter lists.
        package var counter: Int
        /// Path of the source file, with line and column, where there is debug information.
        package var file: String?
        package var line: Int?
        package var column: Int?
        /// The function that its code was written in, where that was inlined into the function which it belongs to.
        package var inlinedFunction: String?
        /// Whether its block does nothing but trap: a check that has not failed yet.
        package var isTrap: Bool

        package init(
            counter: Int, file: String? = nil, line: Int? = nil, column: Int? = nil, inlinedFunction: String? = nil,
            isTrap: Bool = false
        ) {
            self.isTrap = isTrap
            self.counter = counter
            self.file = file
            self.line = line
            self.column = column
            self.inlinedFunction = inlinedFunction
        }
    }

    /// One function of the object file: an entry of a PC table and the edges that follow it.
    package struct Function: Sendable, Equatable {
        package var name: String
        /// File name of the program or library that it is in.
        package var module: String
        package var file: String?
        package var line: Int?
        /// Indices into `edges`, in the order of the PC table, which is that of the compiler's blocks.
        package var edges: Range<Int>

        package init(name: String, module: String, file: String? = nil, line: Int? = nil, edges: Range<Int>) {
            self.name = name
            self.module = module
            self.file = file
            self.line = line
            self.edges = edges
        }
    }

    package var edges: [Edge]
    /// In the order of the PC tables.
    package var functions: [Function]

    package init(edges: [Edge], functions: [Function]) {
        self.edges = edges
        self.functions = functions
    }

    /// Whether any edge has a place in a source file.
    package var hasSource: Bool { edges.contains { $0.file != nil } }
}
