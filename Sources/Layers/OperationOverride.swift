import Synchronization

/// Computations that plugins put in the place of a built-in layer's own, for requests that they claim.
public enum OperationOverride {
  /// - Returns: nil when this request is left to the built-in computation.
  public typealias Claim = @Sendable (any Layer, OperationRequest) throws(OperationError) -> (any Operation)?

  private static let claims = Mutex<[String: [Claim]]>([:])

  /// - Parameter layer: the name of the built-in layer. The first claim that wants a request gets it.
  public static func register(layer: String, _ claim: @escaping Claim) {
    claims.withLock { $0[layer, default: []].append(claim) }
  }

  /// - Throws: `OperationError` when a claim fails, as against declining.
  public static func operation(
    for layer: any Layer, _ request: OperationRequest
  ) throws(OperationError) -> (any Operation)? {
    let claims = claims.withLock { $0.isEmpty ? [] : $0[layer.typeName] ?? [] }
    for claim in claims { if let operation = try claim(layer, request) { return operation } }
    return nil
  }
}
