// Numbers as qtest and C write and read them.

func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }

func hexDigits(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}

func hexValue(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x37
    case 0x61...0x66: character - 0x57
    default: nil
    }
}

/// As C's strtoull with base 0: `0x` is hexadecimal, a leading 0 octal; a minus wraps.
func integer(_ text: some StringProtocol) -> UInt64? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? String(text.dropFirst()) : String(text)
    // Swift's own conversions take a sign here, C's do not.
    guard let first = digits.utf8.first, (0x30...0x39).contains(first) else { return nil }
    let value: UInt64?
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
        let rest = digits.dropFirst(2)
        value = rest.utf8.first.flatMap(hexValue) == nil ? nil : UInt64(rest, radix: 16)
    } else if digits.hasPrefix("0") && digits.count > 1 {
        value = UInt64(digits.dropFirst(), radix: 8)
    } else {
        value = UInt64(digits, radix: 10)
    }
    return value.map { isNegative ? 0 &- $0 : $0 }
}
