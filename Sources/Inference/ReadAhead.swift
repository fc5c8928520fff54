import Foundation

/// Threads that read the files of the next batch while the network computes: they wait for disks, and compute nothing.
final class ReadAhead: @unchecked Sendable {
  private let condition = NSCondition()
  private var batch: PictureBatch?
  private var isFinished = false

  /// - Parameter threads: so many files are waited for at a time.
  init(threads: Int) {
    for number in 0..<threads {
      let thread = Thread { [self] in serve() }
      thread.stackSize = 1 << 20
      thread.name = "reading-\(number)"
      thread.start()
    }
  }

  /// Reads the pictures of the batch, as far as nobody takes them before.
  func begin(_ batch: PictureBatch) {
    batch.open()
    condition.lock()
    self.batch = batch
    condition.broadcast()
    condition.unlock()
  }

  /// Ends the threads, soon.
  func finish() {
    condition.lock()
    isFinished = true
    batch = nil
    condition.broadcast()
    condition.unlock()
  }

  private func serve() {
    while let batch = next() {
      while batch.readNext() {}
      condition.lock()
      if self.batch === batch { self.batch = nil }
      condition.unlock()
    }
  }

  private func next() -> PictureBatch? {
    condition.lock()
    defer { condition.unlock() }
    while !isFinished {
      if let batch { return batch }
      condition.wait()
    }
    return nil
  }
}
