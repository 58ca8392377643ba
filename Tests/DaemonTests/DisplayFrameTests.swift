import Daemon
import Testing

@Suite struct DisplayFrameTests {
    let ascii = ScreenStyle(color: false, unicode: false)

    @Test func aTerminalOf80By24() {
        let frame = ScreenFrame.render(
            status: DisplayFixtures.status(), events: ["1.0 s  corpus loaded", "2.0 s  new: 5 bytes"],
            width: 79, height: 24, style: ascii)
        #expect(
            frame.joined(separator: "\n") == """
                 fuzzd  virtio-blk-bugs  (virtio-blk, fork, 2 workers)               [fuzzing] 
                +- process ----------------------------+- results ----------------------------+
                | run time     1 h 02 min              | coverage     1234 of 7431 (16.6 %)   |
                | last find    3.2 s ago               | features     4,567                   |
                | executions   1,234,567               | corpus       312 inputs, 45.2 KiB    |
                | exec/s       12.3k (average 332)     | limit        128 B                   |
                | operations/s 988k                    | artifacts    2 crash, 1 timeout      |
                +- time -------------------------------+- children ---------------------------+
                | child        45.0 %, fork 40.0 %     | timeouts     4 input, 1 operation    |
                | reaping      12.0 %, hand-over 3.0 % | killed       57 crash, 0 memory      |
                | overhead     3.1 %                   | others       none                    |
                +- last artifact ----------------------+--------------------------------------+
                | ./crash-8eccd06d32107e745371bffed5a3886ed42b7986                            |
                | SIGSEGV in VirtioBlk.handleRequest                                          |
                | fuzzd reproduce --config configs/virtio-blk-bugs.yaml \\                     |
                | ./crash-8eccd06d32107e745371bffed5a3886ed42b7986                            |
                +- recent events -------------------------------------------------------------+
                | 1.0 s  corpus loaded                                                        |
                | 2.0 s  new: 5 bytes                                                         |
                |                                                                             |
                |                                                                             |
                |                                                                             |
                +-----------------------------------------------------------------------------+
                 Ctrl-C stops and saves
                """)
    }

    @Test func aSmallTerminalShowsTheMostImportantFirst() {
        let frame = ScreenFrame.render(
            status: DisplayFixtures.status(), width: 40, height: 8, style: ascii)
        #expect(
            frame.joined(separator: "\n") == """
                state        fuzzing virtio-blk-bugs    
                coverage     1234 of 7431 (16.6 %)      
                features     4,567                      
                corpus       312 inputs, 45.2 KiB       
                limit        128 B                      
                ...cd06d32107e745371bffed5a3886ed42b7986
                artifacts    2 crash, 1 timeout         
                Ctrl-C stops and saves
                """)
    }

    @Test(arguments: [false, true])
    func noSizeOverflows(unicode: Bool) {
        var status = DisplayFixtures.status()
        status.name = String(repeating: "a-long-name-", count: 20)
        status.executions = .max
        status.operationsPerSecond = .infinity
        let style = ScreenStyle(color: true, unicode: unicode)
        let events = (0..<300).map { "event \($0) " + String(repeating: "x", count: 300) }
        for width in 0...170 {
            for height in 0...40 {
                let frame = ScreenFrame.render(
                    status: status, events: events, width: width, height: height, style: style)
                #expect(frame.count <= height, "\(width)x\(height)")
                for line in frame { #expect(visibleWidth(line) <= width, "\(width)x\(height): \(line)") }
            }
        }
    }

    @Test func withoutColourThereIsNoEscapeSequence() {
        let frame = ScreenFrame.render(
            status: DisplayFixtures.status(), width: 100, height: 30, style: ascii)
        #expect(!frame.joined().contains("\u{1B}"))
    }

    @Test func aTargetCannotSteerTheTerminal() {
        var status = DisplayFixtures.status()
        status.lastArtifact?.summary = "\u{1B}[2Jtrap\u{9B}31m"
        let frame = ScreenFrame.render(
            status: status, events: ["\u{1B}]0;title\u{07}"], width: 100, height: 30, style: ascii)
        #expect(!frame.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x9B })
        #expect(frame.joined().contains("?[2Jtrap?31m"))
    }

    @Test func theEnvironmentDecidesOnColourAndCharacters() {
        let none = ScreenStyle { _ in nil }
        #expect(none == ScreenStyle(color: true, unicode: false))
        let plain = ScreenStyle { ["NO_COLOR": "1", "LANG": "C.UTF-8"][$0] }
        #expect(plain == ScreenStyle(color: false, unicode: true))
        let overridden = ScreenStyle { ["NO_COLOR": "", "LC_ALL": "C", "LANG": "de_DE.UTF-8"][$0] }
        #expect(overridden == ScreenStyle(color: true, unicode: false))
    }

    private func visibleWidth(_ line: String) -> Int {
        var width = 0
        var isEscape = false
        for scalar in line.unicodeScalars {
            if isEscape {
                isEscape = scalar != "m"
            } else if scalar == "\u{1B}" {
                isEscape = true
            } else {
                width += 1
            }
        }
        return width
    }
}
