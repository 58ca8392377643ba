/// Names of registers, for comments only: those of PCI configuration space and of the devices that many machines have. Regions
/// are named alike by QEMU and by the built-in machine.
enum RegisterNames {
    /// The register that `offset` lies in; `nil` where none is known.
    static func name(region: String, offset: UInt64) -> String? {
        let table: [(UInt64, String)]
        if region == "pci-configuration" {
            table = configuration
        } else if region.hasPrefix("virtio-pci-common") {
            table = virtioCommon
        } else if region == "virtio-pci" {
            table = virtioLegacy
        } else if region.hasPrefix("virtio-pci-isr") {
            table = [(0, "isr")]
        } else if region == "msix-table" {
            let part = ["address", "upper address", "data", "vector control"][Int(offset / 4 % 4)]
            return "vector \(offset / 16) \(part)"
        } else {
            table = others[region] ?? []
        }
        return table.last { $0.0 <= offset }?.1
    }

    /// PCI Local Bus 3.0, 6.1.
    private static let configuration: [(UInt64, String)] = [
        (0x00, "vendor"), (0x02, "device"), (0x04, "command"), (0x06, "status"), (0x08, "revision"), (0x09, "class"),
        (0x0c, "cache line size"), (0x0d, "latency timer"), (0x0e, "header type"), (0x0f, "self test"), (0x10, "BAR 0"),
        (0x14, "BAR 1"), (0x18, "BAR 2"), (0x1c, "BAR 3"), (0x20, "BAR 4"), (0x24, "BAR 5"), (0x28, "CardBus CIS"),
        (0x2c, "subsystem vendor"), (0x2e, "subsystem"), (0x30, "expansion ROM"), (0x34, "capabilities"), (0x35, "reserved"),
        (0x3c, "interrupt line"), (0x3d, "interrupt pin"), (0x3e, "min grant"), (0x3f, "max latency"),
        (0x40, "device specific"),
    ]
    /// virtio 1.2, 4.1.4.3.
    private static let virtioCommon: [(UInt64, String)] = [
        (0x00, "device_feature_select"), (0x04, "device_feature"), (0x08, "driver_feature_select"), (0x0c, "driver_feature"),
        (0x10, "config_msix_vector"), (0x12, "num_queues"), (0x14, "device_status"), (0x15, "config_generation"),
        (0x16, "queue_select"), (0x18, "queue_size"), (0x1a, "queue_msix_vector"), (0x1c, "queue_enable"),
        (0x1e, "queue_notify_off"), (0x20, "queue_desc"), (0x28, "queue_driver"), (0x30, "queue_device"), (0x38, "unnamed"),
    ]
    /// virtio 1.2, 4.1.4.10; the device's own configuration follows.
    private static let virtioLegacy: [(UInt64, String)] = [
        (0x00, "host features"), (0x04, "guest features"), (0x08, "queue address"), (0x0c, "queue size"),
        (0x0e, "queue select"), (0x10, "queue notify"), (0x12, "status"), (0x13, "isr"), (0x14, "MSI-X or device"),
    ]
    private static let others: [String: [(UInt64, String)]] = [
        "pci-conf-idx": [(0, "configuration address")], "pci-conf-data": [(0, "configuration data")],
        "pic": [(0, "command"), (1, "data")], "elcr": [(0, "edge or level")],
        "pit": [(0, "channel 0"), (1, "channel 1"), (2, "channel 2"), (3, "control")], "pcspk": [(0, "port B")],
        "rtc": [(0, "index"), (1, "data")],
        "serial": [
            (0, "data or divisor"), (1, "interrupt enable or divisor"), (2, "FIFO control"), (3, "line control"),
            (4, "modem control"), (5, "line status"), (6, "modem status"), (7, "scratch"),
        ],
    ]
}
