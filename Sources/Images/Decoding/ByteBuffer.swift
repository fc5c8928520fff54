import Foundation

/// Memory that is kept from one picture to the next.
package final class ByteBuffer {
  private var pointer: UnsafeMutablePointer<UInt8>?
  private var capacity = 0

  /// Of memory that `reserve` made, in bytes: what plugins are promised.
  private static let alignment = 64

  package init() {}

  deinit { free(pointer) }

  /// Makes room for `count` bytes; what was there is lost.
  ///
  /// - Returns: nil when there is not so much memory.
  package func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
    if let pointer, count <= capacity { return pointer }
    // A little more than asked for, so that pictures that grow slowly do not each allocate.
    let wanted = count + count / 8
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, ByteBuffer.alignment, wanted) == 0, let memory else { return nil }
    adopt(memory.assumingMemoryBound(to: UInt8.self), capacity: wanted)
    return pointer
  }

  /// Takes over memory that came from `malloc`.
  func adopt(_ memory: UnsafeMutablePointer<UInt8>, capacity: Int) {
    free(pointer)
    pointer = memory
    self.capacity = capacity
  }

  /// Gives memory back when it is more than a usual picture needs.
  package func trim(to maximum: Int) {
    if capacity <= maximum { return }
    free(pointer)
    pointer = nil
    capacity = 0
  }
}
