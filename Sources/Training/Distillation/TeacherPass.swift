import Datasets
import Images
import ModelFiles
import Networks
import Tensors

/// A teacher at work: its logits for the pictures of a batch, in the order of the student's classes.
///
/// Not thread-safe; the pool's workers share the work.
final class TeacherPass {
  private let settings: DistillationSettings
  private let teacher: Model
  private let student: Preprocessing
  private let plan: InferencePlan
  private let pool: WorkerPool
  private let dataset: Dataset
  /// The teacher's pixels, where they are not the student's.
  private let pixels: Tensor?
  /// Of each class of the student: its place among the teacher's.
  private let places: [Int]
  /// `[batch, classes of the student]`.
  private let logits: Tensor
  /// Pictures as they are, for `cache`.
  private let source: PixelCache
  private var kept: [Int: [Float]] = [:]

  /// - Parameters:
  ///   - dataset: labelled by the student's classes.
  ///   - arena: memory that is free when `logits(of:)` is called.
  /// - Throws: `TrainingError.setting` when this teacher cannot teach this student; `NetworkError`.
  init(
    _ settings: DistillationSettings, student: Model, dataset: Dataset, batch: Int, pool: WorkerPool, arena: Arena
  ) throws {
    self.settings = settings
    teacher = settings.teacher
    self.student = student.preprocessing
    self.pool = pool
    self.dataset = dataset
    places = try TeacherPass.places(of: student, in: settings.teacher)
    plan = try InferencePlan(
      network: teacher.network, parameters: teacher.parameters, batch: batch, pool: pool, arena: arena)
    let view = teacher.preprocessing
    let isSame =
      view.height == self.student.height && view.width == self.student.width && view.range == self.student.range
    pixels = isSame && !settings.isCached ? nil : Tensor([batch, view.height, view.width, 3])
    logits = Tensor([batch, student.classes.count])
    source = PixelCache(dataset: dataset, preprocessing: view, budget: 0)
  }

  static func places(of student: Model, in teacher: Model) throws -> [Int] {
    try DistillationSettings.places(
      of: student.classes, in: teacher.classes, areNames: student.hasClassNames && teacher.hasClassNames)
  }

  /// - Returns: `[batch.count, classes of the student]`, valid until the next call.
  /// - Throws: `TrainingError.teacherPicture`; `NetworkError.operation` when a plugin's layer fails.
  func logits(of batch: Batch) throws -> UnsafePointer<Float> {
    if settings.isCached { return try keptLogits(of: batch.sampleIDs) }
    let input: UnsafePointer<Float>
    if let pixels {
      convert(batch, to: pixels.pointer)
      input = UnsafePointer(pixels.pointer)
    } else {
      input = UnsafePointer(batch.pixels.pointer)
    }
    let answers = try plan.forward(pixels: input, count: batch.count)
    for row in 0..<batch.count { take(answers, row: row) }
    return UnsafePointer(logits.pointer)
  }

  /// Brings the student's pixels to the teacher's size and range.
  private func convert(_ batch: Batch, to output: UnsafeMutablePointer<Float>) {
    let (from, to) = (student, teacher.preprocessing)
    let scale = (to.range[1] - to.range[0]) / (from.range[1] - from.range[0])
    let offset = to.range[0] - from.range[0] * scale
    let input = UnsafePointer(batch.pixels.pointer)
    pool.forEachTile(batch.count) { picture, _ in
      let target = output + picture * to.count
      stretchPixels(
        input + picture * from.count, width: from.width, height: from.height, to: target, width: to.width,
        height: to.height)
      if scale != 1 || offset != 0 { for i in 0..<to.count { target[i] = target[i] * scale + offset } }
    }
  }

  private func keptLogits(of samples: [Int]) throws -> UnsafePointer<Float> {
    let count = places.count
    // A picture may be in a batch twice.
    var missing: [Int] = []
    for sample in samples where kept[sample] == nil && !missing.contains(sample) { missing.append(sample) }
    if !missing.isEmpty {
      try read(missing)
      guard let pixels else { preconditionFailure("a teacher with a cache has pixels of its own") }
      let answers = try plan.forward(pixels: UnsafePointer(pixels.pointer), count: missing.count)
      for (row, sample) in missing.enumerated() {
        take(answers, row: row)
        kept[sample] = Array(UnsafeBufferPointer(start: logits.pointer + row * count, count: count))
      }
    }
    for (row, sample) in samples.enumerated() {
      guard let values = kept[sample] else { continue }
      for k in 0..<count { logits.pointer[row * count + k] = values[k] }
    }
    return UnsafePointer(logits.pointer)
  }

  /// Reads pictures as the teacher takes them.
  private func read(_ samples: [Int]) throws {
    guard let pixels else { return }
    let view = teacher.preprocessing
    let output = pixels.pointer
    var failures = [ImageError?](repeating: nil, count: samples.count)
    failures.withUnsafeMutableBufferPointer { failures in
      pool.forEachTile(samples.count) { place, _ in
        let target = output + place * view.count
        do throws(ImageError) {
          try source.read(sample: samples[place], into: target)
          view.normalise(target, count: view.count)
        } catch {
          failures[place] = error
        }
      }
    }
    for (sample, failure) in zip(samples, failures) {
      if let failure { throw TrainingError.teacherPicture(path: dataset.samples[sample].path, reason: "\(failure)") }
    }
  }

  /// Moves a row of the teacher's answers to the student's classes.
  private func take(_ answers: UnsafePointer<Float>, row: Int) {
    let (from, to) = (answers + row * plan.network.classCount, logits.pointer + row * places.count)
    for (k, place) in places.enumerated() { to[k] = from[place] }
  }
}
