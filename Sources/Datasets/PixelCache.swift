import Foundation
import Images

/// Decoded and resized pictures, kept in memory as far as a budget goes.
///
/// Pipelines over the same data set and preprocessing may share one. What is in it changes nothing but the time.
///
/// Of pictures that look different in every epoch, only those outside the train split are kept, as they look in epoch 0:
/// a validation asks for them again and again.
public final class PixelCache: @unchecked Sendable {
  /// Bytes that may be used. A picture takes `height * width * 3`, four times that when the preprocessing does not round.
  public let budget: Int

  private let preprocessing: Preprocessing
  private let sources: [PictureSource]
  /// Of each sample: in which epochs its pixels may be kept.
  private let keeping: [Keeping]
  /// What a kept picture takes.
  package let bytesPerSample: Int
  private let lock = NSLock()
  // Guarded by `lock`.
  private var slots: [UnsafeMutableRawPointer?]
  private var errors: [Int: ImageError] = [:]
  private var usedBytes = 0

  private enum Keeping { case always, firstEpoch, never }

  /// A quarter of the machine's memory, at most 4 GiB.
  public static var defaultBudget: Int { min(4 << 30, Int(ProcessInfo.processInfo.physicalMemory / 4)) }

  public init(dataset: Dataset, preprocessing: Preprocessing, budget: Int = PixelCache.defaultBudget) {
    self.budget = budget
    self.preprocessing = preprocessing
    sources = dataset.samples.map(\.source)
    keeping = dataset.samples.map { sample in
      if !sample.source.variesByEpoch { return .always }
      return sample.split == .train ? .never : .firstEpoch
    }
    bytesPerSample = preprocessing.count * (preprocessing.rounded ? 1 : MemoryLayout<Float>.stride)
    slots = Array(repeating: nil, count: sources.count)
  }

  deinit { for slot in slots { free(slot) } }

  /// How many bytes of pictures are kept now.
  public var bytesInUse: Int { lock.withLock { usedBytes } }

  /// Puts the sample's pixels, `[height, width, 3]` in 0 ... 255, into `output`.
  ///
  /// Callable from any thread. A picture that could not be read once is not tried again, unless it looks different in
  /// every epoch.
  /// - Parameter epoch: from 0; 0 outside of training.
  /// - Throws: the `ImageError` of the picture.
  public func read(sample: Int, epoch: Int = 0, into output: UnsafeMutablePointer<Float>) throws(ImageError) {
    let isKept =
      switch keeping[sample] {
      case .always: true
      case .firstEpoch: epoch == 0
      case .never: false
      }
    guard isKept else { return try sources[sample].read(preprocessing, epoch: epoch, into: output) }
    switch lookUp(sample) {
    case .kept(let block): expand(block, into: output)
    case .bad(let error): throw error
    case .unknown(let mayKeep):
      do {
        if mayKeep, preprocessing.rounded {
          try readKeeping(sample: sample, into: output)
        } else {
          try sources[sample].read(preprocessing, into: output)
          if mayKeep { keepFloats(output, sample: sample) }
        }
      } catch {
        lock.withLock { errors[sample] = error }
        throw error
      }
    }
  }

  private enum Entry {
    case kept(UnsafeMutableRawPointer)
    case bad(ImageError)
    /// With whether there is room for it.
    case unknown(mayKeep: Bool)
  }

  private func lookUp(_ sample: Int) -> Entry {
    lock.withLock {
      if let block = slots[sample] { return .kept(block) }
      if let error = errors[sample] { return .bad(error) }
      return .unknown(mayKeep: usedBytes + bytesPerSample <= budget)
    }
  }

  private func expand(_ block: UnsafeMutableRawPointer, into output: UnsafeMutablePointer<Float>) {
    if preprocessing.rounded {
      Preprocessing.expand(
        block.assumingMemoryBound(to: UInt8.self), into: output, count: preprocessing.count)
    } else {
      output.update(from: block.assumingMemoryBound(to: Float.self), count: preprocessing.count)
    }
  }

  private func readKeeping(sample: Int, into output: UnsafeMutablePointer<Float>) throws(ImageError) {
    guard let block = malloc(bytesPerSample) else {
      return try sources[sample].read(preprocessing, into: output)
    }
    let bytes = block.bindMemory(to: UInt8.self, capacity: bytesPerSample)
    do {
      try sources[sample].read(preprocessing, intoBytes: bytes)
    } catch {
      free(block)
      throw error
    }
    Preprocessing.expand(bytes, into: output, count: preprocessing.count)
    keep(block, sample: sample)
  }

  private func keepFloats(_ pixels: UnsafeMutablePointer<Float>, sample: Int) {
    guard let block = malloc(bytesPerSample) else { return }
    memcpy(block, pixels, bytesPerSample)
    keep(block, sample: sample)
  }

  /// Takes the block over; frees it when another thread was first, or the budget is used up.
  private func keep(_ block: UnsafeMutableRawPointer, sample: Int) {
    let isKept = lock.withLock {
      if slots[sample] != nil || usedBytes + bytesPerSample > budget { return false }
      slots[sample] = block
      usedBytes += bytesPerSample
      return true
    }
    if !isKept { free(block) }
  }
}
