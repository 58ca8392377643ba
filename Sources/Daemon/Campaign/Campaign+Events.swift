import Foundation
import ForkServer
import Fuzzing
import Storage

// What the engine found is carried out in its order: on disk, then counted, then shown.
extension Campaign {
    func carryOut(_ event: CampaignEvent) {
        switch event {
        case .newInput(let input): keep(input)
        case .reducedInput(let input): replace(input)
        case .evicted: break
        case .seedsLoaded: finishLoading()
        case .unverifiedFinding(let finding): saveUnverified(finding)
        case .finding(let finding): settle(finding)
        case .lostInput(let bytes, let attempts):
            warn("an input of \(bytes.count) bytes was lost with its machine parent \(attempts) times; it is left out")
        case .pulse:
            updateStatus()
            display.event(.pulse, status: status)
        }
    }

    private func keep(_ input: NewInput) {
        guard case .mutation(let trail) = input.origin else {
            reloading.kept += isLoaded ? 1 : 0
            return
        }
        newInputCount += 1
        store(input.bytes, replacing: nil)
        noteFind()
        display.event(.new(kept(input.bytes, trail)), status: status)
        tellWrite(of: input.bytes)
    }

    private func replace(_ input: ReducedInput) {
        store(input.bytes, replacing: inputName(of: input.previousBytes))
        noteFind()
        if case .mutation(let trail) = input.origin {
            display.event(.reduced(kept(input.bytes, trail)), status: status)
            tellWrite(of: input.bytes)
        }
    }

    private func tellWrite(of bytes: [UInt8]) {
        guard settings.rules.tellsWrites, let path = corpus.path(of: bytes) else { return }
        display.event(.written(bytes: bytes.count, path: path), status: status)
    }

    func noteFind() {
        lastFindSeconds = clock.elapsedSeconds
        updateStatus()
    }

    private func kept(_ bytes: [UInt8], _ trail: MutationTrail) -> KeptInput {
        KeptInput(
            sizeBytes: bytes.count, largestBytes: fuzzer.corpus.largestSizeBytes,
            mutations: trail.families.map(\.name), dictionaryWords: trail.words)
    }

    private func finishLoading() {
        if isLoaded {
            updateStatus()
            display.event(.reloaded(files: reloading.files, kept: reloading.kept), status: status)
            reloading = (0, 0)
            return
        }
        isLoaded = true
        executionsAtLoad = fuzzer.counters.executions
        status.state = .fuzzing
        updateStatus()
        display.event(.initialised, status: status)
    }

    func warn(_ text: String) {
        display.event(.warning(text), status: status)
    }
}
