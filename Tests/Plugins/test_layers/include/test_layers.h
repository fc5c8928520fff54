/* A plugin has no header of its own; SwiftPM wants one for every C target. */
