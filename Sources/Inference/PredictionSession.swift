import Foundation
import Images
import ModelFiles

/// A prediction between its listing and its table: begun, or gone on with where it was interrupted.
///
///     FILE.tsv.listing    the files, frozen: first there, last to go
///     FILE.tsv.partial    the rows so far, locked
///     FILE.tsv            the table, by rename of the partial one
final class PredictionSession {
  private(set) var summary = PredictionSummary()
  /// Rows of the table.
  private(set) var total = 0
  var rows: Int { partial?.rows ?? total }

  private let request: PredictionRequest
  private let facts: [(key: String, value: String)]
  private let records: OpenRecords
  private var partial: PartialTable?
  private var listing: ListingReader?
  private var formatter: RowFormatter?
  private var lines: [UInt8] = []

  init(_ request: PredictionRequest, model: Model, batchSize: Int, note: (String) -> Void) throws {
    try FileIdentity.refuse(request.output, replacing: request.otherInputs)
    self.request = request
    facts =
      try request.facts(model: model, batchSize: batchSize) + [
        (PredictionListing.shardKey, request.shard.map(\.description) ?? "none")
      ]
    records = OpenRecords(imageKey: request.imageKey)
    if request.resume, try isComplete() {
      summary = try PredictionSession.read(request.output, format: request.format, isShard: request.shard != nil)
      summary.wasComplete = true
      total = summary.total
      return
    }
    let partial = try PartialTable(output: request.output)
    self.partial = partial
    if request.resume, try resume(partial, model: model, batchSize: batchSize) {
      note("\(request.output): goes on after \(partial.rows) of \(total) pictures")
      return
    }
    try begin(partial, model: model, note: note)
  }

  // MARK: Beginning

  private func begin(_ partial: PartialTable, model: Model, note: (String) -> Void) throws {
    do {
      try PredictionListing.write(
        request, facts: facts,
        countRecords: { (found) throws(InferenceError) in
          guard let path = String(validating: found.path, as: UTF8.self) else { return nil }
          return try PictureRecords(
            path: path, imageKey: request.imageKey, refusesOthers: found.isArgument)?.count
        },
        beforeReplacing: { listing in
          // What an interrupted prediction has left goes only now: the request may be wrong up to here. Its rows go before
          // its listing, so that a crash in between does not leave rows with the listing of others.
          try refuseOtherShard(listing)
          if !request.resume, try partial.hasRows() {
            note("\(request.output): begins anew; --resume would have gone on with the interrupted prediction")
          }
          try partial.clear()
        })
    } catch {
      partial.removeIfEmpty()
      throw error
    }
    let listing = try ListingReader(path: listingPath, shard: request.shard)
    let formatter = makeFormatter(listing, model: model)
    try partial.begin(header: formatter.header, requestID: factsID, total: listing.listing.rows)
    take(listing, formatter)
  }

  /// Two tasks of a job array that were given the same output would each destroy what the other has done.
  private func refuseOtherShard(_ listing: PredictionListing) throws {
    guard let shard = request.shard, let reader = try? LineReader(path: request.output),
      let stamp = try? reader.next()?.fields().last.flatMap({ ShardStamp($0.text) }), stamp.shard != shard,
      stamp.requestID == listing.requestID
    else { return }
    throw InferenceError.otherShard(
      output: request.output, holds: stamp.shard.description, wanted: shard.description)
  }

  private func take(_ listing: ListingReader, _ formatter: RowFormatter) {
    self.listing = listing
    self.formatter = formatter
    total = listing.listing.rows
  }

  private func makeFormatter(_ listing: ListingReader, model: Model) -> RowFormatter {
    RowFormatter(
      request: request, model: model,
      stamp: request.shard.map { ShardStamp(shard: $0, listing: listing.listing) })
  }

  // MARK: Going on

  private var listingPath: String { PredictionListing.path(for: request.output) }

