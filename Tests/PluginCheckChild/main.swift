import PluginChecks

// What `workbench` does when a conformance run starts it again: the tests of PluginChecks run without that program.
PluginChecks.runChild(CommandLine.arguments.last ?? "")
