import Machine
import Testing

@Suite struct VirtualClockTests {
    @Test func alarmsRunInTheOrderOfTheirDeadlinesAtTheirDeadlines() {
        let clock = VirtualClock()
        var seen: [String] = []
        let timers = ["a", "b", "c"].map { name in
            clock.makeTimer { seen.append("\(name) \(clock.nowNanoseconds)") }
        }
        timers[0].arm(atNanoseconds: 30)
        timers[1].arm(atNanoseconds: 10)
        timers[2].arm(atNanoseconds: 30)
        #expect(clock.nextDeadlineNanoseconds == 10)
        #expect(clock.step(byNanoseconds: 100) == 100)
        #expect(seen == ["b 10", "a 30", "c 30"], "equal deadlines in the order of creation")
        #expect(clock.nextDeadlineNanoseconds == nil)
    }

    @Test func aHandlerMayArmItselfAgain() {
        let clock = VirtualClock()
        var times: [Int64] = []
        var timer: VirtualClock.Timer?
        timer = clock.makeTimer {
            times.append(clock.nowNanoseconds)
            timer?.arm(atNanoseconds: clock.nowNanoseconds + 40)
        }
        timer?.arm(atNanoseconds: 40)
        clock.step(byNanoseconds: 130)
        #expect(times == [40, 80, 120])
        #expect(timer?.deadlineNanoseconds == 160)
        #expect(clock.stepToNextDeadline() == 160)
    }

    @Test func aPeriodOfNothingCannotHoldAStepForEver() {
        let clock = VirtualClock()
        var count = 0
        var timer: VirtualClock.Timer?
        timer = clock.makeTimer {
            count += 1
            timer?.arm(atNanoseconds: clock.nowNanoseconds)
        }
        timer?.arm(atNanoseconds: 5)
        #expect(clock.step(byNanoseconds: 1_000) == 1_000)
        #expect(count == VirtualClock.maximumAlarmsPerStep)
    }

    @Test func timeNeverGoesBackAndEndsAtTheLargestNumber() {
        let clock = VirtualClock()
        #expect(clock.stepToNextDeadline() == 0, "without a deadline time stands still")
        clock.set(toNanoseconds: 500)
        #expect(clock.set(toNanoseconds: 100) == 500)
        #expect(clock.step(byNanoseconds: -7) == 500)
        #expect(clock.step(byNanoseconds: .max) == .max)
        #expect(clock.step(byNanoseconds: 1) == .max)
    }

    @Test func aDeadlineThatPassedRunsAtTheNextStepAndACancelledOneNever() {
        let clock = VirtualClock()
        var seen: [Int64] = []
        let late = clock.makeTimer { seen.append(clock.nowNanoseconds) }
        let cancelled = clock.makeTimer { seen.append(-1) }
        clock.set(toNanoseconds: 50)
        late.arm(atNanoseconds: -20)
        cancelled.arm(atNanoseconds: 60)
        cancelled.cancel()
        #expect(seen.isEmpty)
        clock.step(byNanoseconds: 100)
        #expect(seen == [50])
    }
}
