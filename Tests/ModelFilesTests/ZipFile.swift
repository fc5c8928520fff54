import CZlib
import Foundation

/// A zip archive as the tests need it: every field can be a lie.
struct ZipFile {
  struct Member {
    var name: String
    /// As they stand in the archive, packed or not.
    var stored: Data
    /// 0: stored; 8: deflated.
    var method: UInt16 = 0
    var declaredSize: UInt32
    var checksum: UInt32

    init(_ name: String, _ bytes: Data) {
      self.name = name
      stored = bytes
      declaredSize = UInt32(bytes.count)
      checksum = crc(bytes)
    }

    /// The same bytes, deflated.
    func deflated() -> Member {
      var result = self
      result.stored = deflate(stored)
      result.method = 8
      return result
    }
  }

  var members: [Member]

  subscript(name: String) -> Data {
    get { members.first { $0.name == name }?.stored ?? Data() }
    set {
      members.removeAll { $0.name == name }
      members.append(Member(name, newValue))
    }
  }

  init(members: [Member]) { self.members = members }

  /// The stored members of an archive that workbench has written.
  init(_ archive: Data) {
    members = []
    var place = 0
    while place + 30 <= archive.count, archive.number(place, 4) == 0x0403_4b50 {
      let (size, nameSize, extra) = (
        archive.number(place + 18, 4), archive.number(place + 26, 2), archive.number(place + 28, 2)
      )
      let name = String(decoding: archive[place + 30..<place + 30 + nameSize], as: UTF8.self)
      let start = place + 30 + nameSize + extra
      members.append(Member(name, Data(archive[start..<start + size])))
      place = start + size
    }
  }

  var data: Data {
    var body = Data()
    var directory = Data()
    for member in members {
      let offset = UInt32(body.count)
      var fields = Data()
      fields.append(20, 2)
      fields.append(0, 2)
      fields.append(Int(member.method), 2)
      fields.append(0x0021_0000, 4)
      fields.append(Int(member.checksum), 4)
      fields.append(member.stored.count, 4)
      fields.append(Int(member.declaredSize), 4)
      fields.append(member.name.utf8.count, 2)
      fields.append(0, 2)
      body.append(0x0403_4b50, 4)
      body += fields + Data(member.name.utf8) + member.stored
      directory.append(0x0201_4b50, 4)
      directory.append(20, 2)
      directory += fields
      for _ in 0..<3 { directory.append(0, 2) }
      directory.append(0, 4)
      directory.append(Int(offset), 4)
      directory += Data(member.name.utf8)
    }
    var end = Data()
    end.append(0x0605_4b50, 4)
    end.append(0, 4)
    end.append(members.count, 2)
    end.append(members.count, 2)
    end.append(directory.count, 4)
    end.append(body.count, 4)
    end.append(0, 2)
    return body + directory + end
  }
}

private func crc(_ bytes: Data) -> UInt32 {
  bytes.withUnsafeBytes { UInt32(crc32(0, $0.bindMemory(to: UInt8.self).baseAddress, UInt32($0.count))) }
}

/// Raw deflate, without zlib's frame of two bytes before and four behind.
func deflate(_ bytes: Data) -> Data {
  var size = compressBound(UInt(bytes.count))
  var packed = [UInt8](repeating: 0, count: Int(size))
  bytes.withUnsafeBytes { source in
    _ = compress2(&packed, &size, source.bindMemory(to: UInt8.self).baseAddress, UInt(source.count), 9)
  }
  return Data(packed[2..<Int(size) - 4])
}

extension Data {
  fileprivate func number(_ place: Int, _ size: Int) -> Int {
    (0..<size).reversed().reduce(0) { $0 << 8 | Int(self[startIndex + place + $1]) }
  }

  fileprivate mutating func append(_ number: Int, _ size: Int) {
    for byte in 0..<size { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}
