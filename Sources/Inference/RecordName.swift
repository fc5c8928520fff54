/// Which files hold records, by their names: `x.tfr`, `x.tfrecord`, `x.tfrecords`, `x.tfrecord-00001-of-00008`.
enum RecordName {
  private static let endings = ["tfr", "tfrecord", "tfrecords"].map { Array(".\($0)".utf8) }

  static func matches(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let dot = path.lastIndex(of: UInt8(ascii: ".")), !path.contains(0) else { return false }
    var ending = path[dot...]
    if let dash = ending.firstIndex(of: UInt8(ascii: "-")) { ending = ending[..<dash] }
    let lowered = ending.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    return endings.contains(lowered)
  }
}
