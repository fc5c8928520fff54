import CWorkbenchPlugin
import Datasets
import Foundation
import Images
import Schemas

/// A data source of a plugin, opened with options: pictures as data sets take them.
///
/// Calls of a source that is not thread-safe follow one after the other, those of other open sources of the plugin
/// included; what it gives is decoded outside of the lock.
public final class PluginSource: PictureProvider, @unchecked Sendable {
  public let name: String
  public let origin: String
  public let count: Int
  public let classes: [String]
  public let variesByEpoch: Bool
  /// Whether several threads may read at once.
  public let isThreadSafe: Bool

  /// The plugin's id, for messages.
  let plugin: String
  let type: UnsafePointer<workbench_source_type>
  let state: UnsafeMutableRawPointer?
  let workspaceBytes: Int
  /// The plugin's: held during each call that the header says comes one at a time.
  let calls: NSLock
  /// Memory that no reading thread uses now; guarded by `idleLock`.
  var idle: [SampleMemory] = []
  let idleLock = NSLock()

  /// More classes than this a source cannot have.
  package static let mostClasses = 1 << 20
  /// 16 bytes for each pixel of the largest picture.
  package static let mostWorkspace = 16 * PictureDecoder.maximumPixels
  static let classNameBytes = 256

  /// Opens the source.
  ///
  /// - Parameters:
  ///   - library: the plugin that brings it.
  ///   - options: checked against a schema that contains all options of the source's.
  ///   - folder: what relative paths among the options are relative to.
  /// - Throws: `DatasetError.provider`: `.unreadable` when the plugin says so, `.failed` for the rest.
  public init(
    _ type: PluginSourceType, of library: PluginLibrary, options: Options,
    folder: String = FileManager.default.currentDirectoryPath
  ) throws(DatasetError) {
    let passed = PluginOptions(options, schema: type.schema)
    let raw = type.pointer.table
    var info = workbench_source_info()
    info.struct_size = UInt32(MemoryLayout<workbench_source_info>.size)
    let (status, message) = folder.withCString { folder in
      var request = workbench_source_request(
        struct_size: UInt32(MemoryLayout<workbench_source_request>.size), reserved: 0, options: passed.pointer,
        folder: folder)
      return MessageBuffer.with { buffer in
        let status = raw.open(type.pointer, &request, &info, buffer, MessageBuffer.byteCount)
        return (status, MessageBuffer.text(buffer, fallback: ImageError.PluginFailure(status).fallback))
      }
    }
    withExtendedLifetime(passed) {}
    if Int(status) == WORKBENCH_UNREADABLE { throw .provider(name: type.name, .unreadable(reason: message)) }
    guard Int(status) == WORKBENCH_OK else { throw .provider(name: type.name, .failed(reason: message)) }

    name = type.name
    plugin = library.id
    calls = library.calls
    self.type = type.pointer
    state = info.state
    isThreadSafe = info.flags & WORKBENCH_THREAD_SAFE != 0
    variesByEpoch = info.flags & WORKBENCH_VARIES_BY_EPOCH != 0
    origin =
      "\(type.name)\(PluginSource.text(of: options, schema: type.schema)) of the plugin \(library.id) \(library.version)"
    do throws(DatasetError) {
      count = try PluginSource.fitting(info.count, most: Dataset.maximumProvidedCount, "samples", of: type)
      let classCount = try PluginSource.fitting(
        UInt64(info.class_count), most: PluginSource.mostClasses, "classes", of: type)
      workspaceBytes = try PluginSource.fitting(
        info.workspace_bytes, most: PluginSource.mostWorkspace, "bytes of scratch memory for a sample", of: type)
      library.calls.lock()
      defer { library.calls.unlock() }
      classes = try PluginSource.classNames(type, state: info.state, count: classCount)
    } catch {
      // Nobody else will: an initialiser that throws has no end.
      library.calls.withLock { raw.close(type.pointer, info.state) }
      throw error
    }
  }

  deinit { calls.withLock { type.pointee.close(type, state) } }

  private static func fitting(
    _ number: UInt64, most: Int, _ what: String, of type: PluginSourceType
  ) throws(DatasetError) -> Int {
    guard let result = Int(exactly: number), result <= most else {
      throw .provider(name: type.name, .failed(reason: "the source has \(number) \(what), but at most \(most) can be"))
    }
    return result
  }

