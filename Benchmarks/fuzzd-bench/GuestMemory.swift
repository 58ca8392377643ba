/// What an input that does nothing costs with more and more guest memory, all of it written to, with and without
/// what keeps the machine parent's page tables small.
struct GuestMemory {
    let options: Options
    let report: Report

    func measure() throws {
        report.begin("4. cost of an input by guest memory, all of it written to", section: .memory)
        var subjects: [(name: String, subject: Subject, count: Int)] = []
        for mebibytes in options.guestMebibytes {
            for isCompact in [true, false] {
                let subject = try Subject {
                    $0.arguments = Machines.withGuestMemory(mebibytes: mebibytes)
                    $0.compactsParentMemory = isCompact
                    $0.limits.memoryBytes = 0
                }
                let name = "\(mebibytes) MiB, page tables \(isCompact ? "kept small" : "as they grew")"
                report.note(
                    "\(name): \(subject.statusKibibytes("VmPTE")) KiB of page tables,"
                        + " \(subject.statusKibibytes("VmRSS")) KiB resident")
                let count = try subject.count(lasting: options.roundMilliseconds, [[]])
                subjects.append((name, subject, count))
            }
        }
        let values = try alternate(subjects.count, rounds: options.rounds) { index in
            try subjects[index].subject.run([[]], count: subjects[index].count).microsecondsPerInput
        }
        for (index, subject) in subjects.enumerated() {
            report.add(subject.name, values[index], unit: "us/input")
        }
    }
}