  /// One number for all facts, by which a finished table is known again.
  private var factsID: String {
    var hash = XXHash64()
    for (key, value) in facts { hash.update("\(key)\t\(value)\n") }
    return hash.hexDigest
  }

  /// Whether the table is finished.
  ///
  /// - Throws: `InferenceError.otherTable` when a table of another request is finished, and none is interrupted.
  private func isComplete() throws -> Bool {
    let isThere = FileManager.default.fileExists(atPath:)
    if isThere(PartialTable.path(for: request.output)) { return false }
    guard isThere(request.output), let id = PartialTable.requestID(of: request.output) else { return false }
    if id == factsID {
      // What a crash after the last step but one leaves.
      unlink(listingPath)
      return true
    }
    if isThere(listingPath) { return false }
    throw InferenceError.otherTable(output: request.output)
  }

  /// - Returns: false when there is nothing to go on with.
  private func resume(_ partial: PartialTable, model: Model, batchSize: Int) throws -> Bool {
    guard FileManager.default.fileExists(atPath: listingPath) else { return false }
    let first = try ListingReader(path: listingPath, shard: request.shard)
    try compare(first.listing.facts)
    let formatter = makeFormatter(first, model: model)
    let kept = try partial.keepRows(
      of: { try ListingReader(path: listingPath, shard: request.shard) }, formatter: formatter, batchSize: batchSize,
      counting: { summary.add($0) })
    if kept == nil {
      try partial.begin(header: formatter.header, requestID: factsID, total: first.listing.rows)
    }
    take(kept ?? first, formatter)
    return true
  }

  private func compare(_ begun: [(key: String, value: String)]) throws(InferenceError) {
    for (key, value) in facts {
      let was = begun.first { $0.key == key }?.value ?? "none"
      if was != value { throw .otherRequest(output: request.output, what: key, was: was, now: value) }
    }
  }

  /// The summary of a finished table.
  private static func read(_ path: String, format: PredictionFormat, isShard: Bool) throws -> PredictionSummary {
    let reader = try LineReader(path: path)
    _ = try reader.next()
    var summary = PredictionSummary()
    let column = (isShard ? 1 : 0) + (format == .table ? 1 : 2)
    while let line = try reader.next() {
      let fields = line.fields()
      let text = fields.count > column ? fields[column].text : ""
      switch format {
      case .table: summary.add(text)
      case .herbariograph: summary.add(text.isEmpty ? "unreadable" : text == "unknown" ? "unknown" : "ok")
      }
    }
    return summary
  }

  // MARK: Steps

  /// Puts the next pictures of the listing into the batch; none at the end.
  func fill(_ batch: PictureBatch) throws {
    batch.removeAll()
    guard let listing else { return }
    while batch.count < batch.capacity, try listing.next() {
      batch.append(listing, records: listing.record == nil ? nil : records.file(at: listing.path))
    }
  }

  /// Appends the rows of the batch to the table.
  func write(_ batch: PictureBatch, logits: UnsafePointer<Float>) throws {
    guard let partial, let formatter else { return }
    lines.removeAll(keepingCapacity: true)
    for row in 0..<batch.count {
      formatter.appendStart(index: batch.index(row), shown: batch.shown(row), to: &lines)
      if let error = batch.errors[row] {
        summary.add(formatter.appendEnd(error, to: &lines))
      } else {
        summary.add(formatter.appendEnd(logits: logits + row * formatter.classCount, to: &lines))
      }
    }
    try partial.write(lines, rows: batch.count, total: total)
  }

  /// What to throw when a wish to stop came: the rows so far are on disk.
  func stopped() throws -> InferenceError {
    try partial?.sync(total: total)
    return .stopped(output: request.output, done: rows, total: total)
  }

  /// The table takes its name.
  func finish() throws -> PredictionSummary {
    try partial?.commit()
    unlink(listingPath)
    return summary
  }
}
