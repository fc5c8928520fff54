import ArgumentParser
import Datasets
import Foundation
import Images
import Inference
import ModelFiles
import Recipes

struct DataCorruptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corrupt",
    abstract: "Write copies of pictures with simulated faults, for a class of corrupted pictures.",
    discussion: """
      The faults, each as frequent: \(Corruption.allCases.map(\.rawValue).joined(separator: ", ")). corruptions.tsv in the \
      output folder says which picture got which.
      """)

  @Argument(help: "The folder with the pictures, at any depth.")
  var folder: String

  @Option(help: "The folder for the copies, which must be new or empty.")
  var output: String

  @Option(help: "JPEG quality of the copies.")
  var quality = 94

  @Option(help: "Only these kinds of faults, separated by commas.")
  var kinds: String?

  @Option(help: "The seed of all random decisions.")
  var seed = 1

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print results only.")
  var quiet = false

  func validate() throws {
    if !(1...100).contains(quality) {
      throw ValidationError("--quality \(quality): must be from 1 to 100")
    }
    _ = try chosenKinds()
  }

  func run() throws {
    try reportingFailures {
      let copies = try CorruptedCopies(of: folder, kinds: chosenKinds(), seed: seed)
      _ = try OutputFolder.make(output)
      if let file = try FileManager.default.contentsOfDirectory(atPath: output).min() {
        throw CommandFailure.request(
          "\(output): must be a new or an empty folder, but there is '\(file)'")
      }
      let flag = Workbench.stopFlag
      let display = PassDisplay("corrupting", isQuiet: quiet)
      defer { display.clear() }
      let pass = PicturePass(
        pool: threads.pool(), progress: { display.show(done: $0, total: $1) }, shouldStop: { flag.isSet })
      do {
        let unreadable = try copies.forEach(quality: quality, pass: pass, write: write)
        display.clear()
        try report(copies, unreadable: unreadable)
      } catch {
        // The folder was empty; a part of the copies without their table is of no use, and in the way of the next try.
        remove(copies)
        throw error
      }
    }
  }

  private func chosenKinds() throws -> [Corruption] {
    guard let kinds else { return Corruption.allCases }
    return try kinds.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let kind = Corruption(rawValue: String(word)) else {
        throw ValidationError(
          "--kinds \(kinds): must be some of \(Corruption.allCases.map(\.rawValue).joined(separator: ","))"
        )
      }
      return kind
    }
  }

  private func write(_ copy: CorruptedCopies.Copy, _ data: Data) throws {
    let path = output + "/" + copy.outputName
    if let reason = FolderMaker.make(FolderMaker.parent(of: path)) {
      throw CommandFailure.job("\(TSV.escaped(path)): cannot be written: \(reason)")
    }
    try AtomicFile.write(data, to: path)
  }

  /// Removes the copies, and the folders that then are empty.
  private func remove(_ copies: CorruptedCopies) {
    var folders: Set<String> = []
    for copy in copies.copies {
      unlink(output + "/" + copy.outputName)
      var folder = copy.outputName[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        if !folders.insert(String(folder)).inserted { break }
      }
    }
    // The inner ones first.
    for folder in folders.sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(output + "/" + folder) }
  }

  /// - Throws: `CommandFailure` when none of the pictures could be read; `ModelFileError`.
  private func report(_ copies: CorruptedCopies, unreadable: [Int: ImageError]) throws {
    var table = TSV.line(["file", "corruption"]) + "\n"
    var counts: [Corruption: Int] = [:]
    for (index, copy) in copies.copies.enumerated() {
      if let error = unreadable[index] {
        if !quiet {
          StandardStream.error.writeLine("left out: \(TSV.escaped(copies.folder + "/" + copy.name)): \(error)")
        }
        continue
      }
      table += TSV.line([copy.outputName, copy.corruption.rawValue]) + "\n"
      counts[copy.corruption, default: 0] += 1
    }
    if counts.isEmpty { throw CommandFailure.job("\(folder): none of the pictures can be read") }
    try AtomicFile.write(table, to: output + "/corruptions.tsv")
    for kind in Corruption.allCases where counts[kind] != nil {
      StandardStream.output.writeLine("\(kind.rawValue)\t\(counts[kind] ?? 0)")
    }
  }
}
