import CTurboJPEG
import Foundation
import Images
import Testing

/// Peak memory is the process's, and other tests run beside these: so a child process, with nothing but the
/// measurement, does the work.
@Suite("Memory of large pictures") struct MemoryTests {
  /// In the child: the file that gets the figures.
  private static let variable = "WORKBENCH_MEMORY_FIGURES"
  private static let figuresPath = ProcessInfo.processInfo.environment[variable]

  /// 10,000 x 10,000 gray pixels.
  private static func sheet() -> Data {
    Samples.jpeg(
      [UInt8](repeating: 200, count: 100_000_000), width: 10_000, height: 10_000, layout: TJPF_GRAY,
      subsampling: TJSAMP_GRAY)
  }

  /// `VmHWM` or `VmRSS` of this process, in bytes.
  private static func memory(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
    return try #require(Int(line.filter(\.isNumber))) * 1024
  }

  @Test("(child process) measures large pictures", .enabled(if: MemoryTests.figuresPath != nil, "only in the child"))
  func measurement() throws {
    let sheet = MemoryTests.sheet()
    var figures: [String: Int] = [:]
    for (name, preprocessing) in [
      ("scaled", Preprocessing(height: 256, width: 256)),
      ("full", Preprocessing(height: 256, width: 256, dctScaling: false, resize: .bilinear)),
    ] {
      var pixels = [Float](repeating: 0, count: preprocessing.count)
      // 5 resets the peak.
      try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
      let before = try MemoryTests.memory("VmRSS")
      try sheet.withUnsafeBytes { try preprocessing.read(bytes: $0, into: &pixels) }
      figures[name] = try MemoryTests.memory("VmHWM") - before
      figures[name + " after"] = try MemoryTests.memory("VmRSS") - before
      #expect(pixels.allSatisfy { $0 == 200 })
    }
    try JSONEncoder().encode(figures).write(to: URL(fileURLWithPath: #require(MemoryTests.figuresPath)))
  }

  @Test("a 100-megapixel JPEG takes 3 bytes a pixel in full, next to nothing with DCT scaling, and gives all back")
  func largeJPEG() throws {
    let path = NSTemporaryDirectory() + "workbench-memory-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = ["--testing-library", "swift-testing", "--filter", "ImagesTests.MemoryTests/measurement"]
    child.environment = ProcessInfo.processInfo.environment.merging([MemoryTests.variable: path]) { $1 }
    child.standardOutput = FileHandle.nullDevice
    try child.run()
    child.waitUntilExit()
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let figures = try JSONDecoder().decode([String: Int].self, from: data)
    #expect(try #require(figures["scaled"]) < 32 << 20)
    #expect(try #require(figures["full"]) < 300_000_000 + (32 << 20))
    #expect(try #require(figures["scaled after"]) < 32 << 20)
    #expect(try #require(figures["full after"]) < 64 << 20)
  }

  @Test("more pixels than the limit are refused")
  func limit() {
    let data = Samples.jpeg(Samples.gradient(100, 100))
    #expect(
      decodingError(data, settings: .init(maximumPixels: 9999))
        == .tooLarge(width: 100, height: 100, maximumPixels: 9999))
  }
}
