import ArgumentParser
import Datasets

/// `--image-key KEY --label-key KEY`: which features of a TFRecord file are meant.
struct RecordKeyArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "TFRecords: the feature with the picture file (default: guessed from the first record).", valueName: "key"))
  var imageKey: String?

  @Option(
    help: ArgumentHelp(
      "TFRecords: the feature with the class (default: guessed from the first record).", valueName: "key"))
  var labelKey: String?

  func source(paths: [String]) -> RecordSource {
    var source = RecordSource(parts: [.init(paths: paths)])
    source.imageKey = imageKey
    source.labelKey = labelKey
    return source
  }
}
