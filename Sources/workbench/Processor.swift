import COpenBLAS
import Foundation

/// What the program needs of the machine before it does anything.
enum Processor {
  /// Ends the program with a clear message where it would otherwise die of an illegal instruction.
  static func checkOrExit() {
    #if arch(x86_64)
      // Without /proc (no Linux, or a bare container) nobody can say: go on.
      guard let flags = processorFlags() else { return }
      let missing = ["avx2", "fma"].filter { !flags.contains($0) }
      if missing.isEmpty { return }
      StandardStream.error.write(
        "workbench: this processor has no \(missing.map { $0.uppercased() }.joined(separator: " and no ")): "
          + "it needs one with AVX2 and FMA (Intel since 2013, AMD since 2015)\n")
      exit(1)
    #endif
  }

  /// OpenBLAS would start threads of its own beside the worker pool's.
  static func keepLibrariesOnOneThread() { openblas_set_num_threads(1) }

  /// The words of the first `flags` line of /proc/cpuinfo.
  private static func processorFlags() -> Set<Substring>? {
    guard let file = FileHandle(forReadingAtPath: "/proc/cpuinfo") else { return nil }
    defer { try? file.close() }
    guard let bytes = try? file.read(upToCount: 1 << 14),
      let line = String(decoding: bytes, as: UTF8.self)
        .split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else { return nil }
    return Set(line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" }))
  }
}
