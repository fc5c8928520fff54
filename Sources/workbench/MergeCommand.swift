import ArgumentParser
import Inference

struct MergeCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Join the tables of all shards of a prediction.",
    discussion: "The result is, byte for byte, the table that one prediction without --shard would have written.")

  @Argument(help: "The tables that 'predict --shard' has written, one for each shard, in any order.")
  var shards: [String]

  @Option(help: "The table to write (.tsv).")
  var output: String

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup var plugins: PluginArguments

  func run() throws {
    try reportingFailures {
      try OutputFolder.checkWritable(besides: output)
      let rows = try ShardMerger.merge(shards, output: output)
      if !quiet {
        StandardStream.error.writeLine(
          "\(output): \(rows) row\(rows == 1 ? "" : "s") of \(shards.count) shard\(shards.count == 1 ? "" : "s")")
      }
    }
  }
}
