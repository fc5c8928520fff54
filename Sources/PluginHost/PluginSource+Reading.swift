import CWorkbenchPlugin
import Datasets
import Foundation
import Images

/// What one reading of a sample writes to; kept for the next one.
final class SampleMemory {
  /// nil when the source wants none.
  let workspace: UnsafeMutableRawPointer?
  private let bytes = ByteBuffer()

  // Of the reading that is under way.
  private(set) var requests = 0
  private(set) var requested: UInt64 = 0
  private(set) var start: UnsafeMutablePointer<UInt8>?

  /// The largest sample: 1 GiB, which is more than the largest picture's pixels.
  static let mostBytes = PictureDecoder.maximumFileBytes
  /// So much is kept from one sample to the next.
  private static let keptBytes = 32 << 20

  /// nil when there is no such memory.
  init?(workspaceBytes: Int) {
    if workspaceBytes == 0 {
      workspace = nil
      return
    }
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, workspaceBytes) == 0 else { return nil }
    workspace = memory
  }

  deinit { free(workspace) }

  func begin() {
    requests = 0
    requested = 0
    start = nil
  }

  /// - Returns: nil when it is asked for again, for nothing, for too much, or there is no memory.
  func reserve(_ count: UInt64) -> UnsafeMutablePointer<UInt8>? {
    requests += 1
    if requests > 1 { return nil }
    requested = count
    guard count > 0, count <= UInt64(SampleMemory.mostBytes) else { return nil }
    start = bytes.reserve(Int(count))
    return start
  }

  func trim() { bytes.trim(to: SampleMemory.keptBytes) }
}

extension PluginSource {
  public func withPicture(
    _ sample: Int, epoch: Int, width: Int, height: Int, _ body: (ProvidedContents) throws(ImageError) -> Void
  ) throws(ImageError) {
    let existing = idleLock.withLock { idle.popLast() }
    guard let memory = existing ?? SampleMemory(workspaceBytes: workspaceBytes) else {
      throw fault(.tooLarge, "wants \(workspaceBytes) bytes of scratch memory, which are not there")
    }
    defer {
      memory.trim()
      idleLock.withLock { idle.append(memory) }
    }
    memory.begin()
    var read = workbench_read()
    read.struct_size = UInt32(MemoryLayout<workbench_read>.size)
    read.sample = UInt64(sample)
    read.epoch = UInt64(epoch)
    read.preferred_width = UInt32(clamping: width)
    read.preferred_height = UInt32(clamping: height)
    read.workspace = memory.workspace
    read.host_data = Unmanaged.passUnretained(memory).toOpaque()
    read.reserve = { read, count in
      guard let memory = read?.pointee.host_data else { return nil }
      return UnsafeMutableRawPointer(Unmanaged<SampleMemory>.fromOpaque(memory).takeUnretainedValue().reserve(count))
    }
    let (status, message) = call { type.pointee.read(type, state, &read, $0, MessageBuffer.byteCount) }
    if Int(status) != WORKBENCH_OK {
      throw .plugin(ImageError.PluginFailure(status), reason: "the plugin \(plugin) says: \(message)")
    }
    try body(try contents(of: read, in: memory))
  }

  /// What a reading that did not fail has left.
  private func contents(of read: workbench_read, in memory: SampleMemory) throws(ImageError) -> ProvidedContents {
    if memory.requests == 0 { throw fault(.failed, "gave no bytes: it did not call reserve") }
    if memory.requests > 1 { throw fault(.failed, "called reserve \(memory.requests) times for one sample") }
    guard let start = memory.start else {
      throw fault(
        memory.requested == 0 ? .failed : .tooLarge,
        "asked for \(memory.requested) bytes for one sample, which could not be had")
    }
    let byteCount = Int(memory.requested)
    switch UInt32(bitPattern: read.format) {
    case WORKBENCH_ENCODED.rawValue:
      return .encoded(UnsafeRawBufferPointer(start: start, count: byteCount))
    case WORKBENCH_RGB.rawValue:
      let (width, height) = (Int(read.width), Int(read.height))
      guard width > 0, height > 0 else { throw fault(.failed, "gave a picture of \(width) x \(height) pixels") }
      // Both are below 2^32, so that neither product overflows, but for sides that are too long anyway.
      if width.multipliedReportingOverflow(by: height).overflow || width * height > PictureDecoder.maximumPixels {
        throw .tooLarge(width: width, height: height, maximumPixels: PictureDecoder.maximumPixels)
      }
      if width * height * 3 != byteCount {
        throw fault(
          .failed, "reserved \(byteCount) bytes for \(width) x \(height) pixels, which take \(width * height * 3)")
      }
      return .pixels(start, width: width, height: height)
    default:
      throw fault(.failed, "gave a sample of the format \(read.format), which is none of workbench_sample_format")
    }
  }

  private func fault(_ failure: ImageError.PluginFailure, _ what: String) -> ImageError {
    .plugin(failure, reason: "the plugin \(plugin) \(what)")
  }
}
