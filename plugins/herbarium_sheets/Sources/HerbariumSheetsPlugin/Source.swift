import CWorkbenchPlugin
import HerbariumSheets
import Synchronization

/// An open source: what it draws, and memory for as many reads as ever ran at once.
final class OpenSheets: Sendable {
  let painter: SheetPainter
  let count: Int
  /// Nil: what the network wants.
  let size: Int?
  private let idle = Mutex<[Idle]>([])

  /// A workspace that no read is using: it passes from thread to thread, and only one has it at a time.
  private struct Idle: @unchecked Sendable { let workspace: SheetWorkspace }

  init(_ options: SheetOptions) {
    painter = SheetPainter(options.settings)
    count = options.count
    size = options.size
  }

  /// The edge of the picture to draw for these wishes: sheets are square, and a wish beyond what can be drawn is only a
  /// wish.
  func edge(width: UInt32, height: UInt32) -> Int {
    if let size { return size }
    let wanted = Int(max(width, height))
    return wanted == 0 ? 256 : min(max(wanted, SheetPainter.sizes.lowerBound), SheetPainter.sizes.upperBound)
  }

  func index(_ sample: UInt64) throws(SourceError) -> Int {
    guard sample < UInt64(count) else { throw .outOfRange(sample: sample, count: count) }
    return Int(sample)
  }

  func draw(_ index: Int, size: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) {
    let taken = idle.withLock { $0.popLast() } ?? Idle(workspace: SheetWorkspace())
    painter.draw(index, size: size, taken.workspace, into: bytes)
    idle.withLock { $0.append(taken) }
  }

  /// The host's pointer to an open source, which `close` gives back.
  static func opened(_ state: UnsafeMutableRawPointer?) throws(SourceError) -> OpenSheets {
    guard let state else { throw .misuse("the source is not open") }
    return Unmanaged<OpenSheets>.fromOpaque(state).takeUnretainedValue()
  }
}

/// The table of the source: schema and functions.
func sheetSource() -> workbench_source_type {
  let options = optionSchema()
  var type = workbench_source_type()
  type.struct_size = UInt32(MemoryLayout<workbench_source_type>.size)
  type.name = forever("herbarium_sheets")
  type.help = forever("drawn herbarium sheets: stained and unstained ones, or clubmosses and spikemosses")
  type.option_count = UInt32(options.count)
  type.options = forever(options)
  type.open = { _, request, info, message, messageBytes in
    guarded(message, messageBytes) { () throws(SourceError) in
      guard let request, let info else { throw .misuse("a call without a request") }
      let source = OpenSheets(try SheetOptions(request.pointee.options))
      info.pointee.flags = UInt32(WORKBENCH_THREAD_SAFE)
      info.pointee.count = UInt64(source.count)
      info.pointee.class_count = UInt32(source.painter.settings.task.classes.count)
      info.pointee.state = Unmanaged.passRetained(source).toOpaque()
    }
  }
  type.close = { _, state in
    if let state { Unmanaged<OpenSheets>.fromOpaque(state).release() }
  }
  type.class_name = { _, state, index, name, nameBytes, message, messageBytes in
    guarded(message, messageBytes) { () throws(SourceError) in
      let classes = try OpenSheets.opened(state).painter.settings.task.classes
      guard let name, index < UInt32(classes.count) else { throw .noSuchClass(index) }
      write(classes[Int(index)], to: UnsafeMutableBufferPointer(start: name, count: nameBytes))
    }
  }
  type.describe = { _, state, sample, description, message, messageBytes in
    guarded(message, messageBytes) { () throws(SourceError) in
      let source = try OpenSheets.opened(state)
      let index = try source.index(sample)
      guard let description else { throw .misuse("a call without a description") }
      description.pointee.label = Int32(source.painter.label(index))
      let number = String(index)
      let zeros = String(repeating: "0", count: max(0, 5 - number.count))
      write("sheet \(zeros)\(number) (\(source.painter.growthForm(index)))", to: &description.pointee.name)
      write("collection \(source.painter.group(index))", to: &description.pointee.group)
    }
  }
  type.read = { _, state, read, message, messageBytes in
    guarded(message, messageBytes) { () throws(SourceError) in
      let source = try OpenSheets.opened(state)
      guard let read, let reserve = read.pointee.reserve else { throw .misuse("a call without memory") }
      let index = try source.index(read.pointee.sample)
      let edge = source.edge(width: read.pointee.preferred_width, height: read.pointee.preferred_height)
      let bytes = edge * edge * 3
      guard let memory = reserve(read, UInt64(bytes)) else { throw .outOfMemory(bytes: bytes) }
      let pixels = UnsafeMutableBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: bytes)
      source.draw(index, size: edge, into: pixels)
      read.pointee.format = Int32(WORKBENCH_RGB.rawValue)
      (read.pointee.width, read.pointee.height) = (UInt32(edge), UInt32(edge))
    }
  }
  return type
}

/// Runs the body of a call; what it throws becomes status and sentence.
private func guarded(
  _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int, _ body: () throws(SourceError) -> Void
) -> workbench_status {
  do {
    try body()
    return workbench_status(WORKBENCH_OK)
  } catch {
    return error.report(message, messageBytes)
  }
}

/// Copies a string into a field of `WORKBENCH_SAMPLE_TEXT_BYTES`.
private func write<Field>(_ text: String, to field: inout Field) {
  withUnsafeMutableBytes(of: &field) { bytes in write(text, to: bytes.bindMemory(to: CChar.self)) }
}
