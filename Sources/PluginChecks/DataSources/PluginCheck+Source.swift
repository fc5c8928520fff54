extension PluginCheck {
  /// What holds for every data source.
  static let source: [PluginCheck] = [
    PluginCheck("open", [.source], help: "opens and closes again and again, several at once, each on its own") {
      try SourceChecks.open($0)
    },
    PluginCheck("options", [.source], help: "open answers every setting that the schema allows") {
      try SourceChecks.options($0)
    },
    PluginCheck("messages", [.source], help: "refusals have a known status and a sentence that ends within its buffer")
    {
      try SourceChecks.messages($0)
    },
    PluginCheck("classes", [.source], help: "every class has a name of its own, which stays within its buffer") {
      try SourceChecks.classes($0)
    },
    PluginCheck("samples", [.source], help: "label, split, name and group can be, and are the same each time") {
      try SourceChecks.samples($0)
    },
    PluginCheck("out-of-range", [.source], help: "samples and classes that are not there get WORKBENCH_OUT_OF_RANGE") {
      try SourceChecks.outOfRange($0)
    },
    PluginCheck(
      "pictures", [.source], help: "read reserves memory once, of the right size, and fills it, for any preferred size"
    ) {
      try PictureChecks.pictures($0)
    },
    PluginCheck(
      "memory", [.source], help: "nothing beside picture and workspace is written, and what they held has no influence"
    ) {
      try PictureChecks.memory($0)
    },
    PluginCheck("no-memory", [.source], help: "read answers a failure when there is no memory for a picture") {
      try PictureChecks.noMemory($0)
    },
    PluginCheck("repeatable", [.source], help: "a sample is the same each time, in any order, in any instance") {
      try PictureChecks.repeatable($0)
    },
    PluginCheck("epochs", [.source], help: "without WORKBENCH_VARIES_BY_EPOCH a sample is the same in all epochs") {
      try PictureChecks.epochs($0)
    },
    PluginCheck("threads", [.source], help: "with WORKBENCH_THREAD_SAFE several threads read what one reads") {
      try PictureChecks.threads($0)
    },
  ]
}
