import Foundation
import Images

/// A folder of a test's own. It is there until the process ends: pictures are read long after the value's last use.
struct TemporaryFolder {
  let path: String

  init() throws {
    path = TemporaryFolder.root + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  private static let root: String = {
    atexit { try? FileManager.default.removeItem(atPath: TemporaryFolder.rootPath) }
    return rootPath
  }()

  private static var rootPath: String {
    NSTemporaryDirectory() + "workbench-datasets-\(ProcessInfo.processInfo.processIdentifier)"
  }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ data: Data) throws {
    let file = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func write(_ name: String, _ text: String = "") throws { try write(name, Data(text.utf8)) }

  /// A small PNG with a gradient that depends on the number.
  func draw(_ name: String, number: Int, side: Int = 8) throws {
    var picture = Picture(width: side, height: side, colour: (UInt8(number * 37 % 256), UInt8(number * 91 % 256), 60))
    for i in 0..<side { picture[i, i] = (UInt8(i * 255 / side), UInt8(number % 256), 200) }
    try write(name, PictureEncoder.png(picture))
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
  }
}
