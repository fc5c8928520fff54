import Foundation
import Synchronization
import Tensors
import Testing

@Suite("WorkerPool")
struct WorkerPoolTests {
  @Test("every tile is done exactly once, thousands of jobs in a row", arguments: [1, 2, 3, 8])
  func everyTileOnce(workers: Int) {
    let pool = WorkerPool(workerCount: workers)
    let counts = Counts(257)
    for job in 0..<3000 {
      let tiles = job % 258
      pool.forEachTile(tiles) { tile, worker in
        counts.add(tile)
        if worker < 0 || worker >= workers { counts.fail() }
      }
    }
    // Tile t is part of the jobs with more than t tiles.
    for tile in 0..<257 {
      let expected = (0..<3000).count { $0 % 258 > tile }
      #expect(counts[tile] == expected)
    }
    #expect(!counts.hasFailed)
  }

  @Test("all writes of a job are seen after it, with pauses long enough to fall asleep")
  func visibility() {
    let pool = WorkerPool(workerCount: 2)
    let tensor = Tensor([1000])
    let pointer = Unchecked(tensor.pointer)
    for round in 1...50 {
      pool.forEachTile(100) { tile, _ in
        for i in 0..<10 { pointer.value[tile * 10 + i] = Float(round) }
      }
      #expect(tensor.values.allSatisfy { $0 == Float(round) })
      if round % 10 == 0 { usleep(2000) }
    }
  }

  @Test("jobs that come just when a waiting worker goes to sleep are done")
  func jobsAtTheLimit() {
    let pool = WorkerPool(workerCount: 2)
    let counts = Counts(16)
    for round in 0..<300 {
      pool.forEachTile(16) { tile, _ in counts.add(tile) }
      usleep(UInt32(900 + round))
    }
    for tile in 0..<16 { #expect(counts[tile] == 300) }
  }

  @Test(
    "a control group's quota in cores",
    arguments: [
      ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000", 2), ("1000 100000", 1), ("", nil),
      ("0 100000", nil),
      ("100000 0", nil), ("x y", nil), ("inf 1", nil),
    ] as [(String, Int?)])
  func quota(text: String, cores: Int?) {
    #expect(WorkerPool.cores(ofQuota: text) == cores)
  }

  @Test("a worker's number is held by one tile at a time")
  func workerNumbers() {
    let pool = WorkerPool(workerCount: 3)
    let busy = Counts(3)
    pool.forEachTile(2000) { _, worker in
      if busy.add(worker) != 1 { busy.fail() }
      for _ in 0..<100 { _ = busy[worker] }
      busy.subtract(worker)
    }
    #expect(!busy.hasFailed)
  }

  @Test("jobs from several threads wait for each other")
  func severalSubmitters() {
    let pool = WorkerPool(workerCount: 2)
    let counts = Counts(64)
    let running = Counts(1)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<200 {
        pool.forEachTile(64) { tile, _ in
          if running.add(0) > 2 { running.fail() }
          counts.add(tile)
          running.subtract(0)
        }
      }
    }
    for tile in 0..<64 { #expect(counts[tile] == 800) }
    #expect(!running.hasFailed, "more tiles at once than workers")
  }

  @Test("no tiles, no calls; pools come and go")
  func edges() {
    for _ in 0..<50 {
      let pool = WorkerPool(workerCount: 4)
      pool.forEachTile(0) { _, _ in Issue.record("called") }
      pool.forEachTile(-1) { _, _ in Issue.record("called") }
      let counts = Counts(1)
      pool.forEachTile(1) { tile, _ in counts.add(tile) }
      #expect(counts[0] == 1)
    }
    #expect(WorkerPool(workerCount: 0).workerCount == 1)
    #expect(WorkerPool.availableCores >= 1)
  }
}

private struct Unchecked<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// Counters that threads may add to at once.
private final class Counts: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Int]
  private var failed = false

  init(_ count: Int) { values = [Int](repeating: 0, count: count) }

  @discardableResult
  func add(_ index: Int) -> Int {
    lock.withLock {
      values[index] += 1
      return values[index]
    }
  }

  func subtract(_ index: Int) { lock.withLock { values[index] -= 1 } }
  func fail() { lock.withLock { failed = true } }
  var hasFailed: Bool { lock.withLock { failed } }
  subscript(index: Int) -> Int { lock.withLock { values[index] } }
}
