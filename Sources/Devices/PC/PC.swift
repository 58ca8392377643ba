import Machine

/// A personal computer as QEMU's `-M pc`: i440FX, PIIX3, two 8259A, 8254, MC146818, COM1. Built once in the
/// machine parent. PCI slots 0 and 1 are taken; `nextSlot` counts from 2 as QEMU's `-device` does.
package final class PC {
    package let machine: Machine
    package let hostBridge: HostBridge
    package let isaBridge: ISABridge
    package let interruptControllers: InterruptControllerPair
    package let timer: IntervalTimer
    package let clock: RealTimeClock
    package let serial: SerialPort
    package var bus: PCIBus { hostBridge.busZero }
    private var nextSlot = 2

    /// The machine, reset and ready. `addDevices` puts PCI devices on it before the reset.
    package static func make(
        ram: UnsafeMutableRawBufferPointer, plantedBugs: PlantedBugs = [], addDevices: (PC) -> Void = { _ in }
    ) -> PC {
        let pc = PC(ram: ram, plantedBugs: plantedBugs)
        addDevices(pc)
        pc.machine.reset()
        return pc
    }

    private init(ram: UnsafeMutableRawBufferPointer, plantedBugs: PlantedBugs) {
        machine = Machine(ram: ram, plantedBugs: plantedBugs)
        hostBridge = HostBridge(machine: machine)
        isaBridge = ISABridge(machine: machine, bus: hostBridge.busZero)
        _ = IDEFunction(machine: machine, bus: hostBridge.busZero)
        _ = PowerManagementFunction(machine: machine, bus: hostBridge.busZero)
        interruptControllers = InterruptControllerPair(machine: machine)
        timer = IntervalTimer(machine: machine)
        clock = RealTimeClock(machine: machine)
        serial = SerialPort(machine: machine)
        machine.register(interruptControllers)
        machine.register(timer)
        machine.register(SpeakerPort(machine: machine, timer: timer))
        machine.register(clock)
        machine.register(serial)
    }

    /// Puts a PCI device into the next free slot.
    package func add(_ device: PCIDevice) {
        bus.add(device, slot: nextSlot)
        nextSlot += 1
    }
}
