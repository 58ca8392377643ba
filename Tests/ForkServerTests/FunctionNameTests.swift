import ForkServer
import Testing

@Suite("Function names")
struct FunctionNameTests {
    @Test(arguments: [
        ("Machine.MSIX.(load in _5F91AF61BA2A4E2FAECDCF3DDB2D7E15)(Swift.Array<Swift.UInt8>, Swift.Int) -> Swift.UInt64", "Machine.MSIX.load"),
        (
            "function signature specialization <Arg[0] = Dead, Arg[2] = Dead> of Devices.RealTimeClock.write(tag: Swift.Int) -> ()",
            "Devices.RealTimeClock.write"
        ),
        (
            "function signature specialization <Arg[3] = Owned To Guaranteed> of function signature specialization <Arg[2] = "
                + "[Closure Propagated : $s7Devices, Argument Types : [Devices.VirtIOBlock]> of Devices.BlockDisk.write(position: Swift.Int) -> ()",
            "Devices.BlockDisk.write"
        ),
        (
            "closure #1 (Swift.UnsafeMutableRawBufferPointer) -> Swift.Bool in Machine.AddressSpace.read(address: Swift.UInt64) -> Swift.UInt64",
            "Machine.AddressSpace.read"
        ),
        ("generic specialization <Swift.UInt8> of Swift.Array.subscript.getter : (Swift.Int) -> A", "Swift.Array.subscript"),
        ("generic specialization <Swift.Array<Swift.UInt8>> of Swift.Array._checkSubscript(_: Swift.Int) -> ()", "Swift.Array._checkSubscript"),
        ("Devices.(ChainWalk in _FB82139298D41498DCC918B84BB44F63).append(Devices.VirtQueueDescriptor) throws -> ()", "Devices.ChainWalk.append"),
        ("merged Devices.VirtIODevice.select(Swift.Int) -> ()", "Devices.VirtIODevice.select"),
        ("Devices.Clock.count.getter : Swift.Int", "Devices.Clock.count"),
        ("unsigned long net::Queue<int, char>::pop<long>(int, char const*)", "net::Queue::pop"),
        ("(anonymous namespace)::parse(char const*)", "{anonymous}::parse"),
        ("e1000_process_tx_desc.isra.0", "e1000_process_tx_desc"),
        ("tx_complete.part.3.cold", "tx_complete"),
        ("do_something.llvm.1234567", "do_something"),
        ("operator new(unsigned long)", "operator new(unsigned long)"),
        ("Swift runtime failure: Index out of range", "Swift runtime failure: Index out of range"),
        ("main", "main"), ("", ""), ("a.cold_start", "a.cold_start"),
    ])
    func isWhatTheSourceCallsIt(function: String, name: String) {
        #expect(FunctionName.canonical(function) == name)
    }

    @Test func whatIsCutShortDoesNoHarm() {
        let whole = "function signature specialization <Arg[0] = [Closure Propagated : f]> of a.(b in _ABC)(c<d>) -> e"
        for count in 0...whole.count { _ = FunctionName.canonical(String(whole.prefix(count))) }
        _ = FunctionName.canonical(String(repeating: "<", count: 100_000))
        _ = FunctionName.canonical(String(repeating: "closure #1 in ", count: 10_000))
    }
}
