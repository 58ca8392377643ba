import ForkServer
import Testing

/// What makes a failure another one for a campaign.
@Suite struct SignatureTests {
    /// A stack of functions, each with its distance from the function's start.
    private func frames(_ places: [(String, UInt64)]) -> [StackFrame] {
        places.map { StackFrame(modulePath: "/bin/target", offset: 0x1000 + $0.1, function: $0.0, functionOffset: $0.1) }
    }

    @Test(arguments: ["SIGILL", "SIGTRAP", "ILL", "TRAP"]) func aTrapIsToldByItsPlace(kind: String) {
        let one = Signature.make(kind: kind, frames: frames([("pop", 0x1c), ("handle", 7), ("main", 9)]))
        let other = Signature.make(kind: kind, frames: frames([("pop", 0x2c), ("handle", 7), ("main", 9)]))
        #expect(one == "\(kind):pop<handle at +0x1c")
        #expect(one != other)
    }

    /// Where callers call from says nothing: one check is reached in many ways.
    @Test func placesOfCallersAreLeftOut() {
        #expect(
            Signature.make(kind: "SIGILL", frames: frames([("pop", 1), ("handle", 7)]))
                == Signature.make(kind: "SIGILL", frames: frames([("pop", 1), ("handle", 8)])))
    }

    @Test(arguments: ["SIGSEGV", "SIGBUS", "SIGFPE", "SIGABRT", "heap-buffer-overflow", "leaked"])
    func otherFailuresAreNot(kind: String) {
        #expect(Signature.make(kind: kind, frames: frames([("pop", 1), ("handle", 7)])) == "\(kind):pop<handle")
    }

    /// The runtime that reports the check is machinery; who called it is the check.
    @Test func aRuntimesReportIsToldByItsCaller() {
        let stack = frames([("Swift._assertionFailure()", 0x90), ("pop", 0x33), ("handle", 7)])
        #expect(Signature.make(kind: "SIGILL", frames: stack) == "SIGILL:pop<handle at +0x33")
    }

    @Test(arguments: ["__assert_fail", "g_assertion_message_expr"]) func anAssertionIsACheck(function: String) {
        let stack = frames([("raise", 1), ("abort", 2), (function, 3), ("lsi_do_dma", 0x40), ("lsi_execute_script", 9)])
        #expect(Signature.make(kind: "SIGABRT", frames: stack) == "SIGABRT:lsi_do_dma<lsi_execute_script at +0x40")
    }

    /// As they stand in stacks of QEMU: exported functions by name, others by place.
    @Test(arguments: ["g_assertion_message_cmpnum", "g_log_structured_standard", nil])
    func glibIsMachineryWhateverIsKnownOfIt(function: String?) {
        let inGLib = StackFrame(modulePath: "/usr/lib/x86_64-linux-gnu/libglib-2.0.so.0", offset: 0x1e8a2, function: function)
        let stack = [StackFrame(modulePath: "/lib/x86_64-linux-gnu/libc.so.6", offset: 0x8ac), inGLib]
        let own = frames([("virtio_net_handle_ctrl", 0x21), ("virtio_queue_notify_vq", 7)])
        let site = function == "g_log_structured_standard" ? "" : " at +0x21"
        #expect(Signature.make(kind: "SIGABRT", frames: stack + own) == "SIGABRT:virtio_net_handle_ctrl<virtio_queue_notify_vq\(site)")
        // A main loop that called back does not tell where.
        #expect(Signature.make(kind: "SIGSEGV", frames: own + [inGLib]) == "SIGSEGV:virtio_net_handle_ctrl<virtio_queue_notify_vq")
    }

    @Test func whereOnlyMachineryIsLeftItIsTheSignature() {
        let stack = [
            StackFrame(modulePath: "/lib/libc.so.6", offset: 1, function: "abort"),
            StackFrame(modulePath: "/lib/libglib-2.0.so.0", offset: 2),
        ]
        #expect(Signature.make(kind: "SIGABRT", frames: stack) == "SIGABRT:abort<libglib-2.0.so.0+0x2")
    }

    @Test(arguments: ["g_assertion_message_error", "g_log_default_handler", "_g_log_abort", "g_strndup", "g_return_if_fail_warning"])
    func glibLinkedStaticallyIsToldByItsNames(function: String) {
        #expect(Machinery.contains(StackFrame(modulePath: "/bin/qemu-fuzz-i386", offset: 1, function: function)))
    }

    @Test(arguments: ["g_logo_draw", "glibc_like", "e1000_g_log"]) func whatOnlyLooksLikeItIsNot(function: String) {
        #expect(!Machinery.contains(StackFrame(modulePath: "/bin/qemu-fuzz-i386", offset: 1, function: function)))
    }

    /// glibc's allocator aborts where the heap is found broken, which may be anywhere.
    @Test func aBrokenHeapIsNone() {
        let stack = frames([("raise", 1), ("abort", 2), ("malloc_printerr", 3), ("free", 4), ("parse", 5)])
        #expect(Signature.make(kind: "SIGABRT", frames: stack) == "SIGABRT:parse")
    }

    @Test func withoutSymbolsTheOffsetIsThePlace() {
        let stack = [StackFrame(modulePath: "/bin/target", offset: 0x1234)]
        #expect(Signature.make(kind: "SIGILL", frames: stack) == "SIGILL:target+0x1234")
    }

    @Test func theEntryHasItsPlaceAnyway() {
        let stack = frames([("LLVMFuzzerTestOneInput", 0x20)])
        #expect(Signature.make(kind: "SIGILL", frames: stack) == "SIGILL:LLVMFuzzerTestOneInput+0x1020")
    }

    @Test func recordsOfEarlierVersionsAreKnown() {
        let present = Signature.make(kind: "SIGILL", frames: frames([("pop", 0x1c), ("handle", 7)]))
        #expect(Signature.isSame(recorded: "SIGILL:pop<handle", present: present))
        #expect(Signature.isSame(recorded: present, present: present))
        #expect(!Signature.isSame(recorded: "SIGILL:pop<handle at +0x1d", present: present))
        #expect(!Signature.isSame(recorded: "SIGILL:pop", present: present))
        #expect(Signature.withoutSite("SIGILL:f at +0xrest") == "SIGILL:f at +0xrest")
        #expect(Signature.withoutSite("SIGSEGV:f<g") == "SIGSEGV:f<g")
    }
}
