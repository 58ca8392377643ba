import Devices
import Foundation
import Machine
import Testing

@Suite struct PlantedBugTests {
    @Test func namesAndFlagsAreUnique() {
        let names = PlantedBug.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Set(PlantedBug.all.map(\.flag.rawValue)).count == names.count)
        #expect(names.count >= 10)
        for bug in PlantedBug.all {
            #expect(bug.modelledOn.hasPrefix("CVE-"))
            #expect(PlantedBugInputs.operations(for: bug.name).count > VirtIOReferenceTests.mapping.count)
        }
    }

    /// With nothing planted each input runs to its end and leaves a machine that answers.
    @Test(arguments: PlantedBug.all.map(\.name)) func inputIsHarmlessWithoutTheBug(name: String) {
        let guest = LocalGuest()
        for operation in PlantedBugInputs.operations(for: name) { guest.run(operation) }
        #expect(guest.run(.configRead(offset: 0, size: 4)) == "0x10011af4")
        #expect(
            guest.run(.memoryRead(address: VirtIOReferenceTests.modernBase + 0x2000, size: 4)) == "0x20000")
    }

    /// With that one bug planted the input ends its process: by a trap, or by the timer if it is endless.
    @Test(arguments: PlantedBug.all.map(\.name)) func bugTriggers(name: String) async throws {
        let bug = try #require(PlantedBug.named(name))
        if bug.consequence == .endless {
            await #expect(processExitsWith: .signal(SIGALRM)) { [name = name as String] in
                alarm(3)
                runPlanted(name)
            }
        } else {
            await #expect(processExitsWith: .failure) { [name = name as String] in
                // Far above what the machine needs, far below what the unbounded allocation asks for.
                var limit = rlimit(rlim_cur: 3 << 30, rlim_max: 3 << 30)
                if name == "block-discard-allocation" { setrlimit(__rlimit_resource_t(9), &limit) }
                // A trap must come before the alarm, whose signal would be taken for a failure too.
                signal(SIGALRM) { _ in _exit(0) }
                alarm(60)
                runPlanted(name)
            }
        }
    }
}

/// Runs a bug's input on a machine that has that bug; ends the process with 0 if nothing happens.
private func runPlanted(_ name: String) {
    guard let bug = PlantedBug.named(name) else { exit(0) }
    let guest = LocalGuest(bugs: bug.flag)
    for operation in PlantedBugInputs.operations(for: name) { guest.run(operation) }
    exit(0)
}
