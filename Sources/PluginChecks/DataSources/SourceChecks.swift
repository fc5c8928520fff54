import CWorkbenchPlugin
import Datasets
import Foundation
import PluginHost

/// Opening, classes and samples.
enum SourceChecks {
  /// Classes and samples beyond so many are looked at here and there.
  private static let most = 2000

  /// An open source with the default options.
  ///
  /// - Throws: `CheckContext.NotApplicable` when it cannot be opened for a reason that it gives.
  static func opened(_ context: CheckContext, _ other: OptionCase? = nil) throws -> SourceRig {
    let type = context.library.sources[context.subject.index]
    let options = try other ?? OptionCases(schema: type.schema, settings: context.settings).defaults()
    context.doing("open" + (options.name.isEmpty ? "" : ": \(options.name)"))
    let (rig, answer) = SourceRig.open(type, options, folder: folder)
    if let rig { return rig }
    answer.checkRefusal(context, "open", options.name)
    throw CheckContext.NotApplicable(
      reason: "open answered \(answer.description); give it what it needs: --set OPTION=VALUE")
  }

  static var folder: String { FileManager.default.currentDirectoryPath }

  /// So many numbers below a bound, the first and the last among them.
  static func spread(_ count: UInt64, _ most: Int) -> [UInt64] {
    if count <= UInt64(most) { return Array(0..<count) }
    return (0..<UInt64(most)).map { $0 == UInt64(most) - 1 ? count - 1 : $0 * (count / UInt64(most)) }
  }

  static func open(_ context: CheckContext) throws {
    let first = try opened(context)
    let info = first.info
    let known = WORKBENCH_THREAD_SAFE | WORKBENCH_VARIES_BY_EPOCH
    context.expect(info.flags & ~known == 0, "flags 0x\(hex(info.flags)), known are 0x\(hex(known))")
    context.expect(info.class_count >= 1, "class_count is 0, expected 1 or more")
    context.expect(info.count >= 1, "count is 0: there is no sample")
    // What the host opens no source with.
    for (what, number, most) in [
      ("count", info.count, Dataset.maximumProvidedCount),
      ("class_count", UInt64(info.class_count), PluginSource.mostClasses),
      ("workspace_bytes", info.workspace_bytes, PluginSource.mostWorkspace),
    ] where number > UInt64(most) {
      context.fail("\(what) is \(number), but at most \(most) can be")
    }
    context.expect(info.reserved == 0, "workbench_source_info.reserved: expected 0, found \(info.reserved)")
    let sample = first.describe(0)
    for round in 1...5 {
      context.doing("opening a second instance, round \(round)")
      let second = try opened(context)
      context.expect(
        second.count == first.count && second.classCount == first.classCount,
        "a second instance has \(second.count) samples of \(second.classCount) classes, expected \(first.count) of "
          + "\(first.classCount)")
      context.doing("closing the second instance, round \(round)")
      second.close()
      context.doing("describe 0 of the first instance after the second was closed")
      let again = first.describe(0)
      context.expect(
        again == sample,
        "describe 0 answered \(again.1.description) after another instance was closed, expected "
          + "\(sample.1.description)")
      if context.failureCount > 0 { return }
    }
    try openOthers(context, beside: first)
    context.doing("closing the first instance")
    first.close()
  }

  /// Instances with other options do not change this one.
  private static func openOthers(_ context: CheckContext, beside first: SourceRig) throws {
    let options = OptionCases(schema: first.type.schema, settings: context.settings)
    let name = try GuardedArray("name", bytes: 256)
    let last = UInt32(max(0, first.classCount - 1))
    let before = (first.describe(first.count &- 1), first.className(last, into: name), name.bytes)
    for other in try options.variations().dropFirst().prefix(8) where isModest(other) {
      context.doing("opening a second instance: \(other.name)")
      let (rig, _) = SourceRig.open(first.type, other, folder: folder)
      context.doing("describe and class_name of the first instance beside one with \(other.name)")
      let after = (first.describe(first.count &- 1), first.className(last, into: name), name.bytes)
      context.expect(
        after.0 == before.0 && after.1 == before.1 && after.2 == before.2,
        "the last sample or class of an instance is not the same while another one with \(other.name) is open")
      rig?.close()
    }
  }

  /// Whether no number is so large that opening may take long.
  private static func isModest(_ options: OptionCase) -> Bool {
    options.values.values.values.allSatisfy { value in
      switch value {
      case .integer(let number): abs(Double(number)) <= 10_000
      case .number(let number): abs(number) <= 10_000
      default: true
      }
    }
  }

  static func options(_ context: CheckContext) throws {
    let type = context.library.sources[context.subject.index]
    if type.schema.options.isEmpty { throw CheckContext.NotApplicable(reason: "the source has no options") }
    let options = OptionCases(schema: type.schema, settings: context.settings)
    LayerShapeChecks.expectRefusals(context, options)
    for other in (try options.variations() + options.extremes(count: 20)).filter(isModest).prefix(60) {
      context.doing("open: \(other.name)")
      let (rig, answer) = SourceRig.open(type, other, folder: folder)
      answer.checkRefusal(context, "open", other.name)
      guard let rig else { continue }
      context.expect(rig.classCount >= 1, "class_count is 0, expected 1 or more: \(other.name)")
      context.doing("close: \(other.name)")
      rig.close()
    }
  }

