import ArgumentParser
import Datasets
import Foundation
import Images
import Inference
import ModelFiles
import Recipes
import Reports

struct DataPackCommand: ParsableCommand, PluginUsing {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Write pictures into TFRecord files as Herbariograph has them: resized, shuffled, one file a split.",
    discussion: """
      Writes NAME-train.tfr, NAME-validation.tfr, NAME-test.tfr and NAME-classes.tsv; NAME-failed.tsv names the pictures \
      that cannot be read, which are left out. Splits that the data have are kept.
      """)

  @Argument(help: "A folder with one sub-folder a class, a manifest (.tsv, .csv), or a TFRecord file.")
  var path: String

  @Option(help: ArgumentHelp("What the names of the files begin with.", valueName: "name"))
  var output: String

  @Option(help: ArgumentHelp("The side of the pictures, or HEIGHTxWIDTH.", valueName: "pixels"))
  var size = "96"

  @Option(help: "What happens to pictures of another proportion: stretch, pad or crop.")
  var resize = Preprocessing.FitMode.stretch.rawValue

  @Option(help: "JPEG quality.")
  var quality = 94

  @Option(
    help: ArgumentHelp(
      "Shares of train, validation and test, 0.7,0.1,0.2, or a ratio (default: 10,1,1).", valueName: "shares"))
  var split: String?

  @Flag(help: "Draw the splits anew although the data have some.")
  var resplit = false

  @Option(help: "Leave out classes with fewer pictures.")
  var minimum = 1

  @Option(
    help: ArgumentHelp(
      "The classes in their order, a name a line, or a TSV with the columns index and class (default: sorted by name).",
      valueName: "file"))
  var labels: String?

  @Option(help: "The seed of splits and order.")
  var seed = 1

  @OptionGroup var manifest: ManifestArguments

  @Option(help: ArgumentHelp("Manifests: files that are not there: error or leave_out.", valueName: "word"))
  var missing = MissingFiles.error.rawValue

  @OptionGroup var records: RecordArguments

  @Flag(help: "Replace files of an earlier packing.")
  var force = false

  @Flag(help: "Exit with 1 when a picture could not be read.")
  var strict = false

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print results only.")
  var quiet = false

  @OptionGroup var plugins: PluginArguments

  func validate() throws {
    if PictureSize(text: size) == nil {
      throw ValidationError(
        "--size \(size): must be a number of pixels, such as 96, or height and width, such as 96x128")
    }
    if Preprocessing.FitMode(rawValue: resize) == nil {
      throw ValidationError("--resize \(resize): must be stretch, pad or crop")
    }
    if !(1...100).contains(quality) { throw ValidationError("--quality \(quality): must be from 1 to 100") }
    if let split, SplitFractions(text: split) == nil {
      throw ValidationError(
        "--split \(split): must be shares of train, validation and test that add up to 1, such as 0.7,0.1,0.2, or a "
          + "ratio in whole numbers, such as 10,1,1; the first must not be 0")
    }
    if minimum < 1 { throw ValidationError("--minimum \(minimum): must be 1 or more") }
    if MissingFiles(rawValue: missing) == nil {
      throw ValidationError("--missing \(missing): must be error or leave_out")
    }
  }

  func run() throws {
    try reportingFailures {
      let flag = Workbench.stopFlag
      let files = PackedFiles(name: output)
      try files.check(force: force, inputs: [path] + (labels.map { [$0] } ?? []))
      let (dataset, drawn, said) = try dataset()
      let display = PassDisplay("packing", isQuiet: quiet)
      defer { display.clear() }
      let pass = PicturePass(
        pool: threads.pool(), progress: { display.show(done: $0, total: $1) }, shouldStop: { flag.isSet })
      let packing = RecordPacking(preprocessing: try preprocessing(), quality: quality, seed: seed)
      var failures: [TestResults.Failure] = []
      let summary = try packing.run(dataset, path: files.path, pass: pass) { summary in
        failures = summary.damaged.map { TestResults.Failure(FailedFile($0, of: dataset)) }
        try files.write(classes: dataset.classes, failures: failures)
      }
      try files.removeStale(besides: summary, failures: failures)
      display.clear()
      StandardStream.output.write(files.text(summary, classes: dataset.classes))
      // Damaged pictures may have been the only ones.
      for note in summary.notes(on: dataset, asked: drawn) where !said.contains(note) { say(note) }
      for line in TestResults.Failure.lines(failures, table: files.failed) { say(line) }
      if strict, !failures.isEmpty {
        throw CommandFailure.job("\(counted(failures.count, "picture")) could not be read (--strict)")
      }
    }
  }

  /// The pictures with their final classes and splits, the shares that these were drawn by (nil: they are the data's own),
  /// and the notes that were printed.
  private func dataset() throws -> (data: Dataset, drawn: SplitFractions?, said: [String]) {
    var source = try manifest.applied(to: records.source(path: path))
    source.missingFiles = MissingFiles(rawValue: missing) ?? .error
    // Splits that are to be drawn anew are not read, so that they need not be right.
    source.resplit = resplit
    source.fractions = split.flatMap(SplitFractions.init(text:)) ?? (resplit ? .herbariograph : nil)
    let read = try source.read()
    for note in read.notes { say(note) }
    var (dataset, leftOut) = try read.leavingOutClasses(below: minimum)
    for (name, pictures) in leftOut { say("left out the class '\(name)', of which there \(isOrAre(pictures))") }
    if let labels { dataset = try dataset.withTable(try ClassTable.read(labels), file: labels) }
    let before = dataset.notes.count
    let areDrawn = resplit || !dataset.samples.contains { $0.split != nil }
    dataset = try dataset.withSplits(source.fractions, resplit: resplit, seed: seed)
    for note in dataset.notes.dropFirst(before) { say(note) }
    return (dataset, areDrawn ? source.fractions ?? .herbariograph : nil, dataset.notes)
  }

  private func isOrAre(_ pictures: Int) -> String {
    "\(pictures == 1 ? "is" : "are") only \(counted(pictures, "picture"))"
  }

  private func preprocessing() throws -> Preprocessing {
    guard let side = PictureSize(text: size), let fit = Preprocessing.FitMode(rawValue: resize) else {
      throw CommandFailure.request("--size \(size): must be a number of pixels")
    }
    let preprocessing = Preprocessing(height: side.height, width: side.width, fit: fit)
    try preprocessing.validate()
    return preprocessing
  }

  private func say(_ line: String) {
    if !quiet { StandardStream.error.writeLine(line) }
  }
}
