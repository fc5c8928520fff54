import Foundation
import HerbariumSheets
import Images
import Synchronization

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

  static let classes = SheetTask.stained.classes

  /// Herbarium sheets of 40 x 40 pixels that were drawn before: tests that predict want hundreds of them, each anew.
  private static let drawn = Mutex<[Int: Data]>([:])

  private static let painter = SheetPainter(SheetSettings(task: .stained, seed: 1))

  /// Of each two sheets one is stained.
  private static func index(stained: Bool, number: Int) -> Int {
    painter.isStained(2 * number) == stained ? 2 * number : 2 * number + 1
  }

  /// A herbarium sheet, another one for each number.
  static func picture(stained: Bool, number: Int) -> Picture {
    Picture(width: 40, height: 40, pixels: painter.draw(index(stained: stained, number: number), size: 40))
  }

  static func jpeg(stained: Bool, number: Int) throws -> Data {
    let index = index(stained: stained, number: number)
    if let data = drawn.withLock({ $0[index] }) { return data }
    let data = try PictureEncoder.jpeg(picture(stained: stained, number: number))
    drawn.withLock { $0[index] = data }
    return data
  }

  /// `pictures/stained/00.jpg` and so on.
  func drawPictures(_ folder: String = "pictures", count: Int = 15) throws {
    for name in Workplace.classes {
      for number in 0..<count {
        let file = "\(folder)/\(name)/" + String(format: "%02d.jpg", number)
        try write(file, try Workplace.jpeg(stained: name == "stained", number: number))
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
