import Machine
import Testing

/// Random graphs of regions, flattened, against a model that follows the rules for one address at a time.
@Suite struct RegionGraphPropertyTests {
    /// What the model knows of a region; it never asks the region itself.
    private final class Node {
        struct Child {
            let node: Node
            let offset: Int
            let priority: Int
        }

        let region: MemoryRegion
        let size: Int
        let isLeaf: Bool
        let target: (node: Node, offset: Int)?
        var isEnabled = true
        /// Most recently added last.
        var children: [Child] = []

        init(_ region: MemoryRegion, size: Int, isLeaf: Bool, target: (node: Node, offset: Int)? = nil) {
            self.region = region
            self.size = size
            self.isLeaf = isLeaf
            self.target = target
        }

        func place(_ node: Node, at offset: Int, priority: Int) {
            children.append(Child(node: node, offset: offset, priority: priority))
            region.add(node.region, at: UInt64(offset), priority: priority)
        }

        /// The region that answers at `offset`, and the offset in it.
        func resolve(_ offset: Int) -> (region: MemoryRegion, offset: Int)? {
            guard isEnabled, offset >= 0, offset < size else { return nil }
            if let target { return target.node.resolve(target.offset + offset) }
            // Stable: of equal priority the later one stays in front.
            let order = children.enumerated().sorted {
                ($0.element.priority, $0.offset) > ($1.element.priority, $1.offset)
            }
            for (_, child) in order {
                if let found = child.node.resolve(offset - child.offset) { return found }
            }
            return isLeaf ? (region, offset) : nil
        }
    }

    private static let extent = 256

    private func makeGraph(_ random: inout SeededGenerator, _ device: NotingDevice) -> (
        root: Node, all: [Node]
    ) {
        var all: [Node] = []
        var unplaced: [Node] = []
        for number in 0..<(4 + random.below(12)) {
            let size = 1 + random.below(120)
            let node: Node
            let kind = random.below(4)
            if kind == 0, let target = all.randomElement(using: &random) {
                let offset = random.below(target.size + 8)
                let alias = MemoryRegion.alias(
                    name: "alias \(number)", of: target.region, targetOffset: UInt64(offset),
                    size: UInt64(size))
                node = Node(alias, size: size, isLeaf: false, target: (target, offset))
            } else if kind == 1 {
                node = Node(
                    .container(name: "container \(number)", size: UInt64(size)), size: size, isLeaf: false)
            } else {
                node = Node(device.region(UInt64(size), tag: number), size: size, isLeaf: true)
            }
            if node.target == nil {
                for _ in 0..<random.below(3) where !unplaced.isEmpty {
                    let child = unplaced.remove(at: random.below(unplaced.count))
                    node.place(child, at: random.below(100), priority: random.below(4) - 1)
                }
            }
            all.append(node)
            unplaced.append(node)
        }
        let root = Node(.container(name: "root", size: UInt64(Self.extent)), size: Self.extent, isLeaf: false)
        // Some stay outside: only aliases show them.
        for node in unplaced where random.below(4) != 0 {
            root.place(node, at: random.below(200), priority: random.below(4) - 1)
        }
        return (root, all)
    }

    private func mismatch(_ space: AddressSpace, _ root: Node) -> Int? {
        (0..<(Self.extent + 4)).first { address in
            let expected = root.resolve(address)
            let actual = space.region(at: UInt64(address))
            return expected?.region !== actual?.region || expected.map { UInt64($0.offset) } != actual?.offset
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func theFlatViewFollowsTheRules(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (root, all) = makeGraph(&random, NotingDevice())
        let space = AddressSpace(name: "test", root: root.region, unassignedByte: 0)
        #expect(mismatch(space, root) == nil, "seed \(seed)")
        for change in 0..<8 {
            guard let node = all.randomElement(using: &random) else { return }
            node.isEnabled.toggle()
            node.region.setEnabled(node.isEnabled)
            #expect(mismatch(space, root) == nil, "seed \(seed), change \(change) of \(node.region.name)")
        }
        let ranges = space.view.ranges
        let isSorted = zip(ranges, ranges.dropFirst()).allSatisfy { $0.last < $1.first }
        #expect(isSorted && ranges.allSatisfy { $0.first <= $0.last }, "seed \(seed)")
    }
}
