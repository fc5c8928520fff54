import CWorkbenchPlugin
import Foundation
import Images
import PluginHost
import Synchronization

/// What a source's `read` gives.
enum PictureChecks {
  /// Reading may cost a lot: so long is spent on a series of pictures.
  private static let seconds = 1.5

  /// Samples to read, fewer where one takes long.
  private static func numbers(_ context: CheckContext, _ rig: SourceRig, most: Int = 16) throws -> [UInt64] {
    let start = ContinuousClock.now
    context.doing("read 0")
    _ = try rig.read(.init(sample: 0))
    let duration = (ContinuousClock.now - start).seconds
    return SourceChecks.spread(rig.count, max(3, min(most, Int(seconds / max(duration, 1e-3)))))
  }

  static func pictures(_ context: CheckContext) throws {
    let rig = try SourceChecks.opened(context)
    var readable = 0
    var refusal: PluginAnswer?
    for (width, height) in [(48, 40), (0, 0), (1, 1), (33, 17), (64, 0)] {
      for sample in try numbers(context, rig, most: 6) {
        let what = "sample \(sample), preferred size \(width) x \(height)"
        context.doing("read: \(what)")
        let zeros = try rig.read(.init(sample: sample, width: width, height: height, fill: 0))
        guard zeros.answer.isOK else {
          refusal = zeros.answer
          zeros.answer.checkRefusal(context, "read", what)
          continue
        }
        readable += 1
        checkPicture(context, zeros, what)
        let ones = try rig.read(.init(sample: sample, width: width, height: height, fill: 0xff))
        if let a = zeros.bytes, let b = ones.bytes, a.count == b.count {
          // What stood there before shows where nothing was written.
          let unwritten = a.indices.filter { a[$0] == 0 && b[$0] == 0xff }
          if let place = unwritten.first {
            context.fail(
              "read wrote \(a.count - unwritten.count) of \(a.count) bytes; byte \(place) is missing: \(what)")
          }
        }
        if context.failureCount >= CheckContext.mostFailures { return }
      }
    }
    if readable == 0, let refusal { context.fail("read answered \(refusal.description) for every sample") }
  }

  private static func checkPicture(_ context: CheckContext, _ picture: SourcePicture, _ what: String) {
    guard picture.requests.count == 1, let bytes = picture.bytes else {
      context.fail("read called reserve \(picture.requests.count) times, expected 1: \(what)")
      return
    }
    switch UInt32(bitPattern: picture.format) {
    case WORKBENCH_RGB.rawValue:
      let expected = picture.width * picture.height * 3
      context.expect(
        picture.width >= 1 && picture.height >= 1 && bytes.count == expected,
        "read reserved \(bytes.count) bytes for a picture of \(picture.width) x \(picture.height), expected "
          + "\(expected): \(what)")
    case WORKBENCH_ENCODED.rawValue:
      do throws(ImageError) {
        _ = try PictureDecoder.decode(Data(bytes))
      } catch {
        if error == .notAnImage, isOfOwnFormat(context, bytes) { return }
        context.fail("the \(bytes.count) encoded bytes cannot be decoded: \(error): \(what)")
      }
    default: context.fail("read set format \(picture.format), expected 1 or 2: \(what)")
    }
  }

  /// Whether a codec of the same plugin reads this.
  private static func isOfOwnFormat(_ context: CheckContext, _ bytes: [UInt8]) -> Bool {
    context.library.codecs.contains { codec in
      codec.pointer.pointee.recognises?(codec.pointer, bytes, UInt64(min(64, bytes.count))) == 1
    }
  }

  static func memory(_ context: CheckContext) throws {
    let rig = try SourceChecks.opened(context)
    for sample in try numbers(context, rig, most: 6) {
      for isTight in [false, true] {
        for (width, height) in [(48, 40), (31, 7), (0, 0)] {
          let what = "sample \(sample), preferred size \(width) x \(height)"
          context.doing("read: \(what)")
          let zeros = try rig.read(.init(sample: sample, width: width, height: height, fill: 0, isTight: isTight))
          for damage in zeros.damage { context.fail("\(damage) by read: \(what)") }
          let ones = try rig.read(.init(sample: sample, width: width, height: height, fill: 0xff, isTight: isTight))
          if !ones.isSame(as: zeros) {
            context.fail("\(ones.difference(from: zeros)) with memory full of bytes 0xff rather than 0: \(what)")
          }
          if context.failureCount > 0 { return }
        }
      }
    }
  }

