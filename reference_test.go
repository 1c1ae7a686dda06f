package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

const referencePath = "docs/commands.md"

// TestCommandReferenceIsCurrent compares docs/commands.md with the command tree; -update writes it.
func TestCommandReferenceIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Commands\n\nMade from the command tree by `go test . -run Reference -update`. Global flags stand before or after the command. ")
	b.WriteString("Exit codes: 0 done, 1 failed, 2 wrong command line.\n\n## Global flags\n\n")
	root := newRoot(world{stdin: strings.NewReader(""), stdout: &b, stderr: &b})
	describeFlags(&b, root.PersistentFlags())
	describe(&b, root)
	if *update {
		if err := os.WriteFile(referencePath, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Errorf("%s is not what the commands are: go test . -run Reference -update", referencePath)
	}
}

func describe(b *strings.Builder, c *cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.Hidden || sub.Name() == "help" || sub.Name() == "completion" {
			continue
		}
		if !sub.HasSubCommands() {
			fmt.Fprintf(b, "\n## `%s`\n\n%s.\n", strings.TrimSuffix(sub.UseLine(), " [flags]"), sub.Short)
			if sub.LocalFlags().HasAvailableFlags() {
				b.WriteString("\n")
				describeFlags(b, sub.LocalNonPersistentFlags())
			}
			continue
		}
		describe(b, sub)
	}
}

func describeFlags(b *strings.Builder, fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		value := ""
		if f.Value.Type() != "bool" {
			value = " " + strings.ToUpper(f.Value.Type())
		}
		fmt.Fprintf(b, "- `--%s%s`: %s\n", f.Name, value, f.Usage)
	})
}