  private static func classNames(
    _ type: PluginSourceType, state: UnsafeMutableRawPointer?, count: Int
  ) throws(DatasetError) -> [String] {
    func fault(_ index: Int, _ reason: String) -> DatasetError {
      .provider(name: type.name, .failed(reason: "the name of class \(index): \(reason)"))
    }
    if count == 0 { throw .provider(name: type.name, .failed(reason: "the source has no classes")) }
    var names: [String] = []
    var buffer = [CChar](repeating: 0, count: classNameBytes)
    for index in 0..<count {
      buffer[0] = 0
      // Where a plugin writes to the last byte, it has forgotten the 0.
      buffer[classNameBytes - 1] = 1
      let (status, message) = MessageBuffer.with { message in
        let status = type.pointer.pointee.class_name(
          type.pointer, state, UInt32(index), &buffer, classNameBytes, message, MessageBuffer.byteCount)
        return (status, MessageBuffer.text(message, fallback: ImageError.PluginFailure(status).fallback))
      }
      guard Int(status) == WORKBENCH_OK else { throw fault(index, message) }
      guard let name = buffer.withUnsafeBytes(PluginSource.text) else {
        throw fault(index, "it is not UTF-8 text of less than \(classNameBytes) bytes in one line")
      }
      names.append(name)
    }
    return names
  }

  /// nil when there is no 0 in it, or what stands before is not UTF-8 or has control characters.
  static func text(_ buffer: UnsafeRawBufferPointer) -> String? {
    guard let end = buffer.firstIndex(of: 0) else { return nil }
    guard let text = String(validating: buffer[..<end], as: UTF8.self) else { return nil }
    return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) } ? text : nil
  }

  /// `{"count":400,"seed":1}`: the same for the same options.
  private static func text(of options: Options, schema: Schema) -> String {
    let names = Set(schema.options.map(\.name))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try? encoder.encode(options.values.filter { names.contains($0.key) })
    return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  public func describe(_ sample: Int) throws(DatasetError) -> ProvidedSample {
    func fault(_ reason: String) -> DatasetError {
      .provider(name: self.name, .failed(reason: "sample \(sample): \(reason)"))
    }
    var raw = workbench_sample()
    raw.struct_size = UInt32(MemoryLayout<workbench_sample>.size)
    let (status, message) = call { message in
      type.pointee.describe(type, state, UInt64(sample), &raw, message, MessageBuffer.byteCount)
    }
    guard Int(status) == WORKBENCH_OK else { throw fault(message) }
    let name = withUnsafeBytes(of: &raw.name, PluginSource.text)
    let group = withUnsafeBytes(of: &raw.group, PluginSource.text)
    guard let name, let group else {
      throw fault("its name or group is not UTF-8 text of less than \(WORKBENCH_SAMPLE_TEXT_BYTES) bytes in one line")
    }
    return ProvidedSample(
      label: Int(raw.label), name: name, group: group.isEmpty ? nil : group, split: try split(raw.split, sample))
  }

  private func split(_ raw: Int32, _ sample: Int) throws(DatasetError) -> Split? {
    switch UInt32(bitPattern: raw) {
    case WORKBENCH_SPLIT_NONE.rawValue: return nil
    case WORKBENCH_SPLIT_TRAIN.rawValue: return .train
    case WORKBENCH_SPLIT_VALIDATION.rawValue: return .validation
    case WORKBENCH_SPLIT_TEST.rawValue: return .test
    default:
      throw .provider(name: name, .failed(reason: "sample \(sample): its split \(raw) is none of workbench_split"))
    }
  }

  /// Calls the plugin, alone if need be.
  ///
  /// - Returns: the status, and what to say where it is not `WORKBENCH_OK`.
  func call(
    _ body: (UnsafeMutablePointer<CChar>) -> workbench_status
  ) -> (status: workbench_status, message: String) {
    MessageBuffer.with { buffer in
      if !isThreadSafe { calls.lock() }
      let status = body(buffer)
      if !isThreadSafe { calls.unlock() }
      if Int(status) == WORKBENCH_OK { return (status, "") }
      return (status, MessageBuffer.text(buffer, fallback: ImageError.PluginFailure(status).fallback))
    }
  }
}
