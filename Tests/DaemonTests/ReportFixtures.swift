/// What clang 14's sanitizers printed for a small C++ harness, paths made neutral, as children print it (`symbolize=0`)
/// unless said otherwise.
enum ReportFixtures {
    static let heapUseAfterFree = """
        =================================================================
        ==15935==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000011 at pc 0x5578624d1bdb bp 0x7ffe4c234150 sp 0x7ffe4c234148
        READ of size 1 at 0x602000000011 thread T0
            #0 0x5578624d1bda  (/src/harness+0xe1bda) (BuildId: af533a17)
            #1 0x5578624d1eb9  (/src/harness+0xe1eb9) (BuildId: af533a17)
            #2 0x7fe905565249  (/lib/x86_64-linux-gnu/libc.so.6+0x27249) (BuildId: 93ac61ec)

        0x602000000011 is located 1 bytes inside of 10-byte region [0x602000000010,0x60200000001a)
        freed by thread T0 here:
            #0 0x557862493ea2  (/src/harness+0xa3ea2) (BuildId: af533a17)
            #1 0x5578624d1a0b  (/src/harness+0xe1a0b) (BuildId: af533a17)

        previously allocated by thread T0 here:
            #0 0x55786249414e  (/src/harness+0xa414e) (BuildId: af533a17)
            #1 0x5578624d19f0  (/src/harness+0xe19f0) (BuildId: af533a17)

        SUMMARY: AddressSanitizer: heap-use-after-free (/src/harness+0xe1bda) (BuildId: af533a17)
        Shadow bytes around the buggy address:
        =>0x0c047fff8000: fa fa[fd]fd fa fa fa fa fa fa fa fa fa fa fa fa
        ==15935==ABORTING
        what the target printed afterwards
        """

    /// `symbolize=1:dedup_token_length=3`.
    static let symbolized = """
        ==15939==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000011 at pc 0x563431ca5bdb bp 0x7ffec5707710 sp 0x7ffec5707708
        READ of size 1 at 0x602000000011 thread T0
            #0 0x563431ca5bda in device::Queue::element(unsigned long) /src/h.cpp:11:76
            #1 0x563431ca5bda in device::Queue::pop(unsigned long) /src/h.cpp:12:34
            #2 0x563431ca5bda in LLVMFuzzerTestOneInput /src/h.cpp:23:93
            #3 0x563431ca5eb9 in main /src/main.c:5:36
            #4 0x563431be5300 in _start (/src/harness+0x21300) (BuildId: af533a17)

        DEDUP_TOKEN: device::Queue::element(unsigned long)--device::Queue::pop(unsigned long)--LLVMFuzzerTestOneInput
        freed by thread T0 here:
            #0 0x563431c67ea2 in __interceptor_free (/src/harness+0xa3ea2) (BuildId: af533a17)

        DEDUP_TOKEN: __interceptor_free--LLVMFuzzerTestOneInput--main
        SUMMARY: AddressSanitizer: heap-use-after-free /src/h.cpp:11:76 in device::Queue::element(unsigned long)
        ==15939==ABORTING
        """

    static let doubleFree = """
        ==2810==ERROR: AddressSanitizer: attempting double-free on 0x602000000010 in thread T0:
            #0 0x558bc2e72ea2  (/src/harness+0xa3ea2)
            #1 0x558bc2eb082d  (/src/harness+0xe182d)

        SUMMARY: AddressSanitizer: double-free (/src/harness+0xa3ea2)
        ==2810==ABORTING
        """

    static let tooBig = """
        ==3164==ERROR: AddressSanitizer: requested allocation size 0x1000000000000000 (0x1000000000001000 after adjustments for alignment, red zones etc.) exceeds maximum supported size of 0x10000000000 (thread T0)
            #0 0x56518c5ef14e  (/src/harness+0xa414e)
            #1 0x56518c62c903  (/src/harness+0xe1903)

        ==3164==HINT: if you don't care about these errors you may set allocator_may_return_null=1
        """

    static let leak = """

        =================================================================
        ==3071==ERROR: LeakSanitizer: detected memory leaks

        Direct leak of 13 byte(s) in 1 object(s) allocated from:
            #0 0x55822d21414e in malloc (/src/harness+0xa414e)
            #1 0x55822d251b5d in leak(unsigned long) /src/h.cpp:17:60
            #2 0x55822d25179f in LLVMFuzzerTestOneInput /src/h.cpp:27:13

        SUMMARY: AddressSanitizer: 13 byte(s) leaked in 1 allocation(s).
        """

    static let uninitialized = """
        ==3213==WARNING: MemorySanitizer: use-of-uninitialized-value
            #0 0x55fa5016c8d4  (/src/harness+0xaa8d4)
            #1 0x55fa5016caf9  (/src/harness+0xaaaf9)

        SUMMARY: MemorySanitizer: use-of-uninitialized-value (/src/harness+0xaa8d4)
        Exiting
        """

    static let overflow = """
        h.cpp:29:50: runtime error: signed integer overflow: 2147483647 + 4 cannot be represented in type 'int'
            #0 0x55bc6c74d226  (/src/harness+0x2f226)
            #1 0x55bc6c74d3e9  (/src/harness+0x2f3e9)

        SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior h.cpp:29:50 in
        """

    static let shift = "h.cpp:31:50: runtime error: shift exponent 40 is too large for 32-bit type 'int'\n"

    static let fault = """
        AddressSanitizer:DEADLYSIGNAL
        =================================================================
        ==12523==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 (pc 0x55dd36f06784 bp 0x7ffc02d4b6b0 sp 0x7ffc02d4b5a0 T0)
        ==12523==The signal is caused by a WRITE memory access.
        ==12523==Hint: address points to the zero page.
            #0 0x55dd36f06784  (/src/harness+0xe1784)
            #1 0x7ff99cf65249  (/lib/x86_64-linux-gnu/libc.so.6+0x27249)

        AddressSanitizer can not provide additional info.
        SUMMARY: AddressSanitizer: SEGV (/src/harness+0xe1784)
        ==12523==ABORTING
        """

    /// `symbolize=1`, made of two functions that call each other.
    static func recursion(innermost: [String]) -> String {
        let names = innermost + (0..<20).map { $0 % 2 == 0 ? "even" : "odd" }
        let stack = names.enumerated().map { "    #\($0) 0x55ebf0ddc9\($0 + 10) in \($1)(int) /src/h.cpp:15:\($0)" }
        return "==7==ERROR: AddressSanitizer: stack-overflow on address 0x7ffd8af5dff8 (pc 0x55ebf0ddc8ee T0)\n"
            + stack.joined(separator: "\n") + "\n\nSUMMARY: AddressSanitizer: stack-overflow /src/h.cpp:15 in even(int)\n"
    }

    static let dataRace = """
        ==================
        WARNING: ThreadSanitizer: data race (pid=77)
          Write of size 4 at 0x7b0400000800 by thread T1:
            #0 worker(void*) /src/h.cpp:9:3 (harness+0xcd1f7)

        SUMMARY: ThreadSanitizer: data race /src/h.cpp:9:3 in worker(void*)
        ==================
        """
}
