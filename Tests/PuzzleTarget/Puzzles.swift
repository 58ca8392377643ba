import CPuzzle
import Glibc
import TargetRuntime

/// State that an input leaves behind; a fresh machine has it at zero.
nonisolated(unsafe) var inputsSeen = 0
nonisolated(unsafe) var hog: [UnsafeMutableRawPointer] = []

/// Letters whose end is a matter of time or of the machine's load; a campaign that must repeat itself leaves them out.
let untimelyLetters: Set<UInt8> = Set("LoiSfdBMpDWKPzZk".utf8)
let isCalm = getenv("PUZZLE_IS_CALM") != nil

/// What the first byte of an input asks for. Each is a way to misbehave that a fork server must survive.
func solve(_ input: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let first = input.first else { return 0 }
    inputsSeen += 1
    if isCalm, untimelyLetters.contains(first) { return 0 }
    switch first {
    case UInt8(ascii: "c"): return magic(input)
    case UInt8(ascii: "T"): trap(Int(input.count) - 100)
    case UInt8(ascii: "A"): abort()
    case UInt8(ascii: "V"): UnsafeMutablePointer<UInt8>(bitPattern: 0x10)?.pointee = 1
    case UInt8(ascii: "X"): exit(3)
    case UInt8(ascii: "K"): kill(getpid(), SIGKILL)
    case UInt8(ascii: "R"): return -1
    case UInt8(ascii: "L"): while true {}
    case UInt8(ascii: "o"): operateForEver()
    case UInt8(ascii: "i"):
        puzzle_ignore_signals()
        while true { pause() }
    case UInt8(ascii: "S"): kill(getpid(), SIGSTOP)
    case UInt8(ascii: "f"): forkAndStay(isDetached: false)
    case UInt8(ascii: "d"): forkAndStay(isDetached: true)
    case UInt8(ascii: "F"): failInChild()
    case UInt8(ascii: "B"): while true { if fork() == 0 { while true { pause() } } }
    case UInt8(ascii: "M"): eatMemory()
    case UInt8(ascii: "p"): flood()
    case UInt8(ascii: "q"): logAccessAndAbort()
    case UInt8(ascii: "D"): return openDescriptors() < 400 ? 0 : -1
    case UInt8(ascii: "W"): writeLargeFile()
    case UInt8(ascii: "n"): return puzzle_dirty_neighbours() == 0 && puzzle_touch_neighbours() > 0 ? 0 : -1
    case UInt8(ascii: "k"): return keepState(input)
    case UInt8(ascii: "P"): return puzzle_start_program()
    case UInt8(ascii: "z"): coverTime(puzzle_print_time())
    case UInt8(ascii: "Z"): return puzzle_wait_in_loops() == 5 ? 0 : -1
    case UInt8(ascii: "w"): usleep(2000)
    case UInt8(ascii: "s"): if inputsSeen != 1 { abort() }
    case UInt8(ascii: "y"): if runsCounted() % 3 == 0 { abort() }
    default: break
    }
    return 0
}

/// Found in steps, each of which is a new edge.
@inline(never)
func magic(_ input: UnsafeBufferPointer<UInt8>) -> Int32 {
    if input.count > 3, input[1] == UInt8(ascii: "a") {
        if input[2] == UInt8(ascii: "s") {
            if input[3] == UInt8(ascii: "h") { fatalError("the puzzle is solved") }
        }
    }
    return 0
}

@inline(never)
func trap(_ index: Int) {
    let array = [1, 2, 3]
    print(array[index < 0 ? index &+ 200 : index])
}

/// Renews the operation limit for ever: only the whole-input limit can end it.
func operateForEver() {
    while true {
        countOperation()
        usleep(1000)
    }
}

func forkAndStay(isDetached: Bool) {
    if fork() == 0 {
        if isDetached {
            setsid()
            if fork() != 0 { _exit(0) }
            setsid()
        }
        while true { pause() }
    }
}

/// In a process of its own, whose status nobody looks at: QEMU 7.2's fuzzers run each input in one.
func failInChild() {
    if fork() == 0 { UnsafeMutablePointer<UInt8>(bitPattern: 0x10)?.pointee = 1 }
    wait(nil)
}

func eatMemory() {
    while true {
        guard let memory = malloc(1 << 20) else { continue }
        memset(memory, 1, 1 << 20)
        hog.append(memory)
    }
}

/// As QEMU's fuzz targets other than the generic ones: they log accesses, and say nothing of the machine.
func logAccessAndAbort() -> Never {
    let line = Array("[R +0.000001] outb 0xcfc 0xe4\n".utf8)
    write(2, line, line.count)
    abort()
}

func flood() {
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 65536)
    for _ in 0..<256 { write(1, line, line.count) }
}

func openDescriptors() -> Int {
    var count = 0
    while open("/dev/null", O_RDONLY) >= 0 { count += 1 }
    return count
}

func writeLargeFile() {
    var path = Array("/tmp/fuzzd-puzzle-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    unlink(path)
    let block = [UInt8](repeating: 1, count: 1 << 20)
    for _ in 0..<64 { write(descriptor, block, block.count) }
}

/// "k" and the letter of a place: crashes when an earlier input's trace is there.
func keepState(_ input: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard input.count > 1 else { return -1 }
    let found = puzzle_keep_state(input[1])
    if found > 0 { abort() }
    return found
}

/// Which run this is, as a file outside the machine knows: the one way to be flaky on purpose and still be the same each time.
func runsCounted() -> Int {
    guard let path = getenv("PUZZLE_COUNTER") else { return 1 }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(descriptor) }
    write(descriptor, "x", 1)
    return Int(lseek(descriptor, 0, SEEK_END))
}
/// Puts a number into the coverage: loops that it says how often to run.
@inline(never)
func coverTime(_ seen: UInt32) {
    for turn in 0..<(seen & 127) { coverOnce(turn) }
    for turn in 0..<(seen >> 8 & 127) { coverTwice(turn) }
}

nonisolated(unsafe) var covered: UInt32 = 0

@inline(never)
func coverOnce(_ turn: UInt32) { covered &+= turn }

@inline(never)
func coverTwice(_ turn: UInt32) { covered ^= turn }
