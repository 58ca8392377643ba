/// What makes a virtio device a block device or another one. Owned by the `VirtIODevice` that it serves.
package protocol VirtIOBackend: AnyObject {
    /// Offered feature bits besides those of the transport.
    var features: UInt64 { get }
    /// Bytes of the device configuration space (VIRTIO 1.2, 2.5).
    var configurationByteCount: Int { get }
    /// Writes the configuration as it is now into the first `configurationByteCount` bytes.
    func loadConfiguration(into bytes: inout [UInt8])
    /// The driver changed `bytes`; the backend takes over what is writable.
    func storeConfiguration(from bytes: [UInt8])
    /// The driver accepted `features` and set DRIVER_OK.
    func driverStarted(features: UInt64)
    /// The device is reset; requests in flight are dropped.
    func reset()
    /// The driver notified queue `index`.
    func queueNotified(_ index: Int, of device: VirtIODevice)
}
