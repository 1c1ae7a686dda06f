package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// identity is an account given on the command line. A password is never an argument: arguments are seen by everybody
// on the machine.
type identity struct{ name, passwordFile string }

func (i *identity) flags(c *cobra.Command) {
	i.optional(c)
	_ = c.MarkFlagRequired("as")
	_ = c.MarkFlagRequired("password-file")
}

func (i *identity) optional(c *cobra.Command) {
	c.Flags().StringVar(&i.name, "as", "", "account that acts")
	c.Flags().StringVar(&i.passwordFile, "password-file", "", "file that holds its password")
}

// readPassword takes the file's first line.
func readPassword(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read password file: %w", err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", fmt.Errorf("read password file %s: its first line is empty", path)
	}
	return line, nil
}

// asActor runs f as the account, after checking its password.
func (g *globals) asActor(ctx context.Context, who identity, f func(*takedown.Docket, takedown.Actor) error) error {
	return g.withDocket(ctx, func(a *app, d *takedown.Docket) error {
		by, err := a.actor(ctx, who)
		if err != nil {
			return err
		}
		return f(d, by)
	})
}

// actor checks an account's password.
func (a *app) actor(ctx context.Context, who identity) (takedown.Actor, error) {
	pw, err := readPassword(who.passwordFile)
	if err != nil {
		return takedown.Actor{}, err
	}
	accounts, err := a.accounts(ctx)
	if err != nil {
		return takedown.Actor{}, err
	}
	u, err := accounts.Verify(ctx, who.name, pw)
	if err != nil {
		return takedown.Actor{}, err
	}
	return takedown.Actor{ID: u.ID, Name: u.Name, Role: u.Role}, nil
}

func userCommand(g *globals) *cobra.Command {
	var role, file string
	add := &cobra.Command{Use: "add NAME", Short: "Add an account of the desk, or give an existing one a new password and role", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error {
				pw, err := readPassword(file)
				if err != nil {
					return err
				}
				accounts, err := a.accounts(c.Context())
				if err != nil {
					return err
				}
				u, err := accounts.Add(c.Context(), args[0], role, pw)
				if err != nil {
					return err
				}
				g.note("account %s (%s) as %s", args[0], u.ID, role)
				return nil
			})
		}}
	add.Flags().StringVar(&role, "role", "", "counsel (approves), operator (runs) or auditor (reads)")
	add.Flags().StringVar(&file, "password-file", "", "file whose first line is the password")
	_ = add.MarkFlagRequired("role")
	_ = add.MarkFlagRequired("password-file")
	_ = add.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"counsel", "operator", "auditor"}, cobra.ShellCompDirectiveNoFileComp))
	remove := &cobra.Command{Use: "remove NAME", Short: "End an account; whoever is signed in is signed out", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error {
				accounts, err := a.accounts(c.Context())
				if err != nil {
					return err
				}
				return accounts.Remove(c.Context(), args[0])
			})
		}}
	ls := &cobra.Command{Use: "list", Short: "List accounts", RunE: func(c *cobra.Command, _ []string) error {
		return g.with(func(a *app) error {
			accounts, err := a.accounts(c.Context())
			if err != nil {
				return err
			}
			users, err := accounts.List(c.Context())
			if err != nil {
				return err
			}
			return list(g, users, "NAME\tROLE\tCREATED\tID", func(u account.User) []string { return []string{u.Name, u.Role, stamp(u.Created), u.ID} })
		})
	}}
	return group("user", "Accounts of the desk", add, remove, ls)
}

var errNoSources = errors.New("the configuration names no source: add one under `sources:` (docs/configuration.md)")
