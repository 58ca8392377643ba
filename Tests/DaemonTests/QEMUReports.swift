/// What AddressSanitizer printed for QEMU 10.0 without the fix `virtio-queue-notify` (scripts/qemu-unfixes), as `fuzzd crashes` keeps it:
/// symbolised, paths made neutral, stacks of allocations and shadow bytes shortened.
enum QEMUReports {
    /// Queue 1,024 of 1,024: right behind the array.
    static let overflow = """
        ==30151==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x7bfff533a800 at pc 0x55555715d62a bp 0x7fffffffca80 sp 0x7fffffffca78
        READ of size 4 at 0x7bfff533a800 thread T0
            #0 0x55555715d629 in virtio_queue_get_num /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/hw/virtio/virtio.c:2429:30
            #1 0x555556dc9caf in virtio_ioport_write /cache/build/qemu-10.0-without-virtio-queue-notify-asan/../../sources/qemu-10.0-without-virtio-queue-notify/hw/virtio/virtio-pci.c:412:13
            #2 0x555556dc9caf in virtio_pci_config_write /cache/build/qemu-10.0-without-virtio-queue-notify-asan/../../sources/qemu-10.0-without-virtio-queue-notify/hw/virtio/virtio-pci.c:571:9
            #3 0x5555571952ac in memory_region_write_accessor /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/memory.c:497:5
            #4 0x555557194e34 in access_with_adjusted_size /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/memory.c:573:18
            #5 0x555557194a8a in memory_region_dispatch_write (/cache/qemu-10.0-without-virtio-queue-notify-asan/fuzzd/bin/qemu-fuzz-i386+0x1c40a8a)
            #6 0x5555571c4b7a in flatview_write_continue_step /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:2935:18
            #7 0x5555571b6bad in flatview_write_continue /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:2965:19
            #8 0x5555571b6bad in flatview_write /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:2996:12
            #9 0x5555571b6704 in address_space_write /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:3116:18
            #10 0x55555718dffb in cpu_outw /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/ioport.c:75:5
            #11 0x5555574bcbda in op_out /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/tests/qtest/fuzz/generic_fuzz.c:403:13
            #12 0x5555574bbf4d in generic_fuzz /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/tests/qtest/fuzz/generic_fuzz.c:667:13
            #13 0x5555574b5cdb in LLVMFuzzerTestOneInput /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/tests/qtest/fuzz/fuzz.c:159:5
            #14 0x5555576a0901 in TargetRuntime.ForkServer.runInput(TargetRuntime.InputRequest, TargetRuntime.ForkServer.Serving) -> () (/cache/qemu-fuzz-i386+0x214c901)

        0x7bfff533a800 is located 0 bytes after 155648-byte region [0x7bfff5314800,0x7bfff533a800)
        allocated by thread T0 here:
            #0 0x5555566dd6a9 in ___interceptor_calloc /llvm-project/compiler-rt/lib/asan/asan_malloc_linux.cpp:74:3
            #1 0x7ffff7dde6b0 in g_malloc0 (/lib/x86_64-linux-gnu/libglib-2.0.so.0+0x5a6b0) (BuildId: edd2644598e8e0c7656687c30a7daede5f4b6e6d)
            #2 0x5555570cf61d in virtio_blk_device_realize /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/hw/block/virtio-blk.c:1812:5

        SUMMARY: AddressSanitizer: heap-buffer-overflow /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/hw/virtio/virtio.c:2429:30 in virtio_queue_get_num
        ==30151==ABORTING
        """

    /// Queue 4,422: in a block that a device's start freed.
    static let freed = """
        ==1331==ERROR: AddressSanitizer: heap-use-after-free on address 0x7bfff53b8990 at pc 0x55555715d62a bp 0x7fffffffca80 sp 0x7fffffffca78
        READ of size 4 at 0x7bfff53b8990 thread T0
            #0 0x55555715d629 in virtio_queue_get_num /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/hw/virtio/virtio.c:2429:30
            #1 0x555556dc9caf in virtio_ioport_write /cache/build/qemu-10.0-without-virtio-queue-notify-asan/../../sources/qemu-10.0-without-virtio-queue-notify/hw/virtio/virtio-pci.c:412:13
            #2 0x555556dc9caf in virtio_pci_config_write /cache/build/qemu-10.0-without-virtio-queue-notify-asan/../../sources/qemu-10.0-without-virtio-queue-notify/hw/virtio/virtio-pci.c:571:9
            #3 0x5555571952ac in memory_region_write_accessor /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/memory.c:497:5
            #4 0x555557194e34 in access_with_adjusted_size /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/memory.c:573:18
            #5 0x555557194a8a in memory_region_dispatch_write (/cache/qemu-10.0-without-virtio-queue-notify-asan/fuzzd/bin/qemu-fuzz-i386+0x1c40a8a)
            #6 0x5555571c4b7a in flatview_write_continue_step /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:2935:18
            #7 0x5555571b6be7 in flatview_write_continue /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:2965:19
            #8 0x5555571b6be7 in flatview_write /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:2996:12
            #9 0x5555571b6704 in address_space_write /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/physmem.c:3116:18
            #10 0x55555718e2da in cpu_outl /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/system/ioport.c:85:5
            #11 0x5555574bcbef in op_out /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/tests/qtest/fuzz/generic_fuzz.c:408:13
            #12 0x5555574bbf4d in generic_fuzz /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/tests/qtest/fuzz/generic_fuzz.c:667:13
            #13 0x5555574b5cdb in LLVMFuzzerTestOneInput /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/tests/qtest/fuzz/fuzz.c:159:5
            #14 0x5555576a0901 in TargetRuntime.ForkServer.runInput(TargetRuntime.InputRequest, TargetRuntime.ForkServer.Serving) -> () (/cache/qemu-fuzz-i386+0x214c901)

        0x7bfff53b8990 is located 135568 bytes inside of 208720-byte region [0x7bfff5397800,0x7bfff53ca750)
        freed by thread T0 here:
            #0 0x5555566dd246 in __interceptor_free /llvm-project/compiler-rt/lib/asan/asan_malloc_linux.cpp:51:3
            #1 0x5555572241ca in object_finalize /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/qom/object.c:734:9
            #2 0x5555572241ca in object_unref /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/qom/object.c:1231:9

        previously allocated by thread T0 here:
            #0 0x5555566dd4e4 in __interceptor_malloc /llvm-project/compiler-rt/lib/asan/asan_malloc_linux.cpp:67:3
            #1 0x7ffff7dde658 in g_malloc (/lib/x86_64-linux-gnu/libglib-2.0.so.0+0x5a658) (BuildId: edd2644598e8e0c7656687c30a7daede5f4b6e6d)
            #2 0x555556ed21dc in qemu_create_nic_bus_devices /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/net/net.c:1207:29

        SUMMARY: AddressSanitizer: heap-use-after-free /cache/build/qemu-10.0-asan/../../sources/qemu-10.0/hw/virtio/virtio.c:2429:30 in virtio_queue_get_num
        ==1331==ABORTING
        """
}
