import Datasets
import Foundation
import Images
import PluginHost
import Schemas
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite("sources of plugins", .serialized)
struct PluginSourceTests {
  private static let preprocessing = Preprocessing(height: 10, width: 8)

  /// What opening it or making a data set of it is refused with.
  private func refusal(_ options: [String: OptionValue], folder: String = "/nowhere") -> String {
    do {
      _ = try Dataset(provider: TestPictures.open(options, folder: folder))
      return "(no error)"
    } catch {
      return "\(error)"
    }
  }

  private func pixels(
    _ source: PluginSource, _ sample: Int, epoch: Int = 0, preprocessing: Preprocessing = Self.preprocessing
  ) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: preprocessing.count)
    let picture = PictureSource.provided(ProvidedPicture(provider: source, index: sample))
    try picture.read(preprocessing, epoch: epoch, intoBytes: &bytes)
    return bytes
  }

  private func failure(_ options: [String: OptionValue], sample: Int = 0) -> String {
    do {
      _ = try pixels(TestPictures.open(options), sample)
      return "(no error)"
    } catch let error as ImageError {
      return "\(error.statusWord): \(error)"
    } catch {
      return "\(error)"
    }
  }

  @Test("classes, labels, names, groups and splits arrive, and options reach the plugin")
  func table() throws {
    let dataset = try Dataset(
      provider: TestPictures.open([
        "count": .integer(20), "named": .boolean(true), "group_size": .integer(2), "parts": .string("none"),
      ]))
    #expect(dataset.samples.count == 20 && dataset.classes == ["dark", "bright"])
    #expect(dataset.samples.map(\.label) == (0..<20).map { $0 % 2 })
    #expect(dataset.samples[7].name == "sheet 7" && dataset.samples[7].path == "test_pictures#7")
    #expect(dataset.samples[7].group == "plant 3" && dataset.samples[7].split == nil)
    let own = try Dataset(provider: TestPictures.open(["count": .integer(20), "parts": .string("own")]))
    #expect(Split.allCases.map { own.indices(of: $0).count } == [12, 4, 4])
    #expect(own.samples[7].name == "test_pictures#7" && own.samples[7].group == nil)
  }

  @Test("pixels, files of built-in formats and files of the plugin's own format are the same picture")
  func formats() throws {
    let drawn = try pixels(TestPictures.open(), 5)
    #expect(Set(drawn).count > 10)
    for format in ["bmp", "testfeld"] {
      #expect(try pixels(TestPictures.open(["format": .string(format)]), 5) == drawn)
    }
    #expect(try pixels(TestPictures.open(), 6) != drawn)
    #expect(try pixels(TestPictures.open(["seed": .integer(2)]), 5) != drawn)
    // 40 x 40, shrunk by the host.
    #expect(try pixels(TestPictures.open(["side": .integer(40)]), 5) != drawn)
  }

  @Test("a source that varies gets the epoch, one that does not looks the same in each")
  func epochs() throws {
    let fixed = try TestPictures.open()
    #expect(try pixels(fixed, 5, epoch: 3) == pixels(fixed, 5))
    let varying = try TestPictures.open(["varies": .boolean(true)])
    #expect(varying.variesByEpoch && !fixed.variesByEpoch)
    #expect(try pixels(varying, 5, epoch: 3) != pixels(varying, 5, epoch: 2))
    #expect(try pixels(varying, 5, epoch: 3) == pixels(varying, 5, epoch: 3))
  }

  @Test("many threads read the same pictures as one, each in a workspace of its own", arguments: [true, false])
  func threads(isSafe: Bool) throws {
    let count = isSafe ? 2000 : 200
    let source = try TestPictures.open(["count": .integer(count), "thread_safe": .boolean(isSafe)])
    #expect(source.isThreadSafe == isSafe)
    let expected = try (0..<count).map { try pixels(source, $0) }
    let pool = WorkerPool(workerCount: 4)
    let wrong = Mutex<[String]>([])
    pool.forEachTile(count) { sample, _ in
      do {
        if try pixels(source, sample) != expected[sample] { wrong.withLock { $0.append("\(sample) differs") } }
      } catch {
        wrong.withLock { $0.append("\(sample): \(error)") }
      }
    }
    #expect(wrong.withLock { $0 } == [])
  }

  @Test("a failing sample says what the plugin says, or what its status means")
  func failingSamples() {
    let failing = OptionValue.list([.integer(3)])
    #expect(failure(["failing": failing], sample: 3) == "corrupt: the plugin test_pictures says: moths ate it")
    #expect(failure(["failing": failing], sample: 2) == "(no error)")
    #expect(
      failure(["failing": failing, "fault": .string("no_text")], sample: 3)
        == "corrupt: the plugin test_pictures says: its data are damaged")
    #expect(failure([:], sample: 60) == "failed: the plugin test_pictures says: no such sample")
    #expect(failure(["format": .string("noise")]) == "not_an_image: not a picture in a known format")
  }

  @Test(
    "what a plugin may not do with a picture is said with its name",
    arguments: [
      ("no_reserve", "failed: the plugin test_pictures gave no bytes: it did not call reserve"),
      ("twice", "failed: the plugin test_pictures called reserve 2 times for one sample"),
      ("too_small", "failed: the plugin test_pictures reserved 239 bytes for 8 x 10 pixels, which take 240"),
      ("too_large", "failed: the plugin test_pictures reserved 241 bytes for 8 x 10 pixels, which take 240"),
      ("zero", "failed: the plugin test_pictures asked for 0 bytes for one sample, which could not be had"),
      (
        "huge",
        "too_large: the plugin test_pictures asked for 1152921504606846976 bytes for one sample, which could not be had"
      ),
      (
        "format",
        "failed: the plugin test_pictures gave a sample of the format 9, which is none of workbench_sample_format"
      ),
      ("no_pixels", "failed: the plugin test_pictures gave a picture of 0 x 10 pixels"),
      ("giant", "too_large: 4000000000 x 4000000000 pixels, but at most 200000000 in all are read"),
    ])
  func readingFaults(fault: String, message: String) { #expect(failure(["fault": .string(fault)]) == message) }

  @Test(
    "what a plugin may not say of its samples and classes is said",
    arguments: [
      ("bad_label", "sample 5 has the label 7, which is outside the table of 2 classes (0 to 1)"),
      ("same_class", "two classes are called 'dark'"),
      ("empty_class", "the name of class 0 is empty"),
      ("endless_class", "the name of class 0: it is not UTF-8 text of less than 256 bytes in one line"),
      ("endless_name", "sample 0: its name or group is not UTF-8 text of less than 256 bytes in one line"),
      ("class", "the name of class 0: it has no name"),
      ("describe", "sample 3: nothing is known of it"),
      ("no_samples", "the source has no samples"),
      ("many_samples", "the source has 4611686018427387904 samples, but at most 100000000 can be"),
      ("no_classes", "the source has no classes"),
      (
        "scratch",
        "the source has 4611686018427387904 bytes of scratch memory for a sample, but at most 3200000000 can be"
      ),
      ("open", "this source does not open"),
    ])
  func tableFaults(fault: String, message: String) {
    #expect(refusal(["fault": .string(fault)]) == "test_pictures: \(message)")
  }

  @Test("splits that contradict themselves are said")
  func splits() {
    #expect(refusal(["parts": .string("partial")]) == "test_pictures: sample 0 has a split, but sample 4 has none")
    #expect(
      refusal(["parts": .string("torn"), "group_size": .integer(2)])
        == "test_pictures: sample 1: the group 'plant 0' is in more than one split: test, train")
    #expect(refusal(["parts": .string("strange")]).contains("its split 9 is none of workbench_split"))
  }

  @Test("samples without a label are left out")
  func unlabelled() throws {
    let dataset = try Dataset(
      provider: TestPictures.open(["count": .integer(9), "fault": .string("unlabelled")]))
    #expect(dataset.samples.map(\.name) == [1, 2, 4, 5, 7, 8].map { "test_pictures#\($0)" })
  }

  @Test("relative paths are relative to the folder that the host says")
  func folder() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(fileURLWithPath: folder.file("there")))
    #expect(refusal(["path": .string("there")], folder: folder.path) == "(no error)")
    let message = "test_pictures: the file of 'path' is not there"
    #expect(refusal(["path": .string("there")], folder: "/nowhere") == message)
    #expect(
      throws: DatasetError.provider(name: "test_pictures", .unreadable(reason: "the file of 'path' is not there"))
    ) {
      try TestPictures.open(["path": .string("absent")], folder: folder.path)
    }
  }

  @Test("a source is closed when nobody has it any more, and when it is refused after it was opened")
  func closing() throws {
    let before = try TestPictures.openCount()
    var dataset: Dataset? = try Dataset(provider: TestPictures.open())
    #expect(try TestPictures.openCount() == before + 1)
    #expect(dataset?.samples.count == 60)
    dataset = nil
    _ = refusal(["fault": .string("same_class")])
    _ = refusal(["fault": .string("no_classes")])
    _ = refusal(["fault": .string("endless_class")])
    #expect(try TestPictures.openCount() == before)
  }

  @Test("two openings with the same options have one origin; other options, another one")
  func origin() throws {
    let a = try TestPictures.open(["seed": .integer(7)])
    #expect(a.origin == (try TestPictures.open(["seed": .integer(7)])).origin)
    #expect(a.origin != (try TestPictures.open()).origin)
    #expect(a.origin.contains("\"seed\":7") && a.origin.hasSuffix("of the plugin test_pictures 1.0.0"))
  }
}
