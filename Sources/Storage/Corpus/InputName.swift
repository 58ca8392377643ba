import Crypto

/// The file name of an input: SHA-1 of its bytes in lower-case hexadecimal, as libFuzzer names corpus files.
///
/// SHA-1 is a name here, not a protection: whoever forges a collision loses an input of their own.
package func inputName(of bytes: [UInt8]) -> String {
    var name = ""
    name.reserveCapacity(40)
    for byte in Insecure.SHA1.hash(data: bytes) {
        for nibble in [byte >> 4, byte & 15] {
            name.unicodeScalars.append(Unicode.Scalar(nibble < 10 ? 48 + nibble : 87 + nibble))
        }
    }
    return name
}
