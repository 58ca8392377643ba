import Machine

/// The generic harness with every access written down: what `QTEST_LOG` asks a target for. It does to the machine what the
/// plain harness does; a class of its own, because a campaign must not pay for a look at whether somebody reads along.
package final class TracingHarness: Harness {
    package var name: String { generic.name }
    package var summary: String { generic.summary }
    private let generic: GenericHarness
    private let recorder: AccessRecorder

    package init(_ generic: GenericHarness, recorder: AccessRecorder) {
        self.generic = generic
        self.recorder = recorder
    }

    package func prepare() throws(HarnessError) { try generic.prepare() }

    package func run(_ input: UnsafeRawBufferPointer) -> InputVerdict { generic.run(input, recording: recorder) }

    package func reset() { generic.reset() }

    package func crossOver(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer, seed: UInt32
    ) -> Int { generic.crossOver(first, second, into: output, seed: seed) }
}

extension GenericHarness {
    /// Plays an input as `run` does, preceded by the mapping of the BARs, as QEMU 8.0 and later begin each input: whoever plays
    /// the lines on a machine that was only switched on needs it. On this machine it changes nothing.
    func run(_ input: UnsafeRawBufferPointer, recording recorder: AccessRecorder) -> InputVerdict {
        beginRecording(recorder)
        return run(input) { operation, selection in record(operation, selection, recorder) }
    }

    // Ports and memory; configuration space and fills of guest memory are recorded where they happen.
    private func record(
        _ operation: GenericOperation, _ selection: RegionSelection, _ recorder: AccessRecorder
    ) {
        switch operation {
        case .portRead(let size, let base, let offset):
            guard let place = selection.portAddress(base: base, offset: offset), place.holds(size) else { return }
            recorder.portRead(place.address, size: size)
        case .portWrite(let size, let base, let offset, let value):
            guard let place = selection.portAddress(base: base, offset: offset), place.holds(size) else { return }
            recorder.portWrite(place.address, size: size, value: UInt64(value))
        case .memoryRead(let size, let base, let offset):
            guard let place = selection.memoryAddress(base: base, offset: offset), place.holds(size) else { return }
            recorder.memoryRead(place.address, size: size)
        case .memoryWrite(let size, let base, let offset, let value):
            guard let place = selection.memoryAddress(base: base, offset: offset), place.holds(size) else { return }
            recorder.memoryWrite(place.address, size: size, value: value)
        case .clockStep: recorder.clockStep()
        case .configurationRead, .configurationWrite, .disablePCI, .addPattern, .clearPatterns, .tooShort: break
        }
    }
}
