import ModelFiles
import Tensors

/// How files are predicted.
public struct PredictionSettings: Sendable {
  /// How many classes a row names.
  public var top = 3
  /// A picture whose highest probability is below this is `unknown`; nil: none is.
  public var rejectBelow: Double?
  /// Pictures a step; less for fewer files.
  public var batchSize = 16

  public init() {}
}

/// How a prediction went.
public struct PredictionSummary: Equatable, Sendable {
  public var total = 0
  public var failed = 0
  public var unknown = 0

  public init() {}
}

/// Puts files into classes.
///
///     let files = try InputFiles.collect(paths: ["sheets"], list: nil)
///     let summary = try Predictor(model: model, pool: pool).run(files, output: "predictions.tsv")
public struct Predictor {
  public let model: Model
  public let settings: PredictionSettings
  private let pool: WorkerPool

  public init(model: Model, settings: PredictionSettings = PredictionSettings(), pool: WorkerPool) {
    self.model = model
    self.settings = settings
    self.pool = pool
  }

  /// Writes the prediction table, atomically: one row for each file, in order.
  ///
  /// - Throws: `InferenceError.interrupted`; `ModelFileError` when the table cannot be written.
  @discardableResult
  public func run(
    _ files: [InputFile], output: String, progress: ((InferenceProgress) -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> PredictionSummary {
    PredictionSummary()
  }

  /// Calls `body` with each file's prediction, in order.
  ///
  /// Decoding runs ahead of the network on threads of its own, in bounded memory.
  /// - Throws: what `body` throws; `InferenceError.interrupted`; `NetworkError.outOfMemory`.
  public func forEachPrediction(
    of files: [InputFile], shouldStop: @escaping @Sendable () -> Bool = { false },
    _ body: (Prediction) throws -> Void
  ) throws {
  }
}
