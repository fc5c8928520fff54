import CWorkbenchPlugin
import Foundation

/// A plugin's data source, opened.
public final class OpenSource: @unchecked Sendable {
  public struct Sample: Equatable, Sendable {
    public let label: Int
    public let name: String
    public let group: String

    public init(label: Int, name: String, group: String) {
      self.label = label
      self.name = name
      self.group = group
    }
  }

  public struct Picture: Equatable, Sendable {
    public let width: Int
    public let height: Int
    public let bytes: [UInt8]
  }

  private let type: UnsafePointer<workbench_source_type>
  // Set by `init` alone. The source is thread-safe, if it says so; each read has a workspace of its own.
  private let info: workbench_source_info
  public var count: Int { Int(info.count) }
  public var isThreadSafe: Bool { info.flags & UInt32(WORKBENCH_THREAD_SAFE) != 0 }
  public var variesByEpoch: Bool { info.flags & UInt32(WORKBENCH_VARIES_BY_EPOCH) != 0 }

  public init(_ type: UnsafePointer<workbench_source_type>, _ given: [String: OptionValues.Value] = [:]) throws {
    self.type = type
    let options = OptionValues(type.pointee.options, count: type.pointee.option_count, given)
    var request = workbench_source_request()
    request.struct_size = UInt32(MemoryLayout<workbench_source_request>.size)
    request.options = options.pointer
    var info = workbench_source_info()
    info.struct_size = UInt32(MemoryLayout<workbench_source_info>.size)
    try ".".withCString { folder in
      request.folder = folder
      try checked { type.pointee.open(type, &request, &info, $0, $1) }
    }
    self.info = info
  }

  deinit { type.pointee.close(type, info.state) }

  public func className(_ index: Int) throws -> String {
    var name = [CChar](repeating: 0, count: 100)
    try checked { type.pointee.class_name(type, info.state, UInt32(index), &name, name.count, $0, $1) }
    return text(name)
  }

  public var classes: [String] { get throws { try (0..<Int(info.class_count)).map(className) } }

  public func describe(_ sample: Int) throws -> Sample {
    var description = workbench_sample()
    description.struct_size = UInt32(MemoryLayout<workbench_sample>.size)
    try checked { type.pointee.describe(type, info.state, UInt64(sample), &description, $0, $1) }
    func string<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return Sample(label: Int(description.label), name: string(description.name), group: string(description.group))
  }

  /// - Parameter size: what the network wants; 0 for no preference.
  public func read(_ sample: Int, epoch: Int = 0, size: Int = 0) throws -> Picture {
    final class Memory { var bytes: UnsafeMutableRawBufferPointer? }
    let memory = Memory()
    let workspace = UnsafeMutableRawPointer.allocate(byteCount: max(1, Int(info.workspace_bytes)), alignment: 64)
    defer {
      workspace.deallocate()
      memory.bytes?.deallocate()
    }
    var read = workbench_read()
    read.struct_size = UInt32(MemoryLayout<workbench_read>.size)
    read.sample = UInt64(sample)
    read.epoch = UInt64(epoch)
    (read.preferred_width, read.preferred_height) = (UInt32(size), UInt32(size))
    read.workspace = workspace
    read.host_data = Unmanaged.passUnretained(memory).toOpaque()
    read.reserve = { read, count in
      guard let read else { return nil }
      let memory = Unmanaged<Memory>.fromOpaque(read.pointee.host_data).takeUnretainedValue()
      memory.bytes = .allocate(byteCount: Int(count), alignment: 64)
      return memory.bytes?.baseAddress
    }
    try checked { type.pointee.read(type, info.state, &read, $0, $1) }
    return Picture(width: Int(read.width), height: Int(read.height), bytes: memory.bytes.map(Array.init) ?? [])
  }
}
