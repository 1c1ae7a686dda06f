package main

import (
	"io"
	"log/slog"

	"unmirror/config"
)

// newLogger writes to standard error. Attributes are opaque ids, names of sources, hosts and counts: whatever could
// hold a victim's data never reaches a log call.
//
// Least is the lowest level told: a command that prints what it did logs only what went wrong, the daemon logs as
// configured. At debug all of them tell everything.
func newLogger(cfg *config.Config, w io.Writer, least slog.Level) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo // config has refused anything else already
	}
	if level > slog.LevelDebug { // who sets debug wants to see what is done, by any command
		level = max(level, least)
	}
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
