import Foundation

/// A file's bytes, without surprises: no waiting on a pipe, no endless device, no file larger than the limit.
package enum FileReading {
  static func read(_ path: UnsafePointer<CChar>, into buffer: ByteBuffer, maximumBytes: Int) throws(ImageError)
    -> UnsafeRawBufferPointer
  {
    let (descriptor, size) = try open(path, maximumBytes: maximumBytes)
    defer { close(descriptor) }
    guard let memory = buffer.reserve(size) else { throw .fileTooLarge(bytes: size, maximumBytes: maximumBytes) }
    return UnsafeRawBufferPointer(start: memory, count: try fill(memory, from: descriptor, size: size))
  }

  /// Opens a regular file that is not empty.
  ///
  /// - Returns: what the caller closes, and the file's size in bytes.
  package static func open(
    _ path: UnsafePointer<CChar>, maximumBytes: Int = PictureDecoder.maximumFileBytes
  ) throws(ImageError) -> (descriptor: Int32, size: Int) {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(reason: reason(errno)) }
    do {
      return (descriptor, try size(of: descriptor, maximumBytes: maximumBytes))
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func size(of descriptor: Int32, maximumBytes: Int) throws(ImageError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(reason: reason(errno)) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR { throw .unreadable(reason: "it is a folder") }
    if kind != S_IFREG { throw .unreadable(reason: "it is no regular file") }
    let size = Int(status.st_size)
    if size == 0 { throw .empty }
    if size > maximumBytes { throw .fileTooLarge(bytes: size, maximumBytes: maximumBytes) }
    return size
  }

  /// Reads the file up to `size` bytes.
  ///
  /// - Returns: how many there were; fewer when the file has been cut meanwhile.
  package static func fill(
    _ memory: UnsafeMutablePointer<UInt8>, from descriptor: Int32, size: Int
  ) throws(ImageError) -> Int {
    var filled = 0
    while filled < size {
      let count = Foundation.read(descriptor, memory + filled, size - filled)
      if count < 0 {
        if errno == EINTR { continue }
        throw .unreadable(reason: reason(errno))
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
