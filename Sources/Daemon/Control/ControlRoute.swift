import Foundation
import NIOHTTP1

/// What a running campaign offers to the control API.
///
/// Called on the server's own thread, possibly for several clients in a row; must return at once. The campaign loop
/// is reached through atomics or a lock held briefly, never waited for.
package protocol ControlHandler: Sendable {
    /// The campaign's status as one JSON object (`CampaignStatus`).
    func status() -> Data
    /// No new executions until `resume`; takes effect at the loop's next turn. Repeating it does nothing.
    func pause()
    func resume()
    /// Ends the campaign as Ctrl-C does: everything saved, then a summary.
    func stop()
}

/// The answer to one request.
struct ControlAnswer {
    var status: HTTPResponseStatus
    var body: Data
    /// For 405: the method that the path takes.
    var allowedMethod: String?
}

/// The table of paths. Documented in `docs/control-api.md`.
enum ControlRoute {
    static func answer(method: HTTPMethod, uri: String, handler: any ControlHandler) -> ControlAnswer {
        let path = uri.prefix { $0 != "?" }
        switch path {
        case "/v1/status":
            return only(.GET, method) { handler.status() }
        case "/v1/pause":
            return only(.POST, method) { accept("paused", handler.pause) }
        case "/v1/resume":
            return only(.POST, method) { accept("resumed", handler.resume) }
        case "/v1/stop":
            return only(.POST, method) { accept("stopping", handler.stop) }
        default:
            return error(
                .notFound, "not_found", "no such path; there are /v1/status, /v1/pause, /v1/resume, /v1/stop")
        }
    }

    static func error(_ status: HTTPResponseStatus, _ code: String, _ message: String) -> ControlAnswer {
        ControlAnswer(status: status, body: json(["error": ["code": code, "message": message]]))
    }

    private static func only(_ wanted: HTTPMethod, _ method: HTTPMethod, _ body: () -> Data) -> ControlAnswer
    {
        if method == wanted { return ControlAnswer(status: .ok, body: body()) }
        var answer = error(.methodNotAllowed, "method_not_allowed", "this path takes \(wanted.rawValue)")
        answer.allowedMethod = wanted.rawValue
        return answer
    }

    private static func accept(_ word: String, _ action: () -> Void) -> Data {
        action()
        return json(["accepted": word])
    }

    private static func json<Value: Encodable>(_ value: Value) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Dictionaries of strings cannot fail to encode.
        return (try? encoder.encode(value)) ?? Data("{}".utf8)
    }
}
