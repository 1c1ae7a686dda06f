package desk

import "os"

// sourceFiles is the package's own folder, for tests that read the code.
var sourceFiles = os.DirFS(".")
