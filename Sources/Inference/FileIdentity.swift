import Foundation

/// Tells files apart, whatever their paths.
struct FileIdentity: Hashable {
  let device: dev_t
  let number: ino_t

  init(_ status: stat) {
    device = status.st_dev
    number = status.st_ino
  }

  /// nil when there is no such file.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// - Throws: `InferenceError.outputIsInput` when the output would take the place of one of the inputs.
  static func refuse(_ output: String, replacing inputs: [String]) throws(InferenceError) {
    guard let identity = FileIdentity(path: output) else { return }
    for path in inputs where FileIdentity(path: path) == identity { throw .outputIsInput(path: path) }
  }
}
