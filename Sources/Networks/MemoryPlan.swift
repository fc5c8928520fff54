/// Where in one arena each buffer of a plan lies.
///
///     time     0 1 2 | 3 | 4 5 6        forward steps, the loss, backward steps
///     offset
///       0      [conv output       ]
///       .      .   [pool output ]
///       .      [scratch].[scratch]      buffers that are never alive at the same time share memory
struct MemoryPlan {
  /// Memory for something between two points of time, both included.
  struct Buffer: Equatable {
    let label: String
    /// Floats.
    let count: Int
    let first: Int
    var last: Int
    /// In floats from the start of the arena.
    fileprivate(set) var offset = 0

    init(_ label: String, count: Int, first: Int, last: Int) {
      self.label = label
      self.count = count
      self.first = first
      self.last = last
    }

    func isAlive(with other: Buffer) -> Bool { first <= other.last && other.first <= last }
  }

  let buffers: [Buffer]
  /// Floats in the arena.
  let count: Int

  /// Offsets are multiples of this many floats: a cache line.
  private static let alignment = 16

  /// Places the largest buffers first, each into the smallest gap between those that are alive at the same time
  /// (Pisarchyk and Lee 2020, "greedy by size").
  ///
  /// - Parameter reuses: false to give every buffer memory of its own.
  init(_ requested: [Buffer], reuses: Bool = true) {
    var buffers = requested
    var count = 0
    var placed: [Int] = []
    let order =
      reuses
      ? buffers.indices.sorted {
        (buffers[$1].count, buffers[$0].first, $0) < (buffers[$0].count, buffers[$1].first, $1)
      } : Array(buffers.indices)
    for index in order {
      let size = MemoryPlan.rounded(buffers[index].count)
      var offset = count
      if reuses {
        let neighbours = placed.filter { buffers[$0].isAlive(with: buffers[index]) }
          .sorted { buffers[$0].offset < buffers[$1].offset }
        var end = 0
        var bestGap = Int.max
        offset = -1
        for neighbour in neighbours {
          let gap = buffers[neighbour].offset - end
          if gap >= size, gap < bestGap {
            bestGap = gap
            offset = end
          }
          end = max(end, buffers[neighbour].offset + MemoryPlan.rounded(buffers[neighbour].count))
        }
        if offset < 0 { offset = end }
      }
      buffers[index].offset = offset
      placed.append(index)
      count = max(count, offset + size)
    }
    self.buffers = buffers
    self.count = count
  }

  private static func rounded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
