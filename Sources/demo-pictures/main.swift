// Draws a set of pictures in two classes to try the workbench on: herbarium sheets, stained and unstained.

import Foundation
import Images
import Synchronization
import Tensors

let usage = """
  usage: demo-pictures FOLDER [--count N] [--size N] [--seed N]

  Draws herbarium sheets into FOLDER/stained and FOLDER/unstained.
    --count N   sheets of each class (150)
    --size N    height in pixels (256); the width is three quarters of it
    --seed N    the same seed draws the same pictures (1)
  """

func leave(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(2)
}

var folder: String?
var numbers = ["--count": 150, "--size": 256, "--seed": 1]
let bounds = ["--count": 1...1_000_000, "--size": 16...8192, "--seed": Int.min...Int.max]
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  if argument == "--help" || argument == "-h" {
    print(usage)
    exit(0)
  }
  if let range = bounds[argument] {
    guard let number = arguments.popFirst().flatMap({ Int($0) }), range.contains(number) else {
      leave("demo-pictures: \(argument) wants a whole number from \(range.lowerBound) to \(range.upperBound)\n\(usage)")
    }
    numbers[argument] = number
  } else if argument.hasPrefix("-") || folder != nil {
    leave("demo-pictures: unknown argument '\(argument)'\n\(usage)")
  } else {
    folder = argument
  }
}
guard let folder else { leave(usage) }
let (count, size, seed) = (numbers["--count"] ?? 0, numbers["--size"] ?? 0, numbers["--seed"] ?? 0)

let classes = ["stained", "unstained"]
do {
  for name in classes {
    try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
  }
} catch {
  leave("demo-pictures: \(folder): \((error as NSError).localizedDescription)")
}

let failure = Mutex<String?>(nil)
WorkerPool().forEachTile(classes.count * count) { tile, _ in
  let (name, number) = (classes[tile % 2], tile / 2)
  let path = "\(folder)/\(name)/" + String(format: "%04d.jpg", number + 1)
  let key = RandomKey(seed: seed).deriving("herbarium sheet").deriving(tile)
  do {
    let picture = HerbariumSheet(size: size, isStained: name == "stained", key: key).drawn()
    try PictureEncoder.jpeg(picture, quality: 88).write(to: URL(fileURLWithPath: path))
  } catch {
    failure.withLock { $0 = "demo-pictures: \(path): \(error)" }
  }
}
if let message = failure.withLock({ $0 }) {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(1)
}
print("drew \(classes.count * count) pictures in \(folder)/stained and \(folder)/unstained")
