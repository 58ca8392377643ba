/// Walks the private mappings of a list, neighbours of one kind as one: the kernel joins and parts them as it likes.
struct MappingRuns {
    private let list: MappingList
    private var index = 0

    init(_ list: MappingList) { self.list = list }

    mutating func next() -> Mapping? {
        while index < list.count, list[index].isShared { index += 1 }
        guard index < list.count else { return nil }
        var run = list[index]
        index += 1
        while index < list.count, list[index].start == run.end, list[index].isAlike(run) {
            run.end = list[index].end
            index += 1
        }
        return run
    }
}

extension Mapping {
    func isAlike(_ other: Mapping) -> Bool {
        isReadable == other.isReadable && isWritable == other.isWritable && isExecutable == other.isExecutable
            && isShared == other.isShared && isStack == other.isStack && isKernels == other.isKernels
    }
}
