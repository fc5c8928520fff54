extension PluginCheck {
  /// What holds for every codec.
  static let codec: [PluginCheck] = [
    PluginCheck("recognises", [.codec], help: "knows its own files, and takes no noise, no text and nothing for them") {
      try CodecChecks.recognises($0)
    },
    PluginCheck(
      "decode", [.codec], help: "sample files have a size that can be, and every byte of the picture is written"
    ) {
      try CodecChecks.decode($0)
    },
    PluginCheck(
      "memory", [.codec], help: "nothing beside picture and workspace is written, and what they held has no influence"
    ) {
      try CodecChecks.memory($0)
    },
    PluginCheck(
      "truncated", [.codec], help: "files that end too early get an answer, and are not read beyond their end"
    ) {
      try DamagedFileChecks.truncated($0)
    },
    PluginCheck("damaged", [.codec], help: "files with changed bits get an answer, and are not read beyond their end") {
      try DamagedFileChecks.damaged($0)
    },
    PluginCheck("messages", [.codec], help: "refusals have a known status and a sentence that ends within its buffer") {
      try DamagedFileChecks.messages($0)
    },
    PluginCheck("repeatable", [.codec], help: "a file gives the same picture each time") {
      try CodecChecks.repeatable($0)
    },
    PluginCheck("threads", [.codec], help: "several threads decode what one decodes") {
      try CodecChecks.threads($0)
    },
  ]
}
