import Foundation
import ModelFiles
import TestSupport
import Tensors
import Testing

@Suite("checkpoints of PyTorch")
struct PyTorchFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let tensors: [String: Tensor] = [
    "blocks.0.weight": Tensor([2, 3], [1, 2, 3, 4, 5, 6]), "norm": Tensor([4], [-1, 0.5, 2, 1e-6]),
    "scalar": Tensor([], [7]), "empty": Tensor([0, 3], []),
  ]

  private func open(_ data: Data, key: String? = nil) throws -> PyTorchFile {
    try PyTorchFile(path: folder.write(data, "a.pth"), key: key)
  }

  /// What the message says behind the file's name.
  private func sentence(_ data: Data, key: String? = nil) throws -> String {
    let path = try folder.write(data, "a.pth")
    do {
      let file = try PyTorchFile(path: path, key: key)
      for (name, _) in file.shapes { _ = try file.tensor(name) }
      return "it was read"
    } catch {
      return String("\(error)".dropFirst(path.count + 2))
    }
  }

  @Test("tensors come back as they were written, from both forms", arguments: [false, true])
  func roundTrip(legacy: Bool) throws {
    let sample = TorchSample(Self.tensors)
    let file = try open(legacy ? sample.legacy : sample.archive())
    #expect(file.shapes.map(\.name) == Self.tensors.keys.sorted())
    for (name, tensor) in Self.tensors {
      let found = try file.tensor(name)
      #expect(found.shape == tensor.shape)
      expectSameBits(found.values, tensor.values)
    }
    #expect(throws: ModelFileError.missingParameter(name: "nrom", path: file.path)) { try file.tensor("nrom") }
  }

  @Test("half precision, bfloat16, float64 and whole numbers become float32; others are refused by name")
  func dataTypes() throws {
    func bytes<Number>(_ numbers: [Number]) -> Data { numbers.withUnsafeBytes { Data($0) } }
    let cases: [(String, Data, [Float])] = [
      ("HalfStorage", bytes([0x3c00, 0xc000, 0x0001] as [UInt16]), [1, -2, 0x1p-24]),
      ("BFloat16Storage", bytes([0x3f80, 0xc000, 0x4049] as [UInt16]), [1, -2, 3.140625]),
      ("DoubleStorage", bytes([1.5, -2, 1e-3] as [Double]), [1.5, -2, 1e-3]),
      ("LongStorage", bytes([1, -2, 1 << 20] as [Int64]), [1, -2, 1_048_576]),
      ("IntStorage", bytes([1, -2, 3] as [Int32]), [1, -2, 3]), ("ByteStorage", Data([1, 2, 255]), [1, 2, 255]),
      ("BoolStorage", Data([1, 0, 1]), [1, 0, 1]),
    ]
    for (storage, numbers, expected) in cases {
      var entry = TorchSample.Entry("a", key: "0", [3], [0, 0, 0])
      (entry.storageClass, entry.numbers) = (storage, numbers)
      for data in [TorchSample(entries: [entry]).archive(), TorchSample(entries: [entry]).legacy] {
        #expect(try open(data).tensor("a").values == expected, "\(storage)")
      }
    }
    var entry = TorchSample.Entry("a", key: "0", [3], [0, 0, 0])
    (entry.storageClass, entry.numbers) = ("ShortStorage", Data(count: 6))
    #expect(
      try sentence(TorchSample(entries: [entry]).archive()).contains("data type 'I16', which workbench does not read"))
  }

  @Test("views: an offset, transposed axes, and two tensors on one storage")
  func views() throws {
    var part = TorchSample.Entry("part", key: "0", [2], [1, 2, 3, 4, 5, 6])
    part.offset = 4
    var turned = TorchSample.Entry("turned", key: "0", [3, 2], [1, 2, 3, 4, 5, 6])
    turned.strides = [1, 3]
    var repeated = TorchSample.Entry("repeated", key: "0", [2, 2], [1, 2, 3, 4, 5, 6])
    repeated.strides = [0, 1]
    let sample = TorchSample(entries: [part, turned, repeated])
    for data in [sample.archive(), sample.legacy] {
      let file = try open(data)
      #expect(try file.tensor("part").values == [5, 6])
      #expect(try file.tensor("turned").values == [1, 4, 2, 5, 3, 6])
      #expect(try file.tensor("repeated").values == [1, 2, 1, 2])
    }
  }

  @Test("tensors are found under 'state_dict', 'model', or the key that is asked for; wrappers' prefixes are taken off")
  func nesting() throws {
    var sample = TorchSample(["module.a": Tensor([1], [1]), "module.b": Tensor([1], [2])])
    for nesting in [["state_dict"], ["model"], []] {
      sample.nesting = nesting
      #expect(try open(sample.archive()).shapes.map(\.name) == ["a", "b"])
    }
    sample.nesting = ["model_ema"]
    #expect(try open(sample.archive(), key: "model_ema").tensor("b").values == [2])
    #expect(
      try sentence(sample.archive())
        == "it holds no table of tensors (it has 'epoch', 'model_ema'); 'key' says under which name they are")
    #expect(
      try sentence(sample.archive(), key: "ema") == "it has no tensors under 'ema' (it has 'epoch', 'model_ema')")
    for (prefix, rest) in [("_orig_mod.module.", ""), ("module._orig_mod.", ""), ("module.module.", "module.")] {
      let wrapped = TorchSample([prefix + "a": Tensor([1], [1]), prefix + "b": Tensor([1], [2])])
      #expect(try open(wrapped.archive()).shapes.map(\.name) == [rest + "a", rest + "b"])
    }
    // Only one of them has the prefix: then it is part of the name.
    let mixed = TorchSample(["module.a": Tensor([1], [1]), "b": Tensor([1], [2])])
    #expect(try open(mixed.archive()).shapes.map(\.name) == ["b", "module.a"])
  }

  @Test("a tensor beside the table, as in PyTorch's own example of a training, is not taken for the table")
  func tensorBesideTable() throws {
    let weight = TorchSample.Entry("module.weight", key: "0", [1], [2])
    let best = TorchSample.Entry("best_acc1", key: "1", [], [7.5])
    for table in ["state_dict", "model"] {
      for isFirst in [true, false] {
        let pickle = PickleWriter {
          $0.dictionary {
            if isFirst {
              $0.text(best.name)
              $0.tensor(best)
            }
            $0.text(table)
            $0.dictionary {
              $0.text(weight.name)
              $0.tensor(weight)
            }
            if !isFirst {
              $0.text(best.name)
              $0.tensor(best)
            }
          }
        }.bytes
        let file = try open(TorchSample(entries: [weight, best]).archive(pickle: pickle))
        #expect(file.shapes.map(\.name) == ["weight"])
        #expect(try file.tensor("weight").values == [2])
      }
    }
  }

  @Test("a function or class that is no part of a tensor ends the reading, and is named", arguments: [false, true])
  func refusedGlobals(legacy: Bool) throws {
    let trace = folder.file("was-here")
    for (module, name) in [
      ("posix", "system"), ("builtins", "eval"), ("torch", "load"), ("argparse", "Namespace"),
      ("numpy.core.multiarray", "_reconstruct"), ("torch.nn.modules.linear", "Linear"), ("collections", "deque"),
    ] {
      let pickle = PickleWriter {
        $0.global(module, name)
        $0.tuple { $0.text("touch \(trace)") }
        $0.raw("R")
      }.bytes
      let sample = TorchSample(Self.tensors)
      let data = legacy ? Data(sample.legacy.prefix(2 + 12 + 1)) + pickle : sample.archive(pickle: pickle)
      #expect(
        try sentence(data)
          == "the file asks for '\(module).\(name)', which is not part of a tensor; workbench runs no code from files "
          + "(in Python, torch.save(model.state_dict(), path) writes tensors alone)")
    }
    // The same by the newer instruction.
    let stacked = PickleWriter {
      $0.text("os")
      $0.text("system")
      $0.raw([0x93])
    }.bytes
    #expect(try sentence(TorchSample(Self.tensors).archive(pickle: stacked)).hasPrefix("the file asks for 'os.system'"))
    #expect(!FileManager.default.fileExists(atPath: trace))
  }

  @Test("a call hidden among tensors, as the key of a table, or in a tensor's hooks ends the reading as well")
  func nestedCalls() throws {
    let call = PickleWriter {
      $0.global("os", "system")
      $0.tuple { $0.text("true") }
      $0.raw("R")
    }.bytes.dropFirst(2).dropLast()
    let entry = TorchSample.Entry("a", key: "0", [1], [1])
    let bodies: [(inout PickleWriter) -> Void] = [
      { writer in
        writer.dictionary {
          $0.text("a")
          $0.tensor(entry)
          $0.text("b")
          $0.raw([UInt8](call))
        }
      },
      { writer in
        writer.dictionary {
          $0.raw([UInt8](call))
          $0.tensor(entry)
        }
      },
      { writer in
        writer.raw("]")
        for _ in 0..<1000 { writer.raw("](") }
        writer.raw([UInt8](call))
      },
      { writer in
        writer.dictionary {
          $0.text("a")
          $0.tensor(entry)
        }
        writer.raw([UInt8](call) + [0x62])
      },
    ]
    for body in bodies {
      for data in [
        TorchSample(entries: [entry]).archive(pickle: PickleWriter(body).bytes),
        Data(TorchSample(entries: [entry]).legacy.prefix(2 + 12 + 1)) + PickleWriter(body).bytes,
      ] { #expect(try sentence(data).hasPrefix("the file asks for 'os.system'")) }
    }
  }

  @Test("values that are recalled a million times take the memory of a million places, not of their members")
  func recalled() throws {
    // Lists of ten times the list before: ten to the sixtieth members, if anybody counted them.
    let bomb = PickleWriter { writer in
      writer.raw("]q\u{0}")
      for level in 0..<60 {
        writer.raw("](")
        for _ in 0..<10 { writer.raw([0x68, UInt8(level)]) }
        writer.raw("e")
        writer.raw([0x71, UInt8(level + 1)])
      }
    }
    #expect(try sentence(TorchSample(Self.tensors).archive(pickle: bomb.bytes)) == "it holds no table of tensors")
    let again = PickleWriter { writer in
      writer.text(String(repeating: "a", count: 1 << 20))
      writer.raw("q\u{0}")
      writer.raw([UInt8](repeating: 0x94, count: 100_000))
      for _ in 0..<1_000_000 { writer.raw([0x68, 0]) }
    }
    #expect(try sentence(TorchSample(Self.tensors).archive(pickle: again.bytes)) == "it holds no table of tensors")
  }

  @Test("odd members of an archive are refused or left alone")
  func oddArchives() throws {
    let whole = ZipFile(TorchSample(Self.tensors).archive())
    func changed(_ change: (inout ZipFile) -> Void) throws -> String {
      var zip = whole
      change(&zip)
      return try sentence(zip.data)
    }
    func replace(_ zip: inout ZipFile, _ name: String, _ change: (inout ZipFile.Member) -> Void) {
      for i in zip.members.indices where zip.members[i].name == name { change(&zip.members[i]) }
    }
    // Paths out of the archive are names like any others: nothing is unpacked.
    #expect(
      try changed {
        $0.members.append(ZipFile.Member("../../etc/passwd", Data("x".utf8)))
        $0.members.append(ZipFile.Member("/archive/data/9", Data("x".utf8)))
        $0.members.append(ZipFile.Member("archive/data/", Data()))
        $0.members.append(ZipFile.Member("archive/.data/serialization_id", Data("1".utf8)))
      } == "it was read")
    // Packed: PyTorch does not do it, other programs may.
    #expect(try changed { zip in zip.members = zip.members.map { $0.deflated() } } == "it was read")
    let bomb = ZipFile.Member("archive/data.pkl", Data(count: 64 << 20)).deflated()
    #expect(
      try changed { replace(&$0, "archive/data.pkl") { $0 = bomb } }
        == "'data.pkl' in the archive: it declares \(64 << 20) bytes, more than the \(8 << 20) that can be right")
    let lying = try changed {
      replace(&$0, "archive/data.pkl") {
        $0 = bomb
        $0.declaredSize = 100
      }
    }
    #expect(lying.hasPrefix("'data.pkl' in the archive: "), "\(lying)")
    let short = try changed { replace(&$0, "archive/data/0") { $0 = ZipFile.Member($0.name, Data(count: 3)) } }
    #expect(short.hasPrefix("'data/0' in the archive: it has 3 bytes, but the pickle speaks of"), "\(short)")
    let wrong = try changed { replace(&$0, "archive/data/0") { $0.checksum ^= 1 } }
    #expect(wrong.hasPrefix("'data/0' in the archive: "), "\(wrong)")
    let unknown = try changed { replace(&$0, "archive/data.pkl") { $0.method = 77 } }
    #expect(unknown.hasPrefix("'data.pkl' in the archive: "), "\(unknown)")
    let twice = try changed { $0.members.append($0.members[0]) }
    #expect(twice == "it was read" || twice.contains("archive"), "\(twice)")
    let deeper = try changed { zip in for i in zip.members.indices { zip.members[i].name = "a/" + zip.members[i].name }
    }
    #expect(deeper.hasSuffix("the archive has no 'data.pkl'"))
  }

  @Test("a truncated file is refused wherever it ends", arguments: [false, true])
  func truncated(legacy: Bool) throws {
    let sample = TorchSample(Self.tensors)
    let whole = legacy ? sample.legacy : sample.archive()
    for count in 0..<whole.count {
      let sentence = try sentence(whole.prefix(count))
      #expect(sentence != "it was read" && !sentence.isEmpty, "\(count) of \(whole.count) bytes")
    }
  }

  @Test("a damaged byte is refused or changes numbers, and never more")
  func damaged() throws {
    for whole in [TorchSample(Self.tensors).archive(), TorchSample(Self.tensors).legacy] {
      for place in stride(from: 0, to: whole.count, by: 5) {
        for value: UInt8 in [0, 0x28, 0x75, 0xff] {
          var data = whole
          data[data.startIndex + place] = value
          _ = try sentence(data)
        }
      }
    }
  }

  @Test("pickles that take what is not there, that contain themselves, or that lie deep in themselves end")
  func hostilePickles() throws {
    func reason(_ body: (inout PickleWriter) -> Void) throws -> String {
      try sentence(TorchSample(Self.tensors).archive(pickle: PickleWriter(body).bytes))
    }
    for text in ["R", "u", "t", "e", "s", "b", "Q", "0", "1", "h\u{7}", "N.", "]]ss", ")Q", "(K", "NNR"] {
      #expect(try reason { $0.raw(text) } != "it was read", "\(text)")
    }
    #expect(try reason { $0.raw("\u{1}") } == "its pickle has the instruction 0x1 at byte 2, which tensors do not need")
    // A list in itself, as the table's only entry.
    let loop = try reason {
      $0.raw("}(")
      $0.text("state_dict")
      $0.raw("]q\u{1}(h\u{1}eu")
    }
    #expect(loop == "it holds no table of tensors (it has 'state_dict'); 'key' says under which name they are")
    let deep = try reason { $0.raw(String(repeating: "]", count: 500_000) + String(repeating: "a", count: 499_999)) }
    #expect(deep == "it holds no table of tensors")
    let tuples = try reason { $0.raw([0x29] + [UInt8](repeating: 0x85, count: 500_000)) }
    #expect(tuples == "it holds no table of tensors")
    let copies = try reason {
      $0.raw("](")
      for _ in 0..<2000 {
        $0.raw("NN")
        $0.raw([0x86])
      }
      $0.raw("eq\u{1}")
      for _ in 0..<2000 {
        $0.global("collections", "OrderedDict")
        $0.raw("h\u{1}")
        $0.raw([0x85])
        $0.raw("R")
      }
    }
    #expect(copies == "its pickle copies more than tensors need")
  }

  @Test("sizes that cannot be are refused before memory is taken")
  func hugeSizes() throws {
    var entry = TorchSample.Entry("a", key: "0", [2, 2], [1, 2, 3, 4])
    entry.shape = [1 << 40, 1 << 40]
    #expect(try sentence(TorchSample(entries: [entry]).archive()).contains("reaches beyond the 4 numbers"))
    entry.shape = [3, 2]
    #expect(try sentence(TorchSample(entries: [entry]).archive()).contains("reaches beyond the 4 numbers"))
    (entry.shape, entry.strides) = ([1 << 40, 1000], [0, 0])
    #expect(try sentence(TorchSample(entries: [entry]).archive()).contains("repeats the 4 numbers of its storage"))
    (entry.shape, entry.strides) = ([-1, 2], [2, 1])
    #expect(try sentence(TorchSample(entries: [entry]).archive()).contains("a negative extent"))
    entry.shape = [2]
    #expect(try sentence(TorchSample(entries: [entry]).archive()).contains("a shape of 1 and strides of 2 numbers"))
    (entry.shape, entry.strides, entry.count) = ([2, 2], [2, 1], 1 << 45)
    #expect(
      try sentence(TorchSample(entries: [entry]).archive())
        == "'data/0' in the archive: \(4 << 45) bytes would not fit into the file")
    #expect(try sentence(TorchSample(entries: [entry]).legacy).contains("does not fit into the file"))
    entry.count = 3
    #expect(try sentence(TorchSample(entries: [entry]).archive()).contains("reaches beyond the 3 numbers"))
  }

  @Test("other files are refused with what is wrong")
  func otherFiles() throws {
    #expect(
      try sentence(Data("hello".utf8))
        == "this is no checkpoint of PyTorch, or a damaged one: it is neither a zip archive nor a pickle")
    var tar = Data(count: 1024)
    tar.replaceSubrange(257..<262, with: Data("ustar".utf8))
    #expect(try sentence(tar).hasSuffix("it is a tar archive, which must be unpacked first (.pth.tar files are none)"))
    #expect(
      try sentence(PickleWriter { $0.dictionary { _ in } }.bytes)
        == "this is no checkpoint of PyTorch, or a damaged one: it is a pickle that torch.save has not written")
    #expect(
      try sentence(ZipFile(members: [ZipFile.Member("config.json", Data())]).data)
        == "this is no checkpoint of PyTorch, or a damaged one: the archive has no 'data.pkl'")
    let script = ZipFile(members: [
      ZipFile.Member("a/data.pkl", Data()), ZipFile.Member("a/constants.pkl", Data()),
    ])
    #expect(
      try sentence(script.data).hasSuffix("it is a TorchScript program; save the model's state_dict instead"))
    var big = ZipFile(TorchSample(Self.tensors).archive())
    big["archive/byteorder"] = Data("big".utf8)
    #expect(try sentence(big.data).hasSuffix("its numbers are not little-endian"))
    var lacking = ZipFile(TorchSample(Self.tensors).archive())
    lacking.members.removeAll { $0.name == "archive/data/1" }
    #expect(try sentence(lacking.data) == "'data/1' in the archive: it is not there")
    #expect(throws: ModelFileError.self) { try PyTorchFile(path: folder.file("missing.pth")) }
  }
}
