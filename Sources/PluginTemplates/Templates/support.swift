import CWorkbenchPlugin

// What every plugin in Swift needs to speak C. There is nothing of workbench in here: change what you like.

extension UnsafePointer where Pointee: BitwiseCopyable {
  /// The value in memory that is kept until the process ends, as the interface wants of all tables.
  init(kept value: Pointee) {
    let memory = UnsafeMutablePointer<Pointee>.allocate(capacity: 1)
    memory.initialize(to: value)
    self.init(memory)
  }

  /// The values, one after the other, in memory that is kept until the process ends.
  init(kept values: [Pointee]) {
    let memory = UnsafeMutablePointer<Pointee>.allocate(capacity: values.count)
    memory.initialize(from: values, count: values.count)
    self.init(memory)
  }
}

extension StaticString {
  /// As C wants it: UTF-8 that ends with 0 and stays where it is.
  var c: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

/// Writes the sentence that the user will see, and gives the status back.
func fail(
  _ status: Int, _ text: String, _ message: UnsafeMutablePointer<CChar>?, _ messageBytes: Int
) -> workbench_status {
  if let message { copy(text, to: UnsafeMutableRawBufferPointer(start: message, count: messageBytes)) }
  return workbench_status(status)
}

/// As much of the text as fits, and a 0 behind it.
func copy(_ text: String, to buffer: UnsafeMutableRawBufferPointer) {
  if buffer.isEmpty { return }
  // Cut between letters, not within one.
  var text = text[...]
  while text.utf8.count >= buffer.count { text.removeLast() }
  for (i, byte) in text.utf8.enumerated() { buffer[i] = byte }
  buffer[text.utf8.count] = 0
}
