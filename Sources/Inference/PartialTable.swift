import CExtendedAttributes
import Foundation

/// The table while it grows: a file beside the target, which takes its name when it is complete.
///
/// Rows reach the file a batch at a time. After a crash, `keepRows` finds out how many are whole.
final class PartialTable {
  let output: String
  let path: String
  /// Rows that were handed to the system.
  private(set) var rows = 0
  private let descriptor: Int32
  private var lastSync = Date()

  /// How much is lost at most in a power cut.
  private static let syncSeconds = 10.0
  private static let requestAttribute = "user.workbench.prediction"

  static func path(for output: String) -> String { output + ".partial" }

  /// Opens the partial file, or makes it, and locks it.
  ///
  /// - Throws: `InferenceError.inUse`; `ModelFileError` as `failure` says.
  init(output: String) throws {
    self.output = output
    path = PartialTable.path(for: output)
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      if descriptor < 0 { throw PartialTable.failure(output, rows: 0, total: 0) }
      // Where there are no locks, two that write at once are not noticed.
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        close(descriptor)
        throw InferenceError.inUse(output: output)
      }
      // The one that held the lock may have renamed the file in between.
      var (opened, named) = (stat(), stat())
      if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    // Closing alone would leave the lock to a child process that was just started and still has the descriptor.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Whether a prediction was interrupted after its beginning.
  func hasRows() throws -> Bool {
    let reader = try LineReader(path: path)
    return try reader.next() != nil && reader.next() != nil
  }

  func clear() throws {
    rows = 0
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw PartialTable.failure(output, rows: 0, total: 0)
    }
  }

  /// Takes the file away again, unless an interrupted prediction has left something in it.
  func removeIfEmpty() {
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_size == 0 { unlink(path) }
  }

  /// Begins anew.
  ///
  /// - Parameter requestID: by which the finished table can be told from another one.
  func begin(header: [UInt8], requestID: String, total: Int) throws {
    try clear()
    // A file system may know no attributes.
    _ = fsetxattr(descriptor, PartialTable.requestAttribute, requestID, requestID.utf8.count, 0)
    try write(header + [UInt8(ascii: "\n")], rows: 0, total: total)
  }

  /// Which prediction a finished table is of; nil when nobody knows.
  static func requestID(of output: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = getxattr(output, requestAttribute, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }

  /// Finds the rows that a crash has left whole, cuts off what is behind them, and goes the listing up to there.
  ///
  /// A row is whole when it begins as the listing says, has all its columns and its newline, and no zero byte:
  /// a power cut may leave those.
  /// - Parameter batchSize: whole batches are kept, so that the rest falls into the same ones as without the crash.
  /// - Parameter counting: gets the status of each row that is kept.
  /// - Returns: false when not even the header is there.
  func keepRows(
    of makeListing: () throws -> ListingReader, formatter: RowFormatter, batchSize: Int, counting: (String) -> Void
  ) throws -> ListingReader? {
    let whole = try wholeRows(listing: makeListing(), formatter: formatter, counting: { _ in }, limit: .max)
    guard let whole else { return nil }
    let isComplete = whole.isComplete
    let kept = isComplete ? whole.rows : whole.rows / batchSize * batchSize
    let listing = try makeListing()
    guard let result = try wholeRows(listing: listing, formatter: formatter, counting: counting, limit: kept) else {
      return nil
    }
    guard ftruncate(descriptor, off_t(result.bytes)) == 0, lseek(descriptor, off_t(result.bytes), SEEK_SET) >= 0
    else { throw PartialTable.failure(output, rows: kept, total: listing.listing.rows) }
    rows = kept
    return listing
  }

  private func wholeRows(
    listing: ListingReader, formatter: RowFormatter, counting: (String) -> Void, limit: Int
  ) throws -> (rows: Int, bytes: Int, isComplete: Bool)? {
    let lines = try LineReader(path: path)
    guard let header = try lines.next(), lines.isTerminated, header.elementsEqual(formatter.header) else { return nil }
    var rows = 0
    var bytes = lines.offset
    var start: [UInt8] = []
    while rows < limit, let line = try lines.next(), lines.isTerminated, try listing.next() {
      start.removeAll(keepingCapacity: true)
      formatter.appendStart(index: listing.index, shown: listing.shown, to: &start)
      guard line.starts(with: start), line.count(where: { $0 == UInt8(ascii: "\t") }) == formatter.tabs,
        !line.contains(0)
      else { break }
      counting(formatter.status(inEnd: UnsafeBufferPointer(rebasing: line[start.count...])))
      rows += 1
      bytes = lines.offset
    }
    return (rows, bytes, rows == listing.listing.rows)
  }

  /// - Throws: `InferenceError.diskFull`, `.cannotWrite`.
  func write(_ bytes: [UInt8], rows count: Int, total: Int) throws {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + done, $0.count - done) }
      if written < 0 {
        if errno == EINTR { continue }
        throw PartialTable.failure(output, rows: rows, total: total)
      }
      done += written
    }
    rows += count
    if Date().timeIntervalSince(lastSync) > PartialTable.syncSeconds { try sync(total: total) }
  }

  func sync(total: Int) throws {
    if fdatasync(descriptor) != 0 { throw PartialTable.failure(output, rows: rows, total: total) }
    lastSync = Date()
  }

  /// The table takes its name.
  func commit() throws {
    guard fsync(descriptor) == 0, rename(path, output) == 0 else {
      throw PartialTable.failure(output, rows: rows, total: rows)
    }
    // The new name is safe only when the folder is on disk, too. Some file systems refuse this: then it is theirs to do.
    let folder = open(URL(fileURLWithPath: output).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func failure(_ output: String, rows: Int, total: Int) -> InferenceError {
    let code = errno
    if code == ENOSPC || code == EDQUOT { return .diskFull(output: output, done: rows, total: total) }
    return .cannotWrite(output: output, reason: String(cString: strerror(code)), done: rows, total: total)
  }
}
