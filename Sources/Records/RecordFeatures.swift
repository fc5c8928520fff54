import Foundation
import SwiftProtobuf

/// What a record holds, by key: a decoded tf.Example.
public struct RecordFeatures: Sendable {
  public let place: RecordPlace
  private let features: [String: ProtoFeature]

  init(payload: UnsafeRawBufferPointer, place: RecordPlace) throws(RecordError) {
    self.place = place
    do {
      // Not copied: what is kept of it below is.
      let data =
        payload.baseAddress.map {
          Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: $0), count: payload.count, deallocator: .none)
        } ?? Data()
      features = try ProtoExample(serializedBytes: data).features.feature
    } catch {
      throw .notAnExample(place)
    }
  }

  /// Sorted by bytes.
  public var keys: [String] { features.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// nil when there is no such key.
  public subscript(key: String) -> RecordValue? {
    guard let feature = features[key] else { return nil }
    return switch feature.kind {
    case .bytesList(let list): .bytes(list.value)
    case .int64List(let list): .integers(list.value)
    case .floatList(let list): .numbers(list.value)
    case nil: RecordValue.none
    }
  }

  /// `'image' (bytes)`, ...: each key with what it holds, for messages.
  public var keyDescriptions: [String] {
    keys.map { "'\($0)' (\(self[$0]?.kindDescription ?? "nothing"))" }
  }

  /// The bytes of a feature that holds one run of them, as a picture does.
  ///
  /// - Throws: `RecordError.missingKey`, `.wrongKind`.
  public func bytes(_ key: String) throws(RecordError) -> Data {
    let value = try value(key)
    guard case .bytes(let list) = value, list.count == 1 else {
      throw .wrongKind(place, key: key, wanted: "the bytes of one picture file", found: value.kindDescription)
    }
    return list[0]
  }

  /// The class, a number or a name.
  ///
  /// - Throws: `RecordError.missingKey`, `.wrongKind`, `.labelNotText`.
  public func label(_ key: String) throws(RecordError) -> RecordLabel {
    let value = try value(key)
    switch value {
    case .integers(let list) where list.count == 1: return .number(Int(list[0]))
    case .bytes(let list) where list.count == 1:
      guard let name = String(validating: list[0], as: UTF8.self) else { throw .labelNotText(place, key: key) }
      return .name(name)
    default: throw .wrongKind(place, key: key, wanted: "one int64 or one name", found: value.kindDescription)
    }
  }

  private func value(_ key: String) throws(RecordError) -> RecordValue {
    guard let value = self[key] else { throw .missingKey(place, key: key, found: keys.map { "'\($0)'" }) }
    return value
  }
}

extension RecordFile {
  /// Reads, checks and decodes a record.
  ///
  /// - Throws: `RecordError.damagedPayload`, `.notAnExample`, `.shrunk`.
  public func features(at index: Int) throws(RecordError) -> RecordFeatures {
    try withPayload(at: index) { (payload) throws(RecordError) in
      try RecordFeatures(payload: payload, place: place(of: index))
    }
  }

  /// The picture file (JPEG, PNG, ...) in a record.
  ///
  /// - Throws: `RecordError` that names the file and the byte where the record begins.
  public func picture(at index: Int, key: String = RecordKeys.defaultImage) throws(RecordError) -> Data {
    try features(at: index).bytes(key)
  }

  /// The class in a record.
  ///
  /// - Throws: as `picture(at:key:)`.
  public func label(at index: Int, key: String = RecordKeys.defaultLabel) throws(RecordError) -> RecordLabel {
    try features(at: index).label(key)
  }
}
