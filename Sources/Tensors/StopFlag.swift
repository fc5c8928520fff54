import Foundation
import Synchronization

/// A wish to stop, set from anywhere (a signal handler included) and looked at by long work between its steps.
///
///     let flag = StopFlag.installingSignalHandlers()       // SIGINT, SIGTERM
///     while !flag.isSet { ... }
///     exit(128 + (flag.signal ?? 0))
public final class StopFlag: Sendable {
  /// 0: not set; -1: set without a signal; else the signal's number.
  private let value = Atomic<Int32>(0)

  public init() {}

  public var isSet: Bool { value.load(ordering: .acquiring) != 0 }

  /// The signal that set the flag: `SIGINT`, `SIGTERM`; nil when it is not set, or not by a signal.
  public var signal: Int32? {
    let number = value.load(ordering: .acquiring)
    return number > 0 ? number : nil
  }

  /// The first one to set the flag decides about `signal`.
  ///
  /// - Returns: whether this was the first one.
  @discardableResult
  public func set(signal: Int32? = nil) -> Bool {
    value.compareExchange(expected: 0, desired: signal ?? -1, ordering: .sequentiallyConsistent).exchanged
  }

  /// The flag that the process's signal handlers set.
  private static let ofSignals = StopFlag()

  /// Tells the person at the terminal that Ctrl-C was seen: a step may be long. Called from the signal handler, so that
  /// it does nothing but write(2).
  private static func announce() {
    let text: StaticString = "\nstopping after this step; press Ctrl-C again to end at once\n"
    let error = errno
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    errno = error
  }

  /// From now on the first SIGINT or SIGTERM sets the flag that is returned; a second one ends the process at once.
  public static func installingSignalHandlers() -> StopFlag {
    let flag = ofSignals  // Made here, so that the handler finds it made.
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        if StopFlag.ofSignals.set(signal: number), number == SIGINT { StopFlag.announce() }
      }
      // SA_RESETHAND: the second signal meets the default action.
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_RESTART)
      sigaction(number, &action, nil)
    }
    return flag
  }
}
