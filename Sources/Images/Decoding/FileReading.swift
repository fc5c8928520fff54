import Foundation

/// A file's bytes, without surprises: no waiting on a pipe, no endless device, no file larger than the limit.
enum FileReading {
  static func read(_ path: String, into buffer: ByteBuffer, maximumBytes: Int) throws(ImageError)
    -> UnsafeRawBufferPointer
  {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(reason: reason(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(reason: reason(errno)) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR { throw .unreadable(reason: "it is a folder") }
    if kind != S_IFREG { throw .unreadable(reason: "it is no regular file") }
    let size = Int(status.st_size)
    if size == 0 { throw .empty }
    guard size <= maximumBytes, let memory = buffer.reserve(size) else {
      throw .fileTooLarge(bytes: size, maximumBytes: maximumBytes)
    }
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
    return UnsafeRawBufferPointer(start: memory, count: filled)
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
