package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// globals are the flags that stand before or after any command.
type globals struct {
	world
	configPath string
	dataDir    string
	json       bool
}

const rootLong = `unmirror finds re-uploads of known leaked files on paste sites and mirrors, drafts a takedown notice for each one,
lets counsel review it, sends it, follows it up until the content is provably gone, and alerts subscribers.

Start with:  unmirror demo`

// newRoot builds the command tree.
func newRoot(w world) *cobra.Command {
	g := &globals{world: w}
	root := &cobra.Command{
		Use: "unmirror", Short: "Find re-uploads of leaked files and get them taken down", Long: rootLong,
		Version: version, SilenceErrors: true, SilenceUsage: true,
		Args: noCommand, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	root.SetVersionTemplate("unmirror {{.Version}}\n")
	f := root.PersistentFlags()
	f.StringVar(&g.configPath, "config", "", "configuration file (default ./unmirror.yaml, then /etc/unmirror/unmirror.yaml)")
	f.StringVar(&g.dataDir, "data", "", "data folder (default from the configuration, else ./data)")
	f.BoolVar(&g.json, "json", false, "print one JSON object a line")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w: see `%s --help`", err, c.CommandPath())}
	})
	root.AddCommand(
		demoCommand(g), runCommand(g), workerCommand(g), leakCommand(g), baselineCommand(g), scanCommand(g), sweepCommand(g),
		sourceCommand(g), canaryCommand(g), sightingCommand(g), caseCommand(g), noticeCommand(g), contactCommand(g), lawCommand(g), outboxCommand(g), replyCommand(g), recheckCommand(g),
		holdCommand(g), doubtCommand(g), statsCommand(g), userCommand(g), evidenceCommand(g), auditCommand(g), keysCommand(g), backupCommand(g), restoreCommand(g), doctorCommand(g),
	)
	wrapArgs(root)
	return root
}

// noCommand answers a word that is no command, with what may have been meant.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	msg := fmt.Sprintf("unknown command %q for `%s`", args[0], c.CommandPath())
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		msg += fmt.Sprintf(": did you mean %q?", strings.Join(near, `" or "`))
	}
	return errors.New(msg + fmt.Sprintf(" See `%s --help`", c.CommandPath()))
}

// wrapArgs makes every wrong count of arguments a usage error that says what the command takes.
func wrapArgs(c *cobra.Command) {
	check := c.Args
	if check == nil {
		check = cobra.NoArgs
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			if c.HasSubCommands() {
				return &usageError{err}
			}
			return &usageError{fmt.Errorf("%w: it is used as `%s`", err, c.UseLine())}
		}
		return nil
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// group is a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: noCommand, SuggestionsMinimumDistance: 2,
		RunE: func(c *cobra.Command, _ []string) error {
			_ = c.Help()
			return &usageError{fmt.Errorf("`%s` needs one of its commands", c.CommandPath())}
		}}
	c.AddCommand(subs...)
	return c
}
