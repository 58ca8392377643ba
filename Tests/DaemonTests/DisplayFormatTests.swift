import Daemon
import Testing

@Suite struct DisplayFormatTests {
    @Test(arguments: [
        (0.0, "0"), (0.5, "0.50"), (7, "7"), (999, "999"), (999.4, "999"), (999.6, "1.00k"),
        (12_345, "12.3k"),
        (999_950, "1.00M"), (4_560_000, "4.56M"), (7.3e9, "7.30G"), (.infinity, "0"), (-3, "0"),
    ])
    func counts(value: Double, text: String) {
        #expect(HumanFormat.count(value) == text)
    }

    @Test(arguments: [
        (UInt64(0), "0"), (999, "999"), (1000, "1,000"), (1_000_001, "1,000,001"),
        (UInt64.max, "18,446,744,073,709,551,615"),
    ])
    func groups(value: UInt64, text: String) {
        #expect(HumanFormat.grouped(value) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (46_285, "45.2 KiB"), (1 << 20, "1.00 MiB"),
        ((1 << 20) - 1, "1.00 MiB"), (5 << 40, "5.00 TiB"), (-1, "0 B"),
    ])
    func byteCounts(value: Int, text: String) {
        #expect(HumanFormat.bytes(value) == text)
    }

    @Test(arguments: [
        (0.0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
        (185, "3 min 05 s"), (3599.9, "1 h 00 min"), (3723, "1 h 02 min"), (90_000, "1 d 01 h"),
        (.nan, "-"), (-1, "-"),
    ])
    func durations(seconds: Double, text: String) {
        #expect(HumanFormat.duration(seconds: seconds) == text)
    }

    @Test(arguments: [
        (0.0, "0 ns"), (850, "850 ns"), (999.6, "1.00 us"), (12_300, "12.3 us"), (999_600, "1.00 ms"),
        (1.2e9, "1.20 s"),
    ])
    func nanoseconds(value: Double, text: String) {
        #expect(HumanFormat.nanoseconds(value) == text)
    }

    @Test func fixedPoint() {
        #expect(HumanFormat.fixed(-0.04, decimals: 1) == "0.0")
        #expect(HumanFormat.fixed(-1.25, decimals: 1) == "-1.3")
        #expect(HumanFormat.fixed(2.005, decimals: 0) == "2")
        #expect(HumanFormat.fixed(.nan, decimals: 2) == "-")
        #expect(HumanFormat.percent(0.0314) == "3.1 %")
    }
}
