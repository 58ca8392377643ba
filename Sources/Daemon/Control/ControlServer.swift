import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Storage

/// The control API of one campaign: HTTP and JSON over a Unix socket that only its owner can open.
///
/// Owned by the daemon; has one thread of its own and never touches the campaign loop's. Three locks on the door: the
/// directory (0700), the socket (0600), and the peer's user as the kernel reports it.
package final class ControlServer {
    private static let idleSeconds: Int64 = 60

    package let socketPath: String
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private var isStopped = false

    /// Listens from now on.
    ///
    /// - Throws: `ControlError.nameInUse` where a living daemon has the name; a dead one's socket is replaced.
    package init(
        campaign: String, directory: ControlDirectory, handler: any ControlHandler
    ) throws(ControlError) {
        try directory.prepare()
        let path = directory.socketPath(campaign: campaign)
        guard !directory.isAlive(campaign: campaign) else { throw .nameInUse(campaign: campaign) }
        socketPath = path
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.group = group
        do {
            channel = try ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 64)
                .childChannelInitializer { Self.initialize($0, handler) }
                .bind(unixDomainSocketPath: path).wait()
            guard chmod(path, 0o600) == 0 else {
                throw ControlError.cannotListen(path: path, problem: describe(errorCode: errno))
            }
        } catch {
            try? group.syncShutdownGracefully()
            throw error as? ControlError
                ?? .cannotListen(path: path, problem: "\(error)".replacing("\n", with: " "))
        }
    }

    /// Stops listening, ends connections and removes the socket. To be called once, not from the handler.
    package func stop() {
        guard !isStopped else { return }
        isStopped = true
        unlink(socketPath)
        // Both can only fail by being done already.
        try? channel.close().wait()
        try? group.syncShutdownGracefully()
    }

    deinit { stop() }

    private static func initialize(_ channel: any Channel, _ handler: any ControlHandler) -> EventLoopFuture<
        Void
    > {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let peer: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        return peer.flatMapThrowing { peer in
            guard peer.uid == geteuid() else { throw ChannelError.operationUnsupported }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(idleSeconds)))
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            try pipeline.addHandler(ControlConnection(handler: handler))
        }
    }
}

/// The kernel's `struct ucred` (unix(7), SO_PEERCRED), which Glibc's Swift module does not have.
private struct PeerCredentials: Sendable {
    var pid: pid_t
    var uid: uid_t
    var gid: gid_t
}
