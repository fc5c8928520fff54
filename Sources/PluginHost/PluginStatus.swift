import CWorkbenchPlugin
import Images

extension ImageError.PluginFailure {
  /// - Parameter status: any but `WORKBENCH_OK`.
  init(_ status: workbench_status) {
    switch Int(status) {
    case Int(WORKBENCH_UNREADABLE): self = .unreadable
    case Int(WORKBENCH_TRUNCATED): self = .truncated
    case Int(WORKBENCH_CORRUPT): self = .corrupt
    case Int(WORKBENCH_UNSUPPORTED): self = .unsupported
    case Int(WORKBENCH_OUT_OF_MEMORY): self = .tooLarge
    default: self = .failed
    }
  }

  /// What to say where the plugin says nothing.
  var fallback: String {
    switch self {
    case .unreadable: "it cannot be read"
    case .truncated: "its data end too early"
    case .corrupt: "its data are damaged"
    case .unsupported: "it is of a kind that is not supported"
    case .tooLarge: "there is not enough memory"
    case .failed: "it failed without saying why"
    }
  }
}
