import ArgumentParser
import Foundation
import ModelFiles
import Networks
import Recipes
import Tensors

struct BenchCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure how fast a network runs here, on generated pixels.",
    discussion: "A recipe is planned, not run; its data need not be there.")

  @Argument(help: "A model file (.safetensors or .keras) or a recipe (.lua).")
  var path: String

  @Option(help: "The side of the pictures that a .keras model without a size of its own gets, or HEIGHTxWIDTH.")
  var size: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Give a parameter of the recipe a value; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Flag(help: "Measure training steps instead of predictions.")
  var train = false

  @Option(help: "Pictures a step.")
  var batch = 32

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var plugins: PluginArguments

  func validate() throws {
    if let size, PictureSize(text: size) == nil {
      throw ValidationError(
        "--size \(size): must be a number of pixels, such as 96, or height and width, such as 96x128")
    }
    if !(1...65536).contains(batch) { throw ValidationError("--batch \(batch): must be from 1 to 65536") }
  }

  func run() throws {
    try reportingFailures {
      let pool = threads.pool()
      let (name, network, parameters, frozen) = try subject(pool: pool)
      let flag = Workbench.stopFlag
      let measurement = try Benchmark(
        network: network, parameters: parameters, frozen: frozen, batch: batch, pool: pool
      )
      .measure(training: train, shouldStop: { flag.isSet })
      StandardStream.output.write(try json ? jsonLine(name, measurement, pool) : text(name, measurement, pool))
    }
  }

  /// What is measured: the model of a file, or the first network that a recipe trains, freshly initialised.
  private func subject(
    pool: WorkerPool
  ) throws -> (name: String, network: Network, parameters: ParameterSet, frozen: Set<String>) {
    if path.hasSuffix(".lua") {
      let arguments = try RecipeArguments.parse([path] + settings.flatMap { ["--set", $0] })
      var configuration = try arguments.configuration()
      configuration.mode = .plan
      let flag = Workbench.stopFlag
      let outcome = try RecipeRunner(configuration, console: SilentConsole(), shouldStop: { flag.isSet }).run()
      guard let planned = outcome.networks.first else {
        throw CommandFailure.request("\(path): the recipe trains no network")
      }
      let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
      try ParameterSet.requireMemory(for: planned.network)
      let parameters = ParameterSet(network: planned.network, key: RandomKey(seed: 1))
      parameters.setFrozen(layers: planned.frozen, of: planned.network)
      return (name, planned.network, parameters, planned.frozen)
    }
    if !settings.isEmpty { throw CommandFailure.request("--set: \(path) is a model; only recipes have parameters") }
    let model = try Model.load(
      from: path, importing: ImportOptions(size: size.flatMap(PictureSize.init(text:))), pool: pool)
    return (model.name, model.network, model.parameters, [])
  }

  private func text(_ name: String, _ result: Benchmark.Measurement, _ pool: WorkerPool) -> String {
    let threads = "\(pool.workerCount) thread\(pool.workerCount == 1 ? "" : "s")"
    return """
      \(name): \(train ? "training" : "prediction"), batch \(batch), \(threads), \(result.steps) steps
      \(String(format: "%.1f images/s", result.imagesPerSecond)) (median)
      \(String(format: "%.1f GFLOP/s", result.gigaflopsPerSecond))
      \(String(format: "%.1f MB peak memory of the process", Double(result.peakBytes) / 1e6))

      """
  }

  private func jsonLine(_ name: String, _ result: Benchmark.Measurement, _ pool: WorkerPool) throws -> String {
    struct Line: Encodable {
      let name: String
      let mode: String
      let batch: Int
      let threads: Int
      let steps: Int
      let imagesPerSecond: Double
      let gigaflopsPerSecond: Double
      let peakBytes: Int
    }
    return try JSON.line(
      Line(
        name: name, mode: train ? "training" : "prediction", batch: batch, threads: pool.workerCount,
        steps: result.steps, imagesPerSecond: result.imagesPerSecond, gigaflopsPerSecond: result.gigaflopsPerSecond,
        peakBytes: result.peakBytes))
  }
}

/// Swallows what a recipe says.
private final class SilentConsole: RecipeConsole {
  func output(_ line: String) {}
  func note(_ line: String) {}
  func progress(_ progress: RecipeProgress) {}
  func epochEnded(_ line: String) {}
}
