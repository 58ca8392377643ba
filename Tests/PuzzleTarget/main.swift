import CPuzzle
import Glibc
import TargetRuntime

// A target that misbehaves on request; the fork server's tests drive it.
if let variable = getenv("PUZZLE_AT_START") {
    switch String(cString: variable) {
    case "die": exit(9)
    case "hang": while true { pause() }
    case "few-descriptors": puzzle_limit_descriptors(905)
    case "little-memory": puzzle_limit_memory(60 << 20)
    case let text where text.hasPrefix("descriptors-"): puzzle_limit_descriptors(Int(text.dropFirst(12)) ?? 0)
    default: break
    }
}
guard isStartedByDaemon else {
    print("puzzle-target is started by fuzzd's tests")
    exit(2)
}
puzzle_prepare_kept_state()
if let number = getenv("PUZZLE_FAILING_CALL") { puzzle_fail_calls(number) }
if let every = getenv("PUZZLE_REFUSED_FORKS") { puzzle_refuse_forks(every) }
serve(
    TargetCallbacks(
        testOneInput: { data, size in solve(UnsafeBufferPointer(start: data, count: size)) },
        resetMachine: { inputsSeen = 0 },
        crossOver: { first, firstSize, second, secondSize, result, capacity, _ in
            guard let first, let second, let result, firstSize + secondSize <= capacity else { return 0 }
            result.update(from: first, count: firstSize)
            result.advanced(by: firstSize).update(from: second, count: secondSize)
            return firstSize + secondSize
        }))
