import Foundation

/// Goes through a frozen listing, picture by picture, in memory that does not grow.
final class ListingReader {
  /// What the listing's first and last lines say.
  private(set) var listing = PredictionListing()

  // The picture that `next` has gone to.
  /// The row among those of all shards.
  private(set) var index = 0
  /// The path to open.
  private(set) var path: [UInt8] = []
  /// What the table shows, escaped.
  private(set) var shown: [UInt8] = []
  /// Which record of the file; nil: the file itself.
  private(set) var record: Int?

  private let shard: Shard?
  private let lines: LineReader
  /// Of the record file that is being gone through.
  private var records = 0..<0
  private var firstIndex = 0
  private var shownFile: [UInt8] = []
  private var name: [UInt8] = []
  private var isAtEnd = false

  /// - Throws: `InferenceError.notFound`, `.cannotRead`, `.damagedListing`.
  init(path: String, shard: Shard?) throws(InferenceError) {
    self.shard = shard
    lines = try LineReader(path: path)
    guard let first = try lines.next(), first.text == PredictionListing.magic else {
      throw .damagedListing(path: path)
    }
    while let line = try lines.next(), !line.isEmpty {
      let fields = line.fields()
      guard fields.count == 2, let value = TSV.unescaped(fields[1].text) else { throw .damagedListing(path: path) }
      listing.facts.append((fields[0].text, String(decoding: value, as: UTF8.self)))
    }
    try readEnd(path)
  }

  /// The last line, without going through the others.
  private func readEnd(_ path: String) throws(InferenceError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let size = lseek(descriptor, 0, SEEK_END)
    let count = pread(descriptor, &buffer, buffer.count, max(0, size - off_t(buffer.count)))
    let tail = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    let fields =
      tail.split(separator: "\n").last?.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) ?? []
    guard tail.hasSuffix("\n"), fields.count == 4, fields[0].isEmpty, let rows = Int(fields[1]),
      let total = Int(fields[2]), rows >= 0, total >= rows
    else { throw .damagedListing(path: path) }
    (listing.rows, listing.total, listing.digest) = (rows, total, fields[3])
  }

  /// - Returns: false at the end.
  /// - Throws: `InferenceError.cannotRead`, `.damagedListing`.
  func next() throws(InferenceError) -> Bool {
    while true {
      while !records.isEmpty {
        let record = records.removeFirst()
        name.removeAll(keepingCapacity: true)
        name += path
        name += "#\(record)".utf8
        if let shard, !name.withUnsafeBufferPointer(shard.contains) { continue }
        self.record = record
        index = firstIndex + record
        shown.removeAll(keepingCapacity: true)
        shown += shownFile
        shown += "#\(record)".utf8
        return true
      }
      if isAtEnd { return false }
      guard let line = try lines.next() else { throw .damagedListing(path: lines.path) }
      if line.first == UInt8(ascii: "\t") {
        isAtEnd = true
        return false
      }
      if try take(line) { return true }
    }
  }

  /// - Returns: whether the line is a file, and not a record file.
  private func take(_ line: UnsafeBufferPointer<UInt8>) throws(InferenceError) -> Bool {
    let tab = UInt8(ascii: "\t")
    guard let first = line.firstIndex(of: tab), let second = line[(first + 1)...].firstIndex(of: tab),
      let index = number(line[..<first])
    else { throw .damagedListing(path: lines.path) }
    let third = line[(second + 1)...].firstIndex(of: tab)
    let escaped = line[(second + 1)..<(third ?? line.endIndex)]
    path.removeAll(keepingCapacity: true)
    if escaped.contains(UInt8(ascii: "\\")) {
      guard let bytes = TSV.unescaped(bytes: Array(escaped)) else { throw .damagedListing(path: lines.path) }
      path += bytes
    } else {
      path += escaped
    }
    self.index = index
    record = nil
    shown.removeAll(keepingCapacity: true)
    shown += third.map { line[($0 + 1)...] } ?? escaped
    if second == first + 1 { return true }
    guard let count = number(line[(first + 1)..<second]) else { throw .damagedListing(path: lines.path) }
    swap(&shown, &shownFile)
    firstIndex = index
    records = 0..<count
    return false
  }

  private func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    var value = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit), value < 1 << 50 else { return nil }
      value = value * 10 + Int(digit - 0x30)
    }
    return digits.isEmpty ? nil : value
  }
}
