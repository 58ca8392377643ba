import CForkServerABI
import Glibc
import TargetRuntime

// A target that is not as it should be: no function of it is instrumented, and on request it speaks the protocol of
// another version.

/// Says hello as a target of another version would, and nothing else.
func speak(version: UInt32) {
    let fields = getenv(FUZZD_ENVIRONMENT).map { String(cString: $0) } ?? ""
    let numbers = fields.split(separator: ",").compactMap { Int32($0) }
    guard numbers.count >= 5 else { exit(2) }
    var hello = fuzzd_hello()
    hello.magic = FUZZD_ABI_MAGIC
    hello.abi_version = version
    hello.status = FUZZD_HELLO_READY.rawValue
    hello.process_id = getpid()
    send(numbers[3], &hello, MemoryLayout<fuzzd_hello>.size, 0)
    while true { pause() }
}

guard isStartedByDaemon else {
    print("bare-target is started by fuzzd's tests")
    exit(2)
}
if let text = getenv("BARE_TARGET_VERSION"), let version = UInt32(String(cString: text)) {
    speak(version: version)
}
serve(TargetCallbacks(testOneInput: { _, _ in 0 }))
