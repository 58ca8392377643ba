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

    /// Reads the file; no symbols if it is not a 64-bit little-endian ELF file or is damaged.
    init(path: String, kind: Kind = .functions) {
        guard let bytes = Self.read(path), bytes.count > 64, bytes[0..<6].elementsEqual([0x7F, 0x45, 0x4C, 0x46, 2, 1])
        else { return }
        let reader = Reader(bytes: bytes)
        let sectionsOffset = Int(reader.u64(40))
        let entrySize = Int(reader.u16(58))
        let sectionCount = Int(reader.u16(60))
        var chosen: Int?
        for index in 0..<sectionCount {
            let type = reader.u32(sectionsOffset + index * entrySize + 4)
            // SHT_SYMTAB is 2, SHT_DYNSYM 11.
            if type == 2 || (type == 11 && chosen == nil) { chosen = sectionsOffset + index * entrySize }
            if type == 2 { break }
        }
        guard let section = chosen else { return }
        let strings = sectionsOffset + Int(reader.u32(section + 40)) * entrySize
        let namesStart = Int(reader.u64(strings + 24))
        let namesEnd = namesStart + Int(reader.u64(strings + 32))
        guard namesStart >= 0, namesEnd <= bytes.count, namesStart <= namesEnd else { return }
        names = Array(bytes[namesStart..<namesEnd])
        let start = Int(reader.u64(section + 24))
        let count = Int(reader.u64(section + 32)) / 24
        for index in 0..<count {
            let entry = start + index * 24
            // Section index 0 is an import.
            guard kind.types.contains(reader.u8(entry + 4) & 0xF), reader.u16(entry + 6) != 0 else { continue }
            symbols.append(
                Symbol(
                    address: reader.u64(entry + 8), bytes: reader.u64(entry + 16), nameOffset: Int(reader.u32(entry))))
        }
        symbols.sort { ($0.address, $0.nameOffset) < ($1.address, $1.nameOffset) }
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

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            while count < buffer.count, let base = buffer.baseAddress {
                let got = Glibc.read(descriptor, base + count, buffer.count - count)
                if got <= 0 { break }
                count += got
            }
        }
    }

    /// Little-endian fields; zero outside the file, so that a damaged file has no symbols rather than a trap.
    private struct Reader {
        let bytes: [UInt8]

        func u8(_ offset: Int) -> UInt8 { offset >= 0 && offset < bytes.count ? bytes[offset] : 0 }
        func u16(_ offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: integer(offset, 2)) }
        func u32(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: integer(offset, 4)) }
        func u64(_ offset: Int) -> UInt64 { integer(offset, 8) }

        private func integer(_ offset: Int, _ size: Int) -> UInt64 {
            guard offset >= 0, offset <= bytes.count - size else { return 0 }
            return (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
        }
    }
}
