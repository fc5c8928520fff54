import Datasets
import Foundation
import TestSupport
import Testing

@Suite("a manifest as a data set")
struct ManifestSourceTests {
  /// A folder with the files 1.jpg ... 6.jpg and the manifest.
  private func folder(_ name: String, _ text: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for number in 1...6 { try folder.write("\(number).jpg") }
    try folder.write(name, text)
    return folder
  }

  private func read(_ name: String, _ text: String, columns: ManifestColumns = ManifestColumns()) throws -> Dataset {
    let folder = try folder(name, text)
    let dataset = try ManifestSource(path: folder.path(name), columns: columns).read()
    // The paths are of a folder that is gone; tests look at the names.
    return dataset
  }

  @Test("a picture is no manifest")
  func picture() throws {
    let folder = try folder("labels.tsv", "path\tclass\n1.jpg\ta\n")
    let path = folder.path("1.jpg")
    let wanted = "this is a picture; a folder, a manifest (.tsv, .csv) or a TFRecord file"
    #expect(throws: DatasetError.wrongKind(path: path, wanted: wanted)) { try DatasetSource(path: path).read() }
  }

  @Test("a TSV with splits and groups is read in the order of its paths")
  func tsv() throws {
    let dataset = try read(
      "labels.tsv",
      "class\tnote\tpath\tsplit\tgroup\nb\t\"x\t2.jpg\tTrain\tg1\na\t-\t1.jpg\tval\t\nb\t\t3.jpg\ttest\tg2\n")
    #expect(dataset.classes == ["a", "b"])
    #expect(dataset.samples.map(\.name) == ["1.jpg", "2.jpg", "3.jpg"])
    #expect(dataset.samples.map(\.label) == [0, 1, 1])
    #expect(dataset.samples.map(\.split) == [.validation, .train, .test])
    #expect(dataset.samples.map(\.group) == [nil, "g1", "g2"])
  }

  @Test(
    "a CSV may have quotes, newlines within them, other line ends, a byte order mark, semicolons, and no last newline",
    arguments: [
      "path,class,note\n1.jpg,\"a, or \"\"A\"\"\",\"two\nlines\"\n2.jpg,b,\n",
      "\u{feff}path,class,note\r\n1.jpg,\"a, or \"\"A\"\"\",\"two\r\nlines\"\r\n\r\n2.jpg,b,",
      "path;class;note\r1.jpg;\"a, or \"\"A\"\"\";\"two\rlines\"\r2.jpg;\"b\";",
      "\"path\",\"class\"\n\"1.jpg\",\"a, or \"\"A\"\"\"\n\"2.jpg\",b",
    ])
  func csv(text: String) throws {
    let dataset = try read("table.csv", text)
    #expect(dataset.classes == ["a, or \"A\"", "b"])
    #expect(dataset.samples.map(\.name) == ["1.jpg", "2.jpg"])
  }

  @Test("what separates the fields of a file with another ending is found out")
  func sniffed() throws {
    #expect(try read("table.txt", "path\tclass\n1.jpg\ta,b\n2.jpg\tc\n").classes == ["a,b", "c"])
    #expect(try read("table", "path,class\n1.jpg,a\n2.jpg,c\n").classes == ["a", "c"])
  }

  @Test("columns may have other names, and other letter case")
  func columnNames() throws {
    let columns = ManifestColumns(path: "file", label: "species", split: "part", group: "tree")
    let dataset = try read("t.csv", "tree,FILE,Species,part\nt,1.jpg,oak,train\n,2.jpg,ash,test\n", columns: columns)
    #expect(dataset.samples.map(\.group) == ["t", nil])
    #expect(dataset.classes == ["ash", "oak"])
  }

  @Test("blanks around a class or a group do not make another of it")
  func blanks() throws {
    let dataset = try read("t.csv", "path,class,group\n1.jpg,oak , g\n2.jpg, oak,g\n3.jpg,red ash,  \n")
    #expect(dataset.classes == ["oak", "red ash"])
    #expect(dataset.samples.map(\.label) == [0, 0, 1])
    #expect(dataset.samples.map(\.group) == ["g", "g", nil])
  }

  @Test("a line that repeats another is left out, and counted")
  func repeatedLine() throws {
    let dataset = try read("t.csv", "path,class\n1.jpg,a\n2.jpg,b\n1.jpg,a\n")
    #expect(dataset.samples.count == 2)
    #expect(dataset.notes.count == 1 && dataset.notes[0].hasSuffix("t.csv: 1 line repeats an earlier one, left out"))
  }

  @Test("a file that is written in another way is the same file")
  func repeatedFile() throws {
    let folder = try folder("t.csv", "")
    try folder.write("x/7.jpg")
    try folder.write(
      "t.csv", "path,class\n1.jpg,a\n./1.jpg,a\nx/../1.jpg,a\nx//7.jpg,b\nx/7.jpg,b\n\(folder.path("1.jpg")),a\n")
    let dataset = try ManifestSource(path: folder.path("t.csv")).read()
    #expect(dataset.samples.map(\.name) == ["1.jpg", "x//7.jpg"])
    try folder.write("t.csv", "path,class\n1.jpg,a\n./1.jpg,b\n")
    let error = #expect(throws: DatasetError.self) { try ManifestSource(path: folder.path("t.csv")).read() }
    #expect(error?.description.hasSuffix(":3: ./1.jpg has the class 'b', but 'a' in line 2") == true)
  }

