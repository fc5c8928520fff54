import CWorkbenchPlugin
import Foundation
import PluginHost

/// A codec and the files to try it with.
struct CodecRig: @unchecked Sendable {
  struct Sample {
    let name: String
    let bytes: [UInt8]
  }

  /// What decoding gave.
  struct Decoded: Equatable {
    var answer: PluginAnswer
    var picture = Size()
    /// nil when `header` refused, or the picture is larger than the checks try.
    var rgb: [UInt8]?
    var damage: [String] = []
    /// What read or wrote where: `header` or `decode`.
    var function = "header"

    struct Size: Equatable {
      var width = 0
      var height = 0
      var orientation = 0
    }
  }

  let type: PluginCodecType
  let samples: [Sample]

  /// Larger pictures are not decoded.
  private static let mostPixels = 1 << 22
  /// Larger files are not taken as samples.
  private static let mostBytes = 1 << 24

  init(_ context: CheckContext) {
    type = context.library.codecs[context.subject.index]
    samples = CodecRig.samples(context, type)
  }

  /// The files of `--sample` and of folders named `samples` near the library, of the codec's endings.
  private static func samples(_ context: CheckContext, _ type: PluginCodecType) -> [Sample] {
    let library = URL(fileURLWithPath: context.library.path).deletingLastPathComponent()
    var folders = [library.appendingPathComponent("\(context.library.id)/samples")]
    // A library that was built lies up to three folders below its sources: .build/<platform>/release.
    var folder = library
    for _ in 0...3 {
      folders.append(folder.appendingPathComponent("samples"))
      folder.deleteLastPathComponent()
    }
    let found = folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        .map { folder.appendingPathComponent($0) }
    }
    let files = context.settings.samples.map { URL(fileURLWithPath: $0) } + found
    return files.filter { type.extensions.contains($0.pathExtension.lowercased()) }.prefix(8).compactMap { file in
      guard let data = try? Data(contentsOf: file), !data.isEmpty, data.count <= mostBytes else { return nil }
      return Sample(name: file.lastPathComponent, bytes: Array(data))
    }
  }

  /// - Throws: `CheckContext.NotApplicable` when there is no sample.
  func requireSamples() throws -> [Sample] {
    if samples.isEmpty {
      let ending = type.extensions.first ?? "file"
      throw CheckContext.NotApplicable(
        reason: "no sample: give --sample FILE.\(ending), or a folder 'samples' beside the library")
    }
    return samples
  }

  func recognises(_ bytes: [UInt8]) throws -> Int32 {
    let input = try Input(Array(bytes.prefix(64)))
    return type.pointer.pointee.recognises?(type.pointer, input.pointer, UInt64(input.count)) ?? 0
  }

  /// `header` and, where that accepts, `decode`; the bytes end where memory that cannot be accessed begins.
  ///
  /// - Parameter fill: what stands in picture and workspace before.
  func decode(_ bytes: [UInt8], fill: UInt8 = 0, isTight: Bool = false) throws -> Decoded {
    let input = try Input(bytes)
    var picture = workbench_picture()
    picture.struct_size = UInt32(MemoryLayout<workbench_picture>.size)
    let raw = type.pointer.pointee
    let header = PluginAnswer {
      raw.header?(type.pointer, input.pointer, UInt64(input.count), &picture, $0, $1) ?? Int32(WORKBENCH_FAILED)
    }
    var result = Decoded(answer: header)
    if !header.isOK { return result }
    result.picture = .init(
      width: Int(picture.width), height: Int(picture.height), orientation: Int(picture.orientation))
    let (pixels, isTooMany) = result.picture.width.multipliedReportingOverflow(by: result.picture.height)
    if isTooMany || pixels == 0 || pixels > CodecRig.mostPixels || picture.workspace_bytes > 1 << 28 { return result }
    let rgb = try GuardedArray("picture", bytes: pixels * 3, isTight: isTight)
    rgb.fill(fill)
    let workspace =
      picture.workspace_bytes == 0
      ? nil : try GuardedArray("workspace", bytes: Int(picture.workspace_bytes), isTight: isTight)
    workspace?.fill(fill)
    result.function = "decode"
    result.answer = PluginAnswer {
      raw.decode?(
        type.pointer, input.pointer, UInt64(input.count), &picture,
        rgb.pointer.assumingMemoryBound(to: UInt8.self), workspace?.pointer, $0, $1) ?? Int32(WORKBENCH_FAILED)
    }
    result.damage = [rgb.damage, workspace?.damage].compactMap(\.self)
    if result.answer.isOK { result.rgb = rgb.bytes }
    return result
  }

  /// The bytes of a file, the last one right before memory that cannot be accessed.
  private final class Input {
    let count: Int
    private let array: GuardedArray
    let pointer: UnsafePointer<UInt8>

    init(_ bytes: [UInt8]) throws {
      count = bytes.count
      // A block's end is aligned to 64 bytes; the file's need not be.
      let rounded = (bytes.count + 63) / 64 * 64
      array = try GuardedArray("the file's bytes", bytes: rounded, isTight: true)
      let start = array.pointer + (rounded - bytes.count)
      bytes.withUnsafeBytes { if let base = $0.baseAddress { start.copyMemory(from: base, byteCount: $0.count) } }
      pointer = UnsafePointer(start.assumingMemoryBound(to: UInt8.self))
    }
  }
}
