import CWorkbenchPlugin

/// Why a call failed: a status and a sentence.
enum SourceError: Error {
  case invalidOption(String)
  case outOfRange(sample: UInt64, count: Int)
  case noSuchClass(UInt32)
  case outOfMemory(bytes: Int)
  case misuse(String)

  /// Writes the sentence, cut to the buffer, and returns the status.
  func report(_ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int) -> workbench_status {
    let (status, sentence): (Int, String) =
      switch self {
      case .invalidOption(let sentence): (WORKBENCH_INVALID_OPTION, sentence)
      case .outOfRange(let sample, let count):
        (WORKBENCH_OUT_OF_RANGE, "there is no sheet \(sample): there are \(count)")
      case .noSuchClass(let index): (WORKBENCH_OUT_OF_RANGE, "there is no class \(index)")
      case .outOfMemory(let bytes): (WORKBENCH_OUT_OF_MEMORY, "no memory for a picture of \(bytes) bytes")
      case .misuse(let sentence): (WORKBENCH_FAILED, sentence)
      }
    if let message { write(sentence, to: UnsafeMutableBufferPointer(start: message, count: max(0, messageBytes))) }
    return workbench_status(status)
  }
}

/// Copies a string with its final 0, cut between two characters where it is too long.
func write(_ text: String, to buffer: UnsafeMutableBufferPointer<CChar>) {
  guard buffer.count > 0 else { return }
  var end = 0
  for character in text {
    let bytes = Array(character.utf8)
    if end + bytes.count >= buffer.count { break }
    for byte in bytes {
      buffer[end] = CChar(bitPattern: byte)
      end += 1
    }
  }
  buffer[end] = 0
}
