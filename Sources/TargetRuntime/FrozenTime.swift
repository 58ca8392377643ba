import CForkServerABI
import CTargetRuntime

extension ForkServer {
    /// Lets time and randomness stand still for the children of this process, unless the config says otherwise: under the
    /// strategies where each input gets the same machine, at the moment when that machine was ready.
    func freezeTime(_ settings: fuzzd_settings) {
        let isFresh =
            settings.strategy == UInt32(FUZZD_STRATEGY_FORK.rawValue)
            || settings.strategy == UInt32(FUZZD_STRATEGY_SNAPSHOT.rawValue)
        guard isFresh, settings.uses_real_time == 0 else { return }
        if fuzzd_freeze_time() != 0 {
            StandardError.write(literal: "fuzzd: time and randomness are not frozen: /proc/self/mem cannot be written\n")
        }
    }
}
