import Glibc

/// Symbols of functions, or of variables, of one ELF file (`.symtab`, or `.dynsym` where it was stripped), sorted by address.
///
/// Enough to name a stack without any tool installed. Source: System V ABI, chapter 4, "Symbol Table".
struct ElfSymbols {
    private struct Symbol {
        var address: UInt64
        var bytes: UInt64
        var nameOffset: Int
    }

    /// What symbols name, with their types in the file.
    enum Kind {
        /// STT_FUNC, STT_GNU_IFUNC.
        case functions
        /// STT_OBJECT.
        case variables

        var types: [UInt8] { self == .functions ? [2, 10] : [1] }
    }

    private var symbols: [Symbol] = []
    private var names: [UInt8] = []

    /// Reads what it needs of the file: a target may have hundreds of megabytes of debug information. No symbols if it is not a 64-bit
    /// little-endian ELF file or is damaged.
    init(path: String, kind: Kind = .functions) {
        guard let file = ElfFile(path: path), let header = file.part(0, 64),
            header.bytes[0..<6].elementsEqual([0x7F, 0x45, 0x4C, 0x46, 2, 1])
        else { return }
        let entrySize = Int(header.u16(58))
        let count = Int(header.u16(60))
        guard let sections = file.part(header.u64(40), UInt64(entrySize * count)),
            let section = Self.symbolTable(sections, entrySize, count)
        else { return }
        let strings = Int(sections.u32(section + 40)) * entrySize
        guard let table = file.part(sections.u64(section + 24), sections.u64(section + 32)),
            let texts = file.part(sections.u64(strings + 24), sections.u64(strings + 32))
        else { return }
        names = texts.bytes
        for entry in stride(from: 0, to: table.bytes.count - 23, by: 24) {
            // Section index 0 is an import.
            guard kind.types.contains(table.u8(entry + 4) & 0xF), table.u16(entry + 6) != 0 else { continue }
            symbols.append(
                Symbol(address: table.u64(entry + 8), bytes: table.u64(entry + 16), nameOffset: Int(table.u32(entry))))
        }
        symbols.sort { ($0.address, $0.nameOffset) < ($1.address, $1.nameOffset) }
    }

    /// Offset of `.symtab`'s header, else of `.dynsym`'s.
    private static func symbolTable(_ sections: ElfFile.Part, _ entrySize: Int, _ count: Int) -> Int? {
        var chosen: Int?
        for index in 0..<count {
            // SHT_SYMTAB is 2, SHT_DYNSYM 11.
            let type = sections.u32(index * entrySize + 4)
            if type == 2 { return index * entrySize }
            if type == 11, chosen == nil { chosen = index * entrySize }
        }
        return chosen
    }

    /// The function at or before an address relative to the load bias, and the distance from its start.
    func lookup(_ address: UInt64) -> (name: String, offset: UInt64)? {
        guard let index = index(atOrBefore: address) else { return nil }
        let symbol = symbols[index]
        guard symbol.nameOffset < names.count else { return nil }
        let name = names[symbol.nameOffset...].prefix { $0 != 0 }
        return (String(decoding: name, as: UTF8.self), address - symbol.address)
    }

    /// The same for a variable: nothing behind its end, where the file tells that.
    func lookupWithin(_ address: UInt64) -> (name: String, offset: UInt64)? {
        guard let index = index(atOrBefore: address), let found = lookup(address) else { return nil }
        return symbols[index].bytes == 0 || found.offset < symbols[index].bytes ? found : nil
    }

    private func index(atOrBefore address: UInt64) -> Int? {
        var low = 0
        var high = symbols.count
        while low < high {
            let middle = (low + high) / 2
            if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    /// The symbol that an address relative to the load bias lies in, and the distance from its start; `nil` between symbols.
    func containing(_ address: UInt64) -> (name: String, offset: UInt64)? {
        guard let found = lookup(address), let symbol = symbols.last(where: { $0.address == address - found.offset }),
            found.offset < symbol.bytes
        else { return nil }
        return found
    }

    /// Link-time address of the function of that name; `nil` if there is none.
    func address(ofFunction name: String) -> UInt64? {
        let wanted = Array(name.utf8)
        return symbols.first { symbol in
            guard symbol.nameOffset < names.count else { return false }
            return names[symbol.nameOffset...].prefix { $0 != 0 }.elementsEqual(wanted)
        }?.address
    }
}

/// An open ELF file, of which parts are read.
private final class ElfFile {
    private let descriptor: Int32
    private let size: UInt64

    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_size > 0 else {
            size = 0
            return nil
        }
        size = UInt64(status.st_size)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// `nil` where the file does not have all of it.
    func part(_ offset: UInt64, _ count: UInt64) -> Part? {
        guard offset <= size, count <= size - offset else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            while filled < buffer.count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + filled, buffer.count - filled, off_t(offset) + off_t(filled))
                if got <= 0 { break }
                filled += got
            }
        }
        return bytes.count == Int(count) ? Part(bytes: bytes) : nil
    }

    /// Little-endian fields; zero outside the part, so that a damaged file has no symbols rather than a trap.
    struct Part {
        let bytes: [UInt8]

        func u8(_ offset: Int) -> UInt8 { integer(offset) }
        func u16(_ offset: Int) -> UInt16 { integer(offset) }
        func u32(_ offset: Int) -> UInt32 { integer(offset) }
        func u64(_ offset: Int) -> UInt64 { integer(offset) }

        private func integer<Integer: FixedWidthInteger>(_ offset: Int) -> Integer {
            bytes.withUnsafeBytes { buffer in
                guard offset >= 0, offset <= buffer.count - MemoryLayout<Integer>.size else { return 0 }
                return Integer(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: Integer.self))
            }
        }
    }
}
