import CWorkbenchPlugin
import Foundation
import TestSupport

/// A built plugin, loaded from beside the tests as the program loads it.
public final class LoadedPlugin: @unchecked Sendable {
  public enum Failure: Error { case notLoaded(String), hasNoEntry(String), declined(String), lacks(String) }

  public let plugin: UnsafePointer<workbench_plugin>
  // Never written after `init`; the plugin keeps no state of its own.
  private let handle: UnsafeMutableRawPointer

  /// Loads `lib<id>.so`; it stays loaded.
  public init(_ id: String) throws {
    let file = BuiltPlugin.path(id)
    guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else { throw Failure.notLoaded(String(cString: dlerror())) }
    self.handle = handle
    guard let symbol = dlsym(handle, "workbench_plugin_main") else { throw Failure.hasNoEntry(file) }
    typealias Entry =
      @convention(c) (
        UnsafePointer<workbench_host>?, UnsafeMutablePointer<CChar>?, Int
      ) -> UnsafePointer<workbench_plugin>?
    var message = [CChar](repeating: 0, count: 512)
    let entry = unsafeBitCast(symbol, to: Entry.self)
    guard let plugin = entry(Self.host, &message, message.count) else { throw Failure.declined(text(message)) }
    self.plugin = plugin
  }

  nonisolated(unsafe) private static let host: UnsafePointer<workbench_host> = {
    let host = UnsafeMutablePointer<workbench_host>.allocate(capacity: 1)
    host.initialize(to: workbench_host())
    host.pointee.struct_size = UInt32(MemoryLayout<workbench_host>.size)
    host.pointee.abi_major = WORKBENCH_PLUGIN_MAJOR
    host.pointee.abi_minor = WORKBENCH_PLUGIN_MINOR
    host.pointee.name = UnsafePointer(strdup("workbench"))
    host.pointee.version = UnsafePointer(strdup("0"))
    host.pointee.capability = { _, _ in nil }
    return UnsafePointer(host)
  }()

  public func capability(_ id: String) -> UnsafeRawPointer? { plugin.pointee.capability(plugin, id) }

  public func layer(_ name: String) throws -> UnsafePointer<workbench_layer_type> {
    let layers = capability(WORKBENCH_LAYERS)?.assumingMemoryBound(to: workbench_layers.self).pointee
    for index in 0..<Int(layers?.count ?? 0) {
      if let type = layers?.types?[index], String(cString: type.pointee.name) == name { return type }
    }
    throw Failure.lacks(name)
  }

  public func source(_ name: String) throws -> UnsafePointer<workbench_source_type> {
    let sources = capability(WORKBENCH_SOURCES)?.assumingMemoryBound(to: workbench_sources.self).pointee
    for index in 0..<Int(sources?.count ?? 0) {
      if let type = sources?.types?[index], String(cString: type.pointee.name) == name { return type }
    }
    throw Failure.lacks(name)
  }
}

/// What a plugin answered that is not OK.
public struct PluginFailure: Error, Equatable, CustomStringConvertible {
  public let status: Int
  public let message: String
  public init(status: Int, message: String) {
    self.status = status
    self.message = message
  }

  public var description: String { "status \(status): \(message)" }
}

/// Calls, and throws what is not OK.
func checked(_ call: (UnsafeMutablePointer<CChar>, Int) -> workbench_status?) throws(PluginFailure) {
  var message = [CChar](repeating: 0, count: 512)
  let status = message.withUnsafeMutableBufferPointer { call($0.baseAddress!, $0.count) }
  guard status == workbench_status(WORKBENCH_OK) else {
    throw PluginFailure(status: Int(status ?? -1), message: text(message))
  }
}

func text(_ characters: [CChar]) -> String {
  String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
