import ArgumentParser
import Datasets
import Foundation
import Images
import ModelFiles
import Recipes
import Synchronization

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
      let failures = Mutex<[Int: any Error]>([:])
      threads.pool().forEachTile(copies.copies.count) { index, _ in
        if flag.isSet { return }
        do { try write(copies.copies[index], of: copies) } catch {
          failures.withLock { $0[index] = error }
        }
      }
      if flag.isSet { throw CommandFailure.job("interrupted") }
      try report(copies, failures: failures.withLock { $0 })
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

  private func write(_ copy: CorruptedCopies.Copy, of copies: CorruptedCopies) throws {
    let path = output + "/" + copy.outputName
    let data = try copies.encoded(copy, quality: quality)
    if let reason = FolderMaker.make(FolderMaker.parent(of: path)) {
      throw CommandFailure.job("\(path): cannot be written: \(reason)")
    }
    try AtomicFile.write(data, to: path)
  }

  /// - Throws: `CommandFailure` when a copy could not be written, or none of the pictures could be read.
  private func report(_ copies: CorruptedCopies, failures: [Int: any Error]) throws {
    var table = "file\tcorruption\n"
    var counts: [Corruption: Int] = [:]
    for (index, copy) in copies.copies.enumerated() {
      guard let error = failures[index] else {
        table += "\(copy.outputName)\t\(copy.corruption.rawValue)\n"
        counts[copy.corruption, default: 0] += 1
        continue
      }
      guard let error = error as? ImageError else { throw error }
      if !quiet {
        StandardStream.error.writeLine("left out: \(copies.folder)/\(copy.name): \(error)")
      }
    }
    try AtomicFile.write(table, to: output + "/corruptions.tsv")
    if counts.isEmpty { throw CommandFailure.job("\(folder): none of the pictures can be read") }
    for kind in Corruption.allCases where counts[kind] != nil {
      StandardStream.output.writeLine("\(kind.rawValue)\t\(counts[kind] ?? 0)")
    }
  }
}