  static func messages(_ context: CheckContext) throws {
    let type = context.library.sources[context.subject.index]
    let options = OptionCases(schema: type.schema, settings: context.settings)
    let refused = (try options.variations() + options.extremes(count: 20)).filter(isModest).prefix(60).filter {
      context.doing("open: \($0.name)")
      return SourceRig.open(type, $0, folder: folder).rig == nil
    }
    for other in refused.prefix(5) {
      try PluginAnswer.checkMessages(context, "open", other.name) { message, bytes in
        var info = workbench_source_info()
        info.struct_size = UInt32(MemoryLayout<workbench_source_info>.size)
        return SourceRig.open(type, other, folder, &info, message, bytes)
      }
    }
    let rig = try opened(context)
    let (raw, state) = (type.pointer.pointee, rig.info.state)
    try PluginAnswer.checkMessages(context, "class_name", "class \(rig.classCount) of \(rig.classCount)") {
      var name = [CChar](repeating: 0, count: 256)
      return raw.class_name?(type.pointer, state, UInt32(rig.classCount), &name, 256, $0, $1) ?? 0
    }
    try PluginAnswer.checkMessages(context, "describe", "sample \(rig.count) of \(rig.count)") {
      var sample = workbench_sample()
      sample.struct_size = UInt32(MemoryLayout<workbench_sample>.size)
      return raw.describe?(type.pointer, state, rig.count, &sample, $0, $1) ?? 0
    }
  }

  static func classes(_ context: CheckContext) throws {
    let rig = try opened(context)
    var seen: [String: UInt64] = [:]
    for index in spread(UInt64(rig.classCount), most) {
      if index % 100 == 0 { context.doing("class_name \(index)") }
      var names: [String] = []
      for round in 0..<3 {
        // The second buffer is as long as the name.
        let bytes = round == 1 ? (names.first?.utf8.count ?? 255) + 1 : 256
        let array = try GuardedArray("name", bytes: bytes)
        array.fill(0x7f)
        let answer = rig.className(UInt32(index), into: array)
        if let damage = array.damage { context.fail("\(damage) by class_name \(index)") }
        guard answer.isOK else {
          context.fail("class_name \(index) of \(rig.classCount) answered \(answer.description)")
          break
        }
        guard let end = array.bytes.firstIndex(of: 0) else {
          context.fail("class_name \(index): the name does not end within \(bytes) bytes")
          break
        }
        names.append(String(decoding: array.bytes[..<end], as: UTF8.self))
      }
      guard let name = names.first else { return }
      context.expect(!name.isEmpty, "class_name \(index): the name is empty")
      context.expect(
        !name.utf8.contains { $0 < 32 || $0 == 127 }, "class_name \(index): '\(name)' has control characters")
      context.expect(
        names.allSatisfy { $0 == name },
        "class_name \(index) is '\(names.last ?? "")' the second time, expected '\(name)'")
      if let other = seen.updateValue(index, forKey: name) {
        context.fail("classes \(other) and \(index) are both named '\(name)'")
      }
      if context.failureCount >= CheckContext.mostFailures { return }
    }
  }

  static func samples(_ context: CheckContext) throws {
    let rig = try opened(context)
    let other = try opened(context)
    let numbers = spread(rig.count, most)
    var first: [SourceSample] = []
    for sample in numbers {
      if sample % 100 == 0 { context.doing("describe \(sample)") }
      let (description, answer) = rig.describe(sample)
      guard answer.isOK else {
        context.fail("describe \(sample) of \(rig.count) answered \(answer.description)")
        return
      }
      context.expect(
        (-1..<Int32(clamping: rig.classCount)).contains(description.label),
        "sample \(sample) has label \(description.label), expected -1 to \(rig.classCount - 1)")
      context.expect(
        (0...3).contains(description.split), "sample \(sample) has split \(description.split), expected 0 to 3")
      for (field, text) in [("name", description.name), ("group", description.group)] {
        guard let text else {
          context.fail("sample \(sample): the \(field) does not end within \(WORKBENCH_SAMPLE_TEXT_BYTES) bytes")
          continue
        }
        context.expect(
          !text.utf8.contains { $0 < 32 || $0 == 127 },
          "sample \(sample): the \(field) '\(text)' has control characters")
      }
      first.append(description)
      if context.failureCount >= CheckContext.mostFailures { return }
    }
    context.doing("describing the samples of a second instance, from the last to the first")
    for (sample, expected) in zip(numbers, first).reversed() {
      let found = other.describe(sample).0
      if found == expected { continue }
      context.fail(
        "describe \(sample) of a second instance, from the last to the first: label \(found.label), name "
          + "'\(found.name ?? "")', expected label \(expected.label), name '\(expected.name ?? "")'")
      return
    }
  }

  static func outOfRange(_ context: CheckContext) throws {
    let rig = try opened(context)
    let wanted = Int32(WORKBENCH_OUT_OF_RANGE)
    for sample in [rig.count, rig.count + 1, 1 << 31, 1 << 32, 1 << 63, UInt64.max] where sample >= rig.count {
      context.doing("describe \(sample) of \(rig.count)")
      let answer = rig.describe(sample).1
      context.expect(
        answer.status == wanted,
        "describe \(sample) of \(rig.count) samples answered \(answer.description), expected status \(wanted)")
      context.doing("read \(sample) of \(rig.count)")
      let picture = try rig.read(.init(sample: sample))
      context.expect(
        picture.answer.status == wanted,
        "read \(sample) of \(rig.count) samples answered \(picture.answer.description), expected status \(wanted)")
    }
    for index in [UInt32(rig.classCount), UInt32(rig.classCount) + 1, UInt32.max] {
      context.doing("class_name \(index) of \(rig.classCount)")
      let answer = rig.className(index, into: try GuardedArray("name", bytes: 256))
      context.expect(
        answer.status == wanted,
        "class_name \(index) of \(rig.classCount) classes answered \(answer.description), expected status \(wanted)")
    }
  }
}

private func == (a: (SourceSample, PluginAnswer), b: (SourceSample, PluginAnswer)) -> Bool {
  a.0 == b.0 && a.1 == b.1
}
