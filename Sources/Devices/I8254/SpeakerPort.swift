import Machine

/// Port 0x61: gate and output of the 8254's channel 2, speaker switch, and the bit that software takes for
/// DRAM refresh (it flips at every read, as QEMU's does).
package final class SpeakerPort: Device, MemoryRegionOps {
    private let timer: IntervalTimer
    private var isDataOn = false
    private var refresh = false
    private let keepsSwitchAtReset: Bool

    package init(machine: Machine, timer: IntervalTimer) {
        self.timer = timer
        keepsSwitchAtReset = machine.plantedBugs.contains(.resetSpeakerSwitch)
        super.init(typeName: "isa-pcspk")
        machine.io.root.add(
            .io(name: "pcspk", owner: self, size: 1, ops: self, access: AccessRules(implemented: 1...1)),
            at: 0x61)
    }

    package override func reset() {
        if !keepsSwitchAtReset { isDataOn = false }
        refresh = false
    }

    package func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        refresh.toggle()
        return (timer.speakerGate ? 1 : 0) | (isDataOn ? 2 : 0) | (refresh ? 0x10 : 0)
            | (timer.speakerOutput ? 0x20 : 0)
    }

    package func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        timer.speakerGate = value & 1 != 0
        isDataOn = value & 2 != 0
    }
}
