/// Writing of tab-separated tables.
///
/// Tab, newline, return and backslash in a field are written `\t \n \r \\`, and bytes that are zero or not UTF-8
/// `\xHH`, so that every field can be told from every other and turned back into the very bytes.
public enum TSV {
  /// One line without its newline.
  public static func line(_ fields: [String]) -> String {
    fields.map { escaped(Array($0.utf8)) }.joined(separator: "\t")
  }

  public static func escaped(_ text: String) -> String { escaped(Array(text.utf8)) }

  /// - Parameter bytes: such as a file name's, which need not be UTF-8.
  public static func escaped(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { append($0, to: &result) }
    return String(decoding: result, as: UTF8.self)
  }

  /// Appends the bytes to a line that is being made, escaped.
  static func append(_ bytes: UnsafeBufferPointer<UInt8>, to result: inout [UInt8]) {
    // Most names need nothing.
    if !bytes.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\\") || $0 >= 0x80 }) {
      result.append(contentsOf: bytes)
      return
    }
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\t"): result += Array("\\t".utf8)
      case UInt8(ascii: "\n"): result += Array("\\n".utf8)
      case UInt8(ascii: "\r"): result += Array("\\r".utf8)
      case UInt8(ascii: "\\"): result += Array("\\\\".utf8)
      case 0: result += Array("\\x00".utf8)
      case 1..<0x80: result.append(byte)
      default:
        let length = sequenceLength(bytes[index...])
        if length == 0 {
          result += Array("\\x\(hexDigit(byte >> 4))\(hexDigit(byte & 15))".utf8)
        } else {
          result += bytes[index..<index + length]
          index += length - 1
        }
      }
      index += 1
    }
  }

  /// The bytes that `escaped` was given; nil for a backslash that begins nothing known.
  public static func unescaped(_ field: String) -> [UInt8]? { unescaped(bytes: Array(field.utf8)) }

  /// As `unescaped`, of a field that was read as bytes.
  public static func unescaped(bytes: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var bytes = bytes[...]
    while let byte = bytes.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      switch bytes.popFirst() {
      case UInt8(ascii: "t")?: result.append(9)
      case UInt8(ascii: "n")?: result.append(10)
      case UInt8(ascii: "r")?: result.append(13)
      case UInt8(ascii: "\\")?: result.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "x")?:
        guard let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16), bytes.count >= 2 else {
          return nil
        }
        bytes = bytes.dropFirst(2)
        result.append(value)
      default: return nil
      }
    }
    return result
  }

  private static func hexDigit(_ value: UInt8) -> Character { Character(String(value, radix: 16, uppercase: true)) }

  /// The length of the well-formed UTF-8 sequence (Unicode 15, table 3-7) of two to four bytes at the beginning, or 0.
  private static func sequenceLength(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    guard let first = bytes.first else { return 0 }
    let rest = bytes.dropFirst()
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch first {
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: length = 4
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return 0
    }
    guard rest.count >= length - 1, let next = rest.first, second.contains(next) else { return 0 }
    return rest.dropFirst().prefix(length - 2).allSatisfy { (0x80...0xbf).contains($0) } ? length : 0
  }
}
