import CWorkbenchPlugin

/// What a call of a plugin answered.
struct PluginAnswer: Equatable {
  let status: Int32
  let message: String

  static let messageBytes = 512

  var isOK: Bool { status == WORKBENCH_OK }

  /// `status 4 ('no such folder')`
  var description: String { "status \(status)" + (isOK ? "" : " ('\(message)')") }

  /// Calls with an empty message buffer.
  init(_ call: (UnsafeMutablePointer<CChar>?, Int) -> Int32) {
    (status, message) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: PluginAnswer.messageBytes) { buffer in
      buffer.initialize(repeating: 0)
      let status = call(buffer.baseAddress, buffer.count)
      let text = String(decoding: UnsafeRawBufferPointer(buffer).prefix { $0 != 0 }, as: UTF8.self)
      return (status, text)
    }
  }

  /// A refusal needs a known status and a sentence.
  func checkRefusal(_ context: CheckContext, _ function: String, _ description: String) {
    if isOK { return }
    context.expect(
      (1...9).contains(status), "\(function) answered status \(status), expected one of 0 to 9: \(description)")
    context.expect(!message.isEmpty, "\(function) answered status \(status) without a message: \(description)")
  }

  /// Calls with message buffers of several sizes, which are watched, and says what is wrong with the answer.
  ///
  /// - Parameter isOptional: whether WORKBENCH_UNSUPPORTED may come without a sentence.
  static func checkMessages(
    _ context: CheckContext, _ function: String, _ description: String, isOptional: Bool = false,
    call: (UnsafeMutablePointer<CChar>?, Int) -> Int32
  ) throws {
    for bytes in [512, 200, 64, 16, 2, 1] {
      context.doing("\(function), with a message of at most \(bytes) bytes: \(description)")
      try checkMessage(
        context, bytes, "\(function) with message_bytes \(bytes)", description, isOptional: isOptional, call: call)
    }
  }

  private static func checkMessage(
    _ context: CheckContext, _ bytes: Int, _ function: String, _ description: String, isOptional: Bool,
    call: (UnsafeMutablePointer<CChar>?, Int) -> Int32
  ) throws {
    let buffer = try GuardedArray("message", bytes: bytes)
    buffer.fill(0x7f)
    let status = call(buffer.pointer.assumingMemoryBound(to: CChar.self), bytes)
    if let damage = buffer.damage {
      context.fail("\(damage), \(function): \(description)")
      return
    }
    if status == WORKBENCH_OK { return }
    let written = buffer.bytes
    if written.allSatisfy({ $0 == 0x7f }) {
      // A claim that is not made needs no reason: nobody would see it.
      if isOptional, status == WORKBENCH_UNSUPPORTED { return }
      context.fail("\(function) answered status \(status) and wrote no message: \(description)")
      return
    }
    guard let end = written.firstIndex(of: 0) else {
      context.fail("\(function): the message does not end with 0: \(description)")
      return
    }
    context.expect((1...9).contains(status), "\(function) answered status \(status), expected 0 to 9: \(description)")
    if bytes < 64 { return }
    let text = written[..<end]
    context.expect(!text.isEmpty, "\(function) answered status \(status) without a message: \(description)")
    context.expect(
      !text.contains { $0 < 32 || $0 == 127 },
      "\(function): the message has a newline or control character: \(description)")
    if bytes == 512 {
      context.expect(
        String(validating: text, as: UTF8.self) != nil, "\(function): the message is not UTF-8: \(description)")
    }
  }
}
