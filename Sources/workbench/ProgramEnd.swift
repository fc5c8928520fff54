import Foundation
import PluginHost
import Synchronization

/// The one way out of the program. A plugin must not call `exit`; where one does, nobody shall take it for success.
enum ProgramEnd {
  private static let isOurs = Atomic<Bool>(false)

  /// To be called first.
  static func watch() {
    atexit {
      if ProgramEnd.isOurs.load(ordering: .relaxed) || !PluginLibrary.hasLoadedAny { return }
      StandardStream.error.writeLine(
        "workbench: ended before its work was done: a plugin called exit (or a trusted recipe os.exit)")
      _exit(1)
    }
  }

  static func leave(_ code: Int32) -> Never {
    isOurs.store(true, ordering: .relaxed)
    Foundation.exit(code)
  }
}
