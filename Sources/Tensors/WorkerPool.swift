import CProcessor
import Foundation
import Synchronization

/// A fixed set of threads that share out the tiles of one job at a time.
///
/// The number of tiles of a job is chosen from shapes alone; which worker takes which tile is not determined. A job whose
/// tiles write to separate memory, and whose partial sums are combined in tile order afterwards, therefore gives the same
/// bits with any number of workers.
public final class WorkerPool: @unchecked Sendable {
  public let workerCount: Int

  private let state: State
  private let submission = NSLock()

  /// - Parameter workerCount: the calling thread counts as one. nil: one for each core this process may run on.
  public init(workerCount: Int? = nil) {
    self.workerCount = max(1, workerCount ?? WorkerPool.availableCores)
    state = State(hasCores: self.workerCount <= WorkerPool.availableCores)
    for worker in 1..<max(1, self.workerCount) {
      let state = self.state
      let thread = Thread { state.serve(worker: worker) }
      thread.stackSize = 8 << 20
      thread.name = "workbench-\(worker)"
      thread.start()
    }
  }

  deinit { state.stop() }

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
  ///
  /// A layer is a job or two, so a training step has hundreds of them, and most waits are shorter than the time that it
  /// takes to wake a sleeping core of a virtual machine: a waiting thread first looks for a while, and lets others have
  /// its core meanwhile (docs/performance.md, "Waiting").
  private final class State: @unchecked Sendable {
    typealias Body = (Int, Int) -> Void

    private let condition = NSCondition()
    private let nextTile = Atomic<Int>(0)
    private let generation = Atomic<Int>(0)
    private let busy = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let finished = Atomic<Bool>(false)
    // Written by the submitter before `generation` is stored, read by workers after it is loaded.
    private var body: Body?
    private var tileCount = 0

    /// For how many nanoseconds a thread looks before it goes to sleep.
    private let patience: UInt64

    /// - Parameter hasCores: whether each worker has a core of its own; where not, looking would keep others from working.
    init(hasCores: Bool) { patience = hasCores ? 1_000_000 : 0 }

    func run(tileCount: Int, workers: Int, body: @escaping Body) {
      self.body = body
      self.tileCount = tileCount
      nextTile.store(0, ordering: .relaxed)
      busy.store(workers - 1, ordering: .relaxed)
      generation.add(1, ordering: .sequentiallyConsistent)
      wakeSleepers()
      work(worker: 0, tileCount: tileCount, body: body)
      wait { self.busy.load(ordering: .sequentiallyConsistent) == 0 }
      self.body = nil
    }

    func stop() {
      finished.store(true, ordering: .sequentiallyConsistent)
      generation.add(1, ordering: .sequentiallyConsistent)
      wakeSleepers()
    }

    func serve(worker: Int) {
      var seen = 0
      while true {
        wait { self.generation.load(ordering: .sequentiallyConsistent) != seen }
        // One job at a time: there is no newer generation before this worker has done its part.
        seen = generation.load(ordering: .acquiring)
        if finished.load(ordering: .acquiring) { return }
        if let body { work(worker: worker, tileCount: tileCount, body: body) }
        if busy.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { wakeSleepers() }
      }
    }

    private func work(worker: Int, tileCount: Int, body: Body) {
      while true {
        let tile = nextTile.add(1, ordering: .relaxed).oldValue
        if tile >= tileCount { return }
        body(tile, worker)
      }
    }

    private func wait(until isReached: () -> Bool) {
      let start = DispatchTime.now().uptimeNanoseconds
      repeat {
        for _ in 0..<32 {
          if isReached() { return }
          processor_pause()
        }
        sched_yield()
      } while DispatchTime.now().uptimeNanoseconds &- start < patience
      condition.lock()
      sleepers.add(1, ordering: .sequentiallyConsistent)
      while !isReached() { condition.wait() }
      sleepers.subtract(1, ordering: .relaxed)
      condition.unlock()
    }

    /// A sleeper is counted before it looks for the last time, and what it waits for is stored before this is called:
    /// either it sees that, or it is seen here.
    private func wakeSleepers() {
      if sleepers.load(ordering: .sequentiallyConsistent) == 0 { return }
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
  }
}
