import Storage

// What is found goes to disk, and is counted once it is there. Without room it waits in memory.
extension Campaign {
    func store(_ bytes: [UInt8], replacing previous: String?) {
        do {
            _ = try corpus.write(bytes, replacing: previous)
        } catch {
            noteFailedWrite(error)
        }
        countWritten()
    }

    /// Writes an artifact now or as soon as there is room; `countWritten` announces it then.
    func store(_ input: [UInt8], _ record: ArtifactRecord) {
        do {
            _ = try artifacts.save(input, record: record)
        } catch {
            noteFailedWrite(error)
        }
        countWritten()
    }

    /// Called about once a second and at the end.
    func retryPendingWrites() {
        guard isDiskFull else { return }
        var isRoom = true
        // Two directories, perhaps on two file systems: the one goes on without the other.
        do { try corpus.writePending() } catch { isRoom = false }
        do { try artifacts.writePending() } catch { isRoom = false }
        countWritten()
        guard isRoom else { return }
        isDiskFull = false
        display.event(.info("there is room again; all that waited was written"), status: status)
    }

    /// What the end of a campaign says about finds that are not on disk; `nil` where all of them are.
    var unwrittenFinds: CommandFailure? {
        let waiting = [
            (corpus.pendingCount, "input", settings.corpusDirectories.first ?? ""),
            (artifacts.pendingCount, "artifact", artifacts.place),
        ].filter { $0.0 > 0 }.map { "\($0.2): \(SummaryText.plural($0.0, $0.1)) could not be written" }
        guard !waiting.isEmpty else { return nil }
        return CommandFailure(.storageFailure, waiting.joined(separator: "; ") + "; make room and run the campaign again")
    }

    private func noteFailedWrite(_ error: StorageError) {
        if !isDiskFull { warn("\(error); what is found waits in memory") }
        isDiskFull = true
    }

    private func countWritten() {
        counters?.add(corpus.addedCount - countedAdded, to: .newInputs)
        countedAdded = corpus.addedCount
        counters?.add(corpus.replacedCount - countedReplaced, to: .reducedInputs)
        countedReplaced = corpus.replacedCount
        while let first = unannounced.first, !artifacts.isPending(first.name) {
            unannounced.removeFirst()
            announce(first)
        }
    }
}
