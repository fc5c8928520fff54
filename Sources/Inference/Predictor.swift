import Datasets
import Foundation
import Images
import Metrics
import ModelFiles
import Networks
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
///
/// Preprocessing and class table are the model's, and nothing else's.
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
  /// - Throws: `InferenceError.interrupted`; `ModelFileError` when the table cannot be written;
  ///   `NetworkError.outOfMemory`.
  @discardableResult
  public func run(
    _ files: [InputFile], output: String, progress: ((InferenceProgress) -> Void)? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> PredictionSummary {
    var summary = PredictionSummary()
    var meter = SpeedMeter(total: files.count)
    let top = max(1, min(settings.top, model.classes.count))
    // The file's closure throws file errors only; another one waits here until the file is given up.
    var failure: (any Error)?
    do {
      try AtomicFile.write(to: output) { (file: inout AtomicFile) throws(ModelFileError) in
        try file.append(Data((Prediction.header(top: top) + "\n").utf8))
        var fileError: ModelFileError?
        do {
          try forEachPrediction(of: files, shouldStop: shouldStop) { prediction in
            summary.add(prediction)
            meter.add(1)
            try file.append(Data((prediction.line(top: top) + "\n").utf8))
            progress?(meter.progress)
          }
        } catch let error as ModelFileError {
          fileError = error
        } catch {
          failure = error
          fileError = .cannotWrite(path: output, reason: "\(error)")
        }
        if let fileError { throw fileError }
      }
    } catch {
      throw failure ?? error
    }
    return summary
  }

  /// Calls `body` with each file's prediction, in order.
  ///
  /// Decoding runs ahead of the network on threads of its own, in bounded memory.
  /// - Throws: what `body` throws; `InferenceError.interrupted`; `NetworkError.outOfMemory`.
  public func forEachPrediction(
    of files: [InputFile], shouldStop: @escaping @Sendable () -> Bool = { false },
    _ body: (Prediction) throws -> Void
  ) throws {
    if files.isEmpty { return }
    var named: [Int] = []
    for (index, file) in files.enumerated() where file.path != nil { named.append(index) }
    let batchSize = max(1, min(settings.batchSize, files.count))
    let plan = try InferencePlan(
      network: model.network, parameters: model.parameters, batch: batchSize, pool: pool)
    let dataset = Dataset(unlabelledPaths: named.compactMap { files[$0].path })
    let pipeline = BatchPipeline(
      dataset: dataset, indices: Array(named.indices), preprocessing: model.preprocessing,
      settings: BatchPipeline.Settings(
        batchSize: batchSize, threads: min(pool.workerCount, files.count), badLimit: nil),
      cache: PixelCache(dataset: dataset, preprocessing: model.preprocessing, budget: 0))
    var emission = Emission(files: files, plan: plan, predictor: self)
    pipeline.start(epoch: 0)
    defer { pipeline.stop() }
    var expectedIndex = 0
    while let batch = try pipeline.next() {
      if shouldStop() { throw InferenceError.interrupted(done: emission.next, total: files.count) }
      // Batches without one readable picture are passed over: their files are in the pipeline's list only.
      let bad = batch.index == expectedIndex ? batch.bad : pipeline.bad
      expectedIndex = batch.index + 1
      for file in bad { emission.add(file, at: named[file.sampleID]) }
      let logits = plan.forward(pixels: batch.pixels.pointer, count: batch.count)
      let rows = Array(UnsafeBufferPointer(start: logits, count: batch.count * model.classes.count))
      for (row, sample) in batch.sampleIDs.enumerated() {
        let classes = model.classes.count
        emission.add(Array(rows[row * classes..<(row + 1) * classes]), at: named[sample])
      }
      try emission.emit(upTo: named[min(named.count, expectedIndex * batchSize) - 1] + 1, body)
    }
    for file in pipeline.bad { emission.add(file, at: named[file.sampleID]) }
    try emission.emit(upTo: files.count, body)
  }

  /// The row of a picture.
  func prediction(file: InputFile, logits: [Float]) -> Prediction {
    let probabilities = probabilities(fromLogits: logits, classCount: logits.count)
    // Of equal probabilities the first class of the table.
    let order = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
    let candidates = order.prefix(max(1, settings.top)).map {
      Prediction.Candidate(label: model.classes[$0], probability: probabilities[$0])
    }
    let isUnknown = settings.rejectBelow.map { Double(candidates[0].probability) < $0 } ?? false
    return Prediction(file: file.bytes, status: isUnknown ? "unknown" : "ok", candidates: candidates, message: "")
  }
}

extension PredictionSummary {
  mutating func add(_ prediction: Prediction) {
    total += 1
    if prediction.isFailed { failed += 1 }
    if prediction.status == "unknown" { unknown += 1 }
  }
}

/// Puts the predictions of batches back into the order of the files.
private struct Emission {
  let files: [InputFile]
  let plan: InferencePlan
  let predictor: Predictor
  /// The first file that has not been handed over.
  private(set) var next = 0
  private var waiting: [Int: Prediction] = [:]

  init(files: [InputFile], plan: InferencePlan, predictor: Predictor) {
    self.files = files
    self.plan = plan
    self.predictor = predictor
  }

  mutating func add(_ bad: BadFile, at index: Int) {
    if index < next { return }
    waiting[index] = Prediction(file: files[index].bytes, status: bad.status, candidates: [], message: bad.reason)
  }

  mutating func add(_ logits: [Float], at index: Int) {
    waiting[index] = predictor.prediction(file: files[index], logits: logits)
  }

  mutating func emit(upTo end: Int, _ body: (Prediction) throws -> Void) throws {
    while next < end {
      let prediction = try waiting.removeValue(forKey: next) ?? predictDirectly(files[next])
      next += 1
      try body(prediction)
    }
  }

  /// A file whose name is not UTF-8, which the pipeline's paths cannot hold.
  private func predictDirectly(_ file: InputFile) throws -> Prediction {
    let preprocessing = predictor.model.preprocessing
    let pixels = Tensor([preprocessing.height, preprocessing.width, 3])
    do throws(ImageError) {
      let bytes = try contents(of: file)
      // The closure's error is typed; `withUnsafeBytes` would lose the type.
      let result = bytes.withUnsafeBytes { bytes in
        Result { () throws(ImageError) in try preprocessing.read(bytes: bytes, into: pixels.pointer) }
      }
      try result.get()
    } catch {
      return Prediction(
        file: file.bytes, status: error.statusWord, candidates: [], message: "\(error)")
    }
    preprocessing.normalise(pixels.pointer, count: pixels.count)
    let logits = plan.forward(pixels: pixels.pointer, count: 1)
    return predictor.prediction(
      file: file, logits: Array(UnsafeBufferPointer(start: logits, count: predictor.model.classes.count)))
  }

  private func contents(of file: InputFile) throws(ImageError) -> [UInt8] {
    let descriptor = open((file.bytes + [0]).map { CChar(bitPattern: $0) }, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw .unreadable(reason: String(cString: strerror(errno))) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      return Array(try handle.readToEnd() ?? Data())
    } catch {
      throw .unreadable(reason: (error as NSError).localizedDescription)
    }
  }
}
