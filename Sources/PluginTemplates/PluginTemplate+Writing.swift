import Foundation

extension PluginTemplate {
  /// Writes the plugin as the folder `<parent>/<name>`: all of it, or nothing.
  ///
  /// - Returns: the folder.
  /// - Throws: `PluginTemplateError`.
  @discardableResult
  public func write(to parent: String) throws(PluginTemplateError) -> String {
    let target = parent + "/" + name
    var status = stat()
    if lstat(target, &status) == 0 { throw .exists(target) }
    // Beside its place, so that it can be moved there in one step.
    let staging = parent + "/.\(name)-\(getpid())"
    do {
      try PluginTemplate.check(mkdir(staging, 0o777))
    } catch {
      throw .cannotWrite(target, reason: error.text)
    }
    do {
      for (path, bytes) in files.sorted(by: { $0.key < $1.key }) { try PluginTemplate.write(bytes, path, in: staging) }
      try PluginTemplate.move(staging, to: target)
    } catch {
      // The first failure is the one to tell.
      try? FileManager.default.removeItem(atPath: staging)
      throw error.number == EEXIST
        ? .exists(target) : .cannotWrite(target, reason: error.text)
    }
    return target
  }

  /// What a call of the system gave. Foundation's errors on Linux do not always say it.
  private struct SystemError: Error {
    let number: Int32
    var text: String { String(cString: strerror(number)) }
  }

  private static func check(_ result: Int32) throws(SystemError) { if result != 0 { throw SystemError(number: errno) } }

  /// - Parameter path: within the folder; the folders on its way are made.
  private static func write(_ bytes: [UInt8], _ path: String, in folder: String) throws(SystemError) {
    var parent = folder
    for part in path.split(separator: "/").dropLast() {
      parent += "/" + part
      if mkdir(parent, 0o777) != 0, errno != EEXIST { throw SystemError(number: errno) }
    }
    let descriptor = open(folder + "/" + path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw SystemError(number: errno) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        let error = SystemError(number: errno)
        close(descriptor)
        throw error
      }
      rest = rest.dropFirst(written)
    }
    try check(close(descriptor))
  }

  private static func move(_ folder: String, to target: String) throws(SystemError) {
    // Takes the name, unless somebody has come first; an empty folder may then be replaced.
    try check(mkdir(target, 0o777))
    do {
      try check(rename(folder, target))
    } catch {
      rmdir(target)
      throw error
    }
  }
}
