import ArgumentParser

// What arguments, the terminal and exit codes need is here; all else is called.
Processor.checkOrExit()
Processor.keepLibrariesOnOneThread()
Workbench.run()
