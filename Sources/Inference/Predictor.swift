import Foundation
import Images
import ModelFiles
import Networks
import Tensors

/// Puts files into classes.
///
///     let request = PredictionRequest(paths: ["sheets"], output: "predictions.tsv")
///     let summary = try Predictor(model: model, pool: pool).run(request)
///
///     listing --> batch of names --ReadAhead: bytes--> pool: decode, a picture a tile --> pool: network --> rows --> file
///
/// Preprocessing and class table are the model's, and nothing else's. A picture's row depends on the picture alone, not
/// on its neighbours in a batch. Memory does not grow with the number of files.
public struct Predictor {
  public let model: Model
  private let pool: WorkerPool

  public init(model: Model, pool: WorkerPool) {
    self.model = model
    self.pool = pool
  }

  /// Writes the prediction table: one row for each file, in order. It takes its name when it is complete; until then it
  /// grows in a file beside it, from which `resume` goes on.
  ///
  /// - Parameter note: told what a person should know.
  /// - Throws: `InferenceError`; `ModelFileError` when the listing cannot be written; `NetworkError.outOfMemory`.
  @discardableResult
  public func run(
    _ request: PredictionRequest, note: (String) -> Void = { _ in }, progress: ((InferenceProgress) -> Void)? = nil,
    shouldStop: () -> Bool = { false }
  ) throws -> PredictionSummary {
    let batchSize = request.batchSize ?? PredictionStep.batchSize(for: model.network)
    // Before the session begins: when there is too little memory, an interrupted prediction stays as it is.
    let step = try PredictionStep(model: model, batchSize: batchSize, pool: pool)
    let session = try PredictionSession(request, model: model, batchSize: batchSize, note: note)
    if session.summary.wasComplete { return session.summary }
    let readAhead = ReadAhead(threads: 4)
    defer { readAhead.finish() }
    var (current, next) = (PictureBatch(capacity: batchSize), PictureBatch(capacity: batchSize))
    try session.fill(current)
    readAhead.begin(current)
    var meter = SpeedMeter(total: session.total, alreadyDone: session.rows)
    while current.count > 0 {
      if shouldStop() { throw try session.stopped() }
      try session.fill(next)
      readAhead.begin(next)
      try step.run(current)
      try session.write(current, logits: step.logits)
      meter.add(current.count)
      progress?(meter.progress)
      swap(&current, &next)
    }
    return try session.finish()
  }
}

/// From the bytes of a batch of pictures to their logits.
final class PredictionStep {
  /// `[batchSize, classes]`; the rows of pictures that could not be read mean nothing.
  private(set) var logits: UnsafePointer<Float>
  private let plan: InferencePlan
  private let preprocessing: Preprocessing
  private let pixels: Tensor
  private let pool: WorkerPool

  /// As many pictures as keep the activations of a layer within a few tens of megabytes. Follows from the network alone:
  /// the bits of a result may depend on it.
  static func batchSize(for network: Network) -> Int {
    let largest = network.nodes.reduce(network.inputShape.count) { max($0, $1.shape.count) }
    var size = 64
    while size > 4, 2 * largest * size * MemoryLayout<Float>.stride > 128 << 20 { size /= 2 }
    return size
  }

  /// - Throws: `NetworkError.outOfMemory`.
  init(model: Model, batchSize: Int, pool: WorkerPool) throws {
    plan = try InferencePlan(network: model.network, parameters: model.parameters, batch: batchSize, pool: pool)
    preprocessing = model.preprocessing
    pixels = Tensor([batchSize, preprocessing.height, preprocessing.width, 3])
    logits = UnsafePointer(pixels.pointer)
    self.pool = pool
  }

  func run(_ batch: PictureBatch) throws {
    let (preprocessing, pixels) = (self.preprocessing, self.pixels.pointer)
    pool.forEachTile(batch.count) { row, _ in
      let target = pixels + row * preprocessing.count
      do throws(ImageError) {
        try PredictionStep.read(batch.take(row), preprocessing, into: target)
      } catch {
        batch.setError(error, of: row)
        target.update(repeating: 0, count: preprocessing.count)
      }
    }
    if batch.errors[..<batch.count].allSatisfy({ $0 != nil }) { return }
    logits = try plan.forward(pixels: pixels, count: batch.count)
  }

  private static func read(
    _ contents: PictureBatch.Contents, _ preprocessing: Preprocessing, into target: UnsafeMutablePointer<Float>
  ) throws(ImageError) {
    switch contents {
    case .failed(let error): throw error
    case .path(let path): try preprocessing.read(path: path, into: target)
    case .bytes(let bytes):
      if bytes.isEmpty { throw .empty }
      try preprocessing.read(bytes: bytes, into: target)
    case .record(let file, let record):
      try file.withPicture(record) { (bytes) throws(ImageError) in
        try preprocessing.read(bytes: bytes, into: target)
      }
    }
    preprocessing.normalise(target, count: preprocessing.count)
  }
}
