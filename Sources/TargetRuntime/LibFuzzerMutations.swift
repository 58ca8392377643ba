import CForkServerABI
import CTargetRuntime

@_cdecl("fuzzd_engine_mutate")
public func mutateForHarness(_ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ capacity: Int) -> Int {
    size
}
