import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Talks to the daemon of one campaign, from another process of the same user. Calls block until the answer.
package struct ControlClient: Sendable {
    /// A living daemon answers at once; one that does not is stuck.
    private static let timeoutSeconds: Int64 = 10
    private static let maxAnswerBytes = 16 << 20

    package let campaign: String
    package let socketPath: String

    package init(campaign: String, socketPath: String) {
        self.campaign = campaign
        self.socketPath = socketPath
    }

    /// The daemon of a campaign; without a name the only one that runs.
    package static func find(
        campaign: String?, directory: ControlDirectory
    ) throws(ControlError) -> ControlClient {
        let running = try directory.running()
        guard let campaign else {
            guard let only = running.first else { throw .notRunning(campaign: nil) }
            guard running.count == 1 else { throw .ambiguous(campaigns: running) }
            return ControlClient(campaign: only, socketPath: directory.socketPath(campaign: only))
        }
        guard running.contains(campaign) else { throw .notRunning(campaign: campaign) }
        return ControlClient(campaign: campaign, socketPath: directory.socketPath(campaign: campaign))
    }

    /// `GET /v1/status`: the JSON of `CampaignStatus`.
    package func status() throws(ControlError) -> Data { try request(.GET, "/v1/status") }
    package func pause() throws(ControlError) { _ = try request(.POST, "/v1/pause") }
    package func resume() throws(ControlError) { _ = try request(.POST, "/v1/resume") }
    package func stop() throws(ControlError) { _ = try request(.POST, "/v1/stop") }

    /// One request on a connection of its own; the body of a 200 answer.
    package func request(_ method: HTTPMethod, _ path: String) throws(ControlError) -> Data {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        let promise = group.next().makePromise(of: Answer.self)
        let timeout = group.next().scheduleTask(in: .seconds(Self.timeoutSeconds)) {
            promise.fail(ChannelError.connectTimeout(.seconds(Self.timeoutSeconds)))
        }
        defer { timeout.cancel() }
        let answer: Answer
        do {
            let connecting = ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            AnswerCollector(promise: promise, maxBytes: Self.maxAnswerBytes))
                    }
                }
                .connect(unixDomainSocketPath: socketPath)
            connecting.cascadeFailure(to: promise)
            connecting.whenSuccess { channel in
                let headers = HTTPHeaders([
                    ("host", "fuzzd"), ("connection", "close"), ("content-length", "0"),
                ])
                let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
                channel.write(HTTPClientRequestPart.head(head), promise: nil)
                channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            }
            answer = try promise.futureResult.wait()
        } catch { throw .noAnswer(campaign: campaign, problem: "\(error)".replacing("\n", with: " ")) }
        guard answer.status == 200 else {
            throw .refused(status: answer.status, message: String(decoding: answer.body, as: UTF8.self))
        }
        return answer.body
    }
}

/// Status and body of one response.
private struct Answer: Sendable {
    var status: Int
    var body: Data
}

/// Collects one response, on the client's thread.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<Answer>
    private let maxBytes: Int
    private var answer = Answer(status: 0, body: Data())

    init(promise: EventLoopPromise<Answer>, maxBytes: Int) {
        self.promise = promise
        self.maxBytes = maxBytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer.status = Int(head.status.code)
        case .body(let part):
            answer.body.append(contentsOf: part.readableBytesView)
            if answer.body.count > maxBytes { context.close(promise: nil) }
        case .end:
            promise.succeed(answer)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Does nothing after a complete answer.
        promise.fail(ChannelError.eof)
    }
}
