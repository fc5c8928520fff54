import Foundation
import Tensors

/// One pass over many pictures: all threads work, and what becomes of the pictures is taken in their order.
///
///     threads:  work(0) work(1) ... work(n - 1)   |  work(n) ...
///     caller:                 take(0) ... take(n - 1) |  take(n) ...      n: a chunk
///
/// Chunks grow until they take a quarter of a second, so that progress is seen of large pictures, too. What is taken does
/// not depend on chunks and threads. Memory: the results of one chunk.
public struct PicturePass {
  private let pool: WorkerPool
  private let progress: ((_ done: Int, _ total: Int) -> Void)?
  private let shouldStop: @Sendable () -> Bool

  /// - Parameters:
  ///   - progress: called on the caller's thread after each chunk.
  ///   - shouldStop: asked before each picture, from any thread.
  public init(
    pool: WorkerPool, progress: ((_ done: Int, _ total: Int) -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.pool = pool
    self.progress = progress
    self.shouldStop = shouldStop
  }

  /// - Parameters:
  ///   - count: of the pictures.
  ///   - chunk: how many results may exist at a time.
  ///   - work: on picture 0 ..< count, on any thread.
  ///   - take: called in order, on the caller's thread.
  /// - Throws: `DataPreparationError.interrupted`, and what `take` throws.
  func run<Result>(
    count: Int, chunk: Int = 1024, work: (Int) -> Result, take: (Int, Result) throws -> Void
  ) throws {
    let results = UnsafeMutableBufferPointer<Result?>.allocate(capacity: min(chunk, count))
    results.initialize(repeating: nil)
    defer {
      results.deinitialize()
      results.deallocate()
    }
    var wanted = min(64, chunk)
    var done = 0
    while done < count {
      let start = done
      let begin = ProcessInfo.processInfo.systemUptime
      let size = min(wanted, count - start)
      pool.forEachTile(size) { tile, _ in
        if !shouldStop() { results[tile] = work(start + tile) }
      }
      for tile in 0..<size {
        guard let result = results[tile] else { throw DataPreparationError.interrupted }
        results[tile] = nil
        try take(start + tile, result)
      }
      done += size
      progress?(done, count)
      if ProcessInfo.processInfo.systemUptime - begin < 0.25 { wanted = min(2 * wanted, chunk) }
    }
  }
}
