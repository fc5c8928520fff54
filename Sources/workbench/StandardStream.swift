import Foundation

/// The two streams of the process: results go to `output`, messages to `error`.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes at once, unbuffered. A standard output that takes nothing more (a full disk) ends the program with 1.
  func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
      if written >= 0 {
        bytes = bytes.dropFirst(written)
      } else if errno != EINTR && errno != EAGAIN {
        if self == .error { return }
        StandardStream.error.write("workbench: standard output: \(String(cString: strerror(errno)))\n")
        ProgramEnd.leave(1)
      }
    }
  }

  func writeLine(_ text: String) { write(text + "\n") }

  var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Columns of the terminal; 80 where nobody says.
  var width: Int {
    var size = winsize()
    let isKnown = ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }
}
