import Foundation
import ModelFiles
import TestSupport
import Tensors
import Testing

/// A safetensors file of this header and this many bytes of numbers.
func safeTensors(_ json: String, dataBytes: Int, length: UInt64? = nil) -> Data {
  let length = length ?? UInt64(json.utf8.count)
  return withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data(json.utf8) + Data(count: dataBytes)
}

@Suite("safetensors")
struct SafeTensorsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("what was written is read back, metadata of any text included")
  func roundTrip() throws {
    let tensors: [(name: String, tensor: Tensor)] = [
      ("b.kernel", Tensor([2, 3], [1, -2, .infinity, 4.5, .leastNonzeroMagnitude, -0.0])), ("a", Tensor([], [7])),
      ("empty", Tensor([0])),
      ("ümlaut \"quoted\"\\\n", Tensor([1], [3])),
    ]
    let metadata = ["plain": "text", "odd": "a\"b\\c\n\t\u{1}ü🌿", "header_checksum\":\"": "................"]
    let path = folder.file("a.safetensors")
    try SafeTensorsFile.write(tensors, metadata: metadata, to: path)
    let file = try SafeTensorsFile(path: path)
    #expect(file.header.entries.map(\.name) == tensors.map(\.name))
    for (key, value) in metadata { #expect(file.metadata[key] == value) }
    let found = try file.tensors()
    for (name, tensor) in tensors {
      #expect(found[name]?.shape == tensor.shape)
      expectSameBits(found[name]?.values ?? [], tensor.values, name)
    }
    #expect(try file.tensor("a").values == [7])
    #expect(throws: ModelFileError.missingParameter(name: "c", path: path)) { try file.tensor("c") }
  }

  @Test("the same tensors give the same bytes, and no other file is left behind")
  func sameBytes() throws {
    for name in ["a", "b"] {
      try SafeTensorsFile.write(
        [("x", Tensor([5], [1, 2, 3, 4, 5]))], metadata: ["k": "v", "a": "b", "z": "y"], to: folder.file(name))
    }
    #expect(try folder.data("a") == folder.data("b"))
    #expect(folder.names == ["a", "b"])
    // The numbers begin at a multiple of 8 bytes, as the format wants.
    #expect(try folder.data("a").count % 4 == 0)
  }

  @Test("files of other programs are read", .enabled(if: Golden.isAvailable, Comment(rawValue: Golden.absent)))
  func golden() throws {
    for name in ["layers/conv5x5", "layers/batch_norm_training", "training/metrics"] {
      let golden = try Golden.load(name)
      let path = try #require(Golden.sharedFolder).appendingPathComponent("golden/\(name).safetensors").path
      let tensors = try SafeTensorsFile(path: path).tensors()
      #expect(Set(tensors.keys) == Set(golden.arrays.keys))
      for (name, array) in golden.arrays {
        #expect(tensors[name]?.shape == Shape(array.shape))
        expectSameBits(tensors[name]?.values ?? [], array.values, name)
      }
    }
  }

  @Test("half precision and integers become float32")
  func dataTypes() throws {
    func check(_ type: String, _ bytes: [UInt8], _ expected: [Float]) throws {
      let json = #"{"x":{"dtype":"\#(type)","shape":[\#(expected.count)],"data_offsets":[0,\#(bytes.count)]}}"#
      let path = try folder.write(safeTensors(json, dataBytes: 0) + Data(bytes), "x")
      expectSameBits(try SafeTensorsFile(path: path).tensors()["x"]?.values ?? [], expected, type)
    }
    // 1, -2, the smallest subnormal, the largest, infinity
    try check("F16", [0, 0x3c, 0, 0xc0, 1, 0, 0xff, 0x7b, 0, 0x7c], [1, -2, 0x1p-24, 65504, .infinity])
    try check("BF16", [0x80, 0x3f, 0x40, 0xc0], [1, -3])
    try check("I64", [255, 255, 255, 255, 255, 255, 255, 255], [-1])
    try check("I32", [5, 0, 0, 0], [5])
    try check("U8", [0, 200], [0, 200])
    try check("F64", [0, 0, 0, 0, 0, 0, 0xe0, 0x3f], [0.5])
    #expect(throws: ModelFileError.self) { try check("U64", [0, 0, 0, 0, 0, 0, 0, 0], [0]) }
  }

  @Test(
    "a header that lies is refused",
    arguments: [
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "it has 8 bytes of numbers"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "outside the file"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "outside the file"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, 8, "outside the file"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "outside the file"),
      (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "its shape needs 12"),
      (#"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#, 8, "impossible shape"),
      (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, "impossible shape"),
      (#"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,0]}}"#, 0, "not what safetensors"),
      (#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, 4, "unknown data type 'F33'"),
      (#"{"a":{"dtype":"F32","shape":"x","data_offsets":[0,4]}}"#, 4, "not what safetensors"),
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        4, "a name twice"
      ),
      (#"{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#, 4, "a name twice"),
      (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "a name twice"),
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
        12, "overlaps"
      ),
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
        12, "gap"
      ),
      (#"{"a":{"k":"v"}}"#, 0, "no type, shape and place"),
      (#"[1]"#, 0, "not what safetensors"), (#"{"a":"#, 0, "not what safetensors"), ("", 0, "not what safetensors"),
      (String(repeating: "[", count: 100_000), 0, "not what safetensors"),
    ])
  func hostileHeader(json: String, dataBytes: Int, reason: String) throws {
    let path = try folder.write(safeTensors(json, dataBytes: dataBytes), "x")
    let error = #expect(throws: ModelFileError.self) { try SafeTensorsFile(path: path) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    #expect(error?.description.hasPrefix(path) == true)
  }

  @Test("a header length beyond the file, or beyond all bounds, is refused", arguments: [100, 1 << 40, UInt64.max])
  func hostileLength(length: UInt64) throws {
    let path = try folder.write(safeTensors("{}", dataBytes: 0, length: length), "x")
    #expect(throws: ModelFileError.damaged(path: path, reason: "its header would be longer than the file")) {
      try SafeTensorsFile(path: path)
    }
  }

  @Test("a missing file, a folder and an empty file are named")
  func unreadable() throws {
    let missing = folder.file("missing")
    #expect(throws: ModelFileError.cannotRead(path: missing, reason: "No such file or directory")) {
      try SafeTensorsFile(path: missing)
    }
    #expect(throws: ModelFileError.cannotRead(path: folder.path, reason: "it is not a regular file")) {
      try SafeTensorsFile(path: folder.path)
    }
    let empty = try folder.write(Data(), "empty")
    #expect(throws: ModelFileError.damaged(path: empty, reason: "it has only 0 bytes")) {
      try SafeTensorsFile(path: empty)
    }
  }

  @Test("the checksum is xxHash's, in one piece or in many")
  func checksum() {
    func hash(_ text: String, piece: Int = 1000) -> String {
      var hash = XXHash64()
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: piece) {
        bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { hash.update($0) }
      }
      return hash.hexDigest
    }
    // The values of the reference implementation.
    #expect(hash("") == "ef46db3751d8e999")
    #expect(hash("a") == "d24ec4f1a98c6e5b")
    #expect(hash("abc") == "44bc2cf5ad770999")
    #expect(hash("Nobody inspects the spammish repetition") == "fbcea83c8a378bf1")
    let long = String(repeating: "specimen ", count: 50)
    for piece in [1, 7, 31, 32, 33, 64] { #expect(hash(long, piece: piece) == hash(long)) }
  }
}
