package law

// Load reads the embedded table.
func Load() (Table, error) { return Table{}, nil }
