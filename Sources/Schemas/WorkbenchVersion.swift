/// The version of the workbench, as files, plugins and `workbench --version` have it.
public enum WorkbenchVersion {
  public static let current = "0.1.0"
}
