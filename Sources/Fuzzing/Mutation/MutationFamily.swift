/// The ways to change an input, with libFuzzer's names as its `MS:` log field prints them.
package enum MutationFamily: UInt8, CaseIterable, Sendable, Hashable {
    case eraseBytes
    case insertByte
    case insertRepeatedBytes
    case changeByte
    case changeBit
    case shuffleBytes
    case changeASCIIInt
    case changeBinInt
    case copyPart
    case crossOver
    case manualDictionary
    case persistentAutoDictionary
    case comparison
    case customCrossOver
    case custom

    /// The name in the log.
    package var name: String {
        switch self {
        case .eraseBytes: "EraseBytes"
        case .insertByte: "InsertByte"
        case .insertRepeatedBytes: "InsertRepeatedBytes"
        case .changeByte: "ChangeByte"
        case .changeBit: "ChangeBit"
        case .shuffleBytes: "ShuffleBytes"
        case .changeASCIIInt: "ChangeASCIIInt"
        case .changeBinInt: "ChangeBinInt"
        case .copyPart: "CopyPart"
        case .crossOver: "CrossOver"
        case .manualDictionary: "ManualDict"
        case .persistentAutoDictionary: "PersAutoDict"
        case .comparison: "CMP"
        case .customCrossOver: "CustomCrossOver"
        case .custom: "Custom"
        }
    }
}
