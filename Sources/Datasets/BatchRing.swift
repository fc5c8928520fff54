import Foundation
import Images

/// The batches of a pipeline that exist at a time, and the threads that fill them.
///
///     batch   0   1   2   3   4   5   6 ...        depth 3: batch b lies in slot b % 3
///                 |   |   |   '- not before batch 1 is given back
///                 |   |   '- being filled, one job a row
///                 |   '- ready
///                 '- in the consumer's hands
///
/// The lock guards everything but the pixels: a row belongs to the thread that has its job, a batch whose rows are all
/// done to the thread that did the last, and then to the consumer until it asks for the next.
final class BatchRing: @unchecked Sendable {
  private struct Slot {
    let batch: Batch
    var remainingRows = 0
    var errors: [ImageError?] = []
    var isReady = false
  }

  private struct Job {
    let batchIndex: Int
    let row: Int
  }

  private let worker: SampleWorker
  private let condition = NSCondition()
  private var slots: [Slot] = []
  private var isFinished = false
  private var hasThreads = false
  /// Jobs that a thread is busy with.
  private var busy = 0

  // The epoch.
  private var epoch = 0
  private var sequence: [Int] = []
  private var repetitions: [Int] = []
  private var batches = 0..<0
  /// The next batch for the consumer; the one before is in its hands.
  private var wanted = 0
  /// The first batch whose memory the consumer has not given back.
  private var held = 0
  private var nextJob = Job(batchIndex: 0, row: 0)

  init(worker: SampleWorker) { self.worker = worker }

  func start(sequence: [Int], epoch: Int, batches: Range<Int>) {
    condition.lock()
    defer { condition.unlock() }
    waitUntilIdle()
    if slots.isEmpty {
      slots = (0..<worker.settings.depth).map { _ in Slot(batch: worker.makeBatch()) }
    }
    self.sequence = sequence
    self.repetitions = BatchRing.repetitions(in: sequence)
    self.epoch = epoch
    self.batches = batches
    wanted = batches.lowerBound
    held = batches.lowerBound
    nextJob = Job(batchIndex: batches.lowerBound, row: 0)
    for index in slots.indices { slots[index].isReady = false }
    startThreads()
    condition.broadcast()
  }

  /// nil at the end of the epoch. The batch may be empty.
  func next() -> Batch? {
    condition.lock()
    defer { condition.unlock() }
    if held < wanted {
      slots[held % slots.count].isReady = false
      held = wanted
      condition.broadcast()
    }
    guard wanted < batches.upperBound else { return nil }
    let slot = wanted % slots.count
    while !slots[slot].isReady { condition.wait() }
    wanted += 1
    return slots[slot].batch
  }

  func stop() {
    condition.lock()
    waitUntilIdle()
    condition.unlock()
  }

  /// Ends the threads, soon.
  func finish() {
    condition.lock()
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }

  /// With the lock held: takes the epoch's remaining work away, and waits for what threads are busy with.
  private func waitUntilIdle() {
    batches = 0..<0
    wanted = 0
    held = 0
    while busy > 0 { condition.wait() }
  }

  private func startThreads() {
    if hasThreads { return }
    hasThreads = true
    for number in 0..<worker.settings.threads {
      let thread = Thread { [self] in serve() }
      thread.stackSize = 8 << 20
      thread.name = "pictures-\(number)"
      thread.start()
    }
  }

  private func serve() {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if isFinished { return }
      guard let job = takeJob() else {
        condition.wait()
        continue
      }
      busy += 1
      work(on: job)
      busy -= 1
      if busy == 0 { condition.broadcast() }
    }
  }

  /// With the lock held, which it gives up while it works.
  private func work(on job: Job) {
    let index = job.batchIndex % slots.count
    let batch = slots[index].batch
    let place = job.batchIndex * worker.settings.batchSize + job.row
    let sample = sequence[place]
    let repetition = repetitions[place]
    let epoch = epoch

    condition.unlock()
    let error = worker.prepare(sample: sample, repetition: repetition, epoch: epoch, row: job.row, of: batch)
    condition.lock()

    slots[index].errors[job.row] = error
    slots[index].remainingRows -= 1
    if slots[index].remainingRows > 0 { return }
    let rows = rows(of: job.batchIndex)
    let samples = sequence[rows]
    let repetitions = Array(repetitions[rows])
    let errors = slots[index].errors

    condition.unlock()
    worker.complete(batch, samples: samples, errors: errors, repetitions: repetitions, epoch: epoch)
    batch.index = job.batchIndex
    condition.lock()

    slots[index].isReady = true
    condition.broadcast()
  }

  /// With the lock held. nil: nothing to do until the consumer gives a batch back, or the next epoch.
  private func takeJob() -> Job? {
    let job = nextJob
    guard batches.contains(job.batchIndex), job.batchIndex < held + slots.count else { return nil }
    let rowCount = rows(of: job.batchIndex).count
    if job.row == 0 {
      let index = job.batchIndex % slots.count
      slots[index].remainingRows = rowCount
      slots[index].errors = Array(repeating: nil, count: rowCount)
    }
    nextJob =
      job.row + 1 < rowCount
      ? Job(batchIndex: job.batchIndex, row: job.row + 1) : Job(batchIndex: job.batchIndex + 1, row: 0)
    return job
  }

  /// The places in the sequence that a batch takes.
  private func rows(of batchIndex: Int) -> Range<Int> {
    let size = worker.settings.batchSize
    return batchIndex * size..<min(sequence.count, (batchIndex + 1) * size)
  }

  /// How often each sample of the sequence stands there before.
  private static func repetitions(in sequence: [Int]) -> [Int] {
    var seen: [Int: Int] = [:]
    return sequence.map { sample in
      let count = seen[sample, default: 0]
      seen[sample] = count + 1
      return count
    }
  }
}
