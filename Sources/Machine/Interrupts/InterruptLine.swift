/// Whatever has numbered interrupt inputs: an interrupt controller, the router, a test.
package protocol InterruptSink: AnyObject {
    func setInput(_ number: Int, isRaised: Bool)
}

/// One wire from a device to an input. A value: devices store it and drive it; level is kept by the sink.
package struct InterruptLine {
    package let sink: (any InterruptSink)?
    package let number: Int

    package init(sink: (any InterruptSink)?, number: Int) {
        self.sink = sink
        self.number = number
    }

    /// A wire that goes nowhere.
    package static var unconnected: InterruptLine { InterruptLine(sink: nil, number: 0) }

    package func set(_ isRaised: Bool) { sink?.setInput(number, isRaised: isRaised) }

    /// Low to high and back: an edge.
    package func pulse() {
        set(true)
        set(false)
    }
}

/// The machine's interrupt inputs: remembers levels, passes them to the controllers, and shows changes to
/// whoever intercepts (qtest's `irq_intercept_in`). As in QEMU an intercepted line goes to the test *instead*
/// of the intercepted device.
package final class InterruptRouter: InterruptSink {
    package private(set) var levels: [Bool]
    /// Controllers in the order in which they are told, each with the number of inputs it takes.
    private var controllers: [(sink: any InterruptSink, count: Int)] = []
    /// Called on each change of level; set by qtest.
    package var interceptor: ((_ number: Int, _ isRaised: Bool) -> Void)?

    package init(count: Int) { levels = Array(repeating: false, count: count) }

    package func attach(_ sink: any InterruptSink, count: Int) { controllers.append((sink, count)) }

    package func line(_ number: Int) -> InterruptLine { InterruptLine(sink: self, number: number) }

    /// Lowers every input that is still raised, whoever raised it (a test can, by `set_irq_in`).
    package func reset() {
        for number in levels.indices where levels[number] { setInput(number, isRaised: false) }
    }

    package func setInput(_ number: Int, isRaised: Bool) {
        guard levels.indices.contains(number) else { return }
        let changed = levels[number] != isRaised
        levels[number] = isRaised
        for controller in controllers where number < controller.count {
            controller.sink.setInput(number, isRaised: isRaised)
        }
        if changed { interceptor?(number, isRaised) }
    }
}
