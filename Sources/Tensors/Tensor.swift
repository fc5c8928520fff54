import Foundation

/// Float32 numbers in one aligned block of memory, with a shape.
///
/// A reference type: two variables that hold the same tensor see the same numbers. Nothing here synchronises; the code
/// that hands a tensor to several threads sees to it that they write to different parts.
public final class Tensor: @unchecked Sendable {
  public let shape: Shape
  public let pointer: UnsafeMutablePointer<Float>

  /// Blocks of this many bytes and more are aligned to, and advised to be backed by, huge pages.
  private static let hugePageBytes = 2 << 20

  /// All zeros, aligned to 64 bytes or better.
  public init(_ shape: Shape) {
    self.shape = shape
    let byteCount = max(64, (shape.count * MemoryLayout<Float>.stride + 63) / 64 * 64)
    let isLarge = byteCount >= 2 * Tensor.hugePageBytes
    var block: UnsafeMutableRawPointer?
    let status = posix_memalign(&block, isLarge ? Tensor.hugePageBytes : 64, byteCount)
    guard status == 0, let block else {
      fatalError("out of memory: a tensor of \(shape) needs \(byteCount) bytes")
    }
    #if os(Linux)
      let adviseHugePages: Int32 = 14  // MADV_HUGEPAGE
      if isLarge { madvise(block, byteCount, adviseHugePages) }
    #endif
    memset(block, 0, byteCount)
    pointer = block.bindMemory(to: Float.self, capacity: byteCount / MemoryLayout<Float>.stride)
  }

  public convenience init(_ shape: Shape, _ values: [Float]) {
    precondition(values.count == shape.count, "\(values.count) values for a tensor of \(shape)")
    self.init(shape)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: values.count) }
    }
  }

  deinit { free(pointer) }

  public var count: Int { shape.count }

  public var buffer: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: count) }

  /// A copy of the numbers.
  public var values: [Float] { Array(buffer) }

  public subscript(index: Int) -> Float {
    get { pointer[index] }
    set { pointer[index] = newValue }
  }

  public func copy() -> Tensor {
    let result = Tensor(shape)
    result.pointer.update(from: pointer, count: count)
    return result
  }

  public func fill(_ value: Float) { pointer.update(repeating: value, count: count) }
}
