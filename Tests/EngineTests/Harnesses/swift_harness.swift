// A harness in Swift: strings, arrays and classes, from its own runtime.
final class Machine {
    var seen: [String] = []
    func look(_ text: String) { seen.append(text + "!") }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self)
    let machine = Machine()
    for word in text.split(separator: " ") { machine.look(String(word)) }
    if machine.seen.contains("trap!") { fatalError("trapped") }
    return machine.seen.count > 3 ? -1 : 0
}
