import Foundation

extension Dataset {
  /// 16 hexadecimal digits that change when the table changes: names, classes, splits, groups, the size of a file or the
  /// checksum of a record, plugin and options of a provider.
  ///
  /// FNV-1a; for telling data sets apart in `run.json`, not for security. The pictures are not opened; a file that is
  /// not there counts with the size -1. The root plays no part, so that a moved data set keeps its hash.
  /// - Complexity: one `stat` a sample.
  public func contentHash() -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ text: String) {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xff) &* 0x100_0000_01b3
    }
    if let provider { add(provider.origin) }
    for name in classes { add(name) }
    for sample in samples {
      add(sample.name)
      add("\(sample.label) \(sample.split?.rawValue ?? "-") \(sample.source.mark)")
      add(sample.group ?? "")
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
