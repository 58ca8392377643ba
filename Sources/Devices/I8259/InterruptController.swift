import Machine

/// One 8259A with the ELCR that the PIIX3 adds (Intel 8259A data sheet; 82371SB, 2.5.4). Inputs 0 to 7, one
/// output that is driven through `output`. Owned by `InterruptControllerPair`.
final class InterruptController {
    private let isMaster: Bool
    /// Bits of the ELCR that exist.
    private let levelMask: UInt8
    var output: (Bool) -> Void = { _ in }

    private var lastRequests: UInt8 = 0
    private var requests: UInt8 = 0
    private var mask: UInt8 = 0
    private var inService: UInt8 = 0
    private var priorityOffset = 0
    private var vectorBase: UInt8 = 0
    private var readsInService = false
    private var isPolled = false
    private var specialMask = false
    /// Which initialisation word comes next; 0: none.
    private var initialisationStep = 0
    private var autoEndOfInterrupt = false
    private var rotatesOnAutoEnd = false
    private var specialFullyNested = false
    private var expectsFourthWord = false
    private var isSingle = false
    private var levelTriggered: UInt8 = 0
    /// How often each input was acknowledged.
    private var acknowledgements = [UInt64](repeating: 0, count: inputCount)
    private static let inputCount = 8
    private let lacksPollCheck: Bool
    private let keepsVectorAtReset: Bool

    init(isMaster: Bool, levelMask: UInt8, bugs: PlantedBugs = []) {
        self.isMaster = isMaster
        self.levelMask = levelMask
        lacksPollCheck = bugs.contains(.interruptPoll)
        keepsVectorAtReset = bugs.contains(.resetInterruptVector)
    }

    func reset() {
        let vector = vectorBase
        levelTriggered = 0
        for input in acknowledgements.indices { acknowledgements[input] = 0 }
        initialise()
        if keepsVectorAtReset { vectorBase = vector }
    }

    /// What ICW1 does: everything but the trigger modes.
    private func initialise() {
        lastRequests = 0
        requests &= levelTriggered
        mask = 0
        inService = 0
        priorityOffset = 0
        vectorBase = 0
        readsInService = false
        isPolled = false
        specialMask = false
        initialisationStep = 0
        autoEndOfInterrupt = false
        rotatesOnAutoEnd = false
        specialFullyNested = false
        expectsFourthWord = false
        isSingle = false
        updateOutput()
    }

    func setInput(_ number: Int, isRaised: Bool) {
        let bit: UInt8 = 1 &<< UInt8(number & 7)
        if levelTriggered & bit != 0 {
            requests = isRaised ? requests | bit : requests & ~bit
        } else if isRaised && lastRequests & bit == 0 {
            requests |= bit
        }
        lastRequests = isRaised ? lastRequests | bit : lastRequests & ~bit
        updateOutput()
    }

    var levelControl: UInt8 {
        get { levelTriggered }
        set { levelTriggered = newValue & levelMask }
    }

    func read(port: UInt64) -> UInt8 {
        if isPolled {
            isPolled = false
            let input = pendingInput() ?? Self.inputCount
            if input == Self.inputCount && !lacksPollCheck { return 0 }
            acknowledge(input)
            return UInt8(input) | 0x80
        }
        if port & 1 != 0 { return mask }
        return readsInService ? inService : requests
    }

    func write(port: UInt64, _ value: UInt8) {
        if port & 1 != 0 {
            writeData(value)
        } else if value & 0x10 != 0 {
            initialise()
            initialisationStep = 1
            expectsFourthWord = value & 1 != 0
            isSingle = value & 2 != 0
        } else if value & 0x08 != 0 {
            if value & 0x04 != 0 { isPolled = true }
            if value & 0x02 != 0 { readsInService = value & 1 != 0 }
            if value & 0x40 != 0 { specialMask = value & 0x20 != 0 }
        } else {
            endOfInterrupt(value)
        }
    }

    private func writeData(_ value: UInt8) {
        switch initialisationStep {
        case 1:
            vectorBase = value & 0xf8
            initialisationStep = isSingle ? (expectsFourthWord ? 3 : 0) : 2
        case 2:
            initialisationStep = expectsFourthWord ? 3 : 0
        case 3:
            specialFullyNested = value & 0x10 != 0
            autoEndOfInterrupt = value & 2 != 0
            initialisationStep = 0
        default:
            mask = value
            updateOutput()
        }
    }

    /// OCW2: the upper three bits are the command, the lower three an input.
    private func endOfInterrupt(_ value: UInt8) {
        let input = Int(value & 7)
        switch value >> 5 {
        case 0, 4:
            rotatesOnAutoEnd = value >> 5 == 4
            return
        case 1, 5:
            guard let highest = highestPriority(of: inService) else { return }
            let served = (highest + priorityOffset) & 7
            inService &= ~(1 &<< UInt8(served))
            if value >> 5 == 5 { priorityOffset = (served + 1) & 7 }
        case 3: inService &= ~(1 &<< UInt8(input))
        case 6: priorityOffset = (input + 1) & 7
        case 7:
            inService &= ~(1 &<< UInt8(input))
            priorityOffset = (input + 1) & 7
        default: return
        }
        updateOutput()
    }

    /// Distance of the most urgent set bit from the one that is most urgent now; nil: no bit.
    private func highestPriority(of bits: UInt8) -> Int? {
        guard bits != 0 else { return nil }
        for distance in 0..<8 where bits & (1 &<< UInt8((distance + priorityOffset) & 7)) != 0 { return distance }
        return nil
    }

    private func pendingInput() -> Int? {
        guard let wanted = highestPriority(of: requests & ~mask) else { return nil }
        var serving = inService
        if specialMask { serving &= ~mask }
        // In special fully nested mode the slave may interrupt its own service.
        if specialFullyNested && isMaster { serving &= ~4 }
        guard wanted < (highestPriority(of: serving) ?? 8) else { return nil }
        return (wanted + priorityOffset) & 7
    }

    private func acknowledge(_ input: Int) {
        acknowledgements[input] &+= 1
        let bit: UInt8 = 1 &<< UInt8(input)
        if autoEndOfInterrupt {
            if rotatesOnAutoEnd { priorityOffset = (input + 1) & 7 }
        } else {
            inService |= bit
        }
        if levelTriggered & bit == 0 { requests &= ~bit }
        updateOutput()
    }

    private func updateOutput() { output(pendingInput() != nil) }
}