  @Test(
    "a manifest that contradicts itself or is damaged is refused with the line",
    arguments: [
      ("file,class\n1.jpg,a\n", ":1: no column 'path'; its columns are 'file', 'class'"),
      ("path,clas\n1.jpg,a\n", ":1: no column 'class' (did you mean 'clas'?); its columns are 'path', 'clas'"),
      ("path,class,path\n", ":1: the column 'path' stands there twice"),
      ("path,class\n1.jpg,a\n2.jpg\n", ":3: 1 field, but the header has 2"),
      ("path,class\n1.jpg,a\n2.jpg,\n", ":3: no class"),
      ("path,class\n\n\"1.jpg\",a\n2.jpg,\"b\n", ":4: the quote that opens here is never closed"),
      (
        "path,class\n\"1.jpg\",\"b\"x\n",
        ":2: text behind a closing quote; a quote within a quoted field is written twice"
      ),
      (
        "path,class,split\n1.jpg,a,trian\n",
        ":2: unknown split 'trian' (did you mean 'train'?); it must be train, validation or test"
      ),
      ("path,class\n1.jpg,a\n1.jpg,b\n", ":3: 1.jpg has the class 'b', but 'a' in line 2"),
      ("path,class,split\n1.jpg,a,train\n1.jpg,a,test\n", ":3: 1.jpg has the split 'test', but 'train' in line 2"),
      ("path,class,split\n1.jpg,a,train\n2.jpg,b,\n", ":3: no split, though other lines have one"),
      (
        "path,class,split,group\n1.jpg,a,train,g\n2.jpg,b,test,g\n",
        ":3: the group 'g' is in more than one split: train, test"
      ),
      ("path,class\n1.jpg,a\n2.jpg\0x,b\n", ": 1 of 2 files is missing:\n  line 3: 2.jpg\0x"),
      ("", ": the manifest lists no pictures"),
      ("path,class\n", ": the manifest lists no pictures"),
      (
        "path,class\n1.jpg,a\nx.jpg,b\ny.jpg,b\n",
        ": 2 of 3 files are missing:\n  line 3: x.jpg\n  line 4: y.jpg"
      ),
    ])
  func refused(text: String, message: String) throws {
    let folder = try folder("t.csv", text)
    let error = #expect(throws: DatasetError.self) { try ManifestSource(path: folder.path("t.csv")).read() }
    #expect(error?.description == folder.path("t.csv") + message)
  }

  @Test("text that is not UTF-8 is refused with the line")
  func encodings() throws {
    let folder = try TemporaryFolder()
    try folder.write("latin.csv", Data("path,class\n".utf8) + Data([0xe9, 0x2c, 0x61, 0x0a]))
    try folder.write("wide.csv", Data([0xff, 0xfe, 0x70, 0x00]))
    #expect(throws: DatasetError.unreadable(path: folder.path("latin.csv"), reason: "line 2 is not UTF-8 text")) {
      try ManifestSource(path: folder.path("latin.csv")).read()
    }
    #expect(
      throws: DatasetError.unreadable(path: folder.path("wide.csv"), reason: "the text is UTF-16; save it as UTF-8")
    ) { try ManifestSource(path: folder.path("wide.csv")).read() }
  }

  @Test("missing files may be left out instead, with a note")
  func missingLeftOut() throws {
    let folder = try folder("t.csv", "path,class\n1.jpg,a\nx.jpg,b\n2.jpg,b\n")
    let dataset = try ManifestSource(path: folder.path("t.csv"), missingFiles: .leaveOut).read()
    #expect(dataset.samples.map(\.name) == ["1.jpg", "2.jpg"])
    #expect(dataset.notes == ["\(folder.path("t.csv")): 1 of 3 files is missing, left out, such as line 3: x.jpg"])
  }

  @Test("a folder with a labels.tsv uses it unless another manifest, or none, is asked for")
  func automaticManifest() throws {
    let folder = try TemporaryFolder()
    for name in ["p/1.jpg", "q/2.jpg"] { try folder.write(name) }
    try folder.write("labels.tsv", "path\tclass\np/1.jpg\tred\nq/2.jpg\tblue\n")
    try folder.write("other.csv", "path,class\np/1.jpg,x\nq/2.jpg,y\n")
    let automatic = try DatasetSource(path: folder.path).read()
    #expect(automatic.classes == ["blue", "red"])
    #expect(automatic.notes == ["using the manifest \(folder.path("labels.tsv"))"])
    #expect(try DatasetSource(path: folder.path, manifest: .none).read().classes == ["p", "q"])
    #expect(try DatasetSource(path: folder.path, manifest: .named("other.csv")).read().classes == ["x", "y"])
    #expect(try DatasetSource(path: folder.path("other.csv")).read().classes == ["x", "y"])
    #expect(throws: DatasetError.notFound(path: folder.path("gone.csv"))) {
      try DatasetSource(path: folder.path, manifest: .named("gone.csv")).read()
    }
  }

  @Test(
    "the shared manifests are read whole, with groups that no split divides",
    .enabled(if: Golden.isAvailable, "shared/data is absent"),
    arguments: [("herb_kinds", 615, 6, 162), ("gardens13", 3239, 13, nil)])
  func sharedManifests(name: String, count: Int, classes: Int, testCount: Int?) throws {
    let folder = try #require(Golden.sharedFolder).appendingPathComponent("data/\(name)").path
    let dataset = try DatasetSource(path: folder).load(seed: 1)
    #expect(dataset.samples.count == count)
    #expect(dataset.classes.count == classes)
    if let testCount { #expect(dataset.indices(of: .test).count == testCount) }
    #expect(dataset.notes.count == 1)
  }
}
