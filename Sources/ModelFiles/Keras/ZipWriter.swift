import CZip
import Foundation

/// Makes a zip archive in memory, its members stored as they are, as Keras does.
enum ZipWriter {
  /// - Parameter members: names and bytes, in this order. The same members give the same archive.
  /// - Throws: `ZipError`.
  static func archive(_ members: [(name: String, bytes: Data)]) throws(ZipError) -> Data {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let target = zip_source_buffer_create(nil, 0, 0, &error) else { throw ZipError(&error) }
    // Kept beyond `zip_close`, which would free it.
    zip_source_keep(target)
    defer { zip_source_free(target) }
    guard let archive = zip_open_from_source(target, ZIP_TRUNCATE, &error) else {
      zip_source_free(target)
      throw ZipError(&error)
    }
    for member in members { try add(member.name, member.bytes, to: archive) }
    guard zip_close(archive) == 0 else {
      let reason = zip_strerror(archive).map { String(cString: $0) } ?? "it cannot be written"
      zip_discard(archive)
      throw ZipError(reason: reason)
    }
    return try contents(of: target)
  }

  private static func add(_ name: String, _ bytes: Data, to archive: OpaquePointer) throws(ZipError) {
    // libzip reads the bytes in `zip_close` and then frees its copy.
    guard let copy = malloc(max(1, bytes.count)) else { throw ZipError(reason: "there is no memory for '\(name)'") }
    bytes.withUnsafeBytes { if let base = $0.baseAddress { memcpy(copy, base, $0.count) } }
    guard let source = zip_source_buffer(archive, copy, zip_uint64_t(bytes.count), 1) else {
      free(copy)
      throw ZipError(reason: zip_strerror(archive).map { String(cString: $0) } ?? "no source for '\(name)'")
    }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      throw ZipError(reason: zip_strerror(archive).map { String(cString: $0) } ?? "'\(name)' cannot be added")
    }
    // Stored, so that what has been written can be read without unpacking; a fixed date, so that bytes do not vary.
    guard zip_set_file_compression(archive, zip_uint64_t(index), ZIP_CM_STORE, 0) == 0,
      zip_file_set_dostime(archive, zip_uint64_t(index), 0, 0x21, 0) == 0
    else { throw ZipError(reason: zip_strerror(archive).map { String(cString: $0) } ?? "'\(name)' cannot be added") }
  }

  private static func contents(of source: OpaquePointer) throws(ZipError) -> Data {
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_source_stat(source, &status) == 0, zip_source_open(source) == 0 else {
      throw ZipError(reason: "the archive cannot be read back")
    }
    defer { zip_source_close(source) }
    var data = Data(count: Int(status.size))
    let found = data.withUnsafeMutableBytes { zip_source_read(source, $0.baseAddress!, zip_uint64_t($0.count)) }
    guard found == Int64(data.count) else { throw ZipError(reason: "the archive cannot be read back") }
    return data
  }
}

extension ZipError {
  fileprivate init(_ error: inout zip_error_t) {
    reason = zip_error_strerror(&error).map { String(cString: $0) } ?? "unknown"
  }
}
