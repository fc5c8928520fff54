import CWorkbenchPlugin
import Synchronization
import Tensors

/// The `parallel_for` of the checks: in different orders and with different workers, none of which may be seen in results.
final class ParallelFor: @unchecked Sendable {
  enum Schedule: Equatable, Sendable {
    case inOrder
    case reversed
    /// In an order and with workers that change from index to index, on the calling thread.
    case mixed
    case threads

    var description: String {
      switch self {
      case .inOrder: "indices in order"
      case .reversed: "indices in reverse order"
      case .mixed: "indices and workers mixed"
      case .threads: "threads"
      }
    }
  }

  var schedule = Schedule.inOrder
  let workerCount: Int
  private let pool: WorkerPool?
  private let depth = Atomic<Int>(0)
  private let nested = Atomic<Bool>(false)

  /// Whether a body has called `parallel_for`.
  var wasNested: Bool { nested.load(ordering: .relaxed) }

  /// - Parameter pool: for `.threads`; of `workerCount` workers.
  init(workerCount: Int, pool: WorkerPool? = nil) {
    self.workerCount = workerCount
    self.pool = pool
  }

  func run(
    _ count: Int, _ body: @convention(c) (UnsafeMutableRawPointer?, UInt64, UInt32) -> Void,
    _ context: UnsafeMutableRawPointer?
  ) {
    let isInside = depth.add(1, ordering: .relaxed).oldValue > 0
    defer { depth.subtract(1, ordering: .relaxed) }
    if isInside {
      nested.store(true, ordering: .relaxed)
      for index in 0..<count { body(context, UInt64(index), 0) }
      return
    }
    switch schedule {
    case .inOrder:
      for index in 0..<count { body(context, UInt64(index), 0) }
    case .reversed:
      for index in (0..<count).reversed() { body(context, UInt64(index), UInt32(workerCount - 1)) }
    case .mixed:
      // A step without a common divisor visits every index once.
      let step = [7919, 104_729, 1_299_709].first { count % $0 != 0 } ?? 1
      for turn in 0..<count {
        body(context, UInt64((turn * step + count / 3) % count), UInt32((turn * 5 + 1) % workerCount))
      }
    case .threads:
      guard let pool else { return }
      struct Body: @unchecked Sendable { let context: UnsafeMutableRawPointer? }
      let shared = Body(context: context)
      pool.forEachTile(count) { tile, worker in body(shared.context, UInt64(tile), UInt32(worker)) }
    }
  }

  /// What stands in `workbench_layer_call.parallel_for`; `host_data` is a ParallelFor.
  static let function:
    @convention(c) (
      UnsafePointer<workbench_layer_call>?, UInt64,
      (@convention(c) (UnsafeMutableRawPointer?, UInt64, UInt32) -> Void)?, UnsafeMutableRawPointer?
    ) -> Void = { call, count, body, context in
      guard let data = call?.pointee.host_data, let body else { return }
      Unmanaged<ParallelFor>.fromOpaque(data).takeUnretainedValue().run(Int(clamping: count), body, context)
    }
}
