import CHDF5
import Foundation

/// What is wrong with an HDF5 file, as a clause.
package struct HDF5Error: Error, Equatable {
  package let reason: String

  package init(reason: String) { self.reason = reason }
}

/// The HDF5 library, which need not be made for threads: one at a time may be in it. Files are
/// written here, and read by a child process (`HDF5File`).
package enum HDF5Library {
  private static let lock = NSLock()
  private static let isReady: Bool = {
    let isOpen = H5open() >= 0
    return isOpen
  }()

  /// Calls `body` while no other thread uses HDF5. Every object of HDF5 must be made and closed in there.
  package static func use<Result>(_ body: () throws(HDF5Error) -> Result) throws(HDF5Error) -> Result {
    lock.lock()
    defer { lock.unlock() }
    guard isReady else { throw HDF5Error(reason: "the HDF5 library does not start") }
    // Each thread has its own setting.
    workbench_h5_prepare()
    return try body()
  }
}

/// An identifier of HDF5, closed with the last reference to it.
final class HDF5Handle {
  let id: hid_t
  private let close: (hid_t) -> Void

  /// - Throws: `HDF5Error` with the given clause when the id says that a call has failed.
  init(_ id: hid_t, orElse reason: @autoclosure () -> String, close: @escaping (hid_t) -> Void) throws(HDF5Error) {
    guard id >= 0 else { throw HDF5Error(reason: reason()) }
    self.id = id
    self.close = close
  }

  deinit { close(id) }
}
