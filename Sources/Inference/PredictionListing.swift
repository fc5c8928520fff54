import Foundation
import ModelFiles

/// The files of a prediction, frozen in a file beside the table, so that an interrupted prediction goes on with the same
/// ones even if the folder has changed since.
///
///     workbench prediction 1
///     --top <tab> 3                                    what was asked for, a fact a line
///     ...
///     (an empty line)
///     INDEX <tab> COUNT <tab> PATH <tab> SHOWN         a file, or a record file of COUNT records; SHOWN where it differs
///     ...
///     <tab> ROWS <tab> TOTAL <tab> DIGEST              the end: rows of this shard and of all shards
///
/// Paths are escaped as in the table. A shard's listing leaves out what is in other shards.
struct PredictionListing {
  /// What was asked for, in order.
  var facts: [(key: String, value: String)] = []
  /// Rows of the table.
  var rows = 0
  /// Rows of all shards.
  var total = 0
  /// Of all shards' names.
  var digest = ""

  static let magic = "workbench prediction 1"

  static func path(for output: String) -> String { output + ".listing" }

  /// One number for all that the shards of a prediction have in common.
  var requestID: String {
    var hash = XXHash64()
    for (key, value) in facts where key != PredictionListing.shardKey { hash.update("\(key)\t\(value)\n") }
    hash.update(digest)
    return hash.hexDigest
  }

  static let shardKey = "--shard"

  // MARK: Writing

  /// Finds the files and writes the listing, atomically.
  ///
  /// - Parameters:
  ///   - countRecords: how many records a file has; nil when it is no record file after all.
  ///   - beforeReplacing: called when all files were found, just before the listing takes the place of an earlier one;
  ///     what it throws leaves the earlier one as it is.
  /// - Throws: `InferenceError`; `ModelFileError` when it cannot be written; what `beforeReplacing` throws.
  static func write(
    _ request: PredictionRequest, facts: [(key: String, value: String)],
    countRecords: (InputWalk.Found) throws(InferenceError) -> Int?,
    beforeReplacing: (PredictionListing) throws -> Void
  ) throws {
    var listing = PredictionListing(facts: facts)
    var failure: (any Error)?
    do {
      try AtomicFile.write(to: path(for: request.output)) { (file: inout AtomicFile) throws(ModelFileError) in
        var head = magic + "\n"
        for (key, value) in facts { head += "\(key)\t\(TSV.escaped(value))\n" }
        try file.append(Data((head + "\n").utf8))
        var body = ListingBody(request: request)
        do {
          let output = request.output
          let own = [output, PartialTable.path(for: output), path(for: output)]
          try InputWalk.run(paths: request.paths, list: request.list, excluded: own) {
            (found) throws(InferenceError) in
            try body.add(found, countRecords: countRecords)
            if body.line.count > 1 << 16 { body.flush(to: &file) }
          }
          body.flush(to: &file)
          if let error = body.failure { throw error }
          (listing.rows, listing.total, listing.digest) = (body.rows, body.total, body.digest.hexDigest)
          try file.append(Data("\t\(listing.rows)\t\(listing.total)\t\(listing.digest)\n".utf8))
          try beforeReplacing(listing)
        } catch {
          failure = error
          throw ModelFileError.cannotWrite(path: request.output, reason: "\(error)")
        }
      }
    } catch {
      throw failure ?? error
    }
  }
}

/// The lines of a listing that is being made.
private struct ListingBody {
  let shard: Shard?
  let showsBelowFolder: Bool
  var line: [UInt8] = []
  var rows = 0
  var total = 0
  var digest = XXHash64()
  var failure: ModelFileError?
  private var recordName: [UInt8] = []

  init(request: PredictionRequest) {
    shard = request.shard
    showsBelowFolder = request.format == .herbariograph
  }

  mutating func flush(to file: inout AtomicFile) {
    if failure != nil { return }
    do throws(ModelFileError) {
      try file.append(Data(line))
    } catch {
      failure = error
    }
    line.removeAll(keepingCapacity: true)
  }

  mutating func add(
    _ found: InputWalk.Found, countRecords: (InputWalk.Found) throws(InferenceError) -> Int?
  ) throws(InferenceError) {
    let records = RecordName.matches(found.path) ? try countRecords(found) : nil
    digest.update(UnsafeRawBufferPointer(found.path))
    digest.update(records.map { "\t\($0)\n" } ?? "\n")
    let contained: Int
    if let records {
      contained = (0..<records).reduce(0) { $0 + (isInShard(found.path, record: $1) ? 1 : 0) }
    } else {
      contained = shard?.contains(found.path) ?? true ? 1 : 0
    }
    if contained > 0 {
      line += "\(total)\t".utf8
      if let records { line += "\(records)".utf8 }
      line.append(UInt8(ascii: "\t"))
      TSV.append(found.path, to: &line)
      if showsBelowFolder, let folder = found.folder {
        line.append(UInt8(ascii: "\t"))
        let below = Array(found.path[folder.prefix...])
        let shown = folder.name.isEmpty ? below : folder.name + [UInt8(ascii: "/")] + below
        shown.withUnsafeBufferPointer { TSV.append($0, to: &line) }
      }
      line.append(UInt8(ascii: "\n"))
    }
    rows += contained
    total += records ?? 1
  }

  private mutating func isInShard(_ path: UnsafeBufferPointer<UInt8>, record: Int) -> Bool {
    guard let shard else { return true }
    recordName.removeAll(keepingCapacity: true)
    recordName += path
    recordName += "#\(record)".utf8
    return recordName.withUnsafeBufferPointer { shard.contains($0) }
  }
}
