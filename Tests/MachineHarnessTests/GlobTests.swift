import MachineHarness
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false),
        ("virtio*", "virtio-blk-pci", true), ("VIRTIO*", "virtio-blk-pci", true), ("virtio*", "VirtIO", true),
        ("virtio", "virtio-blk", false), ("*blk*", "virtio-blk-pci", true), ("*blk", "virtio-blk-pci", false),
        ("i8255?", "i82559", true), ("i8255?", "i8255", false), ("?", "", false),
        ("a*b*c", "a--b--b-c", true),
        ("a*b*c", "a--b--b-", false), ("**", "x", true), ("[a-z]", "b", false), ("[a-z]", "[a-z]", true),
        ("*aab", "aaaab", true), ("a?*", "a", false),
    ])
    func matches(_ pattern: String, _ name: String, _ expected: Bool) {
        #expect(Glob(pattern).matches(name) == expected)
    }

    @Test func listIsSplitAtSpaces() {
        let globs = Glob.list(" fd*  i8257 ")
        #expect(globs.count == 2)
        #expect(globs[1].matches("I8257"))
    }

    @Test func manyStarsStayCheap() {
        let name = String(repeating: "a", count: 2000)
        #expect(!Glob(String(repeating: "*a", count: 30) + "b").matches(name))
    }
}
