import CZip
import Foundation

/// What libzip or the sizes in an archive complain of, as a clause.
struct ZipError: Error, Equatable {
  let reason: String
}

/// A zip file opened for reading, whose members are read whole.
final class ZipArchive {
  private let archive: OpaquePointer

  /// - Throws: `ZipError` when the file is no archive or a damaged one.
  init(path: String) throws(ZipError) {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw ZipError(reason: zip_error_strerror(&error).map { String(cString: $0) } ?? "code \(code)")
    }
    self.archive = archive
  }

  deinit { zip_discard(archive) }

  /// Whether the file begins as zip archives do.
  static func looksLikeOne(path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    guard let start = try? handle.read(upToCount: 4) else { return false }
    return start == Data("PK\u{3}\u{4}".utf8) || start == Data("PK\u{5}\u{6}".utf8)
  }

  /// The names of the members; one that is not UTF-8 is left out.
  var names: [String] {
    (0..<max(0, zip_get_num_entries(archive, 0))).compactMap { index in
      zip_get_name(archive, zip_uint64_t(index), 0).flatMap { String(validatingCString: $0) }
    }
  }

  /// The uncompressed bytes of a member, its checksum verified.
  ///
  /// - Parameter limit: more bytes, declared or found, are refused. No more memory than that is taken.
  /// - Returns: nil when there is no member of this name.
  /// - Throws: `ZipError`.
  func read(_ name: String, limit: Int) throws(ZipError) -> Data? {
    let index = zip_name_locate(archive, name, 0)
    if index < 0 { return nil }
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_stat_index(archive, zip_uint64_t(index), 0, &status) == 0,
      status.valid & zip_uint64_t(ZIP_STAT_SIZE) != 0
    else { throw failure }
    guard status.size <= UInt64(limit) else {
      throw ZipError(reason: "it declares \(status.size) bytes, more than the \(limit) that can be right")
    }
    guard let file = zip_fopen_index(archive, zip_uint64_t(index), 0) else { throw failure }
    defer { zip_fclose(file) }
    return try ZipArchive.readAll(file, count: Int(status.size))
  }

  private static func readAll(_ file: OpaquePointer, count: Int) throws(ZipError) -> Data {
    // Grows with what is there: a declared size alone takes no memory.
    var data = Data()
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let found = piece.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress!, zip_uint64_t($0.count)) }
      if found < 0 {
        let reason = zip_error_strerror(zip_file_get_error(file)).map { String(cString: $0) } ?? "it cannot be read"
        throw ZipError(reason: reason)
      }
      if found == 0 { break }
      data.append(contentsOf: piece[..<Int(found)])
      if data.count > count { throw ZipError(reason: "it holds more than the \(count) bytes that it declares") }
    }
    guard data.count == count else {
      throw ZipError(reason: "it holds \(data.count) bytes instead of the \(count) that it declares")
    }
    return data
  }

  private var failure: ZipError {
    ZipError(reason: zip_strerror(archive).map { String(cString: $0) } ?? "it cannot be read")
  }
}
