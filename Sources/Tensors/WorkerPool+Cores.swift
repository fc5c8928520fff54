import CProcessor
import Foundation

extension WorkerPool {
  /// How many cores this process may use: those of its affinity mask, fewer where its control group has a quota.
  public static let availableCores: Int = {
    let allowed = Int(processor_allowed_count())
    let cores = allowed > 0 ? allowed : ProcessInfo.processInfo.activeProcessorCount
    return min(cores, cgroupQuota() ?? cores)
  }()

  /// The quota of processor time of this process's control group (version 2), in cores, a part of one counted as one.
  private static func cgroupQuota() -> Int? {
    guard let groups = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
      let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }),
      let limit = try? String(contentsOfFile: "/sys/fs/cgroup" + line.dropFirst(3) + "/cpu.max", encoding: .utf8)
    else { return nil }
    return cores(ofQuota: limit)
  }

  /// - Parameter text: microseconds in each period, and the period: `150000 100000`; or `max 100000`.
  package static func cores(ofQuota text: String) -> Int? {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), quota > 0, period > 0,
      quota / period < 1e6
    else { return nil }
    return max(1, Int((quota / period).rounded(.up)))
  }
}
