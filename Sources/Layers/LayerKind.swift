import Schemas

/// One kind of layer, built in or of a plugin: what it takes, and how one is made.
public struct LayerKind: Sendable {
  public let schema: Schema
  /// nil: built in.
  public let origin: LayerOrigin?
  /// From options that were checked against `schema`. Throws `LayerError.options`.
  public let make: @Sendable (Options) throws -> any Layer

  public init(schema: Schema, origin: LayerOrigin?, make: @escaping @Sendable (Options) throws -> any Layer) {
    self.schema = schema
    self.origin = origin
    self.make = make
  }

  init(_ type: any BuiltInLayer.Type) {
    self.init(schema: type.schema, origin: nil) { try type.init(options: $0) }
  }
}
