import Foundation

/// One block of memory that a plan lays its buffers out in. Grows when a plan needs more.
public final class Arena: @unchecked Sendable {
  public private(set) var bytes = 0
  private(set) var pointer: UnsafeMutablePointer<Float>?

  public init() {}

  deinit { if let pointer { munmap(pointer, bytes) } }
}
