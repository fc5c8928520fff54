// Writes drawn herbarium sheets as contact sheets or as folders of pictures, and measures how fast they are drawn.

import Dispatch
import Foundation
import HerbariumSheets
import Images

let usage = """
  usage: sheet-gallery OUT.jpg|OUT.png [--task stained|families] [--seed N] [--first N] [--size N]
                       [--columns N] [--rows N] [--class N]
         sheet-gallery --folder FOLDER [--sheets N] [--task stained|families] [--seed N] [--first N] [--size N]
         sheet-gallery --time N [--threads N] [--size N]

    --columns, --rows   how many sheets side by side and below each other (6, 3)
    --class N           only sheets of this class
    --folder FOLDER     write FOLDER/<class>/<number>.jpg
    --sheets N          how many (200)
    --time N            draw N sheets, say how long that took, write nothing
  """

func leave(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(2)
}

/// The arguments: numbers by their names, the task, and the file.
struct Request {
  var numbers = [
    "--seed": 1, "--first": 0, "--size": 256, "--columns": 6, "--rows": 3, "--class": -1, "--time": 0, "--threads": 1,
    "--sheets": 200,
  ]
  var task = SheetTask.stained
  var file: String?
  var folder: String?

  init(_ words: [String]) {
    var words = words[...]
    while let word = words.popFirst() {
      if numbers[word] != nil {
        guard let number = words.popFirst().flatMap({ Int($0) }) else { leave("\(word) wants a number\n\(usage)") }
        numbers[word] = number
      } else if word == "--task" {
        guard let chosen = words.popFirst().flatMap({ SheetTask(rawValue: $0) }) else { leave(usage) }
        task = chosen
      } else if word == "--folder" {
        guard let name = words.popFirst() else { leave(usage) }
        folder = name
      } else if word.hasPrefix("-") || file != nil {
        leave("unknown argument '\(word)'\n\(usage)")
      } else {
        file = word
      }
    }
    guard SheetPainter.sizes.contains(self["--size"]) else { leave("--size wants \(SheetPainter.sizes)\n\(usage)") }
  }

  subscript(_ name: String) -> Int { numbers[name] ?? 0 }
}

/// Draws the first sheets on some threads, and prints how many a second that were.
func measure(_ painter: SheetPainter, count: Int, threads: Int, size: Int) {
  let start = DispatchTime.now().uptimeNanoseconds
  DispatchQueue.concurrentPerform(iterations: threads) { thread in
    let workspace = SheetWorkspace()
    var picture = [UInt8](repeating: 0, count: size * size * 3)
    for index in stride(from: thread, to: count, by: threads) {
      picture.withUnsafeMutableBufferPointer { painter.draw(index, size: size, workspace, into: $0) }
    }
  }
  let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  let each = Double(clock()) / Double(CLOCKS_PER_SEC) / Double(count) * 1000
  print(
    String(
      format: "%d sheets of %d px on %d threads: %.0f a second, %.1f ms of processor time each", count, size, threads,
      Double(count) / seconds, each))
}

/// Sheets side by side and below each other, and a line for each of them.
func contactSheet(_ painter: SheetPainter, _ request: Request) -> Picture {
  let (columns, rows, size) = (max(1, request["--columns"]), max(1, request["--rows"]), request["--size"])
  var all = [UInt8](repeating: 255, count: columns * rows * size * size * 3)
  var index = request["--first"]
  for place in 0..<(columns * rows) {
    while request["--class"] >= 0, painter.label(index) != request["--class"] { index += 1 }
    let picture = painter.draw(index, size: size)
    for row in 0..<size {
      let start = ((place / columns * size + row) * columns + place % columns) * size * 3
      all.replaceSubrange(start..<(start + size * 3), with: picture[(row * size * 3)..<((row + 1) * size * 3)])
    }
    print(index, painter.settings.task.classes[painter.label(index)], painter.growthForm(index))
    index += 1
  }
  return Picture(width: columns * size, height: rows * size, pixels: all)
}

/// Writes each sheet to the folder of its class.
func writeFolder(_ folder: String, _ painter: SheetPainter, _ request: Request) throws {
  let classes = painter.settings.task.classes
  for name in classes {
    try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
  }
  let size = request["--size"]
  for index in request["--first"]..<(request["--first"] + max(0, request["--sheets"])) {
    let picture = Picture(width: size, height: size, pixels: painter.draw(index, size: size))
    let file = "\(folder)/\(classes[painter.label(index)])/\(String(format: "%05d", index)).jpg"
    try PictureEncoder.jpeg(picture, quality: 90).write(to: URL(fileURLWithPath: file))
  }
}

let request = Request(Array(CommandLine.arguments.dropFirst()))
let settings = SheetSettings(task: request.task, seed: UInt64(bitPattern: Int64(request["--seed"])))
let painter = SheetPainter(settings)
do {
  if request["--time"] > 0 {
    measure(painter, count: request["--time"], threads: max(1, request["--threads"]), size: request["--size"])
  } else if let folder = request.folder {
    try writeFolder(folder, painter, request)
  } else if let file = request.file {
    let picture = contactSheet(painter, request)
    let isPNG = file.lowercased().hasSuffix(".png")
    let data = isPNG ? try PictureEncoder.png(picture) : try PictureEncoder.jpeg(picture, quality: 85)
    try data.write(to: URL(fileURLWithPath: file))
  } else {
    leave(usage)
  }
} catch {
  leave("\(request.folder ?? request.file ?? ""): \(error)")
}
