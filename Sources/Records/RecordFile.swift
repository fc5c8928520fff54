import Foundation
import Synchronization

/// A TFRecord file, memory-mapped: any number of threads may read any record at any time.
///
///     offset o    +8              +12           +12 + n        +16 + n
///     | length n  | masked CRC-32C | n bytes     | masked CRC-32C | next record
///     | uint64 LE | of the length  | of payload  | of the payload |
///
/// One pass over the lengths finds where the records begin; it checks every length against its checksum and the size of
/// the file. Behind a length that is damaged nothing can be found: the index ends there, and `tail` says so. Payloads are
/// checked when they are read.
///
/// - Complexity: opening reads 16 bytes a record and keeps 12.
public final class RecordFile: Sendable {
  public let path: String
  public let byteCount: Int
  /// The damage at which the index ends; nil when it ends where the file does.
  public let tail: RecordError?

  private let mapping: Mapping
  /// Where the records begin, and behind the last of them.
  private let offsets: [Int]
  private let checksums: [UInt32]

  /// What surrounds a payload.
  static let overhead = 16

  /// - Throws: `RecordError.notFound`, `.unreadable`, `.compressed`, `.notRecords`. An empty file has no records.
  public init(path: String) throws(RecordError) {
    let mapping = try Mapping(path: path)
    let index = RecordIndex(mapping.bytes, path: path, noteRead: mapping.note)
    if index.offsets.count == 1, case .damagedLength? = index.tail {
      if let method = RecordFile.compression(of: mapping.bytes) { throw .compressed(path: path, method: method) }
      throw .notRecords(path: path)
    }
    self.path = path
    self.mapping = mapping
    byteCount = mapping.bytes.count
    offsets = index.offsets
    checksums = index.checksums
    tail = index.tail
    mapping.release()
  }

  /// Whether a file is one of records: by its extension, `tfr`, `tfrecord` or `tfrecords`, or because it begins with a
  /// length and the checksum of one.
  public static func isRecordFile(_ path: String) -> Bool {
    let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
    if ["tfr", "tfrecord", "tfrecords"].contains(ending) { return true }
    guard let handle = FileHandle(forReadingAtPath: path), let start = try? handle.read(upToCount: 12),
      start.count == 12
    else { return false }
    return start.withUnsafeBytes { bytes in
      let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      return Checksum.masked(UnsafeRawBufferPointer(rebasing: bytes[0..<8])) == checksum
    }
  }

  /// How many records there are before the end or the damage.
  public var count: Int { offsets.count - 1 }

  public func place(of index: Int) -> RecordPlace { RecordPlace(path: path, index: index, offset: offsets[index]) }

  /// How many bytes the payload of a record has.
  public func payloadCount(at index: Int) -> Int { offsets[index + 1] - offsets[index] - RecordFile.overhead }

  /// The checksum that stands behind a payload, unchecked: 32 bits that tell contents apart at no cost.
  public func storedChecksum(at index: Int) -> UInt32 { checksums[index] }

  /// The bytes of a record, checked. Valid inside `body` only.
  ///
  /// - Throws: `RecordError.damagedPayload`, `.shrunk`, and what `body` throws.
  public func withPayload<Result>(
    at index: Int, _ body: (UnsafeRawBufferPointer) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    precondition(index >= 0 && index < count, "no such record")
    try mapping.checkSize(path: path)
    let count = payloadCount(at: index)
    let start = offsets[index] + 12
    let payload = UnsafeRawBufferPointer(rebasing: mapping.bytes[start..<start + count])
    guard Checksum.masked(payload) == storedChecksum(at: index) else { throw .damagedPayload(place(of: index)) }
    defer { mapping.note(count) }
    return try body(payload)
  }

  private static func compression(of bytes: UnsafeRawBufferPointer) -> String? {
    if bytes.starts(with: [0x1f, 0x8b]) { return "gzip" }
    // A zlib header: method 8, and a multiple of 31.
    if bytes.count > 1, bytes[0] & 15 == 8, bytes[0] >> 4 < 8, (Int(bytes[0]) * 256 + Int(bytes[1])) % 31 == 0 {
      return "zlib"
    }
    return nil
  }
}

extension RecordFile: Equatable {
  /// The same object.
  public static func == (a: RecordFile, b: RecordFile) -> Bool { a === b }
}

/// A file's bytes in memory, for as long as the object lives.
private final class Mapping: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let device: dev_t
  private let node: ino_t
  private let bytesSinceRelease = Atomic<Int>(0)

  /// Pages that were read count as the process's memory until they are given back; the system still has them cached.
  private static let bytesBetweenReleases = 16 << 20

  init(path: String) throws(RecordError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { throw .notFound(path: path) }
      throw .unreadable(path: path, reason: String(cString: strerror(code)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file"
      throw .unreadable(path: path, reason: "it is \(kind)")
    }
    device = status.st_dev
    node = status.st_ino
    let count = Int(status.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit { if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) } }

  /// Reading mapped bytes that a file no longer has would end the process. A file that was removed or replaced keeps its
  /// bytes for as long as it is mapped; only one that was cut is dangerous.
  func checkSize(path: String) throws(RecordError) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_dev == device, status.st_ino == node else { return }
    if Int(status.st_size) < bytes.count { throw .shrunk(path: path) }
  }

  /// Counts bytes that were read.
  func note(_ count: Int) {
    let (_, total) = bytesSinceRelease.add(count, ordering: .relaxed)
    if total > Mapping.bytesBetweenReleases { release() }
  }

  /// Gives the pages back; whoever reads them gets them again.
  func release() {
    bytesSinceRelease.store(0, ordering: .relaxed)
    if let start = bytes.baseAddress { madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED) }
  }
}
