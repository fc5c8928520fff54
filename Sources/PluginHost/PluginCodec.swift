import CWorkbenchPlugin
import Images

/// A picture format of a plugin, as `Images` asks for it.
public struct PluginCodec: PictureCodec {
  public let name: String
  public let extensions: [String]
  private let plugin: String
  private let type: PluginCodecType

  public init(_ type: PluginCodecType, of library: PluginLibrary) {
    self.type = type
    name = type.name
    extensions = type.extensions
    plugin = library.id
  }

  public func recognises(_ bytes: UnsafeRawBufferPointer) -> Bool {
    type.pointer.pointee.recognises(
      type.pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count)) != 0
  }

  public func header(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> PictureHeader {
    var picture = workbench_picture()
    picture.struct_size = UInt32(MemoryLayout<workbench_picture>.size)
    let (status, message) = PluginCodec.call {
      type.pointer.pointee.header(
        type.pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count), &picture, $0,
        MessageBuffer.byteCount)
    }
    if Int(status) != WORKBENCH_OK { throw failure(status, message) }
    return PictureHeader(
      width: Int(picture.width), height: Int(picture.height),
      orientation: picture.orientation == 0 ? 1 : Int(picture.orientation),
      workspaceBytes: Int(clamping: picture.workspace_bytes))
  }

  public func decode(
    _ bytes: UnsafeRawBufferPointer, header: PictureHeader, into pixels: UnsafeMutablePointer<UInt8>,
    workspace: UnsafeMutableRawPointer?
  ) throws(ImageError) {
    var picture = workbench_picture(
      struct_size: UInt32(MemoryLayout<workbench_picture>.size), width: UInt32(clamping: header.width),
      height: UInt32(clamping: header.height), orientation: UInt32(clamping: header.orientation),
      workspace_bytes: UInt64(clamping: header.workspaceBytes))
    let (status, message) = PluginCodec.call {
      type.pointer.pointee.decode(
        type.pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count), &picture, pixels,
        workspace, $0, MessageBuffer.byteCount)
    }
    if Int(status) != WORKBENCH_OK { throw failure(status, message) }
  }

  private static func call(
    _ body: (UnsafeMutablePointer<CChar>) -> workbench_status
  ) -> (status: workbench_status, message: String) {
    MessageBuffer.with { buffer in
      let status = body(buffer)
      if Int(status) == WORKBENCH_OK { return (status, "") }
      return (status, MessageBuffer.text(buffer, fallback: ImageError.PluginFailure(status).fallback))
    }
  }

  /// As the built-in formats say it, with the codec's name.
  private func failure(_ status: workbench_status, _ message: String) -> ImageError {
    switch Int(status) {
    case Int(WORKBENCH_TRUNCATED): .truncated(.other(name))
    case Int(WORKBENCH_CORRUPT): .corrupt(.other(name), message: message)
    case Int(WORKBENCH_UNSUPPORTED): .unsupported(what: "a \(name) of this kind (\(message))")
    default:
      .plugin(ImageError.PluginFailure(status), reason: "the codec \(name) of the plugin \(plugin) says: \(message)")
    }
  }
}

extension PluginLibrary {
  /// From now on the whole process reads pictures of the plugin's formats.
  ///
  /// - Throws: `PluginError.nameTaken` when there is a codec of the same name.
  public func registerCodecs() throws(PluginError) {
    for codec in codecs where !PictureCodecs.register(PluginCodec(codec, of: self)) {
      throw .nameTaken(path: path, what: "codec", name: codec.name, owner: "another plugin")
    }
  }
}
