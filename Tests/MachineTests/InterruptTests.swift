import Machine
import Testing

@Suite struct InterruptTests {
    private final class Controller: InterruptSink {
        var events: [String] = []
        func setInput(_ number: Int, isRaised: Bool) { events.append("\(number) \(isRaised)") }
    }

    @Test func levelsReachTheControllersThatHaveTheInput() {
        let router = InterruptRouter(count: 24)
        let small = Controller()
        let large = Controller()
        router.attach(small, count: 16)
        router.attach(large, count: 24)
        router.line(3).set(true)
        router.line(20).set(true)
        #expect(router.levels[3] && router.levels[20])
        #expect(small.events == ["3 true"])
        #expect(large.events == ["3 true", "20 true"])
    }

    @Test func theInterceptorHearsChangesOnly() {
        let router = InterruptRouter(count: 16)
        var events: [String] = []
        router.interceptor = { events.append("\($0) \($1)") }
        router.line(4).set(false)
        router.line(4).set(true)
        router.line(4).set(true)
        router.line(5).pulse()
        #expect(events == ["4 true", "5 true", "5 false"])
    }

    @Test func aResetLowersWhatIsRaised() {
        let router = InterruptRouter(count: 16)
        let controller = Controller()
        router.attach(controller, count: 16)
        router.line(9).set(true)
        router.reset()
        #expect(controller.events == ["9 true", "9 false"])
        #expect(!router.levels.contains(true))
    }

    @Test func inputsThatAreNotThereAndWiresToNowhereAreHarmless() {
        let router = InterruptRouter(count: 4)
        let before = router.levels
        for number in [-1, 4, Int.max, Int.min] { router.setInput(number, isRaised: true) }
        InterruptLine.unconnected.pulse()
        #expect(router.levels == before)
    }
}
