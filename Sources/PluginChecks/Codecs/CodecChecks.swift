import CWorkbenchPlugin
import Foundation
import Synchronization
import Tensors

/// What a codec does with files that are as they should be.
enum CodecChecks {
  static func recognises(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    var stream = RandomStream(RandomKey(seed: 3))
    var others: [(String, [UInt8])] = [("no bytes", [])]
    others += [1, 2, 3, 4, 5, 7, 8, 12, 16, 63, 64].map { ("\($0) bytes 0", [UInt8](repeating: 0, count: $0)) }
    others.append(("64 bytes 0xff", [UInt8](repeating: 0xff, count: 64)))
    others.append(("text", Array("Lycopodium clavatum L., 1753. Berlin, herbarium sheet, mounted.".utf8)))
    others += (0..<200).map { ("noise \($0)", (0..<64).map { _ in UInt8(truncatingIfNeeded: stream.next32()) }) }
    var taken: [String] = []
    for (name, bytes) in others {
      context.doing("recognises: \(name)")
      let answer = try rig.recognises(bytes)
      context.expect((0...1).contains(answer), "recognises answered \(answer) for \(name), expected 0 or 1")
      if answer != 0 { taken.append(name) }
    }
    if let first = taken.first {
      context.fail("recognises takes \(taken.count) of \(others.count) things for its format that are not: \(first)")
    }
    for sample in rig.samples {
      context.doing("recognises: \(sample.name)")
      let answer = try rig.recognises(sample.bytes)
      context.expect(answer == 1, "recognises answered \(answer) for \(sample.name), expected 1")
      // Shorter beginnings, which files may have.
      for count in 0..<min(64, sample.bytes.count) {
        context.doing("recognises: the first \(count) bytes of \(sample.name)")
        let answer = try rig.recognises(Array(sample.bytes.prefix(count)))
        context.expect(
          (0...1).contains(answer),
          "recognises answered \(answer) for \(count) bytes of \(sample.name), expected 0 or 1")
      }
    }
  }

  static func decode(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    for sample in try rig.requireSamples() {
      context.doing("header and decode: \(sample.name)")
      let decoded = try rig.decode(sample.bytes)
      let size = decoded.picture
      guard decoded.answer.isOK else {
        context.fail("\(decoded.function) answered \(decoded.answer.description): \(sample.name)")
        continue
      }
      context.expect(
        size.width >= 1 && size.height >= 1,
        "header answered \(size.width) x \(size.height) pixels, expected 1 or more: \(sample.name)")
      context.expect(
        (0...8).contains(size.orientation),
        "header answered orientation \(size.orientation), expected 0 to 8: \(sample.name)")
      checkWritten(context, rig, sample.bytes, decoded, sample.name)
    }
  }

  /// Says which bytes of the picture were not written.
  ///
  /// - Parameter zeros: as decoded into memory full of 0.
  static func checkWritten(
    _ context: CheckContext, _ rig: CodecRig, _ bytes: [UInt8], _ zeros: CodecRig.Decoded, _ what: String
  ) {
    guard let a = zeros.rgb, let b = try? rig.decode(bytes, fill: 0xff).rgb, a.count == b.count else { return }
    let unwritten = a.indices.filter { a[$0] == 0 && b[$0] == 0xff }
    guard let place = unwritten.first else { return }
    context.fail(
      "decode answered status 0, but wrote \(a.count - unwritten.count) of \(a.count) bytes; byte \(place) is missing: "
        + what)
  }

  static func memory(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    for sample in try rig.requireSamples() {
      context.doing("decode: \(sample.name)")
      let zeros = try rig.decode(sample.bytes)
      for (fill, isTight) in [(UInt8(0xff), false), (0, true), (0xff, true)] {
        let other = try rig.decode(sample.bytes, fill: fill, isTight: isTight)
        for damage in zeros.damage + other.damage { context.fail("\(damage) by decode: \(sample.name)") }
        context.expect(
          other.rgb == zeros.rgb,
          "the picture depends on what stood in memory before (bytes \(fill), 0): \(sample.name)")
        if context.failureCount > 0 { return }
      }
    }
  }

  static func repeatable(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    let samples = try rig.requireSamples()
    context.doing("decoding \(samples.count) files")
    let first = try samples.map { try rig.decode($0.bytes) }
    context.doing("decoding \(samples.count) files again, from the last to the first")
    for (sample, expected) in zip(samples, first).reversed() {
      let found = try rig.decode(sample.bytes)
      if found == expected { continue }
      context.fail("\(sample.name), decoded again: \(difference(found, expected))")
    }
  }

  static func difference(_ found: CodecRig.Decoded, _ expected: CodecRig.Decoded) -> String {
    if found.answer.status != expected.answer.status {
      return "\(found.answer.description), expected \(expected.answer.description)"
    }
    if found.picture != expected.picture { return "header answered \(found.picture), expected \(expected.picture)" }
    let (a, b) = (found.rgb ?? [], expected.rgb ?? [])
    guard a.count == b.count, let place = a.indices.first(where: { a[$0] != b[$0] }) else { return "another message" }
    return
      "byte \(place) is \(a[place]), expected \(b[place]) (\(a.indices.count { a[$0] != b[$0] }) of \(a.count) differ)"
  }

  static func threads(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    let samples = try rig.requireSamples()
    // Files of one picture each, and the same with the bytes of the second half changed: something to mix up.
    let files = samples.flatMap { sample -> [[UInt8]] in
      var other = sample.bytes
      for index in other.indices.dropFirst(other.count / 2) { other[index] ^= 1 }
      return [sample.bytes, other]
    }
    context.doing("decoding \(files.count) files")
    let expected = try files.map { try rig.decode($0) }
    context.doing("decoding \(files.count) files on 4 threads at once")
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for turn in 0..<200 {
        let index = (turn + thread) % files.count
        guard let found = try? rig.decode(files[index]) else { return }
        if found == expected[index] { continue }
        failures.withLock {
          $0.append(
            "\(samples[index / 2].name), decoded while 3 other threads decode: \(difference(found, expected[index]))")
        }
        return
      }
    }
    for failure in failures.withLock({ $0 }) { context.fail(failure) }
  }
}
