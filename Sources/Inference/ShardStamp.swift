/// What a shard's table says about itself in its last column's name, for `workbench merge`.
///
///     shard 2/8, 405 of 3239 rows, prediction 0123456789abcdef
struct ShardStamp: Equatable {
  let shard: Shard
  /// Of this shard, and of all.
  let rows: Int
  let total: Int
  /// The same for all shards of a prediction.
  let requestID: String

  var text: String { "shard \(shard), \(rows) of \(total) rows, prediction \(requestID)" }

  init(shard: Shard, listing: PredictionListing) {
    self.shard = shard
    rows = listing.rows
    total = listing.total
    requestID = listing.requestID
  }

  /// - Returns: nil when the text is another one.
  init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 8, words[0] == "shard", words[1].last == ",", words[3] == "of", words[5] == "rows,",
      words[6] == "prediction", words[7].count == 16,
      let shard = Shard(String(words[1].dropLast())), let rows = Int(words[2]), let total = Int(words[4]),
      rows >= 0, rows <= total
    else { return nil }
    self.shard = shard
    self.rows = rows
    self.total = total
    requestID = String(words[7])
  }
}