  static func noMemory(_ context: CheckContext) throws {
    let rig = try SourceChecks.opened(context)
    for sample in try numbers(context, rig, most: 3) {
      context.doing("read of sample \(sample), for which the host has no memory")
      let before = try rig.read(.init(sample: sample))
      let picture = try rig.read(.init(sample: sample, hasNoMemory: true))
      context.expect(
        !picture.answer.isOK, "read answered status 0, though reserve had answered NULL: sample \(sample)")
      picture.answer.checkRefusal(context, "read", "sample \(sample), without memory")
      context.doing("read of sample \(sample) after that")
      let after = try rig.read(.init(sample: sample))
      context.expect(
        after.isSame(as: before), "after a reading without memory, sample \(sample): \(after.difference(from: before))")
    }
  }

  static func repeatable(_ context: CheckContext) throws {
    let rig = try SourceChecks.opened(context)
    let numbers = try numbers(context, rig)
    context.doing("reading \(numbers.count) samples")
    let first = try numbers.map { try rig.read(.init(sample: $0)) }
    let second = try SourceChecks.opened(context)
    for (what, other) in [("the same instance", rig), ("a second instance", second)] {
      context.doing("reading \(numbers.count) samples of \(what), from the last to the first")
      for (sample, expected) in zip(numbers, first).reversed() {
        let found = try other.read(.init(sample: sample))
        if found.isSame(as: expected) { continue }
        context.fail("sample \(sample), read again from \(what): \(found.difference(from: expected))")
        return
      }
    }
  }

  static func epochs(_ context: CheckContext) throws {
    let rig = try SourceChecks.opened(context)
    let varies = rig.info.flags & WORKBENCH_VARIES_BY_EPOCH != 0
    for sample in try numbers(context, rig, most: 8) {
      context.doing("reading sample \(sample) in epochs 0, 1 and 7")
      let zero = try rig.read(.init(sample: sample, epoch: 0))
      for epoch in [UInt64(1), 7] {
        let other = try rig.read(.init(sample: sample, epoch: epoch))
        if varies {
          // Other pixels, but the same ones each time.
          let again = try rig.read(.init(sample: sample, epoch: epoch))
          if again.isSame(as: other) { continue }
          context.fail("sample \(sample), read again in epoch \(epoch): \(again.difference(from: other))")
        } else {
          if other.isSame(as: zero) { continue }
          context.fail(
            "sample \(sample) in epoch \(epoch) is not what it is in epoch 0, without WORKBENCH_VARIES_BY_EPOCH: "
              + other.difference(from: zero))
        }
        return
      }
    }
  }

  static func threads(_ context: CheckContext) throws {
    let rig = try SourceChecks.opened(context)
    guard rig.isThreadSafe else { throw CheckContext.NotApplicable(reason: "WORKBENCH_THREAD_SAFE is not set") }
    let numbers = try numbers(context, rig, most: 24)
    context.doing("reading \(numbers.count) samples")
    let expected = try numbers.map { try rig.read(.init(sample: $0)) }
    let descriptions = numbers.map { rig.describe($0).0 }
    context.doing("reading \(numbers.count) samples on 4 threads at once")
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for turn in 0..<2 * numbers.count {
        let index = (turn * (thread + 1) + thread) % numbers.count
        guard let found = try? rig.read(.init(sample: numbers[index])) else { return }
        let description = rig.describe(numbers[index]).0
        if !found.isSame(as: expected[index]) {
          failures.withLock {
            $0.append(
              "sample \(numbers[index]), read while 3 other threads read: \(found.difference(from: expected[index]))")
          }
          return
        }
        if description != descriptions[index] {
          failures.withLock {
            $0.append(
              "describe \(numbers[index]) while 3 other threads read: label \(description.label), expected "
                + "\(descriptions[index].label)")
          }
          return
        }
      }
    }
    for failure in failures.withLock({ $0 }) { context.fail(failure) }
  }
}
