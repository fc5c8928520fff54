import Foundation
import Images

/// The pictures of one step: which they are, their bytes as far as they were read ahead, and what became of them.
///
/// `ReadAhead` and the threads that decode share it; its lock guards the states. All memory is kept from one use of the
/// batch to the next.
final class PictureBatch: @unchecked Sendable {
  private enum State {
    /// Nobody has begun to read it.
    case waiting
    /// A reading thread is busy with it.
    case reading
    /// So many bytes lie at this place of `bytes`.
    case read(offset: Int, count: Int)
    /// Too large for `bytes`: whoever decodes it reads it.
    case large
    case failed(ImageError)
    /// The one who decodes has it.
    case taken
  }

  /// What the one who decodes a picture finds.
  enum Contents {
    case bytes(UnsafeRawBufferPointer)
    case path(UnsafePointer<CChar>)
    case record(PictureRecords, Int)
    case failed(ImageError)
  }

  let capacity: Int
  private(set) var count = 0
  /// Why a picture could not be read; written by the thread that decodes it.
  let errors: UnsafeMutableBufferPointer<ImageError?>

  // Filled before the batch is shared.
  private var indices: [Int] = []
  private var shown: [UInt8] = []
  private var shownEnds: [Int] = []
  private var paths: UnsafeMutableBufferPointer<CChar> = .allocate(capacity: 1 << 14)
  private var pathsUsed = 0
  private var pathStarts: [Int] = []
  private var records: [(file: PictureRecords, record: Int)?] = []

  // Guarded by the condition, but for the bytes of a picture, which are those of the thread that has it.
  private let condition = NSCondition()
  private var states: [State] = []
  private var nextToRead = 0
  /// Whether threads may read ahead: not while the batch is being filled.
  private var isOpen = false
  private let bytes: UnsafeMutablePointer<UInt8>
  private var bytesUsed = 0

  /// Of pictures that are read ahead.
  private static let byteCapacity = 16 << 20

  init(capacity: Int) {
    self.capacity = capacity
    errors = .allocate(capacity: capacity)
    errors.initialize(repeating: nil)
    bytes = .allocate(capacity: PictureBatch.byteCapacity)
  }

  deinit {
    errors.deinitialize()
    errors.deallocate()
    bytes.deallocate()
    paths.deallocate()
  }

  // MARK: By the one who steps

  func removeAll() {
    count = 0
    indices.removeAll(keepingCapacity: true)
    shown.removeAll(keepingCapacity: true)
    shownEnds.removeAll(keepingCapacity: true)
    pathStarts.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    pathsUsed = 0
    condition.withLock {
      states.removeAll(keepingCapacity: true)
      isOpen = false
      nextToRead = 0
      bytesUsed = 0
    }
  }

  /// - Parameter records: the open record file, for one of its records.
  func append(_ listing: ListingReader, records file: PictureRecords?) {
    errors[count] = nil
    count += 1
    indices.append(listing.index)
    shown += listing.shown
    shownEnds.append(shown.count)
    pathStarts.append(pathsUsed)
    appendPath(listing.path)
    if let file, let record = listing.record {
      records.append((file, record))
      condition.withLock { states.append(.taken) }
    } else {
      records.append(nil)
      // The system would open the file whose name ends before the zero.
      let state: State =
        listing.path.contains(0) ? .failed(.unreadable(reason: "a name cannot hold a zero byte")) : .waiting
      condition.withLock { states.append(state) }
    }
  }

  /// The batch is full, or all there is.
  func open() { condition.withLock { isOpen = true } }

  private func appendPath(_ path: [UInt8]) {
    let needed = pathsUsed + path.count + 1
    if needed > paths.count {
      let larger = UnsafeMutableBufferPointer<CChar>.allocate(capacity: needed * 2)
      memcpy(larger.baseAddress!, paths.baseAddress!, pathsUsed)
      paths.deallocate()
      paths = larger
    }
    path.withUnsafeBytes { _ = memcpy(paths.baseAddress! + pathsUsed, $0.baseAddress!, $0.count) }
    paths[needed - 1] = 0
    pathsUsed = needed
  }

  func index(_ row: Int) -> Int { indices[row] }
  func shown(_ row: Int) -> ArraySlice<UInt8> { shown[(row == 0 ? 0 : shownEnds[row - 1])..<shownEnds[row]] }

  /// The path to open; of a record, its file's.
  private func path(_ row: Int) -> UnsafePointer<CChar> { UnsafePointer(paths.baseAddress! + pathStarts[row]) }

  /// Why a picture could not be read, as its row says it.
  func setError(_ error: ImageError, of row: Int) {
    errors[row] = records[row] == nil ? PictureRecords.reason(error, path: path(row)) : error
  }

  // MARK: By the threads that read ahead

  /// Reads the next picture that nobody has begun with.
  ///
  /// - Returns: false when there is none.
  func readNext() -> Bool {
    let row: Int? = condition.withLock {
      while isOpen, nextToRead < states.count {
        nextToRead += 1
        if case .waiting = states[nextToRead - 1] {
          states[nextToRead - 1] = .reading
          return nextToRead - 1
        }
      }
      return nil
    }
    guard let row else { return false }
    let state = read(path(row))
    condition.withLock {
      states[row] = state
      condition.broadcast()
    }
    return true
  }

  private func read(_ path: UnsafePointer<CChar>) -> State {
    do throws(ImageError) {
      let (descriptor, size) = try FileReading.open(path)
      defer { close(descriptor) }
      let offset: Int? = condition.withLock {
        if size > PictureBatch.byteCapacity - bytesUsed { return nil }
        bytesUsed += size
        return bytesUsed - size
      }
      guard let offset else { return .large }
      return .read(offset: offset, count: try FileReading.fill(bytes + offset, from: descriptor, size: size))
    } catch {
      return .failed(error)
    }
  }

  // MARK: By the threads that decode

  /// Hands a picture over, once.
  func take(_ row: Int) -> Contents {
    if let (file, record) = records[row] { return .record(file, record) }
    condition.lock()
    defer { condition.unlock() }
    while true {
      switch states[row] {
      case .reading: condition.wait()
      case .read(let offset, let count):
        return .bytes(UnsafeRawBufferPointer(start: bytes + offset, count: count))
      case .failed(let error): return .failed(error)
      case .waiting, .large, .taken:
        states[row] = .taken
        return .path(path(row))
      }
    }
  }
}
