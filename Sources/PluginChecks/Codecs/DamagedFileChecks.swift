import CWorkbenchPlugin
import Tensors

/// What a codec does with files that are not as they should be.
enum DamagedFileChecks {
  static func truncated(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    for sample in try rig.requireSamples().prefix(4) {
      for count in lengths(sample.bytes.count) {
        let what = "the first \(count) of \(sample.bytes.count) bytes of \(sample.name)"
        context.doing("header and decode: \(what)")
        try check(context, rig, Array(sample.bytes.prefix(count)), what)
        if context.failureCount >= CheckContext.mostFailures { return }
      }
    }
  }

  /// All short ones, the last ones, and some between.
  private static func lengths(_ count: Int) -> [Int] {
    if count <= 400 { return Array(0..<count) }
    return Array(0..<160) + (1..<140).map { 160 + $0 * (count - 260) / 140 } + Array(count - 100..<count)
  }

  static func damaged(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    var stream = RandomStream(RandomKey(seed: 8))
    for sample in try rig.requireSamples().prefix(4) {
      let count = sample.bytes.count
      // Every bit of the first bytes, where formats keep their sizes; then any.
      var changes = (0..<min(count, 40)).flatMap { byte in (0..<8).map { [(byte, UInt8(1) << $0)] } }
      changes += (0..<min(count, 40)).flatMap { byte in [0x00, 0x7f, 0xff].map { [(byte, sample.bytes[byte] ^ $0)] } }
      for _ in 0..<200 {
        changes.append(
          (0..<3).map { _ in (stream.integer(below: count), UInt8(1) << UInt8(stream.integer(below: 8))) })
      }
      for change in changes {
        var bytes = sample.bytes
        for (place, mask) in change { bytes[place] ^= mask }
        let places = change.map { "byte \($0.0) xor 0x\(hex(UInt32($0.1)))" }.joined(separator: ", ")
        let what = "\(sample.name) with \(places)"
        context.doing("header and decode: \(what)")
        try check(context, rig, bytes, what)
        if context.failureCount >= CheckContext.mostFailures { return }
      }
    }
  }

  private static func check(_ context: CheckContext, _ rig: CodecRig, _ bytes: [UInt8], _ what: String) throws {
    let decoded = try rig.decode(bytes)
    decoded.answer.checkRefusal(context, decoded.function, what)
    for damage in decoded.damage { context.fail("\(damage) by decode: \(what)") }
    CodecChecks.checkWritten(context, rig, bytes, decoded, what)
  }

  static func messages(_ context: CheckContext) throws {
    let rig = CodecRig(context)
    var files: [(String, [UInt8])] = [
      ("no bytes", []), ("64 bytes 0", [UInt8](repeating: 0, count: 64)), ("text", Array("no picture at all".utf8)),
    ]
    for sample in rig.samples.prefix(2) {
      files += [4, 6, 8, 16, sample.bytes.count - 1].filter { (1..<sample.bytes.count).contains($0) }
        .map { ("the first \($0) bytes of \(sample.name)", Array(sample.bytes.prefix($0))) }
    }
    var isTried = false
    let (type, raw) = (rig.type.pointer, rig.type.pointer.pointee)
    for (name, bytes) in files {
      context.doing("header and decode: \(name)")
      let decoded = try rig.decode(bytes)
      if decoded.answer.isOK { continue }
      isTried = true
      var picture = workbench_picture()
      picture.struct_size = UInt32(MemoryLayout<workbench_picture>.size)
      let isHeader = decoded.function == "header"
      if !isHeader { _ = PluginAnswer { raw.header?(type, bytes, UInt64(bytes.count), &picture, $0, $1) ?? 0 } }
      let rgb = try GuardedArray("picture", bytes: decoded.picture.width * decoded.picture.height * 3)
      let workspace = try GuardedArray("workspace", bytes: Int(clamping: picture.workspace_bytes))
      try PluginAnswer.checkMessages(context, decoded.function, name) { message, size in
        isHeader
          ? raw.header?(type, bytes, UInt64(bytes.count), &picture, message, size) ?? 0
          : raw.decode?(
            type, bytes, UInt64(bytes.count), &picture, rgb.pointer.assumingMemoryBound(to: UInt8.self),
            workspace.pointer, message, size) ?? 0
      }
    }
    if !isTried { throw CheckContext.NotApplicable(reason: "nothing of what was tried was refused") }
  }
}
