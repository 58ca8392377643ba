/// Changes a decimal number in the text in place, keeping its number of digits.
enum ChangeASCIIInt {
    static func apply(to input: inout [UInt8], _ context: inout MutationContext) -> Bool {
        guard !input.isEmpty else { return false }
        var start = context.random.below(input.count)
        while start < input.count && !isDigit(input[start]) { start += 1 }
        if start == input.count { return false }
        var end = start
        var value: UInt64 = 0
        while end < input.count && isDigit(input[end]) {
            // Long runs of digits wrap: any value will do.
            value = value &* 10 &+ UInt64(input[end] - 0x30)
            end += 1
        }
        switch context.random.below(5) {
        case 0: value &+= 1
        case 1: value &-= 1
        case 2: value /= 2
        case 3: value &*= 2
        default: value = context.random.next() % max(1, value &* value)
        }
        for position in (start..<end).reversed() {
            input[position] = UInt8(value % 10) + 0x30
            value /= 10
        }
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte)
    }
}
