import Foundation

/// Float32 numbers in one aligned block of memory, with a shape.
///
/// A reference type: two variables that hold the same tensor see the same numbers. Nothing here synchronises; the code
/// that hands a tensor to several threads sees to it that they write to different parts.
public final class Tensor: @unchecked Sendable {
  public let shape: Shape
  public let pointer: UnsafeMutablePointer<Float>

  /// What `munmap` takes back; nil for a block of `posix_memalign`.
  private let mapping: (base: UnsafeMutableRawPointer, byteCount: Int)?

  private static let hugePageBytes = 2 << 20
  /// MADV_HUGEPAGE, which Glibc's module does not export.
  private static let adviseHugePages: Int32 = 14

  /// All zeros, aligned to 64 bytes or better.
  ///
  /// Large blocks come straight from the system: aligned to huge pages, zero without being touched, and given back at
  /// once.
  public init(_ shape: Shape) {
    self.shape = shape
    let byteCount = max(64, (shape.count * MemoryLayout<Float>.stride + 63) / 64 * 64)
    let block: UnsafeMutableRawPointer
    if byteCount >= 2 * Tensor.hugePageBytes {
      let total = byteCount + Tensor.hugePageBytes
      let base = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let base, base != MAP_FAILED else { Tensor.failAllocation(shape, byteCount) }
      block = base.alignedUp(toMultipleOf: Tensor.hugePageBytes)
      mapping = (base, total)
      #if os(Linux)
        madvise(block, byteCount, Tensor.adviseHugePages)
      #endif
    } else {
      var memory: UnsafeMutableRawPointer?
      guard posix_memalign(&memory, 64, byteCount) == 0, let memory else { Tensor.failAllocation(shape, byteCount) }
      memset(memory, 0, byteCount)
      block = memory
      mapping = nil
    }
    pointer = block.bindMemory(to: Float.self, capacity: byteCount / MemoryLayout<Float>.stride)
  }

  private static func failAllocation(_ shape: Shape, _ byteCount: Int) -> Never {
    fatalError("out of memory: a tensor of \(shape) needs \(byteCount) bytes")
  }

  public convenience init(_ shape: Shape, _ values: [Float]) {
    precondition(values.count == shape.count, "\(values.count) values for a tensor of \(shape)")
    self.init(shape)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: values.count) }
    }
  }

  deinit {
    if let mapping { munmap(mapping.base, mapping.byteCount) } else { free(pointer) }
  }

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
