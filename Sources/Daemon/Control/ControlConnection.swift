import Foundation
import NIOCore
import NIOHTTP1

/// One client's connection, on the server's thread: collects a request and writes the answer.
final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// No request needs a body; a longer one is not for us.
    static let maxBodyBytes = 64 * 1024

    private let handler: any ControlHandler
    private var head: HTTPRequestHead?
    private var bodyBytes = 0

    init(handler: any ControlHandler) { self.handler = handler }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            bodyBytes = 0
        case .body(let part):
            bodyBytes += part.readableBytes
            guard bodyBytes > Self.maxBodyBytes, let head else { return }
            self.head = nil
            let answer = ControlRoute.error(
                .payloadTooLarge, "too_large", "no request needs more than \(Self.maxBodyBytes) bytes")
            write(answer, to: context, version: head.version, keepsAlive: false)
        case .end:
            guard let head else { return }
            self.head = nil
            let answer = ControlRoute.answer(method: head.method, uri: head.uri, handler: handler)
            write(answer, to: context, version: head.version, keepsAlive: head.isKeepAlive)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The client's mistake or its death: nobody is left to tell.
        context.close(promise: nil)
    }

    private func write(
        _ answer: ControlAnswer, to context: ChannelHandlerContext, version: HTTPVersion, keepsAlive: Bool
    ) {
        var headers = HTTPHeaders([
            ("content-type", "application/json"), ("content-length", String(answer.body.count)),
        ])
        if let method = answer.allowedMethod { headers.add(name: "allow", value: method) }
        if !keepsAlive { headers.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(version: version, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !keepsAlive {
            let channel = context.channel
            end.whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
