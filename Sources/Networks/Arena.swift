import Foundation

/// One block of memory that a plan lays its buffers out in. Grows when a plan needs more.
///
/// Plans that never work at the same time can share one: validation between two training steps. When it grows, plans
/// that use it notice at their next `forward`; what was in it is lost.
public final class Arena: @unchecked Sendable {
  public private(set) var bytes = 0
  private(set) var pointer: UnsafeMutablePointer<Float>

  private static let pageBytes = 2 << 20
  /// MADV_HUGEPAGE, which the C library module does not show.
  private static let adviseHugePages: Int32 = 14

  public init() {
    pointer = UnsafeMutablePointer(bitPattern: 64)!
  }

  deinit { if bytes > 0 { free(pointer) } }

  /// Sees to it that the arena holds this many floats.
  ///
  /// - Throws: `NetworkError.outOfMemory` when the computer has less than that to give.
  func reserve(_ count: Int, for what: String) throws(NetworkError) {
    let (needed, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    if !overflow, needed <= bytes { return }
    let available = Arena.availableBytes
    guard !overflow, needed - bytes <= available else {
      throw .outOfMemory(what: what, needed: overflow ? Int.max : needed, available: available)
    }
    if bytes > 0 { free(pointer) }
    bytes = 0
    let isLarge = needed >= 2 * Arena.pageBytes
    var block: UnsafeMutableRawPointer?
    guard posix_memalign(&block, isLarge ? Arena.pageBytes : 64, needed) == 0, let block else {
      throw .outOfMemory(what: what, needed: needed, available: available)
    }
    #if os(Linux)
      if isLarge { madvise(block, needed, Arena.adviseHugePages) }
    #endif
    pointer = block.bindMemory(to: Float.self, capacity: count)
    bytes = needed
  }

  /// What the system and the process's control group can still give; huge where neither tells.
  static var availableBytes: Int {
    var available = Int.max / 2
    for line in lines("/proc/meminfo") where line.hasPrefix("MemAvailable:") {
      if let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
        available = kilobytes * 1024
      }
    }
    if let limit = lines("/sys/fs/cgroup/memory.max").first.flatMap({ Int($0) }),
      let used = lines("/sys/fs/cgroup/memory.current").first.flatMap({ Int($0) })
    {
      available = min(available, max(0, limit - used))
    }
    return available
  }

  private static func lines(_ path: String) -> [Substring] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n")
  }
}
