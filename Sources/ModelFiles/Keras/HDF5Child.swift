import CHDF5Reader
import Foundation

/// A child process that reads an HDF5 file for us: see `hdf5_reader.h`.
final class HDF5Child {
  struct Frame {
    enum Kind: UInt32 {
      case end, group, numbers, other, link, error
    }

    let kind: Kind
    let extents: [Int]
    let text: String
  }

  private var descriptor: Int32
  private let process: pid_t
  private let seconds: UInt32

  /// What the library needs, beyond the largest array: it works on the file where it lies.
  private static let memory: UInt64 = 512 << 20

  convenience init(listing data: Data) throws(HDF5Error) {
    let limits = workbench_h5_limits(memory: HDF5Child.memory, seconds: 60)
    try self.init(limits: limits) { child in
      data.withUnsafeBytes { workbench_h5_list($0.baseAddress, $0.count, limits, &child) }
    }
  }

  /// - Parameter datasets: with the number of elements that each must have.
  convenience init(reading datasets: [(path: String, count: Int)], of data: Data) throws(HDF5Error) {
    // A dataset and what it is unpacked from, as float64.
    let largest = UInt64(datasets.reduce(0) { max($0, $1.count) }) * 20
    let limits = workbench_h5_limits(memory: largest + HDF5Child.memory, seconds: 600)
    let paths = datasets.map { strdup($0.path) }
    defer { for path in paths { free(path) } }
    let requests = zip(paths, datasets).map { path, dataset in
      workbench_h5_request(path: path, count: UInt64(dataset.count))
    }
    try self.init(limits: limits) { child in
      data.withUnsafeBytes { workbench_h5_read($0.baseAddress, $0.count, requests, requests.count, limits, &child) }
    }
  }

  private init(limits: workbench_h5_limits, start: (inout pid_t) -> Int32) throws(HDF5Error) {
    var child: pid_t = 0
    // The child inherits the library as it stands: no other thread may be in it.
    descriptor = try HDF5Library.use { () throws(HDF5Error) in
      let descriptor = start(&child)
      if descriptor < 0 { throw HDF5Error(reason: "no process can be started: \(String(cString: strerror(errno)))") }
      return descriptor
    }
    process = child
    seconds = limits.seconds
  }

  deinit { end() }

  /// The next frame, or nil at the end.
  ///
  /// - Throws: `HDF5Error` with what the child says, or with how it ended.
  func next() throws(HDF5Error) -> Frame? {
    let header = try value(workbench_h5_frame.self)
    guard let kind = Frame.Kind(rawValue: header.kind), header.rank <= 8, header.text_length <= 1 << 16 else {
      throw HDF5Error(reason: HDF5Child.damaged)
    }
    var extents: [Int] = []
    for _ in 0..<header.rank { extents.append(Int(exactly: try value(UInt64.self)) ?? -1) }
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(header.text_length), alignment: 1)
    defer { text.deallocate() }
    try read(into: text)
    let frame = Frame(kind: kind, extents: extents, text: String(decoding: text, as: UTF8.self))
    switch kind {
    case .end: return nil
    case .error: throw HDF5Error(reason: frame.text)
    default: return frame
    }
  }

  private func value<Value: BitwiseCopyable>(_ type: Value.Type) throws(HDF5Error) -> Value {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment)
    defer { buffer.deallocate() }
    try read(into: buffer)
    return buffer.load(as: type)
  }

  /// Fills the buffer.
  ///
  /// - Throws: `HDF5Error` when the child ends before.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(HDF5Error) {
    var done = 0
    while done < buffer.count, let start = buffer.baseAddress {
      let count = Glibc.read(descriptor, start + done, min(buffer.count - done, 1 << 30))
      if count < 0, errno == EINTR { continue }
      if count <= 0 { throw HDF5Error(reason: reasonOfEnd()) }
      done += count
    }
  }

  /// Ends the child, whatever it does.
  func end() {
    if descriptor < 0 { return }
    close(descriptor)
    descriptor = -1
    kill(process, SIGKILL)
    _ = status()
  }

  private static let damaged = "it is damaged: the HDF5 library breaks off at it"

  private func reasonOfEnd() -> String {
    close(descriptor)
    descriptor = -1
    // WTERMSIG
    let signal = status() & 0x7f
    if signal == SIGALRM { return "reading it takes longer than \(seconds) seconds" }
    return signal == 0 ? HDF5Child.damaged : HDF5Child.damaged + " (signal \(signal))"
  }

  private func status() -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
