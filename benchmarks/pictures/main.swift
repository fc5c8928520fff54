// Times reading pictures: decoding, resizing, to floats.
//
//     picture-bench FOLDER [--size 336x224] [--count 100] [--threads 2] [--keep DIR]
//
// Re-encodes pictures of FOLDER as JPEG of the given size (into DIR, for pillow.py), then reads them with several
// settings. Processor time is summed over the threads; a busy machine changes it less than the rate.

import Foundation
import Images

struct Benchmark {
  var folder: String
  var width = 336
  var height = 224
  var count = 100
  var threads = 2
  var keep = NSTemporaryDirectory() + "picture-bench"

  init?(_ arguments: [String]) {
    guard let first = arguments.first, !first.hasPrefix("-") else { return nil }
    folder = first
    for index in stride(from: 1, to: arguments.count - 1, by: 2) {
      let value = arguments[index + 1]
      switch arguments[index] {
      case "--size":
        let sides = value.split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2 else { return nil }
        (width, height) = (sides[0], sides[1])
      case "--count": count = Int(value) ?? count
      case "--threads": threads = Int(value) ?? threads
      case "--keep": keep = value
      default: return nil
      }
    }
  }

  func makeFiles() throws -> [String] {
    try FileManager.default.createDirectory(atPath: keep, withIntermediateDirectories: true)
    let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
      .filter(isPictureName)
    let step = max(1, names.count / count)
    let chosen = stride(from: 0, to: names.count, by: step).prefix(count).map { names[$0] }
    let resize = Preprocessing(height: height, width: width)
    try resize.validate()
    var pixels = [Float](repeating: 0, count: resize.count)
    return try chosen.enumerated().map { index, name in
      try resize.read(file: folder + "/" + name, into: &pixels)
      let path = keep + "/\(index).jpg"
      let picture = Picture(width: width, height: height, rounding: pixels)
      try PictureEncoder.jpeg(picture, quality: 88).write(to: URL(fileURLWithPath: path))
      return path
    }
  }

  /// The best of five, in seconds a picture: of one core, and of the clock.
  func measure(_ preprocessing: Preprocessing, _ files: [String]) -> (processor: Double, clock: Double) {
    var best = (processor: Double.infinity, clock: Double.infinity)
    for _ in 0..<5 {
      let start = processorSeconds()
      let date = Date()
      DispatchQueue.concurrentPerform(iterations: threads) { worker in
        var pixels = [Float](repeating: 0, count: preprocessing.count)
        for index in stride(from: worker, to: files.count, by: threads) {
          do { try preprocessing.read(file: files[index], into: &pixels) } catch { print(files[index], error) }
        }
      }
      best.processor = min(best.processor, (processorSeconds() - start) / Double(files.count))
      best.clock = min(best.clock, Date().timeIntervalSince(date) / Double(files.count))
    }
    return best
  }

  private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  func run() throws {
    let files = try makeFiles()
    print("\(files.count) JPEG of \(width) x \(height) to 256 x 256, \(threads) threads, best of 5")
    for (name, preprocessing) in [
      ("default (area, DCT scaling)", Preprocessing(height: 256, width: 256)),
      ("area, decoded in full", Preprocessing(height: 256, width: 256, dctScaling: false)),
      ("bilinear, DCT scaling", Preprocessing(height: 256, width: 256, resize: .bilinear)),
      ("tensorflow", Preprocessing.tensorflow(height: 256, width: 256)),
    ] {
      let time = measure(preprocessing, files)
      print(
        name.padding(toLength: 30, withPad: " ", startingAt: 0),
        String(format: "%8.3f ms of one core, %8.1f images/s", time.processor * 1e3, 1 / time.clock))
    }
  }
}

guard let benchmark = Benchmark(Array(CommandLine.arguments.dropFirst())) else {
  print("usage: picture-bench FOLDER [--size 336x224] [--count 100] [--threads 2] [--keep DIR]")
  exit(2)
}
try benchmark.run()
