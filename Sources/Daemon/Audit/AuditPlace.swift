/// A piece of memory that a reboot left changed, and whose it is.
package struct AuditPlace: Codable, Equatable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// An object of a type whose name is known.
        case object
        case variable
        /// Another block of the heap.
        case allocation
        /// Memory that was mapped by itself: guest memory, most of all.
        case mapping
        /// The machine's clock, or a moment that differs as it does.
        case moment
    }

    var kind: Kind
    /// The variable, or the object's type, or what points to the block.
    var owner: String
    /// Within the owner, or within the block that `owner` leads to.
    var offset: UInt64

    var text: String { offset == 0 ? owner : owner + "+0x" + String(offset, radix: 16) }
}
