import Foundation
import Synchronization

/// A fixed set of threads that share out the tiles of one job at a time.
///
/// The number of tiles of a job is chosen from shapes alone; which worker takes which tile is not determined. A job whose
/// tiles write to separate memory, and whose partial sums are combined in tile order afterwards, therefore gives the same
/// bits with any number of workers.
public final class WorkerPool: @unchecked Sendable {
  public let workerCount: Int

  private let state = State()
  private let submission = NSLock()

  /// - Parameter workerCount: the calling thread counts as one. nil: one for each core this process may run on.
  public init(workerCount: Int? = nil) {
    self.workerCount = max(1, workerCount ?? WorkerPool.availableCores)
    for worker in 1..<max(1, self.workerCount) {
      let state = self.state
      let thread = Thread { state.serve(worker: worker) }
      thread.stackSize = 8 << 20
      thread.name = "workbench-\(worker)"
      thread.start()
    }
  }

  deinit { state.stop() }

  /// The cores in this process's affinity mask.
  public static var availableCores: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Calls `body(tile, worker)` once for every tile in 0 ..< tileCount, and returns when all are done.
  ///
  /// `worker` is below `workerCount` and identifies scratch memory that no other running tile uses. A call from inside a
  /// tile must not be made. Calls from several threads wait for each other.
  public func forEachTile(_ tileCount: Int, _ body: (_ tile: Int, _ worker: Int) -> Void) {
    if tileCount <= 0 { return }
    submission.lock()
    defer { submission.unlock() }
    if workerCount == 1 || tileCount == 1 {
      for tile in 0..<tileCount { body(tile, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in state.run(tileCount: tileCount, workers: workerCount, body: body) }
  }

  /// The hand-over between the submitting thread and the workers.
  private final class State: @unchecked Sendable {
    typealias Body = (Int, Int) -> Void

    private let condition = NSCondition()
    private let nextTile = Atomic<Int>(0)
    private let generation = Atomic<Int>(0)
    private let busy = Atomic<Int>(0)
    private let finished = Atomic<Bool>(false)
    // Written by the submitter before `generation` is stored, read by workers after it is loaded.
    private var body: Body?
    private var tileCount = 0

    /// How often a thread looks again before it goes to sleep; about 20 microseconds.
    private static let spins = 2000

    func run(tileCount: Int, workers: Int, body: @escaping Body) {
      self.body = body
      self.tileCount = tileCount
      nextTile.store(0, ordering: .relaxed)
      busy.store(workers - 1, ordering: .relaxed)
      condition.lock()
      generation.add(1, ordering: .sequentiallyConsistent)
      condition.broadcast()
      condition.unlock()
      work(worker: 0, tileCount: tileCount, body: body)
      waitUntilIdle()
      self.body = nil
    }

    func stop() {
      condition.lock()
      finished.store(true, ordering: .sequentiallyConsistent)
      generation.add(1, ordering: .sequentiallyConsistent)
      condition.broadcast()
      condition.unlock()
    }

    func serve(worker: Int) {
      var seen = 0
      while true {
        seen = waitForGeneration(after: seen)
        if finished.load(ordering: .acquiring) { return }
        if let body { work(worker: worker, tileCount: tileCount, body: body) }
        if busy.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
          condition.lock()
          condition.broadcast()
          condition.unlock()
        }
      }
    }

    private func work(worker: Int, tileCount: Int, body: Body) {
      while true {
        let tile = nextTile.add(1, ordering: .relaxed).oldValue
        if tile >= tileCount { return }
        body(tile, worker)
      }
    }

    private func waitForGeneration(after seen: Int) -> Int {
      for _ in 0..<State.spins {
        let current = generation.load(ordering: .acquiring)
        if current != seen { return current }
      }
      condition.lock()
      defer { condition.unlock() }
      while generation.load(ordering: .acquiring) == seen { condition.wait() }
      return generation.load(ordering: .acquiring)
    }

    private func waitUntilIdle() {
      for _ in 0..<State.spins where busy.load(ordering: .acquiring) == 0 { return }
      condition.lock()
      while busy.load(ordering: .acquiring) != 0 { condition.wait() }
      condition.unlock()
    }
  }
}
