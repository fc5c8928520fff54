import CWorkbenchPlugin
import Foundation
import PluginHost
import Tensors

/// A data source that is open.
final class SourceRig: @unchecked Sendable {
  let type: PluginSourceType
  let options: OptionCase
  let info: workbench_source_info

  var count: UInt64 { info.count }
  var classCount: Int { Int(info.class_count) }
  var isThreadSafe: Bool { info.flags & WORKBENCH_THREAD_SAFE != 0 }

  private init(_ type: PluginSourceType, _ options: OptionCase, _ info: workbench_source_info) {
    self.type = type
    self.options = options
    self.info = info
  }

  deinit { close() }

  private var isClosed = false

  func close() {
    if isClosed { return }
    isClosed = true
    type.pointer.pointee.close?(type.pointer, info.state)
  }

  /// - Parameter folder: what relative paths are relative to.
  static func open(
    _ type: PluginSourceType, _ options: OptionCase, folder: String
  ) -> (rig: SourceRig?, answer: PluginAnswer) {
    var info = workbench_source_info()
    info.struct_size = UInt32(MemoryLayout<workbench_source_info>.size)
    let answer = PluginAnswer { open(type, options, folder, &info, $0, $1) }
    return (answer.isOK ? SourceRig(type, options, info) : nil, answer)
  }

  /// The call itself.
  static func open(
    _ type: PluginSourceType, _ options: OptionCase, _ folder: String, _ info: inout workbench_source_info,
    _ message: UnsafeMutablePointer<CChar>?, _ bytes: Int
  ) -> Int32 {
    let values = PluginOptions(options.values, schema: type.schema)
    return withExtendedLifetime(values) {
      folder.withCString { folder in
        var request = workbench_source_request(
          struct_size: UInt32(MemoryLayout<workbench_source_request>.size), reserved: 0, options: values.pointer,
          folder: folder)
        return type.pointer.pointee.open?(type.pointer, &request, &info, message, bytes) ?? Int32(WORKBENCH_FAILED)
      }
    }
  }

  /// - Parameter array: where the name goes.
  func className(_ index: UInt32, into array: GuardedArray) -> PluginAnswer {
    PluginAnswer {
      type.pointer.pointee.class_name?(
        type.pointer, info.state, index, array.pointer.assumingMemoryBound(to: CChar.self), array.byteCount, $0, $1)
        ?? Int32(WORKBENCH_FAILED)
    }
  }

  func describe(_ sample: UInt64) -> (SourceSample, PluginAnswer) {
    var description = workbench_sample()
    description.struct_size = UInt32(MemoryLayout<workbench_sample>.size)
    let answer = PluginAnswer {
      type.pointer.pointee.describe?(type.pointer, info.state, sample, &description, $0, $1) ?? Int32(WORKBENCH_FAILED)
    }
    return (SourceSample(description), answer)
  }

  /// How a sample is read.
  struct Reading {
    var sample: UInt64
    var epoch: UInt64 = 0
    var width = 48
    var height = 40
    /// What stands in the workspace and in the picture before.
    var fill: UInt8 = 0
    var isTight = false
    /// Whether the host has no memory for the picture.
    var hasNoMemory = false
  }

  func read(_ reading: Reading) throws -> SourcePicture {
    let bytes = Int(clamping: info.workspace_bytes)
    let workspace = bytes == 0 ? nil : try GuardedArray("workspace", bytes: bytes, isTight: reading.isTight)
    workspace?.fill(reading.fill)
    let host = ReadHost(reading)
    var read = workbench_read()
    read.struct_size = UInt32(MemoryLayout<workbench_read>.size)
    read.sample = reading.sample
    read.epoch = reading.epoch
    read.preferred_width = UInt32(reading.width)
    read.preferred_height = UInt32(reading.height)
    read.workspace = workspace?.pointer
    read.reserve = ReadHost.reserve
    read.host_data = Unmanaged.passUnretained(host).toOpaque()
    let answer = withExtendedLifetime((host, workspace)) {
      PluginAnswer {
        type.pointer.pointee.read?(type.pointer, info.state, &read, $0, $1) ?? Int32(WORKBENCH_FAILED)
      }
    }
    return SourcePicture(
      answer: answer, format: read.format, width: Int(read.width), height: Int(read.height), requests: host.requests,
      bytes: host.array?.bytes, damage: [workspace?.damage, host.array?.damage].compactMap(\.self))
  }
}

/// What one reading gave.
struct SourcePicture {
  let answer: PluginAnswer
  let format: Int32
  let width: Int
  let height: Int
  /// The bytes that `reserve` was asked for, call by call.
  let requests: [UInt64]
  let bytes: [UInt8]?
  /// What was written beside workspace and picture.
  let damage: [String]

  func isSame(as other: SourcePicture) -> Bool {
    answer.status == other.answer.status && format == other.format && width == other.width && height == other.height
      && bytes == other.bytes
  }

  /// In what the other one differs, in words.
  func difference(from other: SourcePicture) -> String {
    if answer.status != other.answer.status { return "\(answer.description), expected \(other.answer.description)" }
    if (format, width, height) != (other.format, other.width, other.height) {
      return "format \(format), \(width) x \(height), expected format \(other.format), \(other.width) x \(other.height)"
    }
    let (a, b) = (bytes ?? [], other.bytes ?? [])
    if a.count != b.count { return "\(a.count) bytes, expected \(b.count)" }
    let place = zip(a, b).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
    let count = zip(a, b).count { $0 != $1 }
    return "byte \(place) is \(a[place]), expected \(b[place]) (\(count) of \(a.count) differ)"
  }
}

/// `workbench_sample` in Swift's words.
struct SourceSample: Equatable {
  let label: Int32
  let split: Int32
  /// nil: no 0 within the field.
  let name: String?
  let group: String?

  init(_ raw: workbench_sample) {
    func text<Field>(_ field: Field) -> String? {
      withUnsafeBytes(of: field) { bytes in
        bytes.contains(0) ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : nil
      }
    }
    label = raw.label
    split = raw.split
    name = text(raw.name)
    group = text(raw.group)
  }
}

/// The host's side of one reading.
private final class ReadHost {
  private let reading: SourceRig.Reading
  private(set) var requests: [UInt64] = []
  private(set) var array: GuardedArray?
  /// Earlier ones, which a plugin may still write to.
  private var others: [GuardedArray] = []

  init(_ reading: SourceRig.Reading) { self.reading = reading }

  static let reserve: @convention(c) (UnsafeMutablePointer<workbench_read>?, UInt64) -> UnsafeMutableRawPointer? = {
    read, bytes in
    guard let data = read?.pointee.host_data else { return nil }
    return Unmanaged<ReadHost>.fromOpaque(data).takeUnretainedValue().reserve(bytes)
  }

  private func reserve(_ bytes: UInt64) -> UnsafeMutableRawPointer? {
    requests.append(bytes)
    if reading.hasNoMemory || bytes > 1 << 32 { return nil }
    if let array { others.append(array) }
    array = try? GuardedArray("picture", bytes: Int(bytes), isTight: reading.isTight)
    array?.fill(reading.fill)
    return array?.pointer
  }
}
