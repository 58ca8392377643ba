import Machine
import MachineHarness

/// What `--list-…` and the start of a run print.
enum Listings {
    static func harnesses() {
        for entry in HarnessCatalogue.entries {
            Output.standard(
                "{\"name\":\(Output.json(entry.name)),\"summary\":\(Output.json(entry.summary))}\n")
        }
    }

    static func regions(of machine: Machine) {
        for place in machine.regionPlaces() { Output.standard(line(place)) }
    }

    /// The lines of QEMU's generic fuzzer, each region's with its owner and place behind QEMU's words.
    static func matched(_ places: [Machine.RegionPlace], globs: String) {
        for glob in globs.split(separator: " ") { Output.standard("Matching objects by name \(glob)\n") }
        Output.standard("This process will try to fuzz the following MemoryRegions:\n")
        for place in places { Output.standard(line(place)) }
    }

    /// QEMU's line with QTEST_LOG: the arguments that give `qemu-system-i386` this machine.
    static func commandLine(_ options: Options) {
        Output.standard(
            "Starting i386 with Arguments: -display none -machine accel=qtest -m \(options.ramMebibytes) -M pc -nodefaults "
                + "-serial null -blockdev driver=null-co,node-name=disk0,size=1048576,read-zeroes=on "
                + "-device virtio-blk-pci,drive=disk0,addr=2 -qtest /dev/null\n")
    }

    private static func line(_ place: Machine.RegionPlace) -> String {
        let region = place.region
        let size = "0x" + String(region.size, radix: 16)
        let space = place.isPort ? "port" : "memory"
        let address = place.address.map { "\(space) 0x" + String($0, radix: 16) } ?? "not mapped"
        return "  * \(region.name) (size \(size)) owner \(region.ownerName), \(address), \(region.kindName)\n"
    }
}
