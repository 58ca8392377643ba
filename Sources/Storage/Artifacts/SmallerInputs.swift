/// Inputs that showed a known failure and are smaller than its artifact: one for each failure, the smallest, in the hidden folder of
/// an artifact directory. They were run once, so they are no artifacts yet.
///
/// Used by one thread at a time.
package struct SmallerInputs {
    private static let folder = "smaller"
    private static let maxBytes = 1 << 20
    private let fileSystem: any FileSystem
    private var directory: AtomicDirectory

    package init(artifactDirectory: String, fileSystem: any FileSystem = LinuxFileSystem()) {
        self.fileSystem = fileSystem
        directory = AtomicDirectory(
            path: "\(artifactDirectory)/\(AtomicDirectory.stateDirectoryName)/\(Self.folder)", fileSystem: fileSystem)
    }

    /// Replaces what is kept for this failure.
    package mutating func write(_ input: [UInt8], kind: ArtifactKind, signature: String) throws(StorageError) {
        try directory.prepare()
        try directory.write(input, name: Self.name(kind, signature), durability: .process)
    }

    /// What is kept for a failure; `nil` where nothing is.
    package func input(kind: ArtifactKind, signature: String) -> [UInt8]? {
        try? fileSystem.contents(of: directory.path + "/" + Self.name(kind, signature), maxBytes: Self.maxBytes)
    }

    private static func name(_ kind: ArtifactKind, _ signature: String) -> String {
        inputName(of: Array((kind.rawValue + ":" + signature).utf8))
    }
}
