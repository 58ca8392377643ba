import Machine
import Testing

@Suite struct FlatViewTests {
    private let device = NotingDevice()

    private func leaf(_ name: String, _ size: UInt64) -> MemoryRegion {
        .io(name: name, owner: device, size: size, ops: device)
    }

    private func space(_ size: UInt64 = 0x1000) -> AddressSpace {
        AddressSpace(name: "test", root: .container(name: "root", size: size), unassignedByte: 0)
    }

    private func picture(_ space: AddressSpace) -> [String] {
        space.view.ranges.map { "\($0.region.name) \($0.first)-\($0.last)@\($0.regionOffset)" }
    }

    @Test func theHigherPriorityIsSeenAndCutsTheLower() {
        let space = space()
        space.root.add(leaf("low", 100), at: 0, priority: 0)
        space.root.add(leaf("high", 20), at: 40, priority: 1)
        space.root.add(leaf("hidden", 10), at: 45, priority: -5)
        #expect(picture(space) == ["low 0-39@0", "high 40-59@0", "low 60-99@60"])
    }

    @Test func amongEqualsTheOneAddedLastIsSeen() {
        let space = space()
        let first = leaf("first", 10)
        let second = leaf("second", 10)
        space.root.add(first, at: 0)
        space.root.add(second, at: 5)
        #expect(picture(space) == ["first 0-4@0", "second 5-14@0"])
        space.root.add(first, at: 0)
        #expect(picture(space) == ["first 0-9@0", "second 10-14@5"], "adding again moves to the front")
    }

    @Test func priorityCountsAmongSiblingsOnly() {
        let space = space()
        let behind = MemoryRegion.container(name: "behind", size: 100)
        behind.add(leaf("urgent", 100), at: 0, priority: 1000)
        space.root.add(behind, at: 0, priority: 0)
        space.root.add(leaf("front", 10), at: 0, priority: 1)
        #expect(picture(space) == ["front 0-9@0", "urgent 10-99@10"])
    }

    @Test func aContainerClipsAndIsTransparentWhereItIsEmpty() {
        let space = space()
        let window = MemoryRegion.container(name: "window", size: 16)
        window.add(leaf("wide", 100), at: 8)
        space.root.add(leaf("below", 64), at: 0)
        space.root.add(window, at: 16, priority: 1)
        #expect(picture(space) == ["below 0-23@0", "wide 24-31@0", "below 32-63@32"])
    }

    @Test func aLeafLiesBehindItsOwnChildren() {
        let space = space()
        let parent = leaf("parent", 16)
        parent.add(leaf("child", 4), at: 4)
        space.root.add(parent, at: 0)
        #expect(picture(space) == ["parent 0-3@0", "child 4-7@0", "parent 8-15@8"])
    }

    @Test func anAliasShowsAPartOfItsTarget() {
        let space = space()
        let target = leaf("target", 100)
        space.root.add(target, at: 500)
        space.root.add(.alias(name: "part", of: target, targetOffset: 90, size: 20), at: 0)
        #expect(picture(space) == ["target 0-9@90", "target 500-599@0"], "nothing past the target's end")
        let inner = MemoryRegion.alias(name: "inner", of: target, targetOffset: 10, size: 30)
        space.root.add(.alias(name: "outer", of: inner, targetOffset: 5, size: 10), at: 200)
        #expect(space.region(at: 200)?.offset == 15)
        #expect(space.region(at: 209)?.offset == 24)
        #expect(space.region(at: 210) == nil)
    }

    @Test func disablingShowsWhatIsBehindAlsoThroughAnAlias() {
        let space = space()
        let target = leaf("target", 10)
        let alias = MemoryRegion.alias(name: "alias", of: target, targetOffset: 0, size: 10)
        space.root.add(leaf("behind", 10), at: 0)
        space.root.add(alias, at: 0, priority: 1)
        #expect(picture(space) == ["target 0-9@0"])
        let before = space.generation
        target.setEnabled(false)
        #expect(space.generation != before)
        #expect(picture(space) == ["behind 0-9@0"])
        target.setEnabled(true)
        alias.setEnabled(false)
        #expect(picture(space) == ["behind 0-9@0"])
        alias.setEnabled(true)
        space.root.remove(alias)
        #expect(picture(space) == ["behind 0-9@0"])
        #expect(alias.container == nil)
    }

    @Test func aLargestRegionReachesTheTop() {
        let space = space(.max)
        space.root.add(leaf("all", .max), at: 0)
        #expect(picture(space) == ["all 0-18446744073709551614@0"])
        space.root.add(leaf("hole", 1), at: 1, priority: 1)
        #expect(space.view.ranges.count == 3)
        #expect(space.region(at: .max) == nil)
    }

    @Test func aRegionHasOneContainer() {
        let one = MemoryRegion.container(name: "one", size: 10)
        let two = MemoryRegion.container(name: "two", size: 10)
        let region = leaf("leaf", 1)
        one.add(region, at: 3, priority: 7)
        two.add(region, at: 4)
        #expect(one.subregions.isEmpty)
        #expect(region.container === two)
        #expect((region.offset, region.priority) == (4, 0))
    }
}
