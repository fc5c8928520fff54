import Foundation

/// The lines of a file, one after the other, in the memory of the longest.
final class LineReader {
  let path: String
  /// Where the line after the last one handed out begins, in bytes.
  private(set) var offset = 0
  /// Whether the last line handed out ended with a newline.
  private(set) var isTerminated = true
  /// Lines handed out.
  private(set) var count = 0

  private let descriptor: Int32
  private var buffer: UnsafeMutableBufferPointer<UInt8>
  private var start = 0
  private var end = 0

  private static let firstCapacity = 1 << 16
  /// No path is so long, escaped or not; a file without newlines is not read into memory as a whole.
  private static let longestLine = 1 << 20

  /// - Throws: `InferenceError.notFound`, `.cannotRead`.
  init(path: String) throws(InferenceError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      let code = errno
      if code == ENOENT || code == ENOTDIR { throw .notFound(path: path) }
      throw .cannotRead(path: path, reason: String(cString: strerror(code)))
    }
    buffer = .allocate(capacity: LineReader.firstCapacity)
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// The next line without its newline, valid until the next call; nil at the end.
  ///
  /// - Throws: `InferenceError.cannotRead`, `.longLine`.
  func next() throws(InferenceError) -> UnsafeBufferPointer<UInt8>? {
    var scanned = 0
    while true {
      let held = end - start
      if held > scanned, let base = buffer.baseAddress,
        let newline = memchr(base + start + scanned, Int32(UInt8(ascii: "\n")), held - scanned)
      {
        let length = newline - UnsafeMutableRawPointer(base + start)
        return take(length, consuming: length + 1)
      }
      scanned = held
      if try !fill() {
        if held == 0 { return nil }
        isTerminated = false
        return take(held, consuming: held)
      }
    }
  }

  private func take(_ length: Int, consuming consumed: Int) -> UnsafeBufferPointer<UInt8> {
    let line = UnsafeBufferPointer(rebasing: buffer[start..<start + length])
    start += consumed
    offset += consumed
    count += 1
    return line
  }

  /// - Returns: false at the end of the file.
  private func fill() throws(InferenceError) -> Bool {
    if start > 0, let base = buffer.baseAddress {
      memmove(base, base + start, end - start)
      end -= start
      start = 0
    }
    if end == buffer.count {
      if end >= LineReader.longestLine { throw .longLine(path: path, line: count + 1, limit: LineReader.longestLine) }
      let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: buffer.count * 4)
      _ = larger.update(fromContentsOf: buffer)
      buffer.deallocate()
      buffer = larger
    }
    while true {
      let count = read(descriptor, buffer.baseAddress! + end, buffer.count - end)
      if count < 0 {
        if errno == EINTR { continue }
        throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
      }
      end += count
      return count > 0
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The fields of a line, cut at tabs.
  func fields() -> [UnsafeBufferPointer<UInt8>] {
    split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { UnsafeBufferPointer(rebasing: $0) }
  }

  var text: String { String(decoding: self, as: UTF8.self) }
}
