import Foundation
import Images

/// A folder of its own for one test, removed when the test has ended.
final class Workplace {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("workbench-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name) }
  func path(_ name: String) -> String { url(name).path }
  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
  func bytes(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }
  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// The lines of a table, cut at tabs.
  func table(_ name: String) throws -> [[String]] {
    try text(name).split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  func write(_ name: String, _ data: Data) throws {
    try FileManager.default.createDirectory(
      at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url(name))
  }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  /// All files below the folder, by their paths.
  func listing() -> [String] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
    return (paths ?? []).sorted()
  }

  func workbench(_ arguments: String...) throws -> Program.Result { try Program.run(arguments, in: folder) }

  // MARK: Pictures

  static let classes = ["blue", "red"]

  /// A picture of 40 x 32 pixels that is mostly of its class's colour, each another one.
  static func picture(red: Bool, number: Int) -> Picture {
    var picture = Picture(width: 40, height: 32, colour: (red: 0, green: 0, blue: 0))
    var state = UInt32(truncatingIfNeeded: number &* 7919 &+ (red ? 13 : 101))
    for index in 0..<40 * 32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      let noise = UInt8(state >> 25)
      picture.pixels[3 * index] = red ? 120 + noise : noise
      picture.pixels[3 * index + 1] = noise
      picture.pixels[3 * index + 2] = red ? noise : 120 + noise
    }
    return picture
  }

  static func jpeg(red: Bool, number: Int) throws -> Data { try PictureEncoder.jpeg(picture(red: red, number: number)) }

  /// `pictures/blue/00.jpg` and so on.
  func drawPictures(_ folder: String = "pictures", count: Int = 15) throws {
    for name in Workplace.classes {
      for number in 0..<count {
        let file = "\(folder)/\(name)/" + String(format: "%02d.jpg", number)
        try write(file, try Workplace.jpeg(red: name == "red", number: number))
      }
    }
  }

  // MARK: Recipes

  /// A complete recipe around these layers, for 32 x 32 pixels.
  func writeRecipe(
    _ name: String = "tiny.lua", size: Int = 32, layers: String? = nil, training: String = "", data: String = "pictures"
  ) throws {
    let layers =
      layers
      ?? "wb.conv2d { filters = 4, kernel = 3 }, wb.batch_norm(), wb.relu(), wb.max_pool { window = 2 }, wb.flatten(), "
      + "wb.dropout { rate = 0.2 }, wb.linear { units = #data.classes }"
    try write(
      name,
      """
      local wb = require "workbench"
      local data = wb.data.folder {
        path = wb.param("data", "\(data)", "the pictures"), size = \(size),
        split = { train = 0.6, validation = 0.2, test = 0.2 },
      }
      local epochs = wb.param("epochs", 3, "how often")
      local network = wb.sequential { wb.input { \(size), \(size), 3 }, \(layers) }
      local run = wb.train { model = network, data = data, batch = 4, epochs = epochs, \(training) }
      local result = wb.evaluate { model = run.best, data = data, split = "test" }
      result:save()
      print(string.format("test accuracy %.4f", result.accuracy))

      """)
  }
}
